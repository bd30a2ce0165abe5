"""The contract of the write path. Each test runs on DuckDB and on the BigQuery emulator."""

import itertools
from dataclasses import replace as changed
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.columns import count, text
from ai_usage_assets.schema.model import DATE, INT64, Column, Table
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine, Rows, Select, WriteContext, Written
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import SchemaDriftError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import (
    ARTISTS,
    MONDAY,
    NOON,
    ONE,
    PLAYS,
    SONGS,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    play,
    rows,
)

runs = itertools.count()
WEEK = Days(MONDAY, THURSDAY)


def write(engine: Engine, table: Table, given: Rows, days: Days | None) -> Written:
    return replace(engine, table, given, days, WriteContext(f"run{next(runs)}", "step"))


def songs(engine: Engine, days: Days = WEEK) -> list[tuple[Any, ...]]:
    where = f"day >= DATE '{days.first}' and day < DATE '{days.end}'"
    found = fetch(engine, f"select day, song, plays from plays where {where}")
    return sorted((row["day"], row["song"], row["plays"]) for row in found)


def fetch(engine: Engine, sql: str) -> list[dict[str, Any]]:
    with engine.session() as session:
        found: list[dict[str, Any]] = session.fetch(sql).to_pylist()
    return found


def staged_leftovers(engine: Engine) -> int:
    """The number of staged tables in the dataset."""
    return len([n for n in tables(engine) if n.startswith("staged")])


def tables(engine: Engine) -> list[str]:
    return [str(r["table_name"]) for r in fetch(engine, f"select table_name from {catalogue(engine)}")]


def catalogue(engine: Engine) -> str:
    if isinstance(engine, DuckDBEngine):
        return "duckdb_tables"
    return f"`{engine.qualified('INFORMATION_SCHEMA').rsplit('.', 1)[0]}`.INFORMATION_SCHEMA.TABLES"


# replacing rows


def test_second_write_replaces_the_day(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a"), play(MONDAY, "b")), ONE(MONDAY))
    write(engine, PLAYS, rows(play(MONDAY, "c", 7)), ONE(MONDAY))
    assert songs(engine) == [(MONDAY, "c", 7)]


def test_other_days_do_not_change(engine: Engine) -> None:
    write(
        engine,
        PLAYS,
        rows(play(MONDAY, "a"), play(TUESDAY, "b"), play(WEDNESDAY, "c")),
        Days(MONDAY, WEDNESDAY),
    )
    write(engine, PLAYS, rows(play(TUESDAY, "x")), ONE(TUESDAY))
    assert songs(engine) == [(MONDAY, "a", 1), (TUESDAY, "x", 1), (WEDNESDAY, "c", 1)]


def test_range_replaces_all_its_days_even_without_rows(engine: Engine) -> None:
    write(engine, PLAYS, rows(*(play(day, "old") for day in WEEK)), WEEK)
    write(engine, PLAYS, rows(play(WEDNESDAY, "new")), Days(TUESDAY, THURSDAY))
    assert songs(engine) == [(MONDAY, "old", 1), (WEDNESDAY, "new", 1)]


def test_empty_rows_replace_the_day(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a"), play(TUESDAY, "b")), Days(MONDAY, TUESDAY))
    write(engine, PLAYS, rows(), ONE(MONDAY))
    assert songs(engine) == [(TUESDAY, "b", 1)]


def test_empty_first_write_creates_the_table(engine: Engine) -> None:
    write(engine, PLAYS, rows(), ONE(MONDAY))
    assert songs(engine) == []


def test_table_without_partitions_is_replaced_as_a_whole(engine: Engine) -> None:
    write(engine, SONGS, rows({"song": "a", "artist": "x"}, {"song": "b", "artist": None}, table=SONGS), None)
    write(engine, SONGS, rows({"song": "c", "artist": "y"}, table=SONGS), None)
    assert fetch(engine, "select song, artist from songs") == [{"song": "c", "artist": "y"}]


def test_select_runs_in_the_warehouse_for_its_window_only(engine: Engine) -> None:
    other = changed(PLAYS, name="more_plays")
    write(engine, PLAYS, rows(*(play(day, "a", 2) for day in WEEK)), WEEK)
    columns = ", ".join(PLAYS.column_names)
    sql = f"select {columns} from plays where day >= @first_day and day < @end_day"
    written = write(engine, other, Select(sql, (PLAYS,)), Days(TUESDAY, WEDNESDAY))
    assert {day: stats.rows for day, stats in written.stats.items()} == {TUESDAY: 1, WEDNESDAY: 1}


def test_select_creates_its_missing_inputs(engine: Engine) -> None:
    sql = "select song, cast(null as string) as artist from plays where day >= DATE '2026-01-01'"
    write(engine, SONGS, Select(sql, (PLAYS,)), None)
    assert songs(engine) == []


def test_select_can_read_the_table_that_it_replaces(engine: Engine) -> None:
    write(engine, SONGS, rows({"song": "a", "artist": "x"}, table=SONGS), None)
    sql = "select song, artist from songs union all select 'b' as song, 'y' as artist"
    write(engine, SONGS, Select(sql, (SONGS,)), None)
    assert len(fetch(engine, "select song from songs")) == 2


def test_dataframe_is_written_like_an_arrow_table(engine: Engine) -> None:
    frame = pd.DataFrame([play(MONDAY, "a", 3, rating=4.5), play(MONDAY, "b", None, rating=None)])
    write(engine, PLAYS, frame, ONE(MONDAY))
    assert songs(engine)[0] == (MONDAY, "a", 3)


def test_floats_round_trip(engine: Engine) -> None:
    ratings = {"a": 0.1, "b": 1 / 3, "c": -0.0, "d": 1.7976931348623157e308, "e": None}
    write(engine, PLAYS, rows(*(play(MONDAY, song, rating=it) for song, it in ratings.items())), ONE(MONDAY))
    found = fetch(engine, "select song, rating from plays where day = DATE '2026-03-02' order by song")
    assert [(row["song"], repr(row["rating"])) for row in found] == [
        (song, repr(rating)) for song, rating in ratings.items()
    ]


def test_nulls_money_and_instants_round_trip(engine: Engine) -> None:
    money = Decimal("12345678901234567890123456789.123456789")
    given = play(MONDAY, "Ünïcode '\\ \n", None, spent_usd=money, live=None)
    write(engine, PLAYS, rows(given), ONE(MONDAY))
    found = fetch(
        engine,
        "select song, listener, plays, spent_usd, live, played_at from plays where day = DATE '2026-03-02'",
    )
    assert found == [{key: value for key, value in given.items() if key != "day"}]


# snapshot tables


def artist(artist_id: str, seen: int) -> dict[str, object]:
    at = NOON + timedelta(days=seen)
    return {
        "artist_id": artist_id,
        "name": artist_id,
        "first_seen_at": at,
        "last_seen_at": at,
        "is_current": True,
    }


def test_snapshot_table_keeps_unlisted_entries_and_first_seen_at(engine: Engine) -> None:
    write(engine, ARTISTS, rows(artist("a", 0), artist("b", 0), table=ARTISTS), None)
    write(engine, ARTISTS, rows(artist("b", 1), artist("c", 1), table=ARTISTS), None)
    found = fetch(
        engine, "select artist_id, first_seen_at, last_seen_at, is_current from artists order by artist_id"
    )
    day = timedelta(days=1)
    assert [tuple(row.values()) for row in found] == [
        ("a", NOON, NOON, False),
        ("b", NOON, NOON + day, True),
        ("c", NOON + day, NOON + day, True),
    ]


def test_entry_is_known_again_by_all_columns_of_its_key_also_where_one_is_null(engine: Engine) -> None:
    # two entries have one id, and two have no name
    table = changed(ARTISTS, key=("artist_id", "name"))
    first = [artist("a", 0) | {"name": name} for name in ("x", "y", None)] + [artist("b", 0) | {"name": None}]
    write(engine, table, rows(*first, table=table), None)
    second = [artist("a", 1) | {"name": "y"}, artist("b", 1) | {"name": None}]
    write(engine, table, rows(*second, table=table), None)
    found = fetch(engine, "select artist_id, name, first_seen_at, is_current from artists")
    assert {tuple(row.values()) for row in found} == {
        ("a", "x", NOON, False),
        ("a", "y", NOON, True),
        ("a", None, NOON, False),
        ("b", None, NOON, True),
    }
    assert len(found) == 4


def test_entry_that_is_listed_again_is_current_again(engine: Engine) -> None:
    for listed in (["a", "b"], ["b"], ["a"]):
        write(engine, ARTISTS, rows(*(artist(name, 0) for name in listed), table=ARTISTS), None)
    assert fetch(engine, "select artist_id, is_current from artists order by 1") == [
        {"artist_id": "a", "is_current": True},
        {"artist_id": "b", "is_current": False},
    ]


# refusing rows


ANN = "257c57037d384ae37ea27a07e8a01665"
"""How a message names her."""


def refusal(engine: Engine, table: Table, given: pa.Table | Select, days: Days | None = None) -> str:
    """Why the rows are refused, without what every refusal says."""
    with pytest.raises(InvalidRowsError) as refused:
        write(engine, table, given, days)
    before, after = "rows for ", ". Nothing was written."
    said = str(refused.value)
    assert said.startswith(before)
    assert said.endswith(after)
    return said[len(before) : -len(after)].replace(engine.qualified(table.name), table.name)


@pytest.mark.parametrize(
    ("bad", "says", "row"),
    [
        ([play(MONDAY, "a"), play(MONDAY, "a")], "(day, song, listener) is unique", "2026-03-02/a"),
        ([play(MONDAY, "a", -1)], "plays is not negative", "2026-03-02/a"),
        ([play(MONDAY, None)], "song is never NULL", "2026-03-02/NULL"),  # type: ignore[arg-type]
        ([play(TUESDAY, "a")], "day lies in 2026-03-02", "2026-03-03/a"),
        (
            [play(MONDAY, "a", listener="Ann@example.com")],
            "listener is trimmed and lower-case",
            "2026-03-02/a",
        ),
    ],
    ids=["a double key", "a negative count", "a missing value", "another day", "a broken rule"],
)
def test_rows_that_violate_a_constraint_are_not_written(
    engine: Engine, bad: list[dict[str, object]], says: str, row: str
) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "good")), ONE(MONDAY))
    assert refusal(engine, PLAYS, rows(*bad), ONE(MONDAY)) == (
        f"plays were refused: {says}: 1 row violates this (such as {row}/{ANN})"
    )
    assert songs(engine) == [(MONDAY, "good", 1)]
    assert staged_leftovers(engine) == 0


def test_refusal_names_at_most_five_offending_rows_and_no_person(engine: Engine) -> None:
    bad = [play(MONDAY, f"song{n}", -1) for n in range(9)]
    said = refusal(engine, PLAYS, rows(*bad), ONE(MONDAY))
    assert said.startswith(
        "plays were refused: plays is not negative: 9 rows violate this (such as 2026-03-02/song"
    )
    assert (said.count("song"), said.count(ANN), "ann@example.com" in said) == (5, 5, False)


def test_columns_that_differ_from_the_declaration_are_refused_by_name(engine: Engine) -> None:
    given = rows(play(MONDAY, "a"))
    frames = [
        given.drop_columns(["plays"]).append_column("tempo", pa.array([1])),
        given.set_column(3, "plays", pa.array(["one"])),
        given.set_column(4, "spent_usd", pa.array([0.1])),
    ]
    assert [refusal(engine, PLAYS, frame, ONE(MONDAY)) for frame in frames] == [
        "plays were refused: column plays is missing; column tempo is not declared",
        "plays were refused: column plays holds values that are not INT64",
        (
            "plays were refused: column spent_usd holds values that are not NUMERIC(38,9) (give Decimals: a float is not an "
            "exact amount; whole numbers are accepted)"
        ),
    ]


def test_select_with_wrong_column_or_type_is_refused_by_name(engine: Engine) -> None:
    assert refusal(engine, SONGS, Select("select 'a' as song, 'b' as writer")) == (
        "songs were refused: column artist is missing; column writer is not declared"
    )
    assert refusal(engine, SONGS, Select("select 'a' as song, 1 as artist")) == (
        "songs were refused: column artist is INT64, declared STRING"
    )


# schema drift


def drift(engine: Engine, differences: str) -> str:
    table = engine.qualified(PLAYS.name)
    return f"table {table} in the warehouse differs from its declaration: {differences}. Nothing was written."


def test_new_nullable_column_is_added_and_old_rows_have_null(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    wider = changed(
        PLAYS, columns=(*PLAYS.columns, text("genre", "The genre."), count("skips", "Skips.", "0"))
    )
    write(engine, wider, rows(play(TUESDAY, "b", genre="folk", skips=2), table=wider), ONE(TUESDAY))
    found = fetch(engine, "select song, genre, skips from plays where day >= DATE '2026-01-01' order by song")
    # old rows are NULL: unknown is not zero, even with a default of 0
    assert found == [{"song": "a", "genre": None, "skips": None}, {"song": "b", "genre": "folk", "skips": 2}]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (Column("plays", DATE, "Another type."), "column plays is INT64, declared DATE"),
        (
            Column("plays", INT64, "Another mode.", is_required=True),
            "column plays is INT64, declared INT64 NOT NULL",
        ),
    ],
    ids=["type", "mode"],
)
def test_schema_drift_is_refused_with_the_difference(engine: Engine, column: Column, says: str) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    columns = tuple(column if known.name == column.name else known for known in PLAYS.columns)
    with pytest.raises(SchemaDriftError) as refused, engine.session() as session:
        ensure_tables(engine, session, [changed(PLAYS, columns=columns)])
    assert refused.value.message == drift(engine, says)
    assert songs(engine) == [(MONDAY, "a", 1)]


def test_new_required_and_undeclared_columns_are_refused(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    harder = changed(
        PLAYS, columns=(*PLAYS.columns[:-1], Column("album", INT64, "An album.", is_required=True))
    )
    with pytest.raises(SchemaDriftError) as refused, engine.session() as session:
        ensure_tables(engine, session, [harder])
    assert refused.value.message == drift(
        engine,
        "column album is absent and declared INT64 NOT NULL, which cannot be added; column played_at is not declared",
    )


# the result of a write


def test_write_returns_rows_bytes_and_totals_per_day(engine: Engine) -> None:
    given = rows(play(MONDAY, "a", 2), play(MONDAY, "b", 3), play(TUESDAY, "abc", None))
    written = write(engine, PLAYS, given, Days(MONDAY, WEDNESDAY))
    assert set(written.stats) == {MONDAY, TUESDAY}
    monday, tuesday = written.stats[MONDAY], written.stats[TUESDAY]
    assert (monday.rows, monday.totals["plays"]) == (2, 5.0)
    # day 8 + song 2+3 + listener 2+15 + money 16 + live 1 + played_at 8; plays is NULL
    assert (tuesday.rows, tuesday.bytes, "plays" in tuesday.totals) == (1, 55, False)
    assert written.job_id
