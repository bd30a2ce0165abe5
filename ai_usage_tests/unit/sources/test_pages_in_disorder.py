"""Pages and values that no vendor should send: what cannot change a sum is accepted, and the rest is refused."""

import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.sources.http import client as http
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_tests.stress import endpoint_responses
from ai_usage_tests.stress.endpoint_responses import (
    DAYS,
    InProcessClients,
    in_process_clients,
    sandbox_responses,
)
from ai_usage_tests.support.messages import exactly, undecodable, unusable

USAGE, EVENTS, CODE = "messages_usage", "usage_events", "claude_code"


@pytest.fixture(scope="module")
def true() -> dict[str, Any]:
    return {endpoint: json.loads(body) for endpoint, body in sandbox_responses(6).items()}


@pytest.fixture(scope="module")
def clients() -> Iterator[InProcessClients]:
    with in_process_clients() as clients:
        yield clients


def sent(*message: Any) -> list[bytes]:
    return [json.dumps(page).encode() for page in message]


def content(tables: list[pa.Table]) -> list[list[str]]:
    return [sorted(map(repr, table.to_pylist())) for table in tables]


def pages(message: dict[str, Any], parts: list[list[Any]]) -> list[bytes]:
    """The parts as pages, each with the number or the cursor of its position."""
    last = len(parts)
    if "usageEvents" in message:
        block = {"numPages": last, "pageSize": 2, "hasPreviousPage": False}
        return sent(
            *(
                message
                | {"usageEvents": part, "pagination": block | {"currentPage": n, "hasNextPage": n < last}}
                for n, part in enumerate(parts, 1)
            )
        )
    return sent(
        *(
            message | {"data": part, "has_more": n < last, "next_page": f"page_{n}", "last_id": f"id_{n}"}
            for n, part in enumerate(parts, 1)
        )
    )


def halves(records: list[Any]) -> list[list[Any]]:
    return [records[:2], records[2:4], records[4:]]


@pytest.mark.parametrize(("endpoint", "name"), [(CODE, "data"), (EVENTS, "usageEvents"), ("users", "data")])
def test_pages_in_any_order_give_the_same_rows(
    clients: InProcessClients, true: dict[str, Any], endpoint: str, name: str
) -> None:
    message = true[endpoint]
    whole = content(clients.rows(endpoint, *sent(message)))
    for order in permutations(halves(message[name])):
        assert content(clients.rows(endpoint, *pages(message, list(order)))) == whole


AGAIN = "sent the records of an earlier page again"
CODE_PATH, EVENTS_PATH = "/v1/organizations/usage_report/claude_code", "/teams/filtered-usage-events"


@pytest.mark.parametrize(
    ("endpoint", "name", "refusals"),
    [
        (CODE, "data", [unusable("Anthropic", CODE_PATH, AGAIN)] * 2),
        (EVENTS, "usageEvents", [unusable("Cursor", EVENTS_PATH, f"{AGAIN} as page {n}") for n in (2, 3)]),
        ("users", "data", [unusable("Anthropic", "/v1/organizations/users", AGAIN)] * 2),
    ],
)
def test_a_repeated_page_is_refused_whatever_its_number(
    clients: InProcessClients, true: dict[str, Any], endpoint: str, name: str, refusals: list[str]
) -> None:
    first, second, _ = halves(true[endpoint][name])
    as_page_2, as_page_3 = refusals
    for order, refusal in (
        ([first, second, first], as_page_3),
        ([first, first, second], as_page_2),
        ([first, second, second], as_page_3),
    ):
        with pytest.raises(InvalidAnswerError, match=refusal):
            clients.rows(endpoint, *pages(true[endpoint], order))


def test_daily_usage_of_only_other_days_does_not_count_as_a_day_without_usage(
    clients: InProcessClients, true: dict[str, Any]
) -> None:
    message = true["daily_usage"]
    other = [row | {"day": "2026-11-17"} for row in message["data"]]
    refusal = unusable("Cursor", "/teams/daily-usage-data", "sent no row of 2026-11-18, which was requested")
    with pytest.raises(InvalidAnswerError, match=refusal):
        clients.rows("daily_usage", *sent(message | {"data": other}))


def test_a_day_in_another_time_zone_is_loaded_as_its_utc_day(
    clients: InProcessClients, true: dict[str, Any]
) -> None:
    message = true[USAGE]
    (bucket,) = message["data"]
    moved = bucket | {"starting_at": "2026-11-17T19:00:00-05:00", "ending_at": "2026-11-19T05:00:00+05:00"}
    (rows,) = clients.rows(USAGE, *sent(message | {"data": [moved]}))
    assert set(rows["ingest_date"].to_pylist()) == {DAYS.first}


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_an_instant_outside_the_calendar_is_refused(
    clients: InProcessClients, true: dict[str, Any], instant: str
) -> None:
    for endpoint, path, field in (
        (USAGE, "usage_report/messages", "starting_at"),
        ("workspaces", "workspaces", "created_at"),
        ("users", "users", "added_at"),
    ):
        message = true[endpoint]
        broken = [message["data"][0] | {field: instant}, *message["data"][1:]]
        why = f"data[0]: {field} is not a time in UTC"
        with pytest.raises(
            InvalidAnswerError, match=undecodable("Anthropic", f"/v1/organizations/{path}", why)
        ):
            clients.rows(endpoint, *sent(message | {"data": broken}))


@pytest.mark.parametrize("amount", ["1e999999", "-1e27", "0e999999", '"1e26"', "9" * 40, '"NaN"'])
def test_an_amount_beyond_numeric_is_refused_by_its_place(
    clients: InProcessClients, true: dict[str, Any], amount: str
) -> None:
    event = true[EVENTS]["usageEvents"][0] | {"chargedCents": "AMOUNT"}
    message = true[EVENTS] | {"usageEvents": [event], "totalUsageEventsCount": 1}
    (body,) = sent(message)
    why = "usageEvents[0]: chargedCents is not a finite number that the warehouse can hold"
    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", EVENTS_PATH, why)):
        clients.rows(EVENTS, body.replace(b'"AMOUNT"', amount.encode()))


def test_a_sum_beyond_its_column_is_refused_by_table_and_column(
    clients: InProcessClients, true: dict[str, Any]
) -> None:
    message = true[USAGE]
    (bucket,) = message["data"]
    most = {"ephemeral_5m_input_tokens": 2**63 - 1, "ephemeral_1h_input_tokens": 1}
    row = bucket["results"][0] | {"cache_creation": most}
    refusal = exactly(
        "rows for raw_anthropic_usage were refused: column cache_creation_tokens holds a value beyond INT64. "
        "Nothing was written."
    )
    with pytest.raises(InvalidRowsError, match=refusal):
        clients.rows(USAGE, *sent(message | {"data": [bucket | {"results": [row]}]}))


def test_an_endless_answer_is_given_up_before_it_fills_the_memory(
    clients: InProcessClients, true: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1 << 20)
    with pytest.raises(
        InvalidAnswerError,
        match=unusable(
            "Anthropic", "/v1/organizations/users, HTTP 200", "sent more than 1 MiB in one answer"
        ),
    ):
        clients.rows(
            "users",
            b" " * ((1 << 20) + 1) + endpoint_responses.with_records(json.dumps(true["users"]).encode(), 3),
        )
