"""The seen values equal a read of all days, whatever was written in which order, and whatever was killed in between."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest

from ai_usage_assets.curated.select import SEEN, seen_values, text
from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine, DuckDBSession
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.seen_values import refresh, unclear_statement
from ai_usage_assets.warehouse.write import replace

FIRST = date(2026, 3, 1)
DAYS = 12
EMAILS = [f"p{n}@example.com" for n in range(5)]
FETCHED_AT = datetime(2026, 4, 1, tzinfo=UTC)
FULL_READ = "\nunion all\n".join(f"select * from (\n{text(name)}\n)" for name in SEEN)
KEPT = "select * except (read_until) from seen_values where attribute != 'read'"


def events(days: Days, choose: random.Random) -> pa.Table:
    rows = [
        {
            "ingest_date": day,
            "fetched_at": FETCHED_AT,
            "event_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            "email": email,
            "service_account_id": "sa-1" if email is None and choose.random() < 0.7 else None,
            "service_account_name": choose.choice(["Bot", "bot", None]),
            "occurrence": 1,
            "charged_usd": 1,
        }
        for day in days
        for email in choose.sample([*EMAILS, None], choose.randint(1, 3))
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(RAW_CURSOR_EVENTS))


def usage(days: Days, choose: random.Random) -> pa.Table:
    rows = [
        {
            "ingest_date": day,
            "usage_date": day,
            "fetched_at": FETCHED_AT,
            "email": email,
            "user_id": choose.choice([None, f"u{EMAILS.index(email)}"]),
            "is_active": choose.choice([True, False, None]),
            "total_lines_added": choose.choice([0, 7]),
        }
        for day in days
        for email in choose.sample(EMAILS, choose.randint(1, 3))
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(RAW_CURSOR_USAGE))


ROWS = {RAW_CURSOR_EVENTS: events, RAW_CURSOR_USAGE: usage}


def write(engine: Engine, number: int, choose: random.Random) -> None:
    table, length = choose.choice(list(ROWS)), choose.choice([1, 1, 1, 3, 6])
    first = FIRST + timedelta(choose.randrange(DAYS - length + 1))
    days = Days(first, first + timedelta(length - 1))
    job = WriteContext("run", f"write-{number}", labels={"asset": table.name, "run": "run"})
    replace(engine, table, ROWS[table](days, choose), days, job, replace_with_nothing=True)


def differences(engine: Engine, number: int) -> tuple[list[str], list[str]]:
    """The rows of a full read that the refreshed table lacks, and the other way round."""
    with engine.session(WriteContext("run", f"refresh-{number}", labels={"asset": "dim_users"})) as session:
        refresh(engine, session, seen_values())
        full, kept = (set(map(str, session.fetch(sql).to_pylist())) for sql in (FULL_READ, KEPT))
    return sorted(full - kept), sorted(kept - full)


@pytest.mark.parametrize(
    ("engine", "seed", "rounds"),
    [("duckdb", 0, 12), ("duckdb", 1, 12), pytest.param("bigquery", 0, 3, marks=pytest.mark.emulator)],
    indirect=["engine"],
)
def test_any_sequence_of_writes_gives_what_a_full_read_gives(engine: Engine, seed: int, rounds: int) -> None:
    choose = random.Random(seed)
    for number in range(rounds):
        for part in range(choose.randint(1, 3)):
            write(engine, 10 * number + part, choose)
        assert differences(engine, number) == ([], [])
    with engine.session() as session:
        assert session.fetch(KEPT).num_rows


@pytest.fixture
def changed_at() -> Iterator[dict[str, datetime]]:
    """DuckDB as if it said, like BigQuery, when a table was changed."""
    times: dict[str, datetime] = {}
    with patch.object(DuckDBSession, "changed_at", lambda _, name: times.get(name)):
        yield times


def test_rows_that_were_published_without_a_log_are_read(
    tmp_path: Path, changed_at: dict[str, datetime]
) -> None:
    """A write that was killed between the two, or a change by hand."""
    engine, choose = DuckDBEngine(tmp_path / "ai_usage.duckdb"), random.Random(7)
    for number in range(4):
        write(engine, number, choose)
    assert differences(engine, 1) == ([], [])
    with engine.session() as session:
        session.execute("update raw_cursor_events set email = 'new@example.com' where email is not null")
    assert differences(engine, 2) != ([], [])

    changed_at["raw_cursor_events"] = datetime.now(UTC) + timedelta(minutes=1)

    assert differences(engine, 3) == ([], [])


def test_an_address_that_leaves_its_last_day_makes_the_window_unclear(tmp_path: Path) -> None:
    engine, ann = DuckDBEngine(tmp_path / "ai_usage.duckdb"), "ann@example.com"
    last = Days.one(FIRST + timedelta(2))
    for number, (days, email) in enumerate([(Days(FIRST, last.last), ann), (last, "bob@example.com")]):
        rows = [
            {
                "ingest_date": day,
                "fetched_at": FETCHED_AT,
                "event_at": FETCHED_AT,
                "email": email,
                "occurrence": 1,
            }
            for day in days
        ]
        table = pa.Table.from_pylist(rows, schema=arrow_schema(RAW_CURSOR_EVENTS))
        replace(engine, RAW_CURSOR_EVENTS, table, days, WriteContext("run", f"write-{number}"))
        if number == 0:
            assert differences(engine, number) == ([], [])
    with engine.session() as session:
        sql = unclear_statement(seen_values(), {RAW_CURSOR_EVENTS: last})
        assert session.fetch(sql).to_pylist() == [{"table_name": "raw_cursor_events"}]
    assert differences(engine, 2) == ([], [])


def test_a_refresh_without_new_loads_is_one_statement(tmp_path: Path) -> None:
    engine, choose = DuckDBEngine(tmp_path / "ai_usage.duckdb"), random.Random(1)
    write(engine, 1, choose)
    differences(engine, 1)
    sent: list[str] = []
    fetch = DuckDBSession.fetch

    def recorded(session: DuckDBSession, sql: str) -> pa.Table:
        sent.append(sql)
        return fetch(session, sql)

    with engine.session() as session, patch.object(DuckDBSession, "fetch", recorded):
        refresh(engine, session, seen_values())
    assert len(sent) == 1
