"""The restatement ledger: a published total that moves leaves a row, built from the write itself, on both engines."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.errors import RowsRefused
from ai_usage_assets.warehouse.protocol import Engine, Job, Written
from ai_usage_assets.warehouse.writing import replace

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
COMPUTED = datetime(2026, 3, 4, 1, tzinfo=UTC)


def publish(engine: Engine, *costs: tuple[date, str, str], days: Days | None = None) -> Written:
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
    table = pa.Table.from_pylist(rows, schema=arrow_schema(FCT_COST_DAILY))
    return replace(engine, FCT_COST_DAILY, table, days or Days.one(MONDAY), Job("run", "step"))


def ledger(engine: Engine) -> list[dict[str, Any]]:
    columns = (
        "day, platform, measure, first_value, previous_value, current_value, restatements, first_published_at"
    )
    with engine.session() as session:
        found: list[dict[str, Any]] = session.fetch(
            f"select {columns} from fct_restatements order by 1, 2, 3"
        ).to_pylist()
    return found


def values(engine: Engine) -> list[tuple[Decimal, ...]]:
    return [(r["first_value"], r["previous_value"], r["current_value"]) for r in ledger(engine)]


def test_a_first_publication_and_an_equal_second_one_are_no_restatement(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5000"))
    written = publish(engine, (MONDAY, "cursor", "0.5000"), (MONDAY, "cursor", "1.0000"))
    assert written.restated == 0
    assert ledger(engine) == []


def test_a_total_that_moves_keeps_what_was_first_published_and_when(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5000"))
    assert publish(engine, (MONDAY, "cursor", "1.7500")).restated == 1
    publish(engine, (MONDAY, "cursor", "1.6000"))
    assert ledger(engine) == [
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


def test_only_the_platform_and_the_day_that_moved_are_in_it(engine: Engine) -> None:
    both = Days(MONDAY, TUESDAY)
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"), (TUESDAY, "cursor", "3"), days=both)
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"), (TUESDAY, "cursor", "4"), days=both)
    assert [(row["day"], row["platform"]) for row in ledger(engine)] == [(TUESDAY, "cursor")]


def test_a_platform_that_lands_later_is_published_for_the_first_time(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1"))
    publish(engine, (MONDAY, "cursor", "1"), (MONDAY, "anthropic", "2"))
    assert ledger(engine) == []


def test_an_emptied_day_is_restated_to_nothing_and_back(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5"))
    publish(engine)
    assert values(engine) == [(Decimal("1.5"), Decimal("1.5"), Decimal(0))]
    assert publish(engine).restated == 0
    publish(engine, (MONDAY, "cursor", "2"))
    assert values(engine) == [(Decimal("1.5"), Decimal(0), Decimal(2))]


def test_a_refused_write_leaves_the_ledger_alone(engine: Engine) -> None:
    publish(engine, (MONDAY, "cursor", "1.5"))
    with pytest.raises(RowsRefused):
        publish(engine, (TUESDAY, "cursor", "9"))
    assert ledger(engine) == []
