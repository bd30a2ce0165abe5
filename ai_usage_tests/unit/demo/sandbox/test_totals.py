"""The sandbox serves exactly the totals of its company, and the company is always the same."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.cursor import kinds as cursor_kinds
from ai_usage_tests.unit.demo.sandbox.billable import BILLABLE_KINDS, is_billable


def total(rows: list[Any], *path: str) -> Any:
    def value(row: Any) -> Any:
        for name in path:
            row = row.get(name, 0)
        return row

    return sum(value(row) for row in rows)


def total_of(totals: dict[date, DayTotals], vendor: str, name: str) -> Any:
    return sum(getattr(getattr(day_totals, vendor), name) for day_totals in totals.values())


@pytest.fixture(scope="module")
def totals(company: Company, month: Days) -> dict[date, DayTotals]:
    return company.totals(month)


def test_served_usage_equals_the_totals_of_each_day(usage: Any, totals: Any) -> None:
    for day, day_totals in totals.items():
        rows, expected = [row for row in usage if row["day"] == str(day)], day_totals.anthropic
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


def test_served_cost_equals_the_totals_of_each_day_exactly(cost: Any, totals: Any) -> None:
    for day, day_totals in totals.items():
        served: dict[str, Decimal] = {}
        for line in cost:
            if line["day"] == str(day):
                kind = line["cost_type"]
                served[kind] = served.get(kind, Decimal(0)) + Decimal(line["amount"])
        assert served == day_totals.anthropic.cost_cents


def test_served_claude_code_records_equal_the_totals(claude_code: Any, totals: Any) -> None:
    for kind in ("api", "subscription"):
        records = [record for record in claude_code if record["customer_type"] == kind]
        spent = [part for record in records for part in record["model_breakdown"]]
        expected = [day_totals.claude_code[kind] for day_totals in totals.values()]
        assert (
            total(records, "core_metrics", "num_sessions") == sum(part.num_sessions for part in expected) > 0
        )
        assert total(records, "core_metrics", "lines_of_code", "added") == sum(
            part.lines_added for part in expected
        )
        assert total(spent, "tokens", "cache_read") == sum(part.cache_read for part in expected)
        assert total(spent, "estimated_cost", "amount") == sum(part.estimated_cents for part in expected)


def test_served_events_equal_the_totals(events: Any, totals: Any) -> None:
    assert len(events) == total_of(totals, "cursor", "events")
    for field, name in (
        ("inputTokens", "input_tokens"),
        ("outputTokens", "output_tokens"),
        ("cacheWriteTokens", "cache_write_tokens"),
        ("cacheReadTokens", "cache_read_tokens"),
    ):
        assert sum(event.get("tokenUsage", {}).get(field, 0) for event in events) == total_of(
            totals, "cursor", name
        )
    for paid, name in ((True, "chargeable_cents"), (False, "included_cents")):
        charged = sum(event["chargedCents"] for event in events if is_billable(event) is paid)
        assert charged == total_of(totals, "cursor", name) > 0


def test_served_daily_rows_equal_the_totals(daily: Any, totals: Any) -> None:
    assert len(daily) == total_of(totals, "cursor", "members")
    for field, name in (
        ("totalLinesAdded", "total_lines_added"),
        ("acceptedLinesAdded", "accepted_lines_added"),
        ("totalAccepts", "total_accepts"),
        ("totalRejects", "total_rejects"),
        ("isActive", "active_members"),
    ):
        assert total(daily, field) == total_of(totals, "cursor", name) > 0


# money


def test_cost_follows_from_the_tokens_the_price_and_the_discount(
    usage: Any, cost: Any, company: Company
) -> None:
    """Opus 5.5 has no discount in Claude Code's workspace: 20 dollars per million output tokens."""
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


def test_a_charge_is_the_model_cost_plus_the_token_fee(events: Any) -> None:
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
        assert row["usageBasedReqs"] == sum(event["kind"] in BILLABLE_KINDS for event in made)


def _day(event: Any) -> str:
    return str(datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC).date())


# reproducibility


def test_a_day_does_not_depend_on_earlier_requests(company: Company, month: Days) -> None:
    assert Company().totals(Days.one(month.last))[month.last] == company.totals(month)[month.last]


def test_another_seed_gives_another_company(month: Days) -> None:
    day = Days.one(month.last)
    assert Company(seed=8).totals(day) != Company().totals(day)


def test_more_people_do_not_change_the_data_of_the_others(month: Days) -> None:
    small, large = Company(24), Company(40)
    rows = {row.user_id: row for row in large.cursor(month.last).daily}
    assert all(rows[row.user_id] == row for row in small.cursor(month.last).daily)


def test_usage_grows_and_is_low_on_weekends(company: Company) -> None:
    def events(day: date) -> int:
        return sum(
            day_totals.cursor.events
            for day_totals in company.totals(Days(day, date.fromordinal(day.toordinal() + 4))).values()
        )

    weekend = company.totals(Days(date(2026, 11, 14), date(2026, 11, 15)))
    monday_2025, monday_2026 = date(2025, 2, 10), date(2026, 11, 9)
    assert events(monday_2026) > 1.3 * events(monday_2025)
    assert sum(day_totals.cursor.events for day_totals in weekend.values()) * 5 < events(monday_2026)


def test_new_models_replace_old_ones(company: Company) -> None:
    def models(day: date) -> set[str]:
        made = company.cursor(day).calls
        return {call.event.model or "" for call in made} | {
            row.model or "" for row in company.anthropic(day).usage
        }

    assert {"claude-3.5-sonnet", "claude-3-5-sonnet-20241022"} <= models(date(2024, 11, 20))
    assert {"claude-5.5-sonnet", "claude-sonnet-5-5", "gpt-5"} <= models(date(2026, 11, 20))
    assert "claude-sonnet-5-5" not in models(date(2026, 9, 15))


# restatements


def test_a_restated_day_changes_responses_and_totals(private: Any) -> None:
    company, day = private.sandbox.company, date(2026, 11, 18)
    before = company.totals(Days.one(day))[day]
    assert _served_totals(private, day) == _expected_totals(before)
    private.sandbox.restate(day, "anthropic", factor=1.5)
    private.sandbox.restate(day, "cursor", factor=0.5)
    after = company.totals(Days.one(day))[day]
    assert _served_totals(private, day) == _expected_totals(after)
    assert after.anthropic.output_tokens > 1.4 * before.anthropic.output_tokens
    assert after.anthropic.cost_cents["tokens"] > before.anthropic.cost_cents["tokens"] * Decimal("1.4")
    assert after.cursor.output_tokens < 0.6 * before.cursor.output_tokens
    assert after.cursor.events == before.cursor.events
    other = date(2026, 11, 17)
    assert company.totals(Days.one(other)) == Company().totals(Days.one(other))


def test_a_deleted_day_has_no_records(private: Any) -> None:
    day = date(2026, 11, 18)
    private.sandbox.empty(day, "cursor")
    assert _served_totals(private, day)[1:] == (0, 0)
    private.sandbox.empty(day, "anthropic")
    assert _served_totals(private, day) == (0, 0, 0)
    assert private.data("/usage_report/claude_code", starting_at=str(day)) == []


def _served_totals(private: Any, day: date) -> tuple[int, int, int]:
    (bucket,) = private.buckets("/usage_report/messages", Days.one(day))
    return (
        total(bucket["results"], "output_tokens"),
        len(private.events(Days.one(day))),
        len(private.daily(Days.one(day))),
    )


def _expected_totals(day_totals: DayTotals) -> tuple[int, int, int]:
    return day_totals.anthropic.output_tokens, day_totals.cursor.events, day_totals.cursor.members


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
def test_the_kind_decides_whether_an_event_is_billable_and_the_flag_if_it_is_unknown(
    kind: str | None, flag: Any, paid: bool
) -> None:
    assert cursor_kinds.is_paid(kind, flag) is paid
