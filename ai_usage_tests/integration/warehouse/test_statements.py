"""Every statement that the project sends to BigQuery, tested with Google's analyzer and for pruned partitions."""

import re
from collections.abc import Iterator

import pytest
from sqlglot import exp, parse_one

from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.emulator.recording import Call
from ai_usage_tests.support.month_run import MonthRun
from ai_usage_tests.support.recorded_calls import senders
from ai_usage_tests.support.time_zones import without_zone

PARTITIONED = {name: table.partition for name, table in BY_NAME.items() if table.partition}
LOADED = re.compile(
    r"staged_(raw_|renamed|pseudonyms|forgotten|named|people|hidden|mentioned|notes|combined)"
)
"""Staged tables whose rows come from a load job, or from such a table."""
LITERAL = re.compile(r"\d{4}-\d{2}-\d{2}( [\d:.]+)?")


@pytest.fixture(scope="module")
def statements(recorded_calls: list[Call]) -> list[str]:
    """Each statement once, for any sender, days and times."""
    return list({LITERAL.sub("", call.sql): call.sql for call in recorded_calls if call.sql}.values())


def test_every_sending_line_is_among_the_recorded_calls(recorded_calls: list[Call]) -> None:
    seen = {place for call in recorded_calls for place in call.places}
    unseen = [
        f"{name}:{lines[0]}" for name, lines in senders() if not any((name, line) in seen for line in lines)
    ]
    assert len(list(senders())) > 15
    assert unseen == []


def test_googles_analyzer_accepts_every_statement(statements: list[str], gate: Gate) -> None:
    assert {sql: why for sql in statements if (why := gate.refusal(_analysable(sql)))} == {}
    # the analyzer does find errors
    assert "Unrecognized name" in (gate.refusal("select price from fct_cost_daily") or "")
    assert "No matching signature" in (gate.refusal("select '1' = 1") or "")
    assert gate.refusal("select list_sum([1])")


def test_no_statement_means_another_day_in_a_project_with_a_time_zone_of_its_own(
    statements: list[str],
) -> None:
    assert {sql: found for sql in statements if (found := without_zone(sql))} == {}


def test_a_day_without_a_time_zone_is_detected() -> None:
    for dependent in (
        *("date(raw.fetched_at)", "cast(fetched_at as date)", "current_date()"),
        *("extract(day from fetched_at)", "timestamp_trunc(fetched_at, day)", "timestamp(usage_date)"),
        *("format_timestamp('%F', fetched_at)", "datetime(fetched_at)", "timestamp '2026-11-01 00:00:00'"),
    ):
        assert without_zone(f"select {dependent} as found"), dependent
    for independent in (
        *(
            "date(raw.fetched_at, 'UTC')",
            "current_date('UTC')",
            "cast(fetched_at as string)",
            "extract(day from usage_date)",
        ),
        *(
            "current_timestamp()",
            "timestamp '2026-11-01 00:00:00+00'",
            "timestamp_trunc(fetched_at, day, 'UTC')",
        ),
    ):
        assert without_zone(f"select {independent} as found") == [], independent


def _analysable(sql: str) -> str:
    """The statement without the dataset of a view's tables."""
    return re.sub(r"`local\.ai_usage_[0-9a-f]{12}`\.", "", sql)


def test_every_read_of_a_daily_table_has_literal_days(statements: list[str]) -> None:
    scans = [(sql, *scan) for sql in statements for scan in _scans(sql)]
    assert len(scans) > 60
    assert [(name, sql) for sql, name, pruned in scans if not pruned] == []


def test_read_without_literal_days_is_detected() -> None:
    for where in (
        "",
        "where date_trunc(cost_date, month) >= date '2026-10-01'",
        "where cost_date >= current_date()",
        "where cost_date >= date_sub(current_date(), interval 29 day)",
    ):
        assert [*_scans(f"select 1 from fct_cost_daily {where}")] == [("fct_cost_daily", False)]
    less = "where cost_date >= date_sub(date '2026-10-31', interval 29 day)"
    assert [*_scans(f"select 1 from fct_cost_daily {less}")] == [("fct_cost_daily", True)]
    assert [*_scans("merge fct_cost_daily as t using x on false when not matched by source then delete")] == [
        ("fct_cost_daily", False)
    ]


def test_every_read_works_where_a_partition_filter_is_required(
    month_run_on_bigquery: MonthRun, statements: list[str]
) -> None:
    """Without MERGE: the emulator does not find the filter in its WHEN. The live tests cover it."""
    reads = [
        sql
        for sql in statements
        # rows are staged by a load job and not by a statement, so these staged tables do not exist here
        if not sql.startswith("merge") and not LOADED.search(sql) and [*_scans(sql)]
    ]
    assert len(reads) > 30
    with month_run_on_bigquery.engine.session() as session:
        _require_days(session, "true")
        try:
            with (
                pytest.raises(WarehouseUnavailableError, match="refused a statement"),
                month_run_on_bigquery.engine.session() as other,
            ):
                other.fetch("select count(*) as n from fct_cost_daily")
            for sql in reads:
                session.execute(sql)
        finally:
            _require_days(session, "false")
            for name in PARTITIONED:
                session.discard(f"staged_{name}")


def _require_days(session: Session, required: str) -> None:
    for name in PARTITIONED:
        session.execute(f"alter table {name} set options (require_partition_filter = {required})")


def _scans(sql: str) -> Iterator[tuple[str, bool]]:
    """Each scan of a daily table, and whether BigQuery can prune it, for which it needs a literal on the bare column."""
    if sql.startswith(("CREATE TABLE", "ALTER TABLE")):
        return
    tree = parse_one(sql, read="bigquery")
    for scan in tree.find_all(exp.Table):
        if scan.name not in PARTITIONED:
            continue
        merge = scan.parent if isinstance(scan.parent, exp.Merge) and scan.arg_key == "this" else None
        reading = scan.find_ancestor(exp.Select, exp.Update, exp.Delete)
        if merge:
            guards = [
                when.args.get("condition") for when in merge.find_all(exp.When) if when.args.get("source")
            ]
            yield scan.name, all(_prunes(guard, scan.name) for guard in guards)
        else:
            yield scan.name, _prunes(reading and reading.args.get("where"), scan.name)


def _prunes(condition: exp.Expression | None, table: str) -> bool:
    return condition is not None and any(
        isinstance(bound.this, exp.Column)
        and bound.this.name == PARTITIONED[table]
        and _is_constant(bound.expression)
        for bound in condition.find_all(exp.GTE, exp.EQ)
    )


def _is_constant(bound: exp.Expression) -> bool:
    """A date literal, or one less some days."""
    literal = bound.this if isinstance(bound, exp.DateSub) else bound
    return isinstance(literal, exp.Cast) and isinstance(literal.this, exp.Literal)


def test_every_job_is_labeled_with_asset_run_and_partition(recorded_calls: list[Call]) -> None:
    jobs = [call for call in recorded_calls if call.configuration]
    assert len(jobs) > 200
    for call in jobs:
        labels = call.configuration.get("labels", {})
        if not any(name.startswith(("warehouse/write.py", "defs/checks/")) for name, _ in call.places):
            # rows read back into Python
            continue
        assert {"asset", "run"} <= set(labels), (call.sql, call.loads_into)
        assert all(re.fullmatch(r"[a-z0-9_-]{1,63}", value) for value in labels.values())
        assert labels["asset"] not in PARTITIONED or "partition" in labels
