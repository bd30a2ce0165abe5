"""What each finance check says when it fails: which day, which key, how much, and no e-mail address."""

import hashlib
import re
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.checks import reconciliation
from ai_usage_assets.defs.checks.finance import COST_METRICS, USAGE_METRICS, seat_cost_matches_invoice
from ai_usage_assets.defs.checks.metrics import MetricRow, metric_rows, statement
from ai_usage_assets.defs.checks.reconciliation_rules import RULES
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.support.every_table import Land

DAYS = Days(date(2026, 10, 1), date(2026, 10, 2))
AROUND = Days(DAYS.first - ONE_DAY, DAYS.end)
"""These days and their neighbors, which no check of these days may read."""
Given = dict[str, list[dict[str, Any]]]


def on_each(days: Days, **given: list[dict[str, Any]]) -> Given:
    """The rows on each of these days; a table without days has them once."""
    return {
        name: [
            row | ({partition: day} if partition else {})
            for day in (days if partition else [None])
            for row in rows
        ]
        for name, rows in given.items()
        for partition in [BY_NAME[name].partition]
    }


def results(engine: Engine, fact: Table, days: Days = DAYS) -> dict[str, dg.AssetCheckResult]:
    """The result of each metric of the fact."""
    checks = COST_METRICS if fact is FCT_COST_DAILY else USAGE_METRICS
    with engine.session() as session:
        found = session.fetch(statement([check.__name__ for check in checks], days)).to_pylist()
    rows = [MetricRow(**row) for row in found]
    return {check.__name__: check(metric_rows(fact.name, check.__name__, days, rows)) for check in checks}


def offending(result: dg.AssetCheckResult) -> str:
    return str(result.metadata["offending_rows"].value) if "offending_rows" in result.metadata else ""


def differences(engine: Engine, fact: Table) -> list[tuple[Any, ...]]:
    rules = [rule for rule in RULES if rule.fact is fact]
    with engine.session() as session:
        rows = session.fetch(reconciliation.statement(fact, rules, DAYS)).to_pylist()
    return [tuple(row.values()) for row in rows]


def test_an_empty_warehouse_passes_every_check(every_table: Engine, land: Land) -> None:
    land()

    for fact in (FCT_COST_DAILY, FCT_USAGE_DAILY):
        assert all(result.passed for result in results(every_table, fact).values())
        assert differences(every_table, fact) == []


def test_each_metric_of_a_bad_day_has_its_figure_and_its_offending_rows(
    every_table: Engine, land: Land
) -> None:
    fact = {"platform": "anthropic", "workspace_id": "w", "cost_type": "usage"}
    of_a = fact | {"user_email": "a@example.com"}
    bad_day = on_each(
        AROUND,
        fct_cost_daily=[
            {**fact, "api_key_id": "k1", "user_email": "a@example.com", "cost_usd": 2, "allocation": "key"},
            {**fact, "api_key_id": "k2", "user_email": "unattributed", "cost_usd": 5, "allocation": "key"},
            {**fact, "model": "m", "user_email": "unattributed", "cost_usd": 3, "allocation": "unmatched"},
            {**of_a, "cost_type": "web_search", "cost_usd": -1, "allocation": "unmatched"},
            {**of_a, "cost_type": "credit", "cost_usd": Decimal("-0.5"), "allocation": "unmatched"},
            {**of_a, "cost_type": "subscription", "cost_usd": Decimal("0.5"), "allocation": "seat"},
            {"platform": "cursor", "cost_type": "overage", "user_email": "unattributed", "cost_usd": 1},
        ],
        fct_usage_daily=[
            {"platform": "anthropic", "user_email": "unattributed", "api_key_id": "k2", "input_tokens": 9},
            {"platform": "cursor", "user_email": "a@example.com", "output_tokens": 1},
            {"platform": "cursor", "user_email": "a@example.com", "model": "n", "input_tokens": 2},
            {"platform": "cursor", "user_email": "unattributed", "output_tokens": 3},
        ],
        raw_anthropic_workspaces=[{"workspace_id": "cc", "name": " Claude code "}],
        raw_anthropic_cost=[
            {
                "workspace_id": "cc",
                "cost_type": "tokens",
                "token_type": "output_tokens",
                "model": "m",
                "amount_usd": 2,
            },
            {
                "workspace_id": "w",
                "cost_type": "tokens",
                "token_type": "dream_tokens",
                "model": "m",
                "amount_usd": 1,
            },
            {"workspace_id": "w", "cost_type": "teleportation", "amount_usd": 1},
            {"workspace_id": "w", "amount_usd": 3},
            # a line that is not for tokens bills no model, and one without a model bills the unknown one
            {"workspace_id": "w", "cost_type": "code_execution", "model": "unbilled", "amount_usd": 9},
            {"workspace_id": "cc", "cost_type": "web_search", "amount_usd": 9},
            {"workspace_id": "w", "cost_type": "session_usage", "amount_usd": 9},
            *(
                {"workspace_id": "w", "cost_type": "tokens", "token_type": kind, "amount_usd": 9}
                for kind in (
                    "uncached_input_tokens",
                    "cache_read_input_tokens",
                    "cache_creation.ephemeral_5m_input_tokens",
                    "cache_creation.ephemeral_1h_input_tokens",
                )
            ),
        ],
        raw_anthropic_usage=[
            {"api_key_id": "k9", "workspace_id": "w", "model": "unbilled", "output_tokens": 7},
            {"api_key_id": "k8", "workspace_id": "w", "model": "unbilled", "uncached_input_tokens": 10}
            | {"cache_read_input_tokens": 20, "cache_creation_tokens": 40},
            {"api_key_id": "k9", "workspace_id": "w", "model": "unknown", "output_tokens": 5},
            # the line of the model is another workspace's
            {"api_key_id": "k9", "workspace_id": "w2", "model": "m", "output_tokens": 3},
            {"api_key_id": "k9", "workspace_id": "w", "model": "m", "output_tokens": 3},
            {
                "api_key_id": "k9",
                "workspace_id": "w",
                "model": "p",
                "output_tokens": 9,
                "service_tier": "priority",
            },
        ],
        raw_claude_code_models=[
            {"customer_type": "api", "model": "m", "estimated_cost_usd": 3, "actor_email": "a@example.com"},
            {"customer_type": "subscription", "model": "m", "estimated_cost_usd": 9},
        ],
        raw_cursor_events=[
            {"email": "a@example.com", "model": "x", "kind": "Usage-based"},
            {"email": "a@example.com", "model": "y", "kind": "Included in Pro", "is_chargeable": True},
            {
                "email": "a@example.com",
                "model": "z",
                "kind": "On-Demand",
                "input_tokens": 5,
                "charged_usd": 0,
            },
            {"email": "a@example.com", "model": "z", "kind": "On-Demand", "charged_usd": 0},
            *(
                {"model": "z", "kind": "On-Demand", "charged_usd": 0, tokens: 1}
                for tokens in ("output_tokens", "cache_read_tokens", "cache_write_tokens")
            ),
            {
                "email": "a@example.com",
                "kind": "Teleported",
                "is_chargeable": True,
                "charged_usd": Decimal("2.5"),
            },
            {"email": "a@example.com", "kind": "Teleported", "charged_usd": 4},
            {"email": "a@example.com", "is_chargeable": False, "charged_usd": 1},
        ],
    )
    # the trend begins 190 days before the last day, and ends with it
    for day, email in (
        (date(2026, 3, 25), "a@example.com"),
        (date(2026, 3, 26), "unattributed"),
        (DAYS.end, "unattributed"),
    ):
        bad_day["fct_cost_daily"].append({**fact, "cost_date": day, "user_email": email, "cost_usd": 90})
        tokens = {"platform": "anthropic", "usage_date": day, "user_email": email, "input_tokens": 90}
        bad_day["fct_usage_daily"].append(tokens)
    land(**bad_day)

    cost, usage = results(every_table, FCT_COST_DAILY), results(every_table, FCT_USAGE_DAILY)

    found = {
        name: (
            r.passed,
            *(r.metadata[of].value for of in ("figure", "part", "whole")),
            offending(r).split("\n") if offending(r) else [],
        )
        for name, r in (cost | usage).items()
    }
    dated = "on 2 day(s), 2026-10-01 to 2026-10-02"
    assert found == {
        "cost_is_attributed": (
            False,
            0.1,
            2.0,
            20.0,
            [
                f"- anthropic k2 usage: 10.0000 {dated}",
                f"- anthropic w usage: 6.0000 {dated}",
                f"- cursor without a key overage: 2.0000 {dated}",
            ],
        ),
        "cost_attribution_is_stable": (True, 0, 0.0, 20.0, []),
        "token_attribution_is_stable": (True, 0, 0.0, 30.0, []),
        # a credit needs no usage, and a seat is not metered
        "cost_without_usage": (
            False,
            0.347826,
            8.0,
            23.0,
            [f"- w m: 6.0000 {dated}", f"- w web_search: 2.0000 {dated}"],
        ),
        "usage_without_cost": (
            False,
            0.909091,
            160.0,
            176.0,
            [f"- w unbilled: 154.0000 {dated}", f"- w2 m: 6.0000 {dated}"],
        ),
        "events_are_priced": (
            False,
            10,
            10.0,
            20.0,
            [f"- z: 8.0000 {dated}", f"- x: 2.0000 {dated}"],
        ),
        "kinds_of_events_are_known": (
            False,
            6,
            6.0,
            15.0,
            [
                f"- Teleported (not charged): 2.0000 worth 8.0000 USD {dated}",
                f"- Teleported (charged): 2.0000 worth 5.0000 USD {dated}",
                f"- no kind (not charged): 2.0000 worth 2.0000 USD {dated}",
            ],
        ),
        "kinds_of_cost_are_known": (
            False,
            6,
            6.0,
            10.0,
            [
                f"- no cost_type/no token_type: 2.0000 worth 6.0000 USD {dated}",
                f"- teleportation/no token_type: 2.0000 worth 2.0000 USD {dated}",
                f"- tokens/dream_tokens: 2.0000 worth 2.0000 USD {dated}",
            ],
        ),
        "seat_cost_matches_invoice": (True, 0, 0.0, 0.0, []),
        "claude_code_estimate_matches_bill": (
            False,
            0.5,
            6.0,
            4.0,
            [f"- estimate below the bill: -2.0000 {dated}"],
        ),
        "tokens_are_attributed": (
            False,
            0.2,
            6.0,
            30.0,
            [f"- anthropic k2: 18.0000 {dated}", f"- cursor without a key: 6.0000 {dated}"],
        ),
    }
    for result in (cost | usage).values():
        assert result.severity is dg.AssetCheckSeverity.WARN
        assert {"window", "figure", "tolerance", "meaning"} <= set(result.metadata)
        assert ("hint" in result.metadata) is not result.passed
        assert "@" not in str(result.metadata)
    assert cost["cost_is_attributed"].metadata["trend"].value == (
        "- 2026-03: 0.0%\n- 2026-09: 10.0%\n- 2026-10: 10.0%"
    )
    assert usage["tokens_are_attributed"].metadata["trend"].value == (
        "- 2026-03: 0.0%\n- 2026-09: 20.0%\n- 2026-10: 20.0%"
    )


def test_a_cent_lost_or_doubled_is_named_by_day_and_platform(every_table: Engine, land: Land) -> None:
    given = on_each(
        AROUND,
        raw_anthropic_cost=[{"workspace_id": "w", "cost_type": "tokens", "amount_usd": Decimal("1.00004")}],
        raw_cursor_events=[
            {"email": "a@example.com", "is_chargeable": True, "charged_usd": Decimal("0.5")},
            {"email": "a@example.com", "is_chargeable": False, "charged_usd": 9},
        ],
        fct_cost_daily=[
            {
                "platform": "anthropic",
                "cost_usd": Decimal("1.0001"),
                "cost_type": "usage",
                "allocation": "key",
            },
            {"platform": "cursor", "cost_usd": Decimal("0.5"), "cost_type": "overage", "allocation": "event"},
            # seats are no metered charge: no raw table has their sum
            {"platform": "cursor", "cost_usd": 3, "cost_type": "subscription", "allocation": "seat"},
            {"platform": "claude_code", "cost_usd": 1, "cost_type": "subscription", "allocation": "seat"},
        ],
    )
    land(**given)

    assert differences(every_table, FCT_COST_DAILY) == [
        (day, "anthropic", "cost_usd", Decimal("1.0001"), Decimal("1.0000")) for day in DAYS
    ]


def powers(*names: str) -> dict[str, Any]:
    """A value of its own for each column, so that no sum is another one's."""
    return {name: 2**n for n, name in enumerate(names)}


RAW_OF_A_DAY: Given = {
    "raw_anthropic_usage": [
        powers("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "web_search_requests")
        | {"cache_creation_tokens": 48, "cache_creation_1h_tokens": 32, "cache_creation_5m_tokens": 64},
        # an answer without the sum of both kinds
        {"cache_creation_5m_tokens": 128},
    ],
    "raw_anthropic_cost": [{"amount_usd": Decimal("0.00005")}, {"amount_usd": Decimal("0.5")}],
    "raw_claude_code_usage": [
        powers(
            "sessions",
            "lines_added",
            "lines_removed",
            "tool_accepts",
            "tool_rejects",
            "commits",
            "pull_requests",
        )
    ],
    "raw_claude_code_models": [
        powers("input_tokens", "cache_creation_tokens", "cache_read_tokens", "output_tokens")
        | {"customer_type": "subscription"},
        {"customer_type": "api", "input_tokens": 16, "output_tokens": 32},
    ],
    "raw_cursor_events": [
        powers("input_tokens", "cache_write_tokens", "cache_read_tokens", "output_tokens", "request_units")
        | {"kind": "Usage-based", "is_chargeable": True, "charged_usd": Decimal("0.25")},
        {"kind": "Included in Business", "is_chargeable": False, "charged_usd": 9},
    ],
    "raw_cursor_usage": [
        powers(
            *(
                "total_lines_added",
                "total_lines_deleted",
                "accepted_lines_added",
                "total_accepts",
                "total_rejects",
            ),
            *(
                "total_applies",
                "total_tabs_shown",
                "total_tabs_accepted",
                "composer_requests",
                "chat_requests",
            ),
            *("agent_requests", "cmdk_usages", "bugbot_usages", "api_key_reqs"),
        )
    ],
    "fct_cost_daily": [
        {"platform": "anthropic", "allocation": "seat", "cost_usd": 1},
        {"platform": "claude_code", "allocation": "seat", "cost_usd": 2},
        {"platform": "cursor", "allocation": "seat", "cost_usd": 4},
        {"platform": "cursor", "allocation": "event", "cost_usd": 8},
    ],
}
SOURCES = {
    "fct_usage_daily": {
        "anthropic": {"input_tokens": 51, "output_tokens": 4},
        "claude_code": {
            "input_tokens": 7,
            "output_tokens": 8,
            "sessions": 1,
            "loc_added": 2,
            "accepts": 8,
            "rejects": 16,
        },
        "cursor": {
            "input_tokens": 7,
            "output_tokens": 8,
            "loc_added": 1,
            "loc_accepted": 4,
            "accepts": 8,
            "rejects": 16,
        },
    },
    "fct_cost_daily": {"anthropic": {"cost_usd": 0.5001}, "cursor": {"cost_usd": 0.25}},
    "fct_anthropic_tokens_daily": {
        "anthropic": {
            "uncached_input_tokens": 1,
            "cache_read_tokens": 2,
            "cache_write_5m_tokens": 16 + 128,
            "cache_write_1h_tokens": 32,
            "output_tokens": 4,
            "web_search_requests": 8,
            "cost_usd": 0.50005,
        }
    },
    "fct_activity_daily": {
        "claude_code": {
            "sessions": 1,
            "lines_added": 2,
            "lines_removed": 4,
            "accepts": 8,
            "rejects": 16,
            "commits": 32,
            "pull_requests": 64,
            "input_tokens": 7 + 16,
            "output_tokens": 8 + 32,
        },
        "cursor": powers(
            *(
                "lines_added",
                "lines_removed",
                "lines_accepted",
                "accepts",
                "rejects",
                "applies",
                "tabs_shown",
            ),
            *("tabs_accepted", "composer_requests", "chat_requests", "agent_requests", "cmdk_usages"),
            *("bugbot_usages", "api_key_requests"),
        ),
    },
    "fct_cursor_requests_daily": {
        "cursor": {
            "requests": 2,
            "request_units": 16,
            "uncached_input_tokens": 1,
            "cache_read_tokens": 4,
            "cache_write_tokens": 2,
            "output_tokens": 8,
            "cost_usd": 0.25,
        }
    },
    "fct_seats_daily": {
        "anthropic": {"cost_usd": 1},
        "claude_code": {"cost_usd": 2},
        "cursor": {"cost_usd": 4},
    },
}


def test_every_sum_of_a_fact_is_compared_with_its_own_column_of_its_own_source(
    every_table: Engine, land: Land
) -> None:
    land(**on_each(AROUND, **RAW_OF_A_DAY))

    found: dict[str, dict[str, dict[str, float]]] = {}
    for fact in dict.fromkeys(rule.fact for rule in RULES):
        for day, platform, measure, in_fact, in_source in differences(every_table, fact):
            assert day in DAYS
            assert in_fact == (8 if (fact.name, platform) == ("fct_cost_daily", "cursor") else 0)
            found.setdefault(fact.name, {}).setdefault(platform, {})[measure] = float(in_source)
    assert found == SOURCES


FEBRUARY = Days(date(2027, 2, 17), date(2027, 3, 16))
INVOICED = [
    {"platform": "cursor", "tier": "standard", "usd_per_seat_month": 28, "seats": 3, "billing_day": 17},
    {"platform": "cursor", "tier": "premium", "usd_per_seat_month": 56, "seats": 1, "billing_day": 17},
    {"platform": "cursor", "tier": "free", "usd_per_seat_month": 0, "billing_day": 17},
]


def booked(days: Days, usd: str = "5") -> list[dict[str, Any]]:
    """5 a day, as 3 x 28 and 1 x 56 in 28 days, or 3 x 31 and 1 x 62 in 31; and a cost that is not one of seats."""
    seat = {"platform": "cursor", "cost_type": "subscription", "allocation": "seat", "cost_usd": Decimal(usd)}
    other = {"platform": "cursor", "cost_type": "overage", "allocation": "event", "cost_usd": 9}
    return [{**row, "cost_date": day} for day in days for row in (seat, other)]


@pytest.mark.parametrize(
    ("prices", "facts", "off_by"),
    [
        (INVOICED, booked(FEBRUARY), 0),
        (INVOICED, booked(FEBRUARY, "5.0001"), 0),
        (INVOICED, booked(FEBRUARY, "5.001"), 0.028),
        # a whole cent
        (
            INVOICED,
            [*booked(Days.one(FEBRUARY.first), "5.01"), *booked(Days(date(2027, 2, 18), FEBRUARY.last))],
            0.01,
        ),
        (INVOICED, [row for row in booked(FEBRUARY) if row["allocation"] == "event"], 140),
        # a day is not loaded
        (INVOICED, booked(Days(FEBRUARY.first, date(2027, 3, 15)), "7"), 0),
        # nothing says how many seats of one tier are invoiced
        ([*INVOICED, {**INVOICED[1], "tier": "max", "seats": None}], booked(FEBRUARY, "7"), 0),
        # a price that holds for a part of the month
        (
            [{**INVOICED[0], "valid_to": date(2027, 3, 15)}, *INVOICED[1:]],
            booked(FEBRUARY, "7"),
            0,
        ),
        ([{**INVOICED[0], "valid_from": date(2027, 2, 18)}, *INVOICED[1:]], booked(FEBRUARY, "7"), 0),
        # one that ended before the month, and one that begins after it, have no say
        (
            [
                {**INVOICED[0], "valid_from": date(2027, 2, 17), "valid_to": date(2027, 3, 16)},
                {**INVOICED[0], "seats": None, "valid_to": date(2027, 2, 16)},
                {**INVOICED[0], "usd_per_seat_month": 99, "valid_from": date(2027, 3, 17)},
                *INVOICED[1:],
            ],
            booked(FEBRUARY, "7"),
            56,
        ),
        # tiers that are billed on different days have no common month
        ([INVOICED[0], {**INVOICED[1], "billing_day": 1}], booked(FEBRUARY, "7"), 0),
    ],
)
def test_the_seats_of_a_whole_billing_month_are_the_invoices(
    every_table: Engine, land: Land, prices: list[dict[str, Any]], facts: list[dict[str, Any]], off_by: float
) -> None:
    land(identity_seats=prices, fct_cost_daily=facts)
    one_day = Days.one(date(2027, 3, 1))

    result = results(every_table, FCT_COST_DAILY, one_day)[seat_cost_matches_invoice.__name__]

    assert result.metadata["figure"].value == off_by
    assert result.passed is (off_by == 0)
    if off_by:
        assert re.fullmatch(
            r"- cursor seats of the billing month from 2027-02-17, invoiced 140(\.0+)?: "
            rf"{off_by:.4f} on 1 day\(s\), 2027-02-17 to 2027-02-17",
            offending(result),
        )


MARCH = Days(date(2027, 3, 17), date(2027, 4, 16))


@pytest.mark.parametrize("day", [MARCH.first, MARCH.last])
def test_any_day_of_a_billing_month_has_its_seats_compared(
    every_table: Engine, land: Land, day: date
) -> None:
    prices = [
        {**INVOICED[0], "usd_per_seat_month": 31},
        {**INVOICED[1], "usd_per_seat_month": 62},
        INVOICED[2],
    ]
    land(identity_seats=prices, fct_cost_daily=booked(MARCH, "5.001"))

    result = results(every_table, FCT_COST_DAILY, Days.one(day))[seat_cost_matches_invoice.__name__]

    assert result.metadata["figure"].value == 0.031
    assert not result.passed


def test_claude_codes_lost_session_and_token_counted_twice_are_named(every_table: Engine, land: Land) -> None:
    given = on_each(
        AROUND,
        raw_claude_code_usage=[{"customer_type": "api", "sessions": 2, "lines_added": 5}],
        raw_claude_code_models=[
            {"customer_type": "api", "model": "m", "output_tokens": 7, "input_tokens": 7},
            {"customer_type": "subscription", "model": "m", "output_tokens": 1, "input_tokens": 1},
        ],
        fct_usage_daily=[
            {
                "platform": "claude_code",
                "model": "m",
                "sessions": 1,
                "loc_added": 5,
                "output_tokens": 8,
                "input_tokens": 1,
            }
        ],
    )
    land(**given)

    assert differences(every_table, FCT_USAGE_DAILY) == [
        (day, "claude_code", *found)
        for day in DAYS
        for found in (("output_tokens", 8, 1), ("sessions", 1, 2))
    ]


def test_what_moved_between_people_is_a_share_of_the_money_and_of_the_tokens(
    every_table: Engine, land: Land
) -> None:
    given = on_each(
        AROUND,
        fct_cost_daily=[{"platform": "cursor", "user_email": "bo@example.com", "cost_usd": 40}],
        fct_usage_daily=[
            {"platform": "cursor", "user_email": "bo@example.com", "input_tokens": 990, "output_tokens": 10}
        ],
    )
    moved = [
        ("ana@example.com", "cost_usd", 10, 7),
        ("bo@example.com", "cost_usd", 37, 40),
        # a total is nobody's
        (None, "cost_usd", 0, 40),
        ("bo@example.com", "input_tokens", 980, 990),
        ("bo@example.com", "output_tokens", 5, 10),
        ("bo@example.com", "requests", 0, 990),
    ]
    ledger = [
        {"day": day, "platform": "cursor", "measure": measure, "user_email": email}
        | {"first_value": first, "previous_value": first, "current_value": current}
        for day in AROUND
        for email, measure, first, current in moved
    ]
    land(**given, fct_restatements=ledger)

    money = results(every_table, FCT_COST_DAILY)["cost_attribution_is_stable"]
    tokens = results(every_table, FCT_USAGE_DAILY)["token_attribution_is_stable"]

    ana, bo = (
        hashlib.md5(email, usedforsecurity=False).hexdigest()
        for email in (b"ana@example.com", b"bo@example.com")
    )
    dated = "on 2 day(s), 2026-10-01 to 2026-10-02"
    # who lost some has moved nothing to themselves
    assert (money.passed, money.metadata["figure"].value) == (False, 0.075)
    assert offending(money) == f"- {bo}: 6.0000 {dated}\n- {ana}: 0.0000 {dated}"
    assert (tokens.passed, tokens.metadata["figure"].value) == (True, 0.015)
    assert offending(tokens) == f"- {bo}: 30.0000 {dated}"
