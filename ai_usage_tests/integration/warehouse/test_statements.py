"""Every statement that the project can send to BigQuery, looked at as BigQuery would."""

import re
from collections.abc import Iterator

import pytest
from sqlglot import exp, parse_one

from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.emulator.recording import Call
from ai_usage_tests.support.month_run import Month
from ai_usage_tests.support.recorded_calls import senders

PARTITIONED = {name: table.partition for name, table in BY_NAME.items() if table.partition}
LITERAL = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture(scope="module")
def statements(sent: list[Call]) -> list[str]:
    """Each once, whoever sent it and whatever its days."""
    return list({LITERAL.sub("", call.sql): call.sql for call in sent if call.sql}.values())


def test_every_place_that_sends_something_was_seen_to_send_it(sent: list[Call]) -> None:
    seen = {place for call in sent for place in call.places}
    unseen = [
        f"{name}:{lines[0]}" for name, lines in senders() if not any((name, line) in seen for line in lines)
    ]
    assert len(list(senders())) > 15
    assert unseen == []


def test_googles_analyzer_accepts_every_statement(statements: list[str]) -> None:
    gate = Gate()
    assert {sql: why for sql in statements if (why := gate.refusal(_analysable(sql)))} == {}
    # and it would have seen what is wrong
    assert "Unrecognized name" in (gate.refusal("select price from fct_cost_daily") or "")
    assert "No matching signature" in (gate.refusal("select '1' = 1") or "")
    assert gate.refusal("select list_sum([1])")


def _analysable(sql: str) -> str:
    """A dataset in front of a table's name is the catalogue's here; a column to be added is there already."""
    sql = re.sub(r"`ai_usage_[0-9a-f]{12}`\.", "", sql)
    return re.sub(r"ADD COLUMN `\w+`", "ADD COLUMN `added`", sql)


def test_every_read_of_a_daily_table_names_its_days_in_literals(statements: list[str]) -> None:
    scans = [(sql, *scan) for sql in statements for scan in _scans(sql)]
    assert len(scans) > 60
    assert [(name, sql) for sql, name, pruned in scans if not pruned] == []


def test_a_read_without_its_days_would_be_seen() -> None:
    for where in (
        "",
        "where date_trunc(cost_date, month) >= date '2026-10-01'",
        "where cost_date >= current_date()",
    ):
        assert [*_scans(f"select 1 from fct_cost_daily {where}")] == [("fct_cost_daily", False)]
    assert [*_scans("merge fct_cost_daily as t using x on false when not matched by source then delete")] == [
        ("fct_cost_daily", False)
    ]


def test_every_read_is_taken_where_a_filter_on_the_days_is_required(
    month_on_bigquery: Month, statements: list[str]
) -> None:
    """Not the MERGE: the emulator does not look for the filter in its WHEN, where BigQuery does; see the live suite."""
    reads = [
        sql
        for sql in statements
        # what is staged from rows is loaded by no statement, so it is not there to be read
        if not sql.startswith("merge") and "staged_raw_" not in sql and [*_scans(sql)]
    ]
    assert len(reads) > 30
    with month_on_bigquery.engine.session() as session:
        _require_days(session, "true")
        try:
            with (
                pytest.raises(WarehouseUnavailableError, match="refused a statement"),
                month_on_bigquery.engine.session() as other,
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
    """Each scan of a daily table, and whether BigQuery can prune it: a literal on the bare column."""
    if sql.startswith(("CREATE TABLE", "ALTER TABLE")):
        return
    tree = parse_one(sql, read="bigquery")
    for scan in tree.find_all(exp.Table):
        if scan.name not in PARTITIONED:
            continue
        merge = scan.parent if isinstance(scan.parent, exp.Merge) and scan.arg_key == "this" else None
        reading = scan.find_ancestor(exp.Select)
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
        and isinstance(bound.expression, exp.Cast)
        and isinstance(bound.expression.this, exp.Literal)
        for bound in condition.find_all(exp.GTE, exp.EQ)
    )


def test_every_job_of_a_write_or_a_check_says_which_asset_run_and_days_it_is_for(sent: list[Call]) -> None:
    jobs = [call for call in sent if call.configuration]
    assert len(jobs) > 200
    for call in jobs:
        labels = call.configuration.get("labels", {})
        if not any(name.startswith(("warehouse/write.py", "defs/checks/")) for name, _ in call.places):
            # rows read back into Python
            continue
        assert {"asset", "run"} <= set(labels), (call.sql, call.loads_into)
        assert all(re.fullmatch(r"[a-z0-9_-]{1,63}", value) for value in labels.values())
        assert labels["asset"] not in PARTITIONED or "partition" in labels
