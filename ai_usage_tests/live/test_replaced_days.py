"""Replacing days: what one MERGE changes, reads and bills."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_assets.warehouse.engine import WriteContext, Written
from ai_usage_assets.warehouse.sql import merge
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.live.target import Target
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, THURSDAY, play, rows

WEEK = Days(MONDAY, THURSDAY)
NEXT_YEAR = MONDAY + timedelta(days=364)
CHUNK = Days(NEXT_YEAR, NEXT_YEAR + timedelta(days=MAX_DAYS_PER_WRITE - 1))
"""Of these days no other test has rows."""
ROWS_PER_DAY = 12_000
"""12 MB: more than the 10 MB that BigQuery bills at least for a table."""
WITHOUT_BYTES = "the emulator bills and scans 0 bytes"
WITHOUT_FILTER = "the emulator looks for the required partition filter outside of MERGE's WHEN clause"


def write(target: Target, given: pa.Table, days: Days, name: str) -> Written:
    context = WriteContext("live", name, labels={"asset": PLAYS.name, "run": "live"})
    return replace(target.engine, PLAYS, given, days, context)


def large(days: Days) -> pa.Table:
    """Rows of a kilobyte each, which differ in their song."""
    given: list[dict[str, Any]] = [
        play(day, f"{n:06}{'a' * 970}") for day in days for n in range(ROWS_PER_DAY)
    ]
    return rows(*given)


def held(target: Target, days: Days) -> dict[date, int]:
    """The number of rows of each day that has some."""
    where = f"day between date '{days.first}' and date '{days.last}'"
    found = target.run(f"select day, count(*) as n from plays where {where} group by day")
    return {row.day: row.n for row in found.result()}


@pytest.fixture(scope="module")
def large_days(target: Target) -> Written:
    return write(target, large(WEEK), WEEK, "large days")


@pytest.fixture(scope="module")
def replaced_day(target: Target, large_days: Written) -> Written:
    return write(target, large(ONE(MONDAY)), ONE(MONDAY), "one large day")


def test_replacing_one_day_deletes_and_inserts_the_rows_of_that_day(
    target: Target, replaced_day: Written, record_property: Any
) -> None:
    merged = target.job(replaced_day.job_id)
    assert (merged.kind, merged.affected_rows) == ("MERGE", 2 * ROWS_PER_DAY)
    assert held(target, WEEK) == dict.fromkeys(WEEK, ROWS_PER_DAY)
    record_property("figure", f"{merged.affected_rows:,} rows affected in {replaced_day.seconds:.1f} s")


def test_replacing_one_day_bills_that_day_only(
    target: Target, large_days: Written, replaced_day: Written, record_property: Any
) -> None:
    target.needs_bigquery(f"the billed bytes of a day's MERGE ({WITHOUT_BYTES})")
    merged, day = target.job(replaced_day.job_id), replaced_day.stats[MONDAY].bytes
    record_property(
        "figure",
        f"{merged.processed_bytes:,} bytes processed, {merged.billed_bytes:,} billed; the day has {day:,} bytes, "
        f"the table {sum(each.bytes for each in large_days.stats.values()):,}",
    )
    # the staged rows and the old ones; the billed bytes are rounded up to a megabyte
    assert 0.9 * 2 * day <= merged.processed_bytes <= 1.1 * 2 * day
    assert merged.billed_bytes <= merged.processed_bytes + 2**20


def test_one_day_read_or_replaced_scans_that_day_only(target: Target, large_days: Written) -> None:
    target.needs_bigquery(f"the bytes of a dry run ({WITHOUT_BYTES})")
    with target.engine.session(WriteContext("live", "stage")) as session:
        session.stage("staged_plays", rows(play(MONDAY, "b")))

    def scanned(sql: str) -> int:
        return int(target.run(sql, dry_run=True).total_bytes_processed)

    all_days = scanned("select song from plays where day >= date '2000-01-01'")
    one_day = scanned("select song from plays where day = date '2026-03-02'")
    assert 0 < one_day <= all_days / len(WEEK)
    assert scanned(merge(PLAYS, "staged_plays", ONE(MONDAY))) < scanned(merge(PLAYS, "staged_plays", WEEK))


def test_each_day_is_one_partition(target: Target, large_days: Written) -> None:
    target.needs_bigquery("list_partitions (the emulator has no table of partitions)")
    found = target.client.list_partitions(target.engine.qualified("plays"))
    assert {f"{day:%Y%m%d}" for day in WEEK} <= set(found)


@pytest.mark.parametrize("is_filter_required", [False, True])
@pytest.mark.parametrize("days", [ONE(NEXT_YEAR), CHUNK], ids=["one day", "a chunk"])
def test_days_are_replaced_and_emptied(
    target: Target, days: Days, is_filter_required: bool, record_property: Any
) -> None:
    """With `require_partition_filter`, too: the only filter of the MERGE is in its WHEN clause."""
    if is_filter_required:
        target.needs_bigquery(f"a replacement where a partition filter is required ({WITHOUT_FILTER})")
    write(target, rows(*(play(day, "a") for day in CHUNK)), CHUNK, "before")
    target.run(
        f"alter table plays set options (require_partition_filter = {str(is_filter_required).lower()})"
    )
    try:
        replaced = write(target, rows(*(play(day, "b") for day in days)), days, f"{len(days)} replaced")
        assert target.job(replaced.job_id).affected_rows == 2 * len(days)
        emptied = write(target, rows(), days, f"{len(days)} emptied")
        assert target.job(emptied.job_id).affected_rows == len(days)
        assert held(target, CHUNK) == {day: 1 for day in CHUNK if day not in days}
        record_property(
            "figure", f"{len(days)} days: {replaced.seconds:.1f} s, emptied: {emptied.seconds:.1f} s"
        )
    finally:
        target.run("alter table plays set options (require_partition_filter = false)")
