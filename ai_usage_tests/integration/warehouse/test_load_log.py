"""Every write of a daily table updates the load log, on both engines."""

from dataclasses import replace as with_fields
from datetime import date
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.recorded_calls import events
from ai_usage_tests.support.sample_tables import (
    ARTISTS,
    MONDAY,
    ONE,
    PLAYS,
    SONGS,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    play,
    rows,
)

ROLLING = with_fields(PLAYS, name="rolling", has_rolling_history=True)


def job() -> WriteContext:
    """The context of a new run."""
    return WriteContext("run", "step")


def log(engine: Engine) -> dict[tuple[str, date], tuple[str, int]]:
    with engine.session() as session:
        ensure_tables(engine, session, [LOAD_LOG])
        found = session.fetch(f"select table_name, day, state, `rows` from {LOAD_LOG.name}").to_pylist()
    states = {(row["table_name"], row["day"]): (row["state"], row["rows"]) for row in found}
    assert len(states) == len(found)
    return states


def write(engine: Engine, table: Table, days: Days, *played: dict[str, Any]) -> None:
    replace(engine, table, rows(*played), days, job())


def test_every_day_of_a_window_is_logged(engine: Engine) -> None:
    write(engine, ROLLING, Days(MONDAY, TUESDAY), play(MONDAY, "a"), play(MONDAY, "b"))
    assert log(engine) == {("rolling", MONDAY): ("rows", 2), ("rolling", TUESDAY): ("empty", 0)}

    write(engine, ROLLING, Days(MONDAY, WEDNESDAY), play(WEDNESDAY, "c"))
    write(engine, PLAYS, ONE(THURSDAY), play(THURSDAY, "d"))
    assert log(engine) == {
        ("rolling", MONDAY): ("kept", 2),
        ("rolling", TUESDAY): ("empty", 0),
        ("rolling", WEDNESDAY): ("rows", 1),
        ("plays", THURSDAY): ("rows", 1),
    }

    write(engine, ROLLING, ONE(MONDAY), play(MONDAY, "z"))
    assert log(engine)["rolling", MONDAY] == ("rows", 1)


def test_later_load_has_a_later_time(engine: Engine) -> None:
    def loaded_at() -> Any:
        with engine.session() as session:
            return session.fetch(f"select loaded_at from {LOAD_LOG.name}").to_pylist()[0]["loaded_at"]

    write(engine, PLAYS, ONE(MONDAY), play(MONDAY, "a"))
    first = loaded_at()
    write(engine, PLAYS, ONE(MONDAY), play(MONDAY, "a"))
    assert loaded_at() > first


def test_refused_write_is_not_logged(engine: Engine) -> None:
    with pytest.raises(InvalidRowsError):
        write(engine, PLAYS, ONE(MONDAY), play(MONDAY, "a", plays=-1))
    assert log(engine) == {}


def test_tables_without_partitions_are_not_logged(engine: Engine) -> None:
    for table in (SONGS, ARTISTS):
        replace(engine, table, rows(table=table), None, job())
    assert log(engine) == {}


def test_new_log_has_the_days_with_rows_from_before(engine: Engine) -> None:
    day = events("ann@example.com")["ingest_date"][0].as_py()
    twice = events("ann@example.com", "bo@example.com")
    replace(engine, RAW_CURSOR_EVENTS, twice, Days.one(day), job())
    with engine.session(job()) as session:
        session.execute(f"drop table {LOAD_LOG.name}")

    assert log(engine) == {("raw_cursor_events", day): ("rows", 2)}
    with engine.session() as session:
        [row] = session.fetch(f"select loaded_at from {LOAD_LOG.name}").to_pylist()
    assert row["loaded_at"] == twice["fetched_at"][0].as_py()
