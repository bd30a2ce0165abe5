"""The client of Anthropic's Admin API: all pages, each day once, and exact cents."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.http import paging
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_tests.support.messages import undecodable, unusable
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer

USERS, COST_REPORT = "/v1/organizations/users", "/v1/organizations/cost_report"
USAGE_REPORT = "/v1/organizations/usage_report/messages"
CODE_REPORT = "/v1/organizations/usage_report/claude_code"
USD_ALONE = "only USD can be summed, and none of it was used; ask the vendor to bill in USD"
DAY = date(2026, 11, 20)
TWO = Days(DAY, date(2026, 11, 21))

USAGE = {
    "uncached_input_tokens": 184230,
    "cache_creation": {"ephemeral_5m_input_tokens": 51200, "ephemeral_1h_input_tokens": 0},
    "cache_read_input_tokens": 903411,
    "output_tokens": 40977,
    "server_tool_use": {"web_search_requests": 3},
    "api_key_id": "apikey_01AbCdEf",
    "workspace_id": None,
    "model": "claude-sonnet-5-5",
    "service_tier": "standard",
    "context_window": "0-200k",
}
COST = {
    "amount": "123.78912",
    "currency": "USD",
    "cost_type": "tokens",
    "token_type": "output_tokens",
    "model": "claude-sonnet-5-5",
    "service_tier": "standard",
    "context_window": "0-200k",
    "description": "Claude Sonnet 5.5 Usage - Output Tokens",
    "workspace_id": None,
}
RECORD: dict[str, Any] = {
    "date": "2026-11-20T00:00:00Z",
    "actor": {"type": "user_actor", "email_address": "dev@example.com"},
    "organization_id": "2f1c",
    "customer_type": "api",
    "terminal_type": "vscode",
    "core_metrics": {
        "num_sessions": 4,
        "lines_of_code": {"added": 512, "removed": 77},
        "commits_by_claude_code": 3,
        "pull_requests_by_claude_code": 1,
    },
    "tool_actions": {
        "edit_tool": {"accepted": 21, "rejected": 2},
        "tool_of_tomorrow": {"accepted": 1, "rejected": 0},
    },
    "model_breakdown": [
        {
            "model": "claude-opus-5-5",
            "tokens": {"input": 88000, "output": 21000, "cache_read": 640000, "cache_creation": 30000},
            "estimated_cost": {"amount": 105, "currency": "USD"},
        }
    ],
}
KEY = {"id": "apikey_1", "name": "ci", "status": "active", "created_at": "2026-01-01T00:00:00Z"}
NOT_WHOLE = "sent a bucket of 2026-11-20 that is not one whole UTC day"


def bucket(day: date, *results: Any, **changed: str) -> dict[str, Any]:
    ends = Days.one(day).ending_at
    return {
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "results": list(results),
    } | changed


def report(*data: Any, after: str | None = None) -> dict[str, Any]:
    return {"data": list(data), "has_more": after is not None, "next_page": after}


def listed(*data: Any, more: bool = False, last_id: str | None = None) -> dict[str, Any]:
    return {"data": list(data), "has_more": more, "last_id": last_id}


def user(number: int) -> dict[str, Any]:
    return {"id": f"user_{number}", "email": f"{number}@example.com", "name": "A", "role": "user"}


# lists


def test_a_list_is_read_to_its_end_even_if_a_page_is_short(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(
        listed(user(1), more=True, last_id="user_1"),
        listed(more=True, last_id="user_x"),
        listed(user(2), last_id="user_2"),
    )

    assert [found.id for found in anthropic.users()] == ["user_1", "user_2"]
    assert [request.query.get("after_id") for request in server.requests] == [None, ["user_1"], ["user_x"]]
    assert {request.query["limit"][0] for request in server.requests} == {"1000"}


def test_more_without_a_cursor_raises(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(listed(user(1), more=True))

    with pytest.raises(
        InvalidAnswerError,
        match=unusable("Anthropic", USERS, "announced another page and sent no cursor for it"),
    ):
        anthropic.users()


def test_a_repeated_cursor_raises(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(
        listed(user(1), more=True, last_id="user_1"), listed(user(2), more=True, last_id="user_1")
    )

    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", USERS, "sent the same cursor twice")):
        anthropic.users()
    assert len(server.requests) == 2


def test_a_list_whose_pages_never_end_is_given_up(
    server: ScriptedServer, anthropic: AnthropicAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 3)
    server.respond_with(*(listed(user(n), more=True, last_id=f"user_{n}") for n in range(9)))

    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", USERS, "did not end after 3 pages")):
        anthropic.users()
    # the first page, and three more
    assert len(server.requests) == 4


@pytest.mark.parametrize(("more", "kind"), [("yes", "str"), (None, "null"), (1, "int")])
def test_a_has_more_that_is_not_a_boolean_raises(
    server: ScriptedServer, anthropic: AnthropicAdmin, more: Any, kind: str
) -> None:
    server.respond_with({"data": [], "has_more": more})

    why = f"has_more: Expected bool, got {kind}"
    with pytest.raises(InvalidAnswerError, match=undecodable("Anthropic", USERS, why)):
        anthropic.users()


def test_a_key_without_creator_in_the_default_workspace_is_accepted(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(listed({**KEY, "workspace_id": None, "created_by": None}))

    (key,) = anthropic.api_keys()
    assert (key.workspace_id, key.created_by, key.principal) == (None, None, None)


def test_archived_workspaces_and_the_default_one_are_requested(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(listed())

    anthropic.workspaces()
    anthropic.workspaces(include_default=False)
    first, second = (request.query for request in server.requests)
    assert first == {"limit": ["1000"], "include_archived": ["true"], "include_default": ["true"]}
    assert second == {"limit": ["1000"], "include_archived": ["true"]}


# the version and the key


def test_the_version_is_pinned_and_the_key_goes_in_its_own_header(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(listed())

    anthropic.users()
    headers = server.requests[0].headers
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["x-api-key"] == "sk-ant-admin01-not-to-be-seen"


# usage


def test_usage_is_requested_in_whole_days_by_exactly_five_groups(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(bucket(TWO.first, USAGE), bucket(TWO.last)))

    days = list(anthropic.messages_usage(TWO))
    assert [len(day.results) for day in days] == [1, 0]
    assert days[0].results[0].cache_creation.ephemeral_5m_input_tokens == 51200
    assert server.requests[0].query == {
        "starting_at": ["2026-11-20T00:00:00Z"],
        "ending_at": ["2026-11-22T00:00:00Z"],
        "bucket_width": ["1d"],
        "group_by[]": ["api_key_id", "workspace_id", "model", "service_tier", "context_window"],
        "limit": ["2"],
    }


def test_a_page_keeps_every_other_parameter(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(report(bucket(TWO.first), after="page_2"), report(bucket(TWO.last)))

    list(anthropic.messages_usage(TWO))
    first, second = (request.query for request in server.requests)
    assert second == {**first, "page": ["page_2"]}


def test_a_month_takes_one_request_and_a_longer_window_requests_the_largest_pages(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    month = Days(date(2026, 10, 1), date(2026, 10, 31))
    server.respond_with(report(*map(bucket, month)))

    assert len(list(anthropic.messages_usage(month))) == 31 == AnthropicAdmin.MAX_DAYS
    longer = Days(date(2026, 10, 1), date(2026, 11, 1))
    with pytest.raises(InvalidAnswerError):
        list(anthropic.messages_usage(longer))
    assert [request.query["limit"] for request in server.requests] == [["31"], ["31"]]


@pytest.mark.parametrize(
    ("buckets", "message"),
    [
        ([bucket(TWO.first)], "left out 1 of the 2 requested days, the first is 2026-11-21"),
        ([], "left out 2 of the 2 requested days, the first is 2026-11-20"),
        ([bucket(TWO.first), bucket(TWO.first)], "sent 2026-11-20 twice"),
        ([bucket(date(2026, 11, 19))], "sent 2026-11-19, which was not requested"),
        ([bucket(TWO.first, ending_at="2026-11-20T12:00:00Z")], NOT_WHOLE),
        (
            [bucket(TWO.first, starting_at="2026-11-20T00:00:00+02:00")],
            "sent a bucket of 2026-11-19 that is not one whole UTC day",
        ),
        ([bucket(TWO.first, ending_at="2026-11-22T00:00:00Z")], NOT_WHOLE),
        (
            # 24 hours of two days
            [bucket(TWO.first, starting_at="2026-11-20T06:00:00Z", ending_at="2026-11-21T06:00:00Z")],
            NOT_WHOLE,
        ),
    ],
)
def test_a_report_with_a_missing_repeated_or_partial_day_raises(
    server: ScriptedServer, anthropic: AnthropicAdmin, buckets: list[Any], message: str
) -> None:
    server.respond_with(report(*buckets))

    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", USAGE_REPORT, message)):
        list(anthropic.messages_usage(TWO))


def test_a_time_without_a_zone_is_refused_by_its_place(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(bucket(TWO.first, starting_at="2026-11-20T00:00:00")))

    why = "data[0].starting_at: Expected datetime with a timezone component"
    with pytest.raises(InvalidAnswerError, match=undecodable("Anthropic", USAGE_REPORT, why)):
        list(anthropic.messages_usage(TWO))


def test_a_repeated_page_token_raises(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(report(after="again"))

    with pytest.raises(
        InvalidAnswerError, match=unusable("Anthropic", USAGE_REPORT, "sent the same cursor twice")
    ):
        list(anthropic.messages_usage(TWO))


def test_a_midnight_in_another_time_zone_is_the_same_midnight(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(bucket(DAY, starting_at="2026-11-20T02:00:00+02:00")))

    assert len(list(anthropic.messages_usage(Days.one(DAY)))) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"output_tokens": -1}, "data[0].results[1].output_tokens: Expected int >= 0"),
        ({"output_tokens": 2**63}, "data[0].results[1].output_tokens: Expected int <= 9223372036854775807"),
        ({"output_tokens": "secret"}, "data[0].results[1].output_tokens: Expected int, got str"),
        ({"output_tokens": True}, "data[0].results[1].output_tokens: Expected int, got bool"),
        ({"output_tokens": None}, "data[0].results[1].output_tokens: Expected int, got null"),
        ({"cache_creation": {}}, "data[0].results[1].cache_creation.ephemeral_5m_input_tokens is missing"),
    ],
)
def test_a_wrong_number_is_refused_by_its_place_and_without_its_value(
    server: ScriptedServer, anthropic: AnthropicAdmin, changed: Any, message: str
) -> None:
    server.respond_with(report(bucket(DAY, USAGE, USAGE | changed)))

    with pytest.raises(InvalidAnswerError, match=undecodable("Anthropic", USAGE_REPORT, message)):
        list(anthropic.messages_usage(Days.one(DAY)))


MAY_BE_MISSING = {"model", "service_tier", "context_window"}


@pytest.mark.parametrize("name", sorted(USAGE.keys() - MAY_BE_MISSING))
def test_a_missing_field_of_usage_that_would_change_its_meaning_is_refused_by_name(
    server: ScriptedServer, anthropic: AnthropicAdmin, name: str
) -> None:
    """A missing number is not zero, and a missing key or workspace is neither no key nor the default workspace."""
    server.respond_with(report(bucket(DAY, {key: value for key, value in USAGE.items() if key != name})))

    why = f"data[0].results[0].{name} is missing"
    with pytest.raises(InvalidAnswerError, match=undecodable("Anthropic", USAGE_REPORT, why)):
        list(anthropic.messages_usage(Days.one(DAY)))


@pytest.mark.parametrize("name", sorted(MAY_BE_MISSING))
def test_a_missing_description_of_usage_is_unknown(
    server: ScriptedServer, anthropic: AnthropicAdmin, name: str
) -> None:
    server.respond_with(report(bucket(DAY, {key: value for key, value in USAGE.items() if key != name})))

    assert getattr(next(anthropic.messages_usage(Days.one(DAY))).results[0], name) is None


def test_unknown_fields_are_ignored_and_later_ones_may_be_absent(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(bucket(DAY, USAGE | {"speed": "fast", "of_tomorrow": {"x": [1]}})))

    assert next(anthropic.messages_usage(Days.one(DAY))).results[0].inference_geo is None


# cost


def test_cost_is_requested_by_workspace_and_description(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(bucket(DAY, COST)))

    list(anthropic.cost_report(Days.one(DAY)))
    assert server.requests[0].query["group_by[]"] == ["workspace_id", "description"]


@pytest.mark.parametrize(
    "amount", ["123.45", "0", "-20.5", "0.000000000001", "123456789012345678901.123456789012"]
)
def test_an_amount_keeps_every_digit_of_its_cents(
    server: ScriptedServer, anthropic: AnthropicAdmin, amount: str
) -> None:
    server.respond_with(report(bucket(DAY, COST | {"amount": amount})))

    (line,) = next(anthropic.cost_report(Days.one(DAY))).results
    assert line.amount == Decimal(amount)


@pytest.mark.parametrize(
    "amount", [1.5, 105, None, "", "NaN", "Infinity", "1e3", "1_000", "1,5", " 1", "$1", "٣"]
)
def test_an_amount_that_is_not_a_decimal_string_is_refused(
    server: ScriptedServer, anthropic: AnthropicAdmin, amount: Any
) -> None:
    server.respond_with(report(bucket(DAY, COST | {"amount": amount})))

    why = "data[0].results[0].amount: Expected a decimal in a string"
    with pytest.raises(InvalidAnswerError, match=undecodable("Anthropic", COST_REPORT, why)):
        list(anthropic.cost_report(Days.one(DAY)))


@pytest.mark.parametrize(
    ("currency", "message"),
    [("EUR", "EUR"), ("usd", "usd"), ("alex@example.com", "an unknown one"), ("EURO", "an unknown one")],
)
def test_another_currency_is_refused_by_name_with_its_day(
    server: ScriptedServer, anthropic: AnthropicAdmin, currency: str, message: str
) -> None:
    server.respond_with(report(bucket(DAY, COST | {"currency": currency})))

    what, hint = f"bills 2026-11-20 in another currency, {message}", USD_ALONE
    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", COST_REPORT, what, hint)):
        list(anthropic.cost_report(Days.one(DAY)))


def test_a_cost_report_with_a_missing_day_raises(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(report(bucket(TWO.first, COST)))

    what = "left out 1 of the 2 requested days, the first is 2026-11-21"
    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", COST_REPORT, what)):
        list(anthropic.cost_report(TWO))


# Claude Code


def test_claude_code_is_requested_for_one_day_with_all_its_pages(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(RECORD, after="page_2"), report(RECORD, RECORD))

    assert len(list(anthropic.claude_code(DAY))) == 3
    assert server.requests[0].query == {"starting_at": ["2026-11-20"], "limit": ["1000"]}
    assert server.requests[1].query["page"] == ["page_2"]


@pytest.mark.parametrize("sent", ["2026-11-20", "2026-11-20T00:00:00Z", "2026-11-20T00:00:00.000+00:00"])
def test_a_records_day_may_be_a_date_or_its_midnight(
    server: ScriptedServer, anthropic: AnthropicAdmin, sent: str
) -> None:
    server.respond_with(report(RECORD | {"date": sent}))

    assert next(anthropic.claude_code(DAY)).date == DAY


OF_ANOTHER_DAY = unusable(
    "Anthropic", CODE_REPORT, "sent a record of 2026-11-21 in the answer for 2026-11-20"
)
OF_NO_DAY = undecodable(
    "Anthropic", CODE_REPORT, "data[0].date: Expected a UTC day, as YYYY-MM-DD or as its midnight"
)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("2026-11-21", OF_ANOTHER_DAY),
        ("2026-11-20T01:00:00Z", OF_NO_DAY),
        ("20261120", OF_NO_DAY),
        (1795132800, OF_NO_DAY),
    ],
)
def test_a_record_of_another_day_or_of_no_day_is_refused(
    server: ScriptedServer, anthropic: AnthropicAdmin, sent: Any, message: str
) -> None:
    server.respond_with(report(RECORD | {"date": sent}))

    with pytest.raises(InvalidAnswerError, match=message):
        list(anthropic.claude_code(DAY))


def test_a_record_keeps_unknown_tools_and_has_none_for_missing_values(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(report(RECORD))

    (record,) = anthropic.claude_code(DAY)
    assert record.tool_actions
    assert record.tool_actions["tool_of_tomorrow"].accepted == 1
    assert (record.is_remote, record.subscription_type) == (None, None)
    assert [used.estimated_cost and used.estimated_cost.amount for used in record.model_breakdown] == [105]


ESTIMATE = "data[0].model_breakdown[0].estimated_cost"
NOT_FINITE = undecodable(
    "Anthropic", CODE_REPORT, f"{ESTIMATE}: amount is not a finite number that the warehouse can hold"
)


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        ("NaN", "USD", NOT_FINITE),
        ("Infinity", "USD", NOT_FINITE),
        ("x", "USD", NOT_FINITE),
        (None, "USD", undecodable("Anthropic", CODE_REPORT, f"{ESTIMATE}.amount: Expected a number")),
        (
            105,
            "EUR",
            unusable("Anthropic", CODE_REPORT, "bills 2026-11-20 in another currency, EUR", USD_ALONE),
        ),
    ],
)
def test_an_estimate_that_is_not_a_number_of_dollars_is_refused(
    server: ScriptedServer, anthropic: AnthropicAdmin, amount: Any, currency: str, message: str
) -> None:
    broken = {**RECORD["model_breakdown"][0], "estimated_cost": {"amount": amount, "currency": currency}}
    server.respond_with(report(RECORD | {"model_breakdown": [broken]}))

    with pytest.raises(InvalidAnswerError, match=message):
        list(anthropic.claude_code(DAY))


def test_an_estimate_that_is_a_json_number_keeps_its_digits(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    sent = json.dumps(report(RECORD)).encode().replace(b"105", b"105.12345678901234567890123")
    server.respond_with(Answer(sent))

    (record,) = anthropic.claude_code(DAY)
    estimates = [used.estimated_cost and used.estimated_cost.amount for used in record.model_breakdown]
    assert estimates == [Decimal("105.12345678901234567890123")]
