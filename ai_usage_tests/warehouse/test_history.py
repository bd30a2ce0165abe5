"""What a vendor no longer tells stays in every table that its answer fills, on either engine."""

from dataclasses import replace as with_fields

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.errors import HistoryKept
from ai_usage_assets.warehouse.history import refuse_loss
from ai_usage_assets.warehouse.protocol import Engine, Job
from ai_usage_assets.warehouse.writing import replace
from ai_usage_tests.warehouse.music import MONDAY, ONE, PLAYS, THURSDAY, TUESDAY, WEDNESDAY, play, rows

CONCERTS = with_fields(PLAYS, name="concerts")


def job() -> Job:
    """Each as a run of its own."""
    return Job("run", "step")


def test_two_tables_of_one_answer_are_looked_at_before_either_is_written(engine: Engine) -> None:
    days = Days(MONDAY, THURSDAY)
    here = rows(play(MONDAY, "a"), play(TUESDAY, "b", plays=3), play(WEDNESDAY, "c"), play(THURSDAY, "d"))
    for table in (PLAYS, CONCERTS):
        replace(engine, table, here, days, job())
    # Monday is told, Tuesday with zeros alone, Wednesday not at all; Thursday is the vendor's to empty
    some = rows(play(MONDAY, "z"), play(TUESDAY, "b", plays=0, spent_usd=None))

    with pytest.raises(HistoryKept) as kept:
        refuse_loss(engine, [(PLAYS, here), (CONCERTS, some)], days, THURSDAY, job())
    assert str(kept.value).startswith(
        "concerts has 2026-03-03...2026-03-04, and the vendor's answer holds nothing"
    )

    refuse_loss(engine, [(PLAYS, here), (CONCERTS, some)], days, TUESDAY, job())
    refuse_loss(engine, [(CONCERTS, rows())], ONE(THURSDAY), THURSDAY, job())
