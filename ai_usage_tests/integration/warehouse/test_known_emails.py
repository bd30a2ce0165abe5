"""A row that is read again without its e-mail keeps the stored e-mail, on both engines."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.engines import without_emulator

DAY = date(2026, 11, 18)
DAYS = Days.one(DAY)
FIRST, AGAIN = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (19, 20))
NINE, TEN = (datetime(2026, 11, 18, hour, tzinfo=UTC) for hour in (9, 10))
ANA, BO, CY = "ana@example.com", "bo@example.com", "cy@example.com"


def write(
    engine: Engine, table: Table, *given: dict[str, Any], at: datetime = FIRST, days: Days = DAYS
) -> None:
    filled = [{"ingest_date": DAY, "fetched_at": at} | row for row in given]
    rows = pa.Table.from_pylist(filled, schema=arrow_schema(table))
    replace(engine, table, rows, days, WriteContext("run", f"step-{at}"))


def stored(engine: Engine, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    with engine.session() as session:
        found = session.fetch(f"select {', '.join(columns)} from {table.name}").to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)


def imported(email: str | None, occurrence: int = 1, **more: Any) -> dict[str, Any]:
    """A call as an export of the dashboard has it."""
    return event(
        email, occurrence, **{"source": "dashboard_csv", "kind": "On-Demand", "output_tokens": 0} | more
    )


def event(email: str | None, occurrence: int = 1, **more: Any) -> dict[str, Any]:
    cost = {"charged_usd": Decimal("0.0472"), "input_tokens": 900, "model": "gpt-5"}
    return {"event_at": NINE, "email": email, "occurrence": occurrence} | cost | more


def person(email: str, user_id: str | None, lines: int) -> dict[str, Any]:
    return {"email": email, "user_id": user_id, "usage_date": DAY, "total_lines_added": lines}


OF_API: dict[str, Any] = {
    "kind": "Usage-based",
    "is_chargeable": True,
    "request_units": Decimal(1),
    "charged_usd": Decimal("0.0473"),
}
"""What an export does not have, or has in other words or with another amount."""
EVENTS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[Any, ...]]]] = {
    "the e-mail is missing": ([event(ANA)], [event(None)], [(ANA, 1)]),
    "it is empty": ([event(ANA)], [event("")], [(ANA, 1)]),
    "it says unattributed": ([event(ANA)], [event("unattributed")], [(ANA, 1)]),
    "it is another's": ([event(ANA)], [event(BO)], [(BO, 1)]),
    "the call is another": ([event(ANA)], [event(None, input_tokens=901)], [(None, 1)]),
    "its money was revised": ([event(ANA)], [event(None, charged_usd=Decimal(1))], [(None, 1)]),
    "it is another user's": ([event(ANA, user_id="u1")], [event(None, user_id="u2")], [(None, 1)]),
    "another call has it now": (
        [event(ANA)],
        [event(None), event(ANA, event_at=TEN)],
        [(ANA, 1), (ANA, 1)],
    ),
    "it never had one": ([event(None)], [event(None)], [(None, 1)]),
    "equal events of one person": (
        [event(ANA), event(ANA, 2)],
        [event(None), event(None, 2)],
        [(ANA, 1), (ANA, 2)],
    ),
    "one of two equal events": ([event(ANA), event(ANA, 2)], [event(ANA), event(None)], [(ANA, 1), (ANA, 2)]),
    "two people at once": ([event(ANA), event(BO)], [event(None), event(None, 2)], [(ANA, 1), (BO, 1)]),
    "an e-mail that is given is not used twice": (
        [event(ANA), event(BO)],
        [event(ANA), event(None)],
        [(ANA, 1), (BO, 1)],
    ),
    "more than there were": (
        [event(ANA)],
        [event(None), event(None, 2)],
        [(ANA, 1), (None, 1)],
    ),
    "it was imported": (
        [imported(ANA), imported(BO, input_tokens=901), imported(None, input_tokens=902)],
        [
            event(None, **OF_API),
            event(None, input_tokens=901, **OF_API),
            event(None, input_tokens=902, **OF_API),
            event(None, input_tokens=903, **OF_API),
        ],
        [(ANA, 1), (BO, 1), (None, 1), (None, 1)],
    ),
    "another's call was imported": (
        [imported(ANA), imported(BO, model="o3")],
        [event(None, event_at=TEN, **OF_API), event(CY, model="o3", **OF_API)],
        [(None, 1), (CY, 1)],
    ),
    "an imported e-mail that is given is not used twice": (
        [imported(ANA), imported(BO)],
        [event(ANA, **OF_API), event(None, **OF_API, user_id="u2")],
        [(ANA, 1), (BO, 1)],
    ),
    "fewer than there were": ([event(ANA), event(ANA, 2)], [event(None)], [(ANA, 1)]),
}


@without_emulator()
@pytest.mark.parametrize("case", EVENTS)
def test_event_that_is_read_again(engine: Engine, case: str) -> None:
    before, again, right = EVENTS[case]
    write(engine, RAW_CURSOR_EVENTS, *before)

    write(engine, RAW_CURSOR_EVENTS, *again, at=AGAIN)

    assert stored(engine, RAW_CURSOR_EVENTS, "email", "occurrence") == sorted(right, key=repr)
    # the rows are the new ones, not the old ones
    assert {at for (at,) in stored(engine, RAW_CURSOR_EVENTS, "fetched_at")} == {AGAIN}


def test_each_day_of_one_write_is_matched_by_itself(engine: Engine) -> None:
    days = Days(DAY, DAY + timedelta(len(EVENTS) - 1))
    reads = {
        FIRST: [before for before, _, _ in EVENTS.values()],
        AGAIN: [again for _, again, _ in EVENTS.values()],
    }
    for at, read in reads.items():
        rows = [row | {"ingest_date": day} for day, some in zip(days, read, strict=True) for row in some]
        write(engine, RAW_CURSOR_EVENTS, *rows, at=at, days=days)

    found = stored(engine, RAW_CURSOR_EVENTS, "ingest_date", "email", "occurrence")
    assert {
        case: [row[1:] for row in found if row[0] == day] for day, case in zip(days, EVENTS, strict=True)
    } == {case: sorted(right, key=repr) for case, (_, _, right) in EVENTS.items()}


@without_emulator()
def test_an_imported_day_changes_nothing_of_how_other_days_are_matched(engine: Engine) -> None:
    two_days = Days(DAY - timedelta(days=1), DAY)
    before: dict[str, Any] = {"ingest_date": two_days.first}
    for rows, at in (
        ([event(ANA, **before), imported(BO)], FIRST),
        ([event(None, **before, **OF_API), event(None, **OF_API)], AGAIN),
    ):
        write(engine, RAW_CURSOR_EVENTS, *rows, at=at, days=two_days)

    assert stored(engine, RAW_CURSOR_EVENTS, "ingest_date", "email", "kind", "source") == [
        (two_days.first, None, "Usage-based", None),
        (DAY, BO, "Usage-based", None),
    ]


@without_emulator()
def test_known_email_is_kept_twice(engine: Engine) -> None:
    write(engine, RAW_CURSOR_EVENTS, event(ANA))
    for at in (AGAIN, AGAIN.replace(hour=13)):
        write(engine, RAW_CURSOR_EVENTS, event(None), at=at)

    assert stored(engine, RAW_CURSOR_EVENTS, "email", "occurrence") == [(ANA, 1)]


def test_daily_row_keeps_its_email_by_user_id_with_changed_counts(engine: Engine) -> None:
    write(engine, RAW_CURSOR_USAGE, person(ANA, "u1", 10), person(BO, "u2", 20), person(CY, None, 30))

    write(
        engine,
        RAW_CURSOR_USAGE,
        person("unattributed", "u1", 11),
        person("bo.new@example.com", "u2", 20),
        person("unattributed", None, 30),
        at=AGAIN,
    )

    assert stored(engine, RAW_CURSOR_USAGE, "user_id", "email", "total_lines_added") == [
        ("u1", ANA, 11),
        ("u2", "bo.new@example.com", 20),
        # a row without an id cannot be matched with a person
        (None, "unattributed", 30),
    ]
