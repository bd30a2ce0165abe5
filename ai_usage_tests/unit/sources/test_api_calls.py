"""The endpoints of each vendor and the values that are known, written out by hand, as `doctor` and `shapes` use them."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.sources.anthropic import api as anthropic
from ai_usage_assets.sources.anthropic import endpoints as anthropic_endpoints
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.api_call import Api, ApiCall
from ai_usage_assets.sources.cursor import api as cursor
from ai_usage_assets.sources.cursor import endpoints as cursor_endpoints
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.endpoint import Endpoint
from ai_usage_assets.sources.http.client import VendorClient
from ai_usage_assets.sources.http.first_answer import first_answer
from ai_usage_tests.support.scripted_server import ScriptedServer

DAYS = Days(date(2026, 11, 17), date(2026, 11, 18))
SPLIT = "split of cost and usage by Anthropic itself (ANTHROPIC_ANALYTICS)"
ORGANIZATION = "/v1/organizations"
CALLS = {
    "anthropic": [
        ("organizations/me", f"{ORGANIZATION}/me", ""),
        ("organizations/users", f"{ORGANIZATION}/users", ""),
        ("organizations/api_keys", f"{ORGANIZATION}/api_keys", ""),
        ("organizations/workspaces", f"{ORGANIZATION}/workspaces", ""),
        ("usage_report/messages", f"{ORGANIZATION}/usage_report/messages", ""),
        ("usage_report/messages by account", f"{ORGANIZATION}/usage_report/messages", ""),
        ("cost_report", f"{ORGANIZATION}/cost_report", ""),
        ("usage_report/claude_code", f"{ORGANIZATION}/usage_report/claude_code", ""),
        ("analytics/cost", f"{ORGANIZATION}/analytics/cost", SPLIT),
        ("analytics/usage", f"{ORGANIZATION}/analytics/usage", SPLIT),
    ],
    "cursor": [
        ("teams/members", "/teams/members", ""),
        ("teams/daily-usage-data", "/teams/daily-usage-data", ""),
        ("teams/filtered-usage-events", "/teams/filtered-usage-events", ""),
        ("teams/spend", "/teams/spend", "comparison with Cursor's own totals"),
        ("groups", "/teams/groups", "data on billing groups"),
    ],
}


def words(text: str) -> set[str]:
    return set(text.split())


NOT_CHARGED = {"Errored, Not Charged", "Aborted, Not Charged", "Not Charged"}
KINDS = {
    *(
        "Usage-based",
        "On-Demand",
        "Included in Business",
        "Included in Pro",
        "Included",
        "Free",
        "Free Trial",
    ),
    *("User API Key", "Custom subscription", *NOT_CHARGED),
}
TYPES = "organization user api_key workspace service_account user_actor api_actor service_account_actor federated_actor"
TOKENS = (
    "uncached_input_tokens output_tokens cache_read_input_tokens cache_creation.ephemeral_5m_input_tokens "
    "cache_creation.ephemeral_1h_input_tokens"
)
KNOWN = {
    "anthropic": {
        "cost_type": words("tokens web_search code_execution session_usage"),
        "token_type": words(TOKENS),
        "service_tier": words("standard batch flex flex_discount priority priority_on_demand"),
        "context_window": {"0-200k", "200k-1M"},
        "inference_geo": words("global us not_available"),
        "customer_type": {"api", "subscription"},
        "subscription_type": {"enterprise", "team"},
        "currency": {"USD"},
        "status": words("active inactive archived expired"),
        "role": words("user developer billing admin claude_code_user owner primary_owner managed"),
        "type": words(TYPES),
    },
    "cursor": {
        "kind": KINDS,
        "kindLabel": KINDS,
        "role": words("owner member free-owner removed service_account"),
    },
}


def answer(client: VendorClient, call: ApiCall[Any]) -> bytes:
    return first_answer(client, lambda asked: call.request(asked, DAYS)).body


@pytest.mark.parametrize(
    ("vendor", "api", "scope"),
    [
        ("anthropic", anthropic.API, "it is an Admin key of an organization"),
        (
            "cursor",
            cursor.API,
            "Cursor does not tell its scope: Read-only is enough, and an admin key could remove members",
        ),
    ],
)
def test_each_endpoint_is_asked_by_one_request_and_has_its_name_and_what_it_is_for(
    server: ScriptedServer, vendor: str, api: Api[Any], scope: str
) -> None:
    server.respond_with(*[{}] * len(api.calls))
    asked = []
    client: AnthropicAdmin | CursorAdmin
    with (AnthropicAdmin if vendor == "anthropic" else CursorAdmin)("key", base_url=server.url) as client:
        for call in api.calls:
            assert answer(client, call) == b"{}"
            asked.append((call.name, server.requests[-1].path, call.optional_for))
    assert asked == CALLS[vendor]
    assert len(server.requests) == len(asked)
    assert api.scope == scope


@pytest.mark.parametrize(("vendor", "api"), [("anthropic", anthropic.API), ("cursor", cursor.API)])
def test_values_of_these_fields_alone_are_known(vendor: str, api: Api[Any]) -> None:
    assert api.enumerations == KNOWN[vendor]


def test_each_daily_endpoint_fills_its_tables_by_windows_and_is_counted_under_its_path(
    server: ScriptedServer,
) -> None:
    found: dict[str, tuple[list[str], int, dict[str, int]]] = {}
    with (
        AnthropicAdmin("key", server.url) as anthropic_client,
        CursorAdmin("key", server.url) as cursor_client,
    ):
        for endpoint in (*anthropic_endpoints.ENDPOINTS, *cursor_endpoints.ENDPOINTS):
            client: Any = anthropic_client if endpoint.source == "anthropic" else cursor_client
            client.requests.clear()
            server.respond_with({})
            first_answer(client, partial(fetched, endpoint))
            tables = [table.name for table in endpoint.tables]
            found[endpoint.name] = (tables, endpoint.max_days, dict(client.requests))
            assert found[endpoint.name][2] == {endpoint.path: 1}
    assert found == {
        "raw_anthropic_usage": (["raw_anthropic_usage"], 31, {f"{ORGANIZATION}/usage_report/messages": 1}),
        "raw_anthropic_account_usage": (["raw_anthropic_account_usage"], 31, {"account_usage": 1}),
        "raw_anthropic_cost": (["raw_anthropic_cost"], 31, {f"{ORGANIZATION}/cost_report": 1}),
        "raw_claude_code": (
            ["raw_claude_code_usage", "raw_claude_code_models"],
            31,
            {f"{ORGANIZATION}/usage_report/claude_code": 1},
        ),
        "raw_anthropic_analytics_cost": (
            ["raw_anthropic_analytics_cost"],
            31,
            {f"{ORGANIZATION}/analytics/cost": 1},
        ),
        "raw_anthropic_analytics_usage": (
            ["raw_anthropic_analytics_usage"],
            31,
            {f"{ORGANIZATION}/analytics/usage": 1},
        ),
        "raw_cursor_usage": (["raw_cursor_usage"], 30, {"/teams/daily-usage-data": 1}),
        "raw_cursor_events": (["raw_cursor_events"], 30, {"/teams/filtered-usage-events": 1}),
    }


def fetched(endpoint: Endpoint[Any], client: Any) -> object:
    return endpoint.fetch(client, Days.one(DAYS.last), datetime(2026, 11, 20, 12, tzinfo=UTC))
