"""Every endpoint with its row builders, fed with bytes in process, because a real server is too slow for 100,000 responses.

Only the socket is replaced. The client, its paging, its checks and the row builders are those of the product.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import httpx
import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.sources.anthropic import account_rows as anthropic_accounts
from ai_usage_assets.sources.anthropic import analytics_rows, claude_code, workspaces
from ai_usage_assets.sources.anthropic import rows as anthropic_rows
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor import rows as cursor_rows
from ai_usage_assets.sources.cursor import spend_rows as cursor_spend
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.http import decode

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = Days.one(date(2026, 11, 18))
NO_LIMIT = 1_000_000_000

ENDPOINTS: dict[str, Callable[[AnthropicAdmin, CursorAdmin], list[pa.Table]]] = {
    "organization": lambda a, _: [a.organization()][:0],
    "users": lambda a, _: [anthropic_rows.user_rows(a.users(), NOW)],
    "api_keys": lambda a, _: [anthropic_rows.api_key_rows(a.api_keys(), NOW)],
    "workspaces": lambda a, _: [workspaces.fetch(a, NOW, print)],
    "messages_usage": lambda a, _: [anthropic_rows.usage_rows(a.messages_usage(DAYS), NOW)],
    "account_usage": lambda a, _: [anthropic_accounts.account_rows(a.account_usage(DAYS), NOW)],
    "cost_report": lambda a, _: [anthropic_rows.cost_rows(a.cost_report(DAYS), NOW)],
    "analytics_cost": lambda a, _: [analytics_rows.cost_rows(a.analytics_cost(DAYS), NOW)],
    "analytics_usage": lambda a, _: [analytics_rows.usage_rows(a.analytics_usage(DAYS), NOW)],
    "claude_code": lambda a, _: list(claude_code.fetch(a.claude_code, DAYS, NOW)),
    "members": lambda _, c: [cursor_rows.member_rows(c.members(), NOW)],
    "groups": lambda _, c: [cursor_rows.group_rows(c.groups(), NOW)],
    "daily_usage": lambda _, c: [cursor_rows.daily_usage_rows(c.daily_usage(DAYS), NOW)],
    "usage_events": lambda _, c: [cursor_rows.event_rows(c.usage_events(DAYS), NOW)],
    "spend": lambda _, c: [cursor_spend.spend_rows(c.spend(), NOW)],
}


class InProcessClients:
    """Both clients, connected to a list of responses. The last response is repeated."""

    def __init__(self, anthropic: AnthropicAdmin, cursor: CursorAdmin) -> None:
        self._clients = anthropic, cursor
        self._bodies: list[bytes] = []
        for client in self._clients:
            client._http._client._transport = httpx.MockTransport(self._respond)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self._bodies.pop(0) if len(self._bodies) > 1 else self._bodies[0])

    def rows(self, endpoint: str, *bodies: bytes) -> list[pa.Table]:
        self._bodies = list(bodies)
        return ENDPOINTS[endpoint](*self._clients)


@contextmanager
def in_process_clients() -> Iterator[InProcessClients]:
    url = "http://127.0.0.1:9"
    with AnthropicAdmin("key", url) as anthropic, CursorAdmin("key", url, NO_LIMIT) as cursor:
        yield InProcessClients(anthropic, cursor)


def sandbox_responses(records: int) -> dict[str, bytes]:
    """The sandbox's response of each endpoint, with this number of records in each list."""
    bodies: dict[str, bytes] = {}
    decode_json = decode.decode_json
    with (
        running(now=NOW) as sandbox,
        AnthropicAdmin(sandbox.anthropic_key, sandbox.url) as anthropic,
        CursorAdmin(sandbox.cursor_key, sandbox.url, NO_LIMIT) as cursor,
    ):
        for endpoint, request in ENDPOINTS.items():

            def recording_decode(content: bytes, response_type: type[Any], endpoint: str = endpoint) -> Any:
                bodies.setdefault(endpoint, content)
                return decode_json(content, response_type)

            with patch.object(decode, "decode_json", recording_decode):
                request(anthropic, cursor)
    return {endpoint: with_records(body, records) for endpoint, body in bodies.items()}


def with_records(body: bytes, records: int) -> bytes:
    """The response with this number of records in each of its lists, and with totals that agree."""
    response = json.loads(body)
    for name in ("data", "usageEvents", "teamMemberSpend", "teamMembers", "groups"):
        found = response.get(name)
        if not isinstance(found, list):
            continue
        buckets = [bucket for bucket in found if "results" in bucket]
        for bucket in buckets:
            bucket["results"] = _times(bucket["results"], records)
        if not buckets:
            response[name] = _times(found, records)
    if "usageEvents" in response:
        response["totalUsageEventsCount"] = records
        response["pagination"] |= {"numPages": 1, "hasNextPage": False}
    if "teamMemberSpend" in response:
        response |= {"totalMembers": records, "totalPages": 1}
    if "has_more" in response:
        response |= {"has_more": False}
    return json.dumps(response).encode()


def _times(found: list[Any], records: int) -> list[Any]:
    return (found * (records // max(1, len(found)) + 1))[:records]
