"""The floor: the same requests with plain httpx, one bulk load per table, the same SQL. No framework and no checks.

It has no validation, no retries, no restatements and no audit. It sends the product's requests, and requests eight days
of Claude Code at a time, as the product does.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self, TypeVar

import duckdb
import httpx
import msgspec
import pyarrow as pa

from ai_usage_assets.days import Days
from benchmarks.competitors import floor_code, floor_rows
from benchmarks.competitors.parameters import SCHEMA, Parameters, Stopwatch, read_parameters

T = TypeVar("T")

GROUPS = ["api_key_id", "workspace_id", "model", "service_tier", "context_window"]
ACCOUNT_GROUPS = ["account_id", "service_account_id", "workspace_id", "model", "service_tier"]
CONCURRENCY = 8
SNAPSHOTS = {
    *("raw_anthropic_users", "raw_anthropic_api_keys", "raw_anthropic_workspaces"),
    *("raw_cursor_members", "raw_cursor_groups"),
}
IDENTITY = {
    "identity_people": "select email, first_name, last_name, department, team, cost_center, valid_from, valid_to from read_csv('{0}/people.csv')",
    "identity_aliases": (
        "select distinct unnest(string_split(aliases, ';')) as alias, email "
        "from read_csv('{0}/people.csv', types = {{'aliases': 'VARCHAR'}}) where aliases is not null"
    ),
    "identity_api_key_owners": "select * from read_csv('{0}/api_key_owners.csv')",
    "identity_seats": "select * from read_csv('{0}/seats.csv')",
    "identity_seat_tiers": "select * from read_csv('{0}/seat_tiers.csv')",
}


class Vendors:
    """Clients of both vendors, one method per endpoint."""

    def __init__(
        self, parameters: Parameters, on_request: Callable[[httpx.Request], Any] | None = None
    ) -> None:
        headers = {"x-api-key": parameters.anthropic_key, "anthropic-version": "2023-06-01"}
        hooks = {"request": [on_request] if on_request else []}
        common: dict[str, Any] = {"timeout": 600, "event_hooks": hooks, "trust_env": False}
        self._anthropic = httpx.Client(
            base_url=f"{parameters.url}/v1/organizations", headers=headers, **common
        )
        self._cursor = httpx.Client(base_url=parameters.url, auth=(parameters.cursor_key, ""), **common)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._anthropic.close()
        self._cursor.close()

    def report(self, path: str, kind: type[T], days: Days, groups: list[str]) -> Iterator[T]:
        for window in days.chunks(31):
            query = {
                "starting_at": f"{window.starting_at:%Y-%m-%dT%H:%M:%SZ}",
                "ending_at": f"{window.ending_at:%Y-%m-%dT%H:%M:%SZ}",
                "bucket_width": "1d",
                "group_by[]": groups,
                "limit": len(window),
            }
            yield self._get(path, kind, query)

    def claude_code(self, day: date) -> list[floor_code.Record]:
        query: dict[str, Any] = {"starting_at": str(day), "limit": 1000}
        page = self._get("/usage_report/claude_code", floor_code.RecordsPage, query)
        records = page.data
        while page.next_page:
            page = self._get(
                "/usage_report/claude_code", floor_code.RecordsPage, {**query, "page": page.next_page}
            )
            records += page.data
        return records

    def listed(self, path: str, **more: str) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"limit": 1000, **more}
        page = self._get(path, floor_code.ListPage, query)
        rows = page.data
        while page.has_more:
            page = self._get(path, floor_code.ListPage, {**query, "after_id": page.last_id})
            rows += page.data
        return rows

    def events(self, days: Days) -> Iterator[floor_rows.EventsPage]:
        for window in days.chunks(30):
            number, last = 0, 1
            while number < last:
                number += 1
                page = self._post("/teams/filtered-usage-events", floor_rows.EventsPage, window, number)
                last = page.pagination.num_pages
                yield page

    def daily(self, days: Days) -> Iterator[floor_rows.DailyPage]:
        for window in days.chunks(30):
            number, last = 0, 1
            while number < last:
                number += 1
                page = self._post("/teams/daily-usage-data", floor_rows.DailyPage, window, number)
                last = page.pagination.total_pages
                yield page

    def members(self) -> list[dict[str, Any]]:
        response = self._cursor.get("/teams/members").raise_for_status().content
        return msgspec.json.decode(response, type=floor_code.MembersPage).team_members

    def groups(self) -> floor_code.GroupsPage:
        response = self._cursor.get("/teams/groups").raise_for_status().content
        return msgspec.json.decode(response, type=floor_code.GroupsPage)

    def _get(self, path: str, kind: type[T], query: dict[str, Any]) -> T:
        return msgspec.json.decode(
            self._anthropic.get(path, params=query).raise_for_status().content, type=kind
        )

    def _post(self, path: str, kind: type[T], window: Days, number: int) -> T:
        last = window.ending_at - timedelta(milliseconds=1)
        query = {
            "startDate": int(window.starting_at.timestamp() * 1000),
            "endDate": round(last.timestamp() * 1000),
            "pageSize": 1000,
            "page": number,
        }
        return msgspec.json.decode(self._cursor.post(path, json=query).raise_for_status().content, type=kind)


def tables(vendors: Vendors, days: Days, parameters: Parameters) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each requested table."""
    if parameters.includes("raw_anthropic_usage"):
        pages = vendors.report("/usage_report/messages", floor_rows.UsagePage, days, GROUPS)
        yield "raw_anthropic_usage", floor_rows.usage(pages)
    if parameters.includes("raw_anthropic_account_usage"):
        pages = vendors.report("/usage_report/messages", floor_rows.UsagePage, days, ACCOUNT_GROUPS)
        yield "raw_anthropic_account_usage", floor_rows.account_usage(pages)
    if parameters.includes("raw_anthropic_cost"):
        pages_of_lines = vendors.report(
            "/cost_report", floor_rows.CostPage, days, ["workspace_id", "description"]
        )
        yield "raw_anthropic_cost", floor_rows.cost(pages_of_lines)
    if parameters.includes("raw_claude_code_usage"):
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            records = [record for day in pool.map(vendors.claude_code, days) for record in day]
        yield "raw_claude_code_usage", floor_code.usage(records)
        yield "raw_claude_code_models", floor_code.models(records)
    if parameters.includes("raw_cursor_usage"):
        yield "raw_cursor_usage", floor_rows.daily(vendors.daily(days))
    if parameters.includes("raw_cursor_events"):
        yield "raw_cursor_events", floor_rows.events(vendors.events(days))
    if parameters.includes("raw_anthropic_users"):
        yield "raw_anthropic_users", floor_code.users(vendors.listed("/users"))
        yield "raw_anthropic_api_keys", floor_code.api_keys(vendors.listed("/api_keys"))
        spaces = vendors.listed("/workspaces", include_archived="true", include_default="true")
        yield "raw_anthropic_workspaces", floor_code.workspaces(spaces)
        yield "raw_cursor_members", floor_code.members(vendors.members())
        yield "raw_cursor_groups", floor_code.groups(vendors.groups())


def run(parameters: Parameters) -> None:
    statements = json.loads((parameters.home / "statements.json").read_text(encoding="utf-8"))
    with Vendors(parameters) as vendors, duckdb.connect(str(parameters.database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema if not exists {SCHEMA}")
        connection.execute(f"set search_path = '{SCHEMA}'")
        for create in statements["create"].values():
            connection.execute(create)
        constants = f"timestamptz '{datetime.now(UTC):%Y-%m-%d %H:%M:%S}+00' as fetched_at"
        for name, query in IDENTITY.items():
            source = query.format(parameters.home / "identity")
            connection.execute(f"insert into {name} by name select *, {constants} from ({source})")
        for name, rows in tables(vendors, parameters.days, parameters):
            connection.register("rows", rows)
            snapshot_columns = ", fetched_at as first_seen_at, fetched_at as last_seen_at"
            if "is_current" not in rows.column_names:
                snapshot_columns += ", true as is_current"
            more = snapshot_columns if name in SNAPSHOTS else ""
            connection.execute(f"insert into {name} by name select *, {constants}{more} from rows")
            connection.unregister("rows")
        for name, query in statements["select"].items():
            if parameters.includes(name):
                connection.execute(f"insert into {name} by name {query}")
        for name, query in statements["views"].items():
            connection.execute(f"create view {name} as {query}")


def main() -> None:
    watch = Stopwatch()
    run(read_parameters())
    watch.done()


if __name__ == "__main__":
    main()
