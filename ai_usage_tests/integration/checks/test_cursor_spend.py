"""The check against Cursor's own totals: which reading of isChargeable it names, and what it does not compare."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.defs.checks.cursor_spend import compare
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.support.every_table import Land, Rows

CYCLE = datetime(2026, 11, 17, 9, 26, 53, 589000, tzinfo=UTC)
ASKED = datetime(2026, 11, 20, 12, tzinfo=UTC)


def event(at: str, kind: str, flag: bool | None, usd: str, **more: Any) -> dict[str, Any]:
    """Of November; `at` is day and time."""
    moment = datetime.fromisoformat(f"2026-11-{at}+00:00")
    said = {"ingest_date": moment.date(), "event_at": moment, "kind": kind, "is_chargeable": flag}
    return {**said, "charged_usd": Decimal(usd), "occurrence": 1, "fetched_at": ASKED, **more}


def spend(member: str, usd: str | None, overall: str | None, **more: Any) -> dict[str, Any]:
    amounts = {"spend_usd": usd and Decimal(usd), "overall_spend_usd": overall and Decimal(overall)}
    return {"cycle_start": CYCLE, "member_id": member, "fetched_at": ASKED, **amounts, **more}


CLOSED = [
    event("17T09:26:53.588", "Usage-based", True, "100"),  # of the cycle before
    event("17T09:26:53.589", "Usage-based", True, "10"),
    event("18T12:00:00", "USAGE_EVENT_KIND_USAGE_BASED", None, "4"),
    event("18T13:00:00", "Usage-based", False, "0.5"),
    event("18T14:00:00", "Errored, Not Charged", False, "0.25"),
    event("19T23:59:59.999", "Included in Business", True, "8"),
    event(
        "20T00:00:00", "Usage-based", True, "1000"
    ),  # a closed day by now, an open one when spend was asked
]
OPEN = [
    event("20T00:00:00", "On-Demand", True, "2"),
    event("20T11:59:00", "Included in Business", False, "1"),
]
"""By kind 10 + 4 + 2, by flag 10 + 8 + 2, all 10 + 4 + 0.5 + 0.25 + 8 + 2 + 1."""


def compared(engine: Engine) -> dg.AssetCheckResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return compare(engine, instance)


def figures(result: dg.AssetCheckResult) -> list[float]:
    names = ("on_demand", "charged_by_kind", "charged_by_flag", "overall", "all_events")
    return [float(str(result.metadata[f"{name}_usd"].value)) for name in names]


@pytest.mark.parametrize(
    ("usd", "overall", "passed", "said"),
    [
        ("16", "25.75", True, "confirmed: the kind decides; "),
        (
            "20",
            "25.75",
            False,
            (
                "Cursor's own total agrees with isChargeable instead: 8.00 USD of included events are charged by Cursor, "
                "and fct_cost_daily leaves them out; "
            ),
        ),
        ("30", "25.75", False, "neither agrees: "),
        ("0", "25.75", False, "neither agrees: "),
        # a day's money is missing in our events: that day had 4.75, 14.75 is left
        ("16", "30.50", False, "confirmed: the kind decides; "),
    ],
)
def test_which_reading_of_the_flag_holds_is_said_in_words(
    every_table: Engine, land: Land, usd: str, overall: str, passed: bool, said: str
) -> None:
    half = Decimal(usd) / 2
    land(
        raw_cursor_events=CLOSED,
        raw_cursor_open_day=OPEN,
        raw_cursor_spend=[
            spend("a", str(half), overall),
            spend("b", str(half), "0"),
            # an earlier cycle, and one that is as new as the answer
            spend("a", "777", "999", cycle_start=datetime(2026, 10, 17, 9, 26, tzinfo=UTC), fetched_at=CYCLE),
            spend("a", "555", "555", cycle_start=datetime(2026, 9, 17, 9, 26, tzinfo=UTC)),
        ],
    )

    result = compared(every_table)

    assert str(result.description).startswith(said)
    assert result.passed is passed
    assert result.severity is dg.AssetCheckSeverity.WARN
    assert figures(result) == [float(usd), 16, 20, float(overall), 25.75]
    assert ("hint" in result.metadata) is not passed
    assert str(result.metadata["kinds"].value) == (
        "- errored: 0.2500 USD\n- included: 9.0000 USD\n- usage: 16.5000 USD"
    )


def test_without_an_event_that_tells_the_readings_apart_it_is_undecided(
    every_table: Engine, land: Land
) -> None:
    days = ("17T10", "18T10", "19T10")
    land(
        raw_cursor_events=[
            *(event(f"{day}:00:00", "Usage-based", True, "5") for day in days),
            *(event(f"{day}:00:01", "Included in Business", False, "1") for day in days),
        ],
        raw_cursor_spend=[spend("a", "15", "18")],
    )

    result = compared(every_table)

    assert result.passed
    assert str(result.description) == (
        "undecided: no event distinguishes the two readings; Cursor's on-demand total is 15.00 USD; by kind 15.00 USD are charged, "
        "by isChargeable alone 15.00 USD. All events sum to 18.00 USD, Cursor's overall total is 18.00 USD"
    )


def test_an_answer_of_2025_has_the_on_demand_total_alone(every_table: Engine, land: Land) -> None:
    land(
        raw_cursor_events=CLOSED,
        raw_cursor_open_day=OPEN,
        raw_cursor_spend=[spend("a", "16", None), spend("b", "0", None), spend("c", None, None)],
    )

    result = compared(every_table)

    assert result.passed
    assert str(result.description).startswith("confirmed: the kind decides; ")
    assert str(result.description).endswith(
        ". Cursor's answer has no overall total, so only the on-demand total was compared"
    )


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (["18T10", "19T10"], ", before the first loaded day 2026-11-18; days not loaded: 2026-11-17"),
        (["17T10"], "; days not loaded: 2026-11-18...2026-11-19"),
        (["17T10", "19T10"], "; days not loaded: 2026-11-18"),
        ([], "; days not loaded: 2026-11-17...2026-11-19"),
    ],
)
def test_while_days_of_the_cycle_are_not_loaded_nothing_is_compared(
    every_table: Engine, land: Land, events: list[str], said: str
) -> None:
    land(
        raw_cursor_spend=[spend("a", "500", "600")],
        raw_cursor_open_day=OPEN,
        **(
            {"raw_cursor_events": [event(f"{at}:00", "Usage-based", True, "1") for at in events]}
            if events
            else {}
        ),
    )

    result = compared(every_table)

    assert result.passed
    assert result.description == "not compared: the billing cycle began on 2026-11-17" + said.replace(
        "days not loaded", "days not loaded in raw_cursor_events"
    )


def test_a_day_that_was_loaded_empty_is_loaded(every_table: Engine, land: Land) -> None:
    land(
        raw_cursor_events=[event(f"{at}:00", "Usage-based", True, "5") for at in ("17T10", "19T10")],
        raw_cursor_spend=[spend("a", "10", "10")],
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                "raw_cursor_events", partition="2026-11-18", metadata={"dagster/row_count": 0}
            )
        )
        result = compare(every_table, instance)

    assert result.passed
    assert str(result.description).startswith("undecided: ")


def test_a_cycle_that_began_today_has_only_the_open_day(every_table: Engine, land: Land) -> None:
    start = datetime(2026, 11, 20, 9, tzinfo=UTC)
    land(
        raw_cursor_events=CLOSED,
        raw_cursor_open_day=[
            event("20T10:00:00", "Usage-based", True, "3"),
            # a kind without any amount
            event("20T11:00:00", "Aborted, Not Charged", False, "0", charged_usd=None),
        ],
        raw_cursor_spend=[spend("a", "3", "3", cycle_start=start)],
    )

    assert figures(compared(every_table)) == [3, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({}, "raw_cursor_spend has no rows"),
        ({"raw_cursor_spend": [spend("a", None, "3")]}, "Cursor's answer has no spendCents"),
        (
            {
                "raw_cursor_spend": [spend("a", "3", "3")],
                "raw_cursor_open_day": [event("19T10:00:00", "Usage-based", True, "3", fetched_at=CYCLE)],
            },
            "raw_cursor_open_day and raw_cursor_spend are of different moments; materialize them together",
        ),
    ],
)
def test_what_cannot_be_compared_passes_and_says_why(
    every_table: Engine, land: Land, rows: dict[str, Rows], said: str
) -> None:
    land(**rows)

    result = compared(every_table)

    assert result.passed
    assert result.description == f"not compared: {said}"
