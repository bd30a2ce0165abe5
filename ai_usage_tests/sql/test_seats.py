"""Seats over time: a billing month sums to its price, and a day's seats depend on nothing that comes later."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from ai_usage_assets.curated.select import select, with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse import write as writing
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Select, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_tests.support.rule_cases import Row, insert

MONDAY = date(2026, 10, 5)
SIXTY = Days(date(2026, 9, 21), date(2026, 11, 19))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DuckDBEngine:
    engine = DuckDBEngine(tmp_path_factory.mktemp("seats") / "seats.duckdb")
    with engine.session() as session:
        ensure_tables(engine, session, [table for table in TABLES if table.layer is not Layer.VIEW])
    return engine


@pytest.fixture
def engine(shared: DuckDBEngine) -> DuckDBEngine:
    with shared.session() as session:
        for name in ("identity_seats", "raw_cursor_members", "raw_list_changes", "raw_cursor_usage"):
            session.execute(f"delete from `{name}` where true")
        session.execute("delete from fct_cost_daily where true")
    return shared


def given(session: Session, table: str, *rows: Row) -> None:
    if rows:
        session.execute(insert(BY_NAME[table], list(rows)))


@pytest.mark.parametrize(
    ("first", "length", "billing_day"),
    [
        (date(2026, 10, 17), 31, 17),
        (date(2026, 11, 17), 30, 17),
        (date(2027, 2, 17), 28, 17),
        (date(2028, 2, 17), 29, 17),
        (date(2027, 2, 1), 28, 1),
        (date(2028, 1, 31) + timedelta(days=1), 29, 1),
        (date(2026, 12, 28), 31, 28),
        (date(2027, 2, 28), 28, 28),
    ],
)
@pytest.mark.parametrize("price", ["40", "120", "32.3333", "0.01"])
def test_a_billing_month_sums_to_its_price(
    engine: DuckDBEngine, first: date, length: int, billing_day: int, price: str
) -> None:
    month = Days(first, first + timedelta(days=length - 1))
    around = Days(month.first - timedelta(days=1), month.last + timedelta(days=1))
    with engine.session() as session:
        given(
            session,
            "identity_seats",
            {
                "platform": "claude_code",
                "tier": "standard",
                "usd_per_seat_month": Decimal(price),
                "seats": 3,
                "billing_day": billing_day,
            },
        )
        rows = session.fetch(
            for_window(with_intermediates("select cost_date, amount_usd from int_seat_charges"), around)
        ).to_pylist()
    charged = {row["cost_date"]: row["amount_usd"] for row in rows}
    assert set(charged) == set(around)
    assert sum(charged[day] for day in month) == 3 * Decimal(price)
    for day in month:
        assert abs(charged[day] - 3 * Decimal(price) / length) <= Decimal("0.0003")


def written(engine: DuckDBEngine, days: Days) -> None:
    writing.replace(
        engine,
        FCT_COST_DAILY,
        Select(select(FCT_COST_DAILY).sql),
        days,
        WriteContext("seats", f"run of {days}"),
    )


def seats(engine: DuckDBEngine) -> list[tuple[date, str, Decimal]]:
    with engine.session() as session:
        rows = session.fetch(
            "select cost_date, user_email, cost_usd from fct_cost_daily "
            "where cost_date >= date '2000-01-01' and allocation = 'seat' order by 1, 2, 3"
        ).to_pylist()
    return [(row["cost_date"], row["user_email"], row["cost_usd"]) for row in rows]


def at(day: date, hour: int = 6) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_two_members_one_of_them_resting_hold_two_seats_on_each_of_five_days_run_one_by_one(
    engine: DuckDBEngine,
) -> None:
    week = Days(MONDAY, MONDAY + timedelta(days=4))
    with engine.session() as session:
        given(session, "identity_seats", {"platform": "cursor", "usd_per_seat_month": 31})
        listed = {"first_seen_at": at(MONDAY), "role": "member"}
        given(
            session,
            "raw_cursor_members",
            {"member_id": "u1", "email": "a@x.example", **listed},
            {"member_id": "u2", "email": "b@x.example", **listed},
        )
    for day in week:
        with engine.session() as session:
            given(
                session,
                "raw_cursor_usage",
                {"ingest_date": day, "user_id": "u1", "email": "a@x.example", "is_active": True},
                {
                    "ingest_date": day,
                    "user_id": "u2",
                    "email": "b@x.example",
                    "is_active": day in (week.first, week.last),
                },
            )
        written(engine, Days.one(day))

    assert seats(engine) == [(day, f"{who}@x.example", Decimal(1)) for day in week for who in "ab"]


class Team:
    """A team whose list is read every day, with what an upserted list keeps: its newest state and what changed in it."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.listed: dict[str, Row] = {}
        self.joined = {f"u{n}": self.chance.randrange(-20, 55) for n in range(20)}

    def today(self, number: int) -> dict[str, Row]:
        """The vendor's list, as of the day of that number: who is new, gone, back, free or renamed."""
        for name, day in self.joined.items():
            if day > number:
                continue
            known = self.listed.get(name)
            if known is None:
                first = {"email": f"{name}@x.example", "role": "member", "is_current": True}
                yesterday = {**first, "first_seen_at": at(SIXTY.first + timedelta(days=number))}
                self.listed[name] = yesterday
            elif self.chance.random() < 0.05:
                known["is_current"] = not known["is_current"]
            elif self.chance.random() < 0.03:
                known["role"] = "free-owner" if known["role"] == "member" else "member"
            elif self.chance.random() < 0.02:
                known["email"] = f"{name}.{number}@x.example"
        return {name: dict(row) for name, row in self.listed.items()}


def changes(before: dict[str, Row], now: dict[str, Row], day: date) -> list[Row]:
    return [
        {
            "table_name": "raw_cursor_members",
            "entry_id": name,
            "attribute": attribute,
            "old_value": spelled(before[name][attribute]),
            "new_value": spelled(now[name][attribute]),
            "valid_from": day,
            "listed_at": at(day),
        }
        for name in before
        for attribute in ("is_current", "role", "email")
        if before[name][attribute] != now[name][attribute]
    ]


def spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_sixty_days_one_by_one_hold_the_seats_of_one_run_over_all_of_them(
    engine: DuckDBEngine, seed: int
) -> None:
    team, known, true = Team(seed), dict[str, Row](), list[tuple[date, str]]()
    with engine.session() as session:
        given(session, "identity_seats", {"platform": "cursor", "usd_per_seat_month": 40, "billing_day": 17})
    for number, day in enumerate(SIXTY):
        now = team.today(number)
        with engine.session() as session:
            given(session, "raw_list_changes", *changes(known, now, day))
            session.execute("delete from raw_cursor_members where true")
            given(session, "raw_cursor_members", *({"member_id": name, **row} for name, row in now.items()))
            working = [name for name, row in now.items() if row["is_current"] and team.chance.random() < 0.4]
            given(
                session,
                "raw_cursor_usage",
                *(
                    {
                        "ingest_date": day,
                        "user_id": name,
                        "email": now[name]["email"],
                        "is_active": name in working,
                    }
                    for name in now
                ),
            )
        written(engine, Days.one(day))
        known = now
        holders = [row for row in now.values() if row["is_current"] and row["role"] == "member"]
        true += sorted((day, row["email"]) for row in holders)

    one_by_one = seats(engine)
    written(engine, SIXTY)

    assert len(true) > 200
    assert [(day, email) for day, email, _ in one_by_one] == true
    assert seats(engine) == one_by_one
