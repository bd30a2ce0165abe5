"""The client of the analytics endpoints: whole days, all rows, and a page that may expire."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.sources.anthropic.analytics import earliest_day
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.http.errors import InvalidAnswerError, PageExpiredError
from ai_usage_tests.support.messages import exactly, unusable
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer

DAY = Days.one(date(2026, 11, 20))
ROW: dict[str, Any] = {
    "starting_at": "2026-11-20T00:00:00Z",
    "ending_at": "2026-11-21T00:00:00Z",
    "group": {"api_key_id": "apikey_1"},
    "cost": {"amount": "1.5", "currency": "USD"},
}
COST = "/v1/organizations/analytics/cost"
EXPIRED = Answer({"type": "error"}, status=410)
NOT_WHOLE = "sent a row of 2026-11-20 that is not one whole UTC day"


def page(*rows: Any, after: str | None = None) -> dict[str, Any]:
    return {"data": list(rows), "has_more": after is not None, "next_page": after}


def row(number: int, **changed: str) -> dict[str, Any]:
    return {**ROW, "group": {"api_key_id": f"apikey_{number}"}, **changed}


@pytest.mark.parametrize(
    ("ask", "groups"),
    [
        (
            lambda client: client.analytics_cost(DAY),
            ["actor", "api_key_id", "workspace_id", "model", "cost_type", "token_type"],
        ),
        (lambda client: client.analytics_usage(DAY), ["actor", "api_key_id", "workspace_id", "model"]),
    ],
)
def test_rows_are_requested_by_day_with_the_beta_header(
    server: ScriptedServer, anthropic: AnthropicAdmin, ask: Callable[[AnthropicAdmin], Any], groups: list[str]
) -> None:
    server.respond_with(page())

    assert ask(anthropic) == []
    (request,) = server.requests
    assert request.headers["anthropic-beta"] == "analytics-usage-cost-2026-08-24"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.query == {
        "starting_at": ["2026-11-20T00:00:00Z"],
        "ending_at": ["2026-11-21T00:00:00Z"],
        "time_bucket_width": ["1d"],
        "group_by[]": groups,
        "order_by": ["time"],
        "order": ["asc"],
        "limit": ["1000"],
    }


def test_the_beta_header_is_sent_only_to_its_endpoints(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with({"data": [], "has_more": False, "last_id": None})

    anthropic.users()
    assert "anthropic-beta" not in server.requests[0].headers


def test_an_expired_page_starts_again_and_drops_the_pages_before(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(page(row(1), row(2), after="old"), EXPIRED, page(row(3), after="new"), page(row(4)))

    found = anthropic.analytics_cost(DAY)
    assert [each.group.api_key_id for each in found] == ["apikey_3", "apikey_4"]
    assert [request.query.get("page") for request in server.requests] == [None, ["old"], None, ["new"]]


def test_a_page_that_expires_twice_is_an_error(server: ScriptedServer, anthropic: AnthropicAdmin) -> None:
    server.respond_with(page(row(1), after="old"), EXPIRED, page(row(1), after="new"), EXPIRED)

    expired = exactly(
        f"Anthropic no longer has the requested page ({COST}, HTTP 410): the vendor renewed its data while the pages "
        "were read, and none of it was used; try again."
    )
    with pytest.raises(PageExpiredError, match=expired):
        anthropic.analytics_cost(DAY)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"starting_at": "2026-11-20T01:00:00Z"}, NOT_WHOLE),
        (
            # 24 hours of two days
            {"starting_at": "2026-11-20T06:00:00Z", "ending_at": "2026-11-21T06:00:00Z"},
            NOT_WHOLE,
        ),
        ({"ending_at": "2026-11-22T00:00:00Z"}, NOT_WHOLE),
        (
            {"starting_at": "2026-11-21T00:00:00Z", "ending_at": "2026-11-22T00:00:00Z"},
            "sent 2026-11-21, which was not requested",
        ),
    ],
)
def test_a_row_of_another_day_or_of_a_part_of_a_day_is_refused(
    server: ScriptedServer, anthropic: AnthropicAdmin, changed: dict[str, str], message: str
) -> None:
    server.respond_with(page(row(1), row(2, **changed)))

    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", COST, message)):
        anthropic.analytics_cost(DAY)


def test_an_amount_in_another_currency_is_refused_with_its_day(
    server: ScriptedServer, anthropic: AnthropicAdmin
) -> None:
    server.respond_with(page(row(1), {**ROW, "cost": {"amount": "1.5", "currency": "EUR"}}))

    what = "bills 2026-11-20 in another currency, EUR"
    hint = "only USD can be summed, and none of it was used; ask the vendor to bill in USD"
    with pytest.raises(InvalidAnswerError, match=unusable("Anthropic", COST, what, hint)):
        anthropic.analytics_cost(DAY)


@pytest.mark.parametrize(
    ("now", "earliest"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2027, 1, 1, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2027, 6, 30, 12, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_oldest_day_is_a_year_ago_and_not_before_2026(now: datetime, earliest: date) -> None:
    assert earliest_day(now) == earliest
