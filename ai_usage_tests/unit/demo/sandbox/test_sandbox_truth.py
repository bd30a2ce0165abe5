"""What the sandbox serves adds up to what its company truly did; and the company is always the same one."""

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.cursor import kinds as cursor_kinds
from ai_usage_tests.unit.demo.sandbox.paid import ON_TOP, is_paid


def total(rows: list[Any], *path: str) -> Any:
    def value(row: Any) -> Any:
        for name in path:
            row = row.get(name, 0)
        return row

    return sum(value(row) for row in rows)


def summed(truths: dict[date, DayTotals], vendor: str, name: str) -> Any:
    return sum(getattr(getattr(truth, vendor), name) for truth in truths.values())


@pytest.fixture(scope="module")
def truths(company: Company, month: Days) -> dict[date, DayTotals]:
    return company.totals(month)


def test_served_usage_adds_up_to_the_truth_of_each_day(usage: Any, truths: Any) -> None:
    for day, truth in truths.items():
        rows, expected = [row for row in usage if row["day"] == str(day)], truth.anthropic
        assert total(rows, "uncached_input_tokens") == expected.uncached_input_tokens
        assert total(rows, "cache_read_input_tokens") == expected.cache_read_input_tokens
        assert total(rows, "output_tokens") == expected.output_tokens
        assert (
            total(rows, "cache_creation", "ephemeral_5m_input_tokens") == expected.ephemeral_5m_input_tokens
        )
        assert (
            total(rows, "cache_creation", "ephemeral_1h_input_tokens") == expected.ephemeral_1h_input_tokens
        )
        assert total(rows, "server_tool_use", "web_search_requests") == expected.web_search_requests


def test_served_cost_adds_up_to_the_truth_of_each_day_to_the_last_decimal(cost: Any, truths: Any) -> None:
    for day, truth in truths.items():
        served: dict[str, Decimal] = {}
        for line in cost:
            if line["day"] == str(day):
                kind = line["cost_type"]
                served[kind] = served.get(kind, Decimal(0)) + Decimal(line["amount"])
        assert served == truth.anthropic.cost_cents


def test_served_claude_code_adds_up_to_the_truth(claude_code: Any, truths: Any) -> None:
    for kind in ("api", "subscription"):
        records = [record for record in claude_code if record["customer_type"] == kind]
        spent = [part for record in records for part in record["model_breakdown"]]
        expected = [truth.claude_code[kind] for truth in truths.values()]
        assert (
            total(records, "core_metrics", "num_sessions") == sum(part.num_sessions for part in expected) > 0
        )
        assert total(records, "core_metrics", "lines_of_code", "added") == sum(
            part.lines_added for part in expected
        )
        assert total(spent, "tokens", "cache_read") == sum(part.cache_read for part in expected)
        assert total(spent, "estimated_cost", "amount") == sum(part.estimated_cents for part in expected)


def test_served_events_add_up_to_the_truth(events: Any, truths: Any) -> None:
    assert len(events) == summed(truths, "cursor", "events")
    for field, name in (
        ("inputTokens", "input_tokens"),
        ("outputTokens", "output_tokens"),
        ("cacheWriteTokens", "cache_write_tokens"),
        ("cacheReadTokens", "cache_read_tokens"),
    ):
        assert sum(event.get("tokenUsage", {}).get(field, 0) for event in events) == summed(
            truths, "cursor", name
        )
    for paid, name in ((True, "chargeable_cents"), (False, "included_cents")):
        charged = sum(event["chargedCents"] for event in events if is_paid(event) is paid)
        assert charged == summed(truths, "cursor", name) > 0


def test_served_daily_rows_add_up_to_the_truth(daily: Any, truths: Any) -> None:
    assert len(daily) == summed(truths, "cursor", "members")
    for field, name in (
        ("totalLinesAdded", "total_lines_added"),
        ("acceptedLinesAdded", "accepted_lines_added"),
        ("totalAccepts", "total_accepts"),
        ("totalRejects", "total_rejects"),
        ("isActive", "active_members"),
    ):
        assert total(daily, field) == summed(truths, "cursor", name) > 0


# money


def test_cost_follows_from_the_tokens_the_price_and_the_discount(
    usage: Any, cost: Any, company: Company
) -> None:
    """Opus 5.5 has no discount in Claude Code's workspace and costs the list price: 20 dollars a million answered."""
    space = company.directory.workspace_id("Claude Code")

    def mine(row: Any) -> bool:
        return (row["workspace_id"], row["model"]) == (space, "claude-opus-5-5")

    tokens = sum(row["output_tokens"] for row in usage if mine(row))
    cents = sum(
        Decimal(line["amount"]) for line in cost if mine(line) and line["token_type"] == "output_tokens"
    )
    assert cents == Decimal(tokens) * 20 / 10_000 > 0


def test_claude_codes_api_traffic_is_in_the_usage_report_under_its_own_workspace(
    usage: Any, claude_code: Any, company: Company
) -> None:
    workspace = company.directory.workspace_id("Claude Code")
    billed = [
        part
        for record in claude_code
        if record["customer_type"] == "api"
        for part in record["model_breakdown"]
    ]
    rows = [row for row in usage if row["workspace_id"] == workspace]
    assert total(rows, "output_tokens") == total(billed, "tokens", "output") > 0
    assert total(rows, "cache_read_input_tokens") == total(billed, "tokens", "cache_read")


def test_claude_codes_own_estimate_is_near_its_billed_cost(
    claude_code: Any, cost: Any, company: Company
) -> None:
    workspace = company.directory.workspace_id("Claude Code")
    billed = sum(Decimal(line["amount"]) for line in cost if line["workspace_id"] == workspace)
    spent = [
        part
        for record in claude_code
        if record["customer_type"] == "api"
        for part in record["model_breakdown"]
    ]
    estimate = total(spent, "estimated_cost", "amount")
    assert Decimal("0.85") < estimate / billed < 1


def test_a_charge_is_the_model_cost_and_the_token_fee(events: Any) -> None:
    priced = [event for event in events if event["isTokenBasedCall"] and not event["isFreeBugbot"]]
    assert len(priced) > 1000
    for event in priced:
        assert event["chargedCents"] == event["tokenUsage"]["totalCents"] + event["cursorTokenFee"]


def test_a_members_requests_are_counted_from_the_events(events: Any, daily: Any) -> None:
    for row in daily[:200]:
        if row["email"] == "sam.whitfield@tidewater.example":
            continue
        made = [
            event for event in events if event.get("userEmail") == row["email"] and _day(event) == row["day"]
        ]
        counted = row["subscriptionIncludedReqs"] + row["usageBasedReqs"] + row["apiKeyReqs"]
        assert counted == len(made)
        assert row["usageBasedReqs"] == sum(event["kind"] in ON_TOP for event in made)


def _day(event: Any) -> str:
    return str(datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC).date())


# always the same


def test_a_day_is_the_same_whatever_was_asked_before(company: Company, month: Days) -> None:
    assert Company().totals(Days.one(month.last))[month.last] == company.totals(month)[month.last]


def test_another_seed_is_another_company(month: Days) -> None:
    day = Days.one(month.last)
    assert Company(seed=8).totals(day) != Company().totals(day)


def test_colleagues_who_come_later_change_nothing_for_those_who_are_there(month: Days) -> None:
    small, large = Company(24), Company(40)
    rows = {row.user_id: row for row in large.cursor(month.last).daily}
    assert all(rows[row.user_id] == row for row in small.cursor(month.last).daily)


def test_a_day_is_made_in_ten_milliseconds(month: Days) -> None:
    company, start = Company(), time.thread_time()
    for day in month:
        company.anthropic(day)
        company.cursor(day)
    assert (time.thread_time() - start) / len(month) < 0.010


def test_the_company_grows_and_rests_on_weekends(company: Company) -> None:
    def events(day: date) -> int:
        return sum(
            truth.cursor.events
            for truth in company.totals(Days(day, date.fromordinal(day.toordinal() + 4))).values()
        )

    weekend = company.totals(Days(date(2026, 11, 14), date(2026, 11, 15)))
    monday_2025, monday_2026 = date(2025, 2, 10), date(2026, 11, 9)
    assert events(monday_2026) > 1.3 * events(monday_2025)
    assert sum(truth.cursor.events for truth in weekend.values()) * 5 < events(monday_2026)


def test_new_models_replace_old_ones(company: Company) -> None:
    def models(day: date) -> set[str]:
        made = company.cursor(day).calls
        return {call.event.model or "" for call in made} | {
            row.model or "" for row in company.anthropic(day).usage
        }

    assert {"claude-3.5-sonnet", "claude-3-5-sonnet-20241022"} <= models(date(2024, 11, 20))
    assert {"claude-5.5-sonnet", "claude-sonnet-5-5", "gpt-5"} <= models(date(2026, 11, 20))
    assert "claude-sonnet-5-5" not in models(date(2026, 9, 15))


# meddling


def test_a_restated_day_is_served_restated_and_the_truth_with_it(own: Any) -> None:
    company, day = own.sandbox.company, date(2026, 11, 18)
    before = company.totals(Days.one(day))[day]
    assert _served(own, day) == _true(before)
    own.sandbox.restate(day, "anthropic", factor=1.5)
    own.sandbox.restate(day, "cursor", factor=0.5)
    after = company.totals(Days.one(day))[day]
    assert _served(own, day) == _true(after)
    assert after.anthropic.output_tokens > 1.4 * before.anthropic.output_tokens
    assert after.anthropic.cost_cents["tokens"] > before.anthropic.cost_cents["tokens"] * Decimal("1.4")
    assert after.cursor.output_tokens < 0.6 * before.cursor.output_tokens
    assert after.cursor.events == before.cursor.events
    other = date(2026, 11, 17)
    assert company.totals(Days.one(other)) == Company().totals(Days.one(other))


def test_an_emptied_day_is_answered_with_nothing(own: Any) -> None:
    day = date(2026, 11, 18)
    own.sandbox.empty(day, "cursor")
    assert _served(own, day)[1:] == (0, 0)
    own.sandbox.empty(day, "anthropic")
    assert _served(own, day) == (0, 0, 0)
    assert own.data("/usage_report/claude_code", starting_at=str(day)) == []


def _served(own: Any, day: date) -> tuple[int, int, int]:
    (bucket,) = own.buckets("/usage_report/messages", Days.one(day))
    return (
        total(bucket["results"], "output_tokens"),
        len(own.events(Days.one(day))),
        len(own.daily(Days.one(day))),
    )


def _true(truth: DayTotals) -> tuple[int, int, int]:
    return truth.anthropic.output_tokens, truth.cursor.events, truth.cursor.members


@pytest.mark.parametrize(
    ("kind", "flag", "paid"),
    [
        ("Usage-based", True, True),
        ("Usage-based", UNSET, True),
        ("Usage-based", False, False),
        ("USAGE_EVENT_KIND_USAGE_BASED", True, True),
        (" on-demand ", UNSET, True),
        ("Included in Business", True, False),
        ("USAGE_EVENT_KIND_INCLUDED_IN_PRO", True, False),
        ("Errored, Not Charged", True, False),
        ("Aborted, Not Charged", True, False),
        ("Declined, not charged", True, False),
        ("Free Trial", True, False),
        ("User API Key", True, False),
        ("Custom Subscription", True, False),
        ("Something new", True, True),
        ("Something new", False, False),
        ("Something new", UNSET, False),
        (None, True, True),
        (None, UNSET, False),
    ],
)
def test_the_kind_decides_what_is_paid_for_and_the_flag_where_it_is_unknown(
    kind: str | None, flag: Any, paid: bool
) -> None:
    assert cursor_kinds.is_paid(kind, flag) is paid
