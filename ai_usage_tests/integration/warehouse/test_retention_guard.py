"""Days that a vendor no longer reports keep their rows, on both engines."""

from collections.abc import Mapping
from dataclasses import replace as with_fields
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.warehouse.engine import Engine, Kept, WriteContext, Written
from ai_usage_assets.warehouse.retention_guard import NO_MONEY, NO_ROWS, ONLY_ZEROS
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.recorded_calls import events
from ai_usage_tests.support.sample_tables import MONDAY, PLAYS, THURSDAY, TUESDAY, WEDNESDAY, play, rows

ROLLING = with_fields(PLAYS, name="rolling", has_rolling_history=True)
WEEK = Days(MONDAY, THURSDAY)
DOLLAR = Decimal(1)


def write(engine: Engine, *played: dict[str, Any], table: Any = ROLLING, **more: Any) -> Written:
    return replace(engine, table, rows(*played), WEEK, WriteContext("run", "step"), **more)


def songs(engine: Engine, table: str = "rolling") -> Mapping[date, list[str]]:
    with engine.session() as session:
        found = session.fetch(f"select day, song from `{table}` order by day, song").to_pylist()
    return {day: [row["song"] for row in found if row["day"] == day] for day in {row["day"] for row in found}}


def full_week() -> list[dict[str, Any]]:
    return [play(day, f"old {day:%a}", plays=3, spent_usd=DOLLAR) for day in WEEK]


def test_each_kept_day_has_its_reason_and_other_days_are_written(engine: Engine) -> None:
    write(engine, *full_week())

    written = write(
        engine,
        play(TUESDAY, "zeros", plays=0, spent_usd=Decimal(0)),
        play(WEDNESDAY, "no money", plays=3, spent_usd=None),
        play(THURSDAY, "new", plays=5, spent_usd=DOLLAR),
        play(THURSDAY, "newer", plays=5, spent_usd=None),
    )

    assert written.kept == {
        MONDAY: Kept(NO_ROWS, 0),
        TUESDAY: Kept(ONLY_ZEROS, 1),
        WEDNESDAY: Kept(NO_MONEY, 1),
    }
    assert songs(engine) == {
        MONDAY: ["old Mon"],
        TUESDAY: ["old Tue"],
        WEDNESDAY: ["old Wed"],
        THURSDAY: ["new", "newer"],
    }
    # the statistics of a kept day are those of the stored rows
    assert {day: (s.rows, s.totals["plays"]) for day, s in written.stats.items()} == {
        MONDAY: (1, 3.0),
        TUESDAY: (1, 3.0),
        WEDNESDAY: (1, 3.0),
        THURSDAY: (2, 10.0),
    }


def test_kept_day_is_written_when_the_vendor_reports_it_again(engine: Engine) -> None:
    write(engine, *full_week())
    write(engine)

    again = write(engine, *(play(day, "again", plays=1, spent_usd=DOLLAR) for day in WEEK))

    assert again.kept == {}
    assert songs(engine) == {day: ["again"] for day in WEEK}


@pytest.mark.parametrize(
    ("here", "answer", "becomes"),
    [
        pytest.param((0, None), (0, None), "new", id="zeros by zeros"),
        pytest.param((3, None), (4, None), "new", id="a day that never had money"),
        pytest.param((3, Decimal(0)), (4, None), "new", id="money that was zero"),
        pytest.param((3, None), (4, DOLLAR), "new", id="money that came"),
        pytest.param((3, DOLLAR), (4, -DOLLAR), "new", id="a credit is money"),
        pytest.param((3, -DOLLAR), (4, Decimal(0)), "old", id="a credit that vanished"),
        pytest.param((0, DOLLAR), (0, Decimal(0)), "old", id="money alone that vanished"),
        pytest.param((None, None), (None, None), "new", id="nothing known by nothing known"),
        pytest.param((3, None), (None, None), "old", id="figures by nothing known"),
    ],
)
def test_whether_one_row_replaces_another(
    engine: Engine,
    here: tuple[int | None, Decimal | None],
    answer: tuple[int | None, Decimal | None],
    becomes: str,
) -> None:
    write(engine, play(MONDAY, "old", plays=here[0], spent_usd=here[1]))

    write(engine, play(MONDAY, "new", plays=answer[0], spent_usd=answer[1]))

    assert songs(engine) == {MONDAY: [becomes]}


def test_vendor_with_full_history_always_replaces(engine: Engine) -> None:
    write(engine, *full_week(), table=PLAYS)

    assert write(engine, play(TUESDAY, "new"), table=PLAYS).kept == {}
    assert songs(engine, "plays") == {TUESDAY: ["new"]}


def test_override_replaces_days_with_nothing(engine: Engine) -> None:
    write(engine, *full_week())

    assert write(engine, play(TUESDAY, "new"), replace_with_nothing=True).kept == {}
    assert songs(engine) == {TUESDAY: ["new"]}


def test_occurrence_number_is_not_a_figure(engine: Engine) -> None:
    def called(tokens: int) -> Written:
        row = events("ann@example.com").to_pylist()[0] | {"input_tokens": tokens}
        answer = pa.Table.from_pylist([row], schema=arrow_schema(RAW_CURSOR_EVENTS))
        return replace(engine, RAW_CURSOR_EVENTS, answer, Days.one(MONDAY), WriteContext("run", "step"))

    called(900)

    assert called(0).kept == {MONDAY: Kept(ONLY_ZEROS, 1)}
