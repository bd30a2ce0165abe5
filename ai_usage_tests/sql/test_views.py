"""The views for people who do not write SQL, by hand-computed months, on both engines."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME, layer
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine, View, WriteContext
from ai_usage_assets.warehouse.write import create_view, replace

NOW = datetime(2026, 3, 11, tzinfo=UTC)
SPAN = Days(date(2026, 2, 1), date(2026, 3, 10))


def given(engine: Engine, name: str, *rows: dict[str, Any]) -> None:
    table = BY_NAME[name]
    filled = [{**_required(table), **row} for row in rows]
    arrow = pa.Table.from_pylist(filled, schema=arrow_schema(table))
    replace(engine, table, arrow, SPAN if table.partition else None, WriteContext("run", name))


def _required(table: Table) -> dict[str, Any]:
    plain = {"TIMESTAMP": NOW, "STRING": "x", "BOOLEAN": True, "INT64": 1}
    return {c.name: plain.get(c.type.name) if c.is_required else None for c in table.columns}


def seen(engine: Engine, name: str) -> list[dict[str, Any]]:
    table = BY_NAME[name]
    view = select(table)
    assert isinstance(view, View)
    create_view(engine, table, view, WriteContext("run", name))
    columns = ", ".join(table.column_names)
    with engine.session() as session:
        found: list[dict[str, Any]] = session.fetch(
            f"select {columns} from {name} order by 1, 2, 3, 4"
        ).to_pylist()
    return found


def cost(day: date, email: str, usd: str, **more: Any) -> dict[str, Any]:
    return {
        "cost_date": day,
        "platform": "cursor",
        "user_email": email,
        "cost_usd": Decimal(usd),
        "cost_type": "overage",
    } | more


def use(day: date, email: str, **more: Any) -> dict[str, Any]:
    return {"usage_date": day, "platform": "cursor", "user_email": email, "model": "m"} | more


ANN = {"user_id": "1", "email": "ann@example.com", "first_name": "Ann", "department": "Data"}
BEN = {"user_id": "2", "email": "ben@example.com"}


def test_a_month_is_compared_with_as_many_days_of_the_month_before(engine: Engine) -> None:
    given(engine, "dim_users", ANN, BEN)
    given(
        engine,
        "fct_usage_daily",
        use(date(2026, 2, 1), "ann@example.com"),
        use(date(2026, 3, 10), "ann@example.com"),
    )
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 2, 3), "ann@example.com", "10"),
        cost(date(2026, 2, 20), "ann@example.com", "100"),
        cost(date(2026, 3, 2), "ann@example.com", "12"),
        cost(date(2026, 3, 2), "ben@example.com", "4"),
    )
    loaded(engine, fct_cost_daily=[SPAN])
    rows = {(r["month"], r["department"]): r for r in seen(engine, "agg_monthly_finance")}
    february, march = rows[date(2026, 2, 1), "Data"], rows[date(2026, 3, 1), "Data"]
    assert (february["cost_usd"], february["days_in"], february["is_complete"]) == (110, 28, True)
    assert february["change_usd"] is None
    # ten days against ten days: 12 against 10, and not against 110
    assert (march["cost_usd"], march["days_in"], march["is_complete"], march["change_usd"]) == (
        12,
        10,
        False,
        2,
    )
    assert march["cost_share"] == pytest.approx(0.75)
    assert rows[date(2026, 3, 1), "no department"]["change_usd"] == 4


def test_what_is_no_longer_charged_shows_as_less_than_the_month_before(engine: Engine) -> None:
    given(engine, "dim_users", ANN)
    given(
        engine,
        "fct_usage_daily",
        use(date(2026, 2, 1), "ann@example.com"),
        use(date(2026, 3, 10), "ann@example.com"),
    )
    given(engine, "fct_cost_daily", cost(date(2026, 2, 3), "ann@example.com", "10"))
    loaded(engine, fct_cost_daily=[SPAN])
    march = seen(engine, "agg_monthly_finance")[-1]
    assert (march["month"], march["cost_usd"], march["change_usd"], march["cost_share"]) == (
        date(2026, 3, 1),
        0,
        -10,
        None,
    )


def test_a_persons_rates_come_from_pooled_counts_and_are_null_at_zero(engine: Engine) -> None:
    given(engine, "dim_users", ANN, BEN)
    given(
        engine,
        "fct_usage_daily",
        use(
            date(2026, 3, 1),
            "ann@example.com",
            accepts=1,
            rejects=0,
            loc_accepted=10,
            input_tokens=5,
            requests=2,
        ),
        use(date(2026, 3, 2), "ann@example.com", accepts=1, rejects=8, loc_accepted=30, requests=3),
        use(date(2026, 3, 2), "ben@example.com", accepts=0, rejects=0, loc_accepted=0),
    )
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 3, 2), "ann@example.com", "2"),
        cost(date(2026, 3, 2), "ben@example.com", "3"),
    )
    ann, ben = seen(engine, "agg_user_summary")
    # 2 of 10 and not the mean of 1 and 1/9
    assert (ann["acceptance_rate"], ann["requests"], ann["loc_accepted"]) == (pytest.approx(0.2), 5, 40)
    assert ann["cost_per_accepted_line_usd"] == Decimal("0.05")
    assert (ann["input_tokens"], ann["first_name"], ann["department"]) == (5, "Ann", "Data")
    assert (ben["acceptance_rate"], ben["cost_per_accepted_line_usd"], ben["cost_usd"]) == (None, None, 3)


def test_what_a_seat_includes_stands_apart_from_what_is_charged(engine: Engine) -> None:
    event = {"ingest_date": date(2026, 3, 1), "event_at": NOW, "model": "gpt-5", "email": "Ann@example.com"}
    given(
        engine,
        "raw_cursor_events",
        event
        | {
            "kind": "Included in Business",
            "is_chargeable": True,
            "charged_usd": Decimal("0.08"),
            "occurrence": 1,
        },
        event | {"kind": "Free", "is_chargeable": False, "charged_usd": Decimal("0.02"), "occurrence": 1},
        event | {"kind": "User API Key", "is_chargeable": False, "charged_usd": Decimal(5), "occurrence": 1},
        event | {"kind": "Errored, Not Charged", "charged_usd": Decimal(6), "occurrence": 1},
        event
        | {"kind": "Aborted, Not Charged", "is_chargeable": True, "charged_usd": Decimal(7), "occurrence": 1},
        event | {"is_chargeable": True, "charged_usd": Decimal(9), "occurrence": 1},
    )
    assert seen(engine, "agg_included_value") == [
        {
            "month": date(2026, 3, 1),
            "user_email": "ann@example.com",
            "model": "gpt-5",
            "requests": 2,
            "included_value_usd": Decimal("0.1"),
        }
    ]


def loaded(engine: Engine, **tables: list[Days]) -> None:
    """load_log, of nothing but these days."""
    given(
        engine,
        "load_log",
        *(
            {"table_name": table, "day": day, "rows": 1, "state": "rows"}
            for table, spans in tables.items()
            for span in spans
            for day in span
        ),
    )


def test_a_missing_day_makes_a_month_incomplete_for_its_platform_alone(engine: Engine) -> None:
    february, march = Days(date(2026, 2, 1), date(2026, 2, 28)), Days(date(2026, 3, 1), date(2026, 3, 10))
    without_the_ninth = [
        Days(february.first, date(2026, 2, 8)),
        Days(date(2026, 2, 10), february.last),
        march,
    ]
    given(engine, "dim_users", ANN)
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 2, 3), "ann@example.com", "10"),
        cost(date(2026, 3, 2), "ann@example.com", "12"),
        cost(date(2026, 2, 3), "ann@example.com", "1", platform="anthropic", cost_type="usage"),
        cost(date(2026, 3, 2), "ann@example.com", "4", platform="anthropic", cost_type="usage"),
    )
    loaded(
        engine,
        fct_cost_daily=[february, march],
        raw_cursor_events=without_the_ninth,
        raw_cursor_usage=[february, march],
        raw_anthropic_cost=[february, march],
        raw_anthropic_usage=[february, march],
    )

    rows = {(r["month"].month, r["platform"]): r for r in seen(engine, "agg_monthly_finance")}

    found = {key: (r["days_in"], r["is_complete"], r["change_usd"]) for key, r in rows.items()}
    assert found == {
        (2, "anthropic"): (28, True, None),
        (2, "cursor"): (27, False, None),
        (3, "anthropic"): (10, False, 3),
        # the day that is missing is one of the ten that are compared
        (3, "cursor"): (10, False, None),
    }


def test_a_gap_after_the_days_that_are_compared_does_no_harm(engine: Engine) -> None:
    given(engine, "dim_users", ANN)
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 2, 3), "ann@example.com", "10"),
        cost(date(2026, 3, 2), "ann@example.com", "12"),
    )
    loaded(
        engine,
        fct_cost_daily=[Days(date(2026, 2, 1), date(2026, 2, 11)), Days(date(2026, 3, 1), date(2026, 3, 10))],
    )

    march = seen(engine, "agg_monthly_finance")[-1]

    assert (march["days_in"], march["change_usd"]) == (10, 2)


def test_who_has_no_department_is_under_no_department(engine: Engine) -> None:
    given(engine, "dim_users", ANN, BEN)
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 3, 2), "ann@example.com", "1"),
        cost(date(2026, 3, 2), "ben@example.com", "2"),
        cost(date(2026, 3, 2), "unattributed", "4"),
    )
    loaded(engine, fct_cost_daily=[SPAN])

    rows = {r["department"]: r["cost_usd"] for r in seen(engine, "agg_monthly_finance")}

    assert rows == {"Data": 1, "no department": 6}


def test_services_stand_apart_under_who_answers_for_them(engine: Engine) -> None:
    given(engine, "dim_users", ANN)
    given(
        engine,
        "fct_usage_daily",
        use(date(2026, 3, 1), "ann@example.com", actor_type="service", input_tokens=1000),
        use(date(2026, 3, 1), "ann@example.com", model="n", actor_type="person", input_tokens=1),
    )
    given(
        engine,
        "fct_cost_daily",
        cost(date(2026, 3, 2), "ann@example.com", "1516", actor_type="service", api_key_id="gateway"),
        cost(date(2026, 3, 2), "ann@example.com", "153", actor_type="person"),
    )

    rows = {r["actor_type"]: r for r in seen(engine, "agg_user_summary")}

    assert {kind: (r["user_email"], r["input_tokens"], r["cost_usd"]) for kind, r in rows.items()} == {
        "person": ("ann@example.com", 1, 153),
        "service": ("ann@example.com", 1000, 1516),
    }


def test_days_that_were_never_loaded_are_listed_and_empty_ones_are_not(engine: Engine) -> None:
    yesterday = datetime.now(UTC).date() - ONE_DAY
    first = yesterday - 3 * ONE_DAY
    given(
        engine,
        "load_log",
        {"table_name": "raw_cursor_events", "day": first, "rows": 5, "state": "rows"},
        {"table_name": "raw_cursor_events", "day": first + ONE_DAY, "rows": 0, "state": "empty"},
        {"table_name": "raw_cursor_events", "day": yesterday, "rows": 2, "state": "kept"},
        {"table_name": "raw_anthropic_cost", "day": first - ONE_DAY, "rows": 2, "state": "rows"},
    )
    table = BY_NAME["agg_missing_days"]
    view = select(table, first)
    assert isinstance(view, View)
    create_view(engine, table, view, WriteContext("run", "missing"))
    with engine.session() as session:
        rows = session.fetch("select table_name, day from agg_missing_days order by 1, 2").to_pylist()

    assert [(row["table_name"], row["day"]) for row in rows] == [
        *(("raw_anthropic_cost", day) for day in Days(first, yesterday)),
        ("raw_cursor_events", first + 2 * ONE_DAY),
    ]


@pytest.mark.parametrize("view", layer(Layer.VIEW), ids=lambda view: view.name)
def test_a_view_and_its_columns_have_comments(view: Table, tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "comments.duckdb")
    statement = select(view)
    assert isinstance(statement, View)

    create_view(engine, view, statement, WriteContext("run", "comments"))

    with engine.session() as session:
        of_view = session.fetch(
            f"select comment from duckdb_views() where view_name = '{view.name}'"
        ).to_pylist()
        of_columns = session.fetch(
            f"select column_name, comment from duckdb_columns() where table_name = '{view.name}'"
        ).to_pylist()
    assert [row["comment"] for row in of_view] == [view.full_description]
    assert {row["column_name"]: row["comment"] for row in of_columns} == {
        column.name: column.description for column in view.columns
    }
