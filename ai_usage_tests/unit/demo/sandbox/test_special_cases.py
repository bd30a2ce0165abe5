"""Special cases of live data that the documentation does not mention. Each occurs in any recent 30 days."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.days import ONE_DAY, Days

KEY = ("workspace_id", "model", "service_tier", "context_window")
DAY = 86_400_000


LAST = (date(2026, 11, 21), date(2026, 9, 12), date(2026, 3, 31))
pytestmark = pytest.mark.parametrize(
    "month", [Days(last - 29 * ONE_DAY, last) for last in LAST], ids=str, indirect=True, scope="session"
)


def amount(line: Any) -> Decimal:
    return Decimal(line["amount"])


# people and keys


def test_some_usage_has_no_key_and_some_no_workspace(usage: Any) -> None:
    without_key = [row for row in usage if row["api_key_id"] is None]
    assert {row["workspace_id"] is None for row in without_key} == {True, False}
    assert any(row["workspace_id"] is None for row in usage if row["api_key_id"])


def test_a_row_may_have_no_model(usage: Any) -> None:
    assert any(row["model"] is None for row in usage)


def test_a_removed_user_is_not_listed_and_their_key_still_works(shared: Any, usage: Any) -> None:
    listed = {user["id"] for user in shared.listed("/users", limit=1000)}
    orphans = {
        key["id"]
        for key in shared.listed("/api_keys", limit=1000)
        if key["created_by"] and key["created_by"]["type"] == "user" and key["created_by"]["id"] not in listed
    }
    assert orphans & {row["api_key_id"] for row in usage}


def test_keys_may_belong_to_service_accounts_or_have_no_creator(shared: Any, usage: Any) -> None:
    keys = {key["id"]: key for key in shared.listed("/api_keys", limit=1000)}
    used = [keys[row["api_key_id"]] for row in usage if row["api_key_id"]]
    assert any((key["principal"] or {}).get("type") == "service_account" for key in used)
    assert any((key["created_by"] or {}).get("type") == "service_account" for key in used)
    assert any(key["created_by"] is None for key in used)


def test_an_email_address_is_in_no_list(shared: Any, claude_code: Any, events: Any) -> None:
    known = {user["email"].lower() for user in shared.listed("/users", limit=1000)}
    known |= {member["email"] for member in shared.cursor.get("/members").json()["teamMembers"]}
    unlisted = {record["actor"].get("email_address", "").lower() for record in claude_code} - known - {""}
    assert "dana.reyes@fernhill-partners.example" in unlisted
    assert "dana.reyes@fernhill-partners.example" in {event.get("userEmail") for event in events}


def test_responses_have_undocumented_fields(usage: Any, claude_code: Any, events: Any, daily: Any) -> None:
    assert "request_source" in usage[0] and "client_channel" in claude_code[0]
    assert "regionHint" in events[0] and "teamId" in daily[0]


# usage and cost


def test_all_tiers_two_context_windows_and_two_regions_are_used(shared: Any, month: Days, usage: Any) -> None:
    assert {row["service_tier"] for row in usage} == {
        *("standard", "batch", "flex", "flex_discount", "priority", "priority_on_demand"),
    }
    assert {row["context_window"] for row in usage} >= {"0-200k", "200k-1M"}
    placed = shared.buckets("/usage_report/messages", month, group_by=("inference_geo",))
    assert {row["inference_geo"] for bucket in placed for row in bucket["results"]} >= {"global", "us"}


def test_one_day_has_neither_usage_nor_cost(shared: Any, month: Days) -> None:
    for path in ("/usage_report/messages", "/cost_report"):
        assert any(bucket["results"] == [] for bucket in shared.buckets(path, month))


def test_priority_is_used_and_not_in_the_cost_report(usage: Any, cost: Any) -> None:
    assert any(row["service_tier"] == "priority" for row in usage)
    assert {line["service_tier"] for line in cost if line["cost_type"] == "tokens"} == {
        "standard",
        "batch",
        "flex_discount",
    }


def test_flex_is_billed_as_standard(usage: Any, cost: Any) -> None:
    cells = {tuple(row[name] for name in KEY) for row in usage if row["service_tier"] == "flex"}
    lines = {tuple(line[name] for name in KEY) for line in cost}
    assert cells and all((space, model, "standard", window) in lines for space, model, _, window in cells)


def test_every_cost_type_and_token_type_occurs(cost: Any) -> None:
    assert {line["cost_type"] for line in cost} == {"tokens", "web_search", "code_execution", "session_usage"}
    assert {line["token_type"] for line in cost} == {
        None,
        "uncached_input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation.ephemeral_5m_input_tokens",
        "cache_creation.ephemeral_1h_input_tokens",
    }


def test_batch_is_half_price(usage: Any, cost: Any, company: Any) -> None:
    """Data Platform has no discount for Sonnet, whose list price is 10 or 15 dollars per million output tokens."""
    space = company.directory.workspace_id("Data Platform")

    def sold(row: Any) -> bool:
        wanted = row["workspace_id"] == space and row["service_tier"] == "batch"
        return (
            wanted and "sonnet" in row["model"] and row.get("token_type", "output_tokens") == "output_tokens"
        )

    day = max(row["day"] for row in usage if sold(row))
    tokens = sum(row["output_tokens"] for row in usage if sold(row) and row["day"] == day)
    paid = sum(amount(line) for line in cost if sold(line) and line["day"] == day) * 10_000 / tokens
    assert paid in (Decimal(10) / 2, Decimal(15) / 2)


def test_discounts_are_applied_and_priority_is_not_billed(
    shared: Any, month: Days, cost: Any, company: Any
) -> None:
    """Production pays 87.3125 % for Sonnet, whose list price is 2 or 3 dollars per million input tokens."""
    space = company.directory.workspace_id("Production")
    groups = ("workspace_id", "model", "service_tier", "inference_geo")
    (bucket,) = shared.buckets("/usage_report/messages", Days.one(month.last), group_by=groups)

    def sold(row: Any, tier: str = "standard") -> bool:
        wanted = (row["workspace_id"], row["service_tier"], row["inference_geo"]) == (space, tier, "global")
        return wanted and "sonnet" in row["model"]

    tokens = sum(row["uncached_input_tokens"] for row in bucket["results"] if sold(row))
    assert any(sold(row, "priority") for row in bucket["results"])
    (line,) = [
        line
        for line in cost
        if line["day"] == str(month.last) and sold(line) and line["token_type"] == "uncached_input_tokens"
    ]
    listed = amount(line) * 10_000 / tokens / Decimal("0.873125")
    assert round(listed, 12) in (2, 3)


def test_amounts_may_be_very_small_and_have_twelve_decimals(cost: Any) -> None:
    assert any(0 < amount(line) < Decimal("0.01") for line in cost)
    assert any(len(line["amount"].partition(".")[2]) == 12 for line in cost)
    assert not any("E" in line["amount"] for line in cost)


def test_credits_are_negative(cost: Any) -> None:
    assert any(amount(line) < 0 for line in cost)


def test_lines_of_an_old_model_have_no_context_window(usage: Any, cost: Any) -> None:
    lines = [line for line in cost if line["cost_type"] == "tokens" and line["context_window"] is None]
    assert {line["model"] for line in lines} == {"claude-opus-4-5-20251101"}
    assert "claude-opus-4-5-20251101" in {row["model"] for row in usage}


def test_a_token_line_may_have_no_usage(usage: Any, cost: Any) -> None:
    used = {(row["day"], *(row[name] for name in KEY)) for row in usage}
    assert any(
        (line["day"], *(line[name] for name in KEY)) not in used
        for line in cost
        if line["cost_type"] == "tokens" and line["service_tier"] == "batch"
    )


def test_lines_may_differ_only_in_their_description(cost: Any) -> None:
    dimensions = ("day", "cost_type", "token_type", *KEY, "inference_geo")
    assert max(Counter(tuple(line[name] for name in dimensions) for line in cost).values()) == 2


def test_searches_are_charged_to_their_workspace(usage: Any, cost: Any) -> None:
    def searches(space: str | None) -> int:
        rows = [row for row in usage if row["workspace_id"] == space]
        return sum(row["server_tool_use"]["web_search_requests"] for row in rows)

    spaces = {line["workspace_id"] for line in cost if line["cost_type"] == "web_search"}
    assert len(spaces) >= 3 and None in spaces
    for space in spaces:
        lines = [line for line in cost if line["cost_type"] == "web_search" and line["workspace_id"] == space]
        assert sum(amount(line) for line in lines) == searches(space)


# Claude Code


def test_two_records_may_be_equal_in_every_dimension(claude_code: Any) -> None:
    names = ("date", "customer_type", "terminal_type", "is_remote")
    expected = [record for record in claude_code if "is_remote" in record]
    equal_records = Counter((str(record["actor"]), *(record[name] for name in names)) for record in expected)
    assert max(equal_records.values()) == 2


def test_records_say_whether_they_are_remote(claude_code: Any) -> None:
    assert {record["is_remote"] for record in claude_code} == {True, False}


def test_both_actors_both_billings_and_many_terminals_occur(claude_code: Any) -> None:
    assert {record["actor"]["type"] for record in claude_code} == {"user_actor", "api_actor"}
    assert {record["customer_type"] for record in claude_code} == {"api", "subscription"}
    assert {record.get("subscription_type", "absent") for record in claude_code} == {
        "team",
        "enterprise",
        None,
        "absent",
    }
    assert len({record["terminal_type"] for record in claude_code}) >= 5
    both = {
        (record["date"], record["actor"].get("email_address"), record["customer_type"])
        for record in claude_code
    }
    assert any((day, email, "subscription") in both for day, email, kind in both if kind == "api" and email)


def test_tools_and_models_may_be_missing(claude_code: Any) -> None:
    assert len({tuple(record["tool_actions"]) for record in claude_code}) > 3
    assert any(record["tool_actions"] == {} for record in claude_code)
    assert any(record["model_breakdown"] == [] for record in claude_code)
    assert any(len(record["model_breakdown"]) == 3 for record in claude_code)


# Cursor


def test_two_events_may_be_equal_in_one_millisecond(events: Any) -> None:
    assert max(Counter(str(event) for event in events).values()) == 2


def test_events_occur_in_the_first_and_last_millisecond_of_a_day(events: Any) -> None:
    assert {0, DAY - 1} <= {int(event["timestamp"]) % DAY for event in events}


def test_one_day_has_no_events(events: Any, month: Days) -> None:
    seen = {datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC).date() for event in events}
    assert len(set(month) - seen) >= 1


def test_events_are_charged_included_errored_and_free(events: Any) -> None:
    assert {"Usage-based", "Included in Business", "Errored, Not Charged"} <= {
        event["kind"] for event in events
    }
    assert any(event["chargedCents"] > 0 and not event["isChargeable"] for event in events)
    assert any(event["isFreeBugbot"] and event["chargedCents"] == 0 for event in events)
    assert any(event["kind"] == "Errored, Not Charged" and event["chargedCents"] == 0 for event in events)


def test_all_wordings_of_kinds_occur_and_the_usual_ones_most_often(events: Any) -> None:
    kinds = Counter(event["kind"] for event in events)
    assert set(kinds) == {
        *("Included in Business", "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS", "included in business"),
        *("Usage-based", "USAGE_EVENT_KIND_USAGE_BASED", "On-Demand", "on demand"),
        *("Errored, Not Charged", "Aborted, Not Charged", "USAGE_EVENT_KIND_ERRORED_NOT_CHARGED"),
        *("Free Trial", "User API Key", "Custom subscription"),
    }
    assert kinds["Included in Business"] + kinds["Usage-based"] > 0.9 * kinds.total()


def test_an_included_event_may_be_flagged_chargeable_and_have_null_as_text(events: Any) -> None:
    odd = [event for event in events if event["kind"] == "Included in Business" and event["isChargeable"]]
    assert any(event["chargedCents"] > 0 for event in odd)
    assert {event.get("serviceAccountId") for event in odd} == {"null"}
    assert any(event["kind"] == "Usage-based" and not event["isChargeable"] for event in events)


def test_events_of_one_month_may_have_no_kind_or_no_model(shared: Any, events: Any) -> None:
    odd = shared.events(Days(date(2026, 2, 2), date(2026, 2, 6)))
    assert {"kind" in event for event in odd} == {"model" in event for event in odd} == {True, False}
    assert all("kind" in event and "model" in event for event in events)


def test_events_may_have_ids_of_user_agent_and_automation(events: Any) -> None:
    for field in ("userId", "cloudAgentId", "automationId", "serviceAccountName"):
        assert {field in event for event in events} == {True, False}


def test_fields_of_events_may_be_absent(events: Any) -> None:
    assert all(("tokenUsage" in event) is event["isTokenBasedCall"] for event in events)
    for field in ("tokenUsage", "userEmail", "requestsCosts", "conversationId", "serviceAccountId"):
        assert {field in event for event in events} == {True, False}
    assert {"cacheWriteTokens" in event["tokenUsage"] for event in events if "tokenUsage" in event} == {
        True,
        False,
    }


def test_strings_of_a_day_may_be_empty_null_or_absent(daily: Any) -> None:
    inactive = [row for row in daily if not row["isActive"]]
    active = [row for row in daily if row["isActive"]]
    assert {row.get("clientVersion", "absent") for row in inactive} >= {"", None, "absent"}
    assert "" in {row["mostUsedModel"] for row in inactive} and "" in {row["mostUsedModel"] for row in active}
    assert any("clientVersion" not in row for row in active)


def test_more_lines_may_be_accepted_than_added(daily: Any) -> None:
    assert any(row["acceptedLinesAdded"] > row["totalLinesAdded"] for row in daily)
    assert any(row["acceptedLinesAdded"] > row["totalLinesAdded"] == 0 for row in daily)
    assert any(row["totalAccepts"] > row["totalApplies"] for row in daily)


def test_a_person_may_have_requests_without_events(events: Any, daily: Any) -> None:
    seen = {event.get("userEmail") for event in events}
    assert any(row["chatRequests"] for row in daily if row["email"] not in seen)


def test_a_person_may_be_active_without_requests(daily: Any) -> None:
    modes = ("composerRequests", "chatRequests", "agentRequests", "cmdkUsages", "bugbotUsages")
    assert any(
        row["isActive"] and row["totalTabsShown"] and not any(row[name] for name in modes) for row in daily
    )
