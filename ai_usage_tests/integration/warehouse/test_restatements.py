"""Restatements: a write that changes a published total records it, on both engines."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.engine import Engine, WriteContext, Written
from ai_usage_assets.warehouse.restatements import record_restatements
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.engines import without_emulator

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
COMPUTED = datetime(2026, 3, 4, 1, tzinfo=UTC)


def cost_rows(*costs: tuple[date, str, str]) -> pa.Table:
    nothing = dict.fromkeys(FCT_COST_DAILY.column_names)
    rows = [
        nothing
        | {
            "cost_date": day,
            "platform": platform,
            "user_email": f"p{n}@example.com",
            "cost_usd": Decimal(usd),
            "cost_type": "usage",
            "processed_at": COMPUTED,
        }
        for n, (day, platform, usd) in enumerate(costs)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(FCT_COST_DAILY))


def publish(engine: Engine, *costs: tuple[date, str, str], days: Days | None = None) -> Written:
    return replace(
        engine, FCT_COST_DAILY, cost_rows(*costs), days or Days.one(MONDAY), WriteContext("run", "step")
    )


def restated_totals(engine: Engine) -> list[dict[str, Any]]:
    columns = (
        "day, platform, measure, first_value, previous_value, current_value, restatements, first_published_at"
    )
    with engine.session() as session:
        found: list[dict[str, Any]] = session.fetch(
            f"select {columns} from fct_restatements where user_email is null order by 1, 2, 3"
        ).to_pylist()
    return found


def values(engine: Engine) -> list[tuple[Decimal, ...]]:
    return [(r["first_value"], r["previous_value"], r["current_value"]) for r in restated_totals(engine)]


@without_emulator()
def test_first_and_equal_writes_are_not_restatements(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5000"))
    written = publish(engine, (MONDAY, "cursor", "0.5000"), (MONDAY, "cursor", "1.0000"))
    assert written.restated_totals == 0
    assert restated_totals(engine) == []


def test_changed_total_keeps_its_first_value_and_time(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5000"))
    assert publish(engine, (MONDAY, "cursor", "1.7500")).restated_totals == 1
    publish(engine, (MONDAY, "cursor", "1.6000"))
    assert restated_totals(engine) == [
        {
            "day": MONDAY,
            "platform": "cursor",
            "measure": "cost_usd",
            "first_value": Decimal("1.5"),
            "previous_value": Decimal("1.75"),
            "current_value": Decimal("1.6"),
            "restatements": 2,
            "first_published_at": COMPUTED,
        }
    ]


@without_emulator()
def test_only_changed_platforms_and_days_are_recorded(engine: Engine) -> None:
    both = Days(MONDAY, TUESDAY)
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"), (TUESDAY, "cursor", "3"), days=both)
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"), (TUESDAY, "cursor", "4"), days=both)
    assert [(row["day"], row["platform"]) for row in restated_totals(engine)] == [(TUESDAY, "cursor")]


@without_emulator()
def test_platform_that_is_loaded_later_is_not_restated(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1"))
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"))
    assert restated_totals(engine) == []


@without_emulator()
def test_emptied_day_is_restated_to_zero_and_back(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5"))
    publish(engine)
    assert values(engine) == [(Decimal("1.5"), Decimal("1.5"), Decimal(0))]
    assert publish(engine).restated_totals == 0
    publish(engine, (MONDAY, "cursor", "2"))
    assert values(engine) == [(Decimal("1.5"), Decimal(0), Decimal(2))]


@without_emulator()
def test_refused_write_records_no_restatement(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5"))
    with pytest.raises(InvalidRowsError):
        publish(engine, (TUESDAY, "cursor", "9"))
    assert restated_totals(engine) == []


# a writer that died after it recorded a restatement and before it published the rows


def record_without_publishing(engine: Engine, *costs: tuple[date, str, str]) -> None:
    with engine.session(WriteContext("run", "died")) as session:
        session.stage("staged_by_the_dead", cost_rows(*costs))
        session.execute(record_restatements(FCT_COST_DAILY, "staged_by_the_dead", Days.one(MONDAY)))
        session.discard("staged_by_the_dead")


def test_unpublished_restatement_is_undone_if_the_total_stays(
    engine: Engine,
) -> None:
    publish(engine, (MONDAY, "cursor", "1"))
    record_without_publishing(engine, (MONDAY, "cursor", "2"))
    publish(engine, (MONDAY, "cursor", "1"))
    assert restated_totals(engine) == []


@without_emulator()
def test_unpublished_restatement_is_counted_once(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1"))
    record_without_publishing(engine, (MONDAY, "cursor", "2"))
    publish(engine, (MONDAY, "cursor", "3"))
    assert values(engine) == [(Decimal(1), Decimal(1), Decimal(3))]
    assert restated_totals(engine)[0]["restatements"] == 1


@without_emulator()
def test_older_restatement_survives_an_undone_one(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1"))
    publish(engine, (MONDAY, "cursor", "2"))
    record_without_publishing(engine, (MONDAY, "cursor", "3"))
    publish(engine, (MONDAY, "cursor", "2"))
    assert values(engine) == [(Decimal(1), Decimal(1), Decimal(2))]
    assert restated_totals(engine)[0]["restatements"] == 1


# restatements between people


def people(engine: Engine, *costs: tuple[str | None, str]) -> Written:
    """Write the cost of Monday per person, for cursor."""
    rows = cost_rows(*((MONDAY, "cursor", usd) for _, usd in costs)).to_pylist()
    named = [
        row | {"user_email": email, "model": str(n)}
        for n, (row, (email, _)) in enumerate(zip(rows, costs, strict=True))
    ]
    table = pa.Table.from_pylist(named, schema=arrow_schema(FCT_COST_DAILY))
    return replace(engine, FCT_COST_DAILY, table, Days.one(MONDAY), WriteContext("run", "step"))


def restated_people(engine: Engine) -> dict[str, tuple[Any, ...]]:
    """First, previous and current value and the number of restatements, per person."""
    columns = "user_email, first_value, previous_value, current_value, restatements, first_published_at"
    with engine.session() as session:
        rows = session.fetch(
            f"select {columns} from fct_restatements where user_email is not null order by 1"
        ).to_pylist()
    assert {row["first_published_at"] for row in rows} <= {COMPUTED}
    return {
        row["user_email"]: (
            row["first_value"],
            row["previous_value"],
            row["current_value"],
            row["restatements"],
        )
        for row in rows
    }


@without_emulator()
def test_cost_that_moves_between_people_is_restated_for_each(engine: Engine) -> None:
    people(engine, ("ana", "5"), ("cy", "1"), ("cy", "1.5"))

    written = people(engine, ("ana", "2"), ("bo", "3"), ("cy", "2.5"))

    assert (written.restated_totals, written.restated_people) == (0, 2)
    assert restated_totals(engine) == []
    assert restated_people(engine) == {"ana": (5, 5, 2, 1), "bo": (0, 0, 3, 1)}


@without_emulator()
def test_total_that_only_grows_restates_no_person(engine: Engine) -> None:
    people(engine, ("ana", "5"), ("bo", "1"))

    written = people(engine, ("ana", "6"), ("bo", "1"), ("cy", "2"))

    assert (written.restated_totals, written.restated_people) == (1, 0)
    assert restated_people(engine) == {}


def test_total_and_people_can_change_in_one_write(engine: Engine) -> None:
    people(engine, ("ana", "5"), ("bo", "1"))

    written = people(engine, ("ana", "2"), ("bo", "6"))

    assert (written.restated_totals, written.restated_people) == (1, 2)
    assert values(engine) == [(Decimal(6), Decimal(6), Decimal(8))]
    assert restated_people(engine) == {"ana": (5, 5, 2, 1), "bo": (1, 1, 6, 1)}


def test_recorded_person_is_updated_and_a_move_back_is_counted(engine: Engine) -> None:
    people(engine, ("ana", "5"), ("bo", "1"))
    people(engine, ("ana", "2"), ("bo", "4"))
    people(engine, ("ana", "5"), ("bo", "1"))
    assert restated_people(engine) == {"ana": (5, 2, 5, 2), "bo": (1, 4, 1, 2)}

    # all sums rise: recorded people are updated, and no other person is recorded
    people(engine, ("ana", "6"), ("bo", "1"), ("cy", "1"))
    assert restated_people(engine) == {"ana": (5, 5, 6, 3), "bo": (1, 4, 1, 2)}


@without_emulator()
def test_unattributed_cost_is_restated_like_a_person(engine: Engine) -> None:
    people(engine, (None, "3"), ("ana", "1"))

    people(engine, ("ana", "4"))

    assert restated_people(engine) == {"ana": (1, 1, 4, 1), "unattributed": (3, 3, 0, 1)}


def test_unpublished_move_is_counted_once_or_undone(engine: Engine) -> None:
    def died(*costs: tuple[str, str]) -> None:
        rows = cost_rows(*((MONDAY, "cursor", usd) for _, usd in costs)).to_pylist()
        named = [row | {"user_email": email} for row, (email, _) in zip(rows, costs, strict=True)]
        with engine.session(WriteContext("run", "died")) as session:
            session.stage(
                "staged_by_the_dead", pa.Table.from_pylist(named, schema=arrow_schema(FCT_COST_DAILY))
            )
            session.execute(record_restatements(FCT_COST_DAILY, "staged_by_the_dead", Days.one(MONDAY)))
            session.discard("staged_by_the_dead")

    people(engine, ("ana", "5"), ("bo", "1"))
    died(("ana", "2"), ("bo", "4"))
    people(engine, ("ana", "2"), ("bo", "4"))
    assert restated_people(engine) == {"ana": (5, 5, 2, 1), "bo": (1, 1, 4, 1)}

    died(("ana", "1"), ("bo", "5"))
    people(engine, ("ana", "2"), ("bo", "4"))
    assert {email: row[2:] for email, row in restated_people(engine).items()} == {"ana": (2, 1), "bo": (4, 1)}
