"""The audit's whole result on rows that violate constraints, and the rows that it names."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Column, numeric
from ai_usage_assets.warehouse.audit import (
    Audit,
    Violation,
    audit,
    constraints,
    decimal_limit,
    describe,
    offending_rows,
)
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import DayStats, Session, WriteContext
from ai_usage_tests.support.sample_tables import MONDAY, PLAYS, SONGS, TUESDAY, WEDNESDAY, play, rows

ANN, BEN = (
    hashlib.md5(f"{who}@example.com".encode(), usedforsecurity=False).hexdigest() for who in ("ann", "ben")
)
DAYS = Days(MONDAY, TUESDAY)
PLAYED = "`staged_plays`"
NULL_SONG = Violation("not_null", "song", "song is never NULL", 2, "`song` is null")
WRITTEN = Violation(
    "rule",
    "listener",
    "listener is trimmed and lower-case",
    3,
    "not (`listener` = lower(trim(`listener`)))",
)
NEGATIVE = Violation("rule", "plays", "plays is not negative", 1, "not (`plays` >= 0)")
OUTSIDE = Violation(
    "window",
    "day",
    "day lies in 2026-03-02...2026-03-03",
    3,
    "not (`day` >= DATE '2026-03-02' and `day` < DATE '2026-03-04')",
)
TWICE = Violation("unique", "`day`, `song`, `listener`", "(day, song, listener) is unique", 3, "")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Of Ann's songs one is there three times and one twice; two have no name, and three are of a later day."""
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    nameless = {**play(MONDAY, "x", -7), "song": None}
    with engine.session(WriteContext("run", "step")) as session:
        played = [
            *[play(MONDAY, "a", 3)] * 3,
            *[play(TUESDAY, "b", 5)] * 2,
            nameless,
            {**nameless, "plays": None, "listener": None, "spent_usd": None},
            *(play(WEDNESDAY, song, 11, listener="Ben@example.com ") for song in ("d", "e", "f")),
        ]
        session.stage("staged_plays", rows(*played))
        yield session
    engine.close()


def test_an_audit_has_the_figures_of_each_day_and_each_violated_constraint(session: Session) -> None:
    # 8 for each number and time, 16 for money, 1 for a truth value, and 2 more than the letters of a text
    whole = 8 + (2 + 1) + (2 + 15) + 8 + 16 + 1 + 8
    assert audit(session, PLAYS, PLAYED, DAYS) == Audit(
        {
            MONDAY: DayStats(
                5, 3 * whole + (whole - 3) + (whole - 3 - 17 - 8 - 16), {"plays": 2, "spent_usd": 4e-9}
            ),
            TUESDAY: DayStats(2, 2 * whole, {"plays": 10, "spent_usd": 2e-9}),
            WEDNESDAY: DayStats(3, 3 * (whole + 1), {"plays": 33, "spent_usd": 3e-9}),
        },
        (NULL_SONG, WRITTEN, NEGATIVE, OUTSIDE, TWICE),
    )


def test_rows_are_named_by_their_keys_and_people_by_their_ids(session: Session) -> None:
    assert set(offending_rows(session, PLAYS, PLAYED, NULL_SONG)) == {
        f"2026-03-02/NULL/{ANN}",
        "2026-03-02/NULL/NULL",
    }
    assert sorted(offending_rows(session, PLAYS, PLAYED, OUTSIDE)) == [
        f"2026-03-04/{song}/{BEN}" for song in "def"
    ]
    assert describe(session, PLAYS, PLAYED, (NEGATIVE,)) == [
        f"plays is not negative: 1 row violates this (such as 2026-03-02/NULL/{ANN})"
    ]
    [twice] = describe(session, PLAYS, PLAYED, (TWICE,))
    assert twice in {
        f"(day, song, listener) is unique: 3 rows violate this (such as {', '.join(each)})"
        for each in (
            (f"2026-03-02/a/{ANN}", f"2026-03-03/b/{ANN}"),
            (f"2026-03-03/b/{ANN}", f"2026-03-02/a/{ANN}"),
        )
    }
    keyless = replace(PLAYS, key=())
    assert describe(session, keyless, PLAYED, (NULL_SONG, NEGATIVE)) == [
        "song is never NULL: 2 rows violate this",
        "plays is not negative: 1 row violates this",
    ]


def test_five_rows_are_named_at_most(session: Session) -> None:
    everything = Violation("rule", "day", "day is another", 10, "`day` is not null")
    assert len(offending_rows(session, PLAYS, PLAYED, everything)) == 5


def test_rows_that_keep_every_constraint_violate_none_and_tables_without_days_or_rows_have_figures(
    session: Session,
) -> None:
    good = f"(select distinct * from {PLAYED} where song = 'b')"
    found = audit(session, PLAYS, good, Days.one(TUESDAY))
    assert (set(found.stats), found.violations) == ({TUESDAY}, ())
    assert audit(session, PLAYS, f"(select * from {PLAYED} where false)", DAYS) == Audit({}, ())
    songs = "(select 'ab' as song, cast(null as string) as artist union all select 'c', 'def')"
    assert audit(session, SONGS, songs, None) == Audit({None: DayStats(2, 4 + 3 + 5, {})}, ())


def test_constraints_of_a_declaration_are_listed_without_a_window_if_there_is_none() -> None:
    assert [each.description for each in constraints(PLAYS, DAYS)] == [
        "day is never NULL",
        "song is never NULL",
        "listener is trimmed and lower-case",
        "plays is not negative",
        "day lies in 2026-03-02...2026-03-03",
    ]
    assert [each.kind for each in constraints(PLAYS, None)] == ["not_null", "not_null", "rule", "rule"]
    assert [each.kind for each in constraints(SONGS, DAYS)] == ["not_null"]


@pytest.mark.parametrize(
    ("precision", "scale", "description", "sql"),
    [
        (38, 9, None, None),
        (
            37,
            9,
            "is between -10,000,000,000,000,000,000,000,000,000 and 10,000,000,000,000,000,000,000,000,000",
            "abs(`n`) < numeric '10000000000000000000000000000'",
        ),
        (37, 8, "has at most 8 decimals", "`n` = round(`n`, 8)"),
        (
            6,
            2,
            "is between -10,000 and 10,000 and has at most 2 decimals",
            "abs(`n`) < numeric '10000' and `n` = round(`n`, 2)",
        ),
    ],
)
def test_a_decimal_is_limited_by_the_digits_that_a_numeric_has_beyond_it(
    precision: int, scale: int, description: str | None, sql: str | None
) -> None:
    limit = decimal_limit(Column("n", numeric(precision, scale), "A number."))
    if description is None:
        assert limit is None
    else:
        assert limit
        assert (limit.description, limit.sql) == (f"{description}, as NUMERIC({precision},{scale})", sql)
