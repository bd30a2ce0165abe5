"""dlt as its users write it: one resource per endpoint, nested records normalized by dlt, one pipeline into DuckDB.

It loads raw tables only: no facts, no dimensions, no audit. It requests the same windows and pages as the product, with
dlt's own requests helper. `append` is dlt's cheapest write disposition. The hints are for columns that are read later:
dlt makes no column for a field that is always null.
"""

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.helpers import requests

from ai_usage_assets.days import Days
from benchmarks.competitors.floor import ACCOUNT_GROUPS, GROUPS
from benchmarks.competitors.parameters import SCHEMA, Parameters, Stopwatch, read_parameters
from benchmarks.dbt.staging import STAGING


def anthropic(parameters: Parameters, path: str, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    url = f"{parameters.url}/v1/organizations/{path}"
    headers = {"x-api-key": parameters.anthropic_key, "anthropic-version": "2023-06-01"}
    while True:
        response = requests.get(url, params=query, headers=headers).json()
        yield response["data"]
        if response.get("next_page"):
            query = {**query, "page": response["next_page"]}
        elif response["has_more"]:
            query = {**query, "after_id": response["last_id"]}
        else:
            return


def report(
    parameters: Parameters, path: str, days: Days, groups: list[str]
) -> Iterator[list[dict[str, Any]]]:
    for window in days.chunks(31):
        query = {
            "starting_at": f"{window.starting_at:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{window.ending_at:%Y-%m-%dT%H:%M:%SZ}",
            "bucket_width": "1d",
            "group_by[]": groups,
            "limit": len(window),
        }
        for buckets in anthropic(parameters, path, query):
            yield [{"day": b["starting_at"], **row} for b in buckets for row in b["results"]]


def cursor(parameters: Parameters, path: str, key: str, days: Days) -> Iterator[list[dict[str, Any]]]:
    url = f"{parameters.url}/teams/{path}"
    for window in days.chunks(30):
        last, page = window.ending_at - timedelta(milliseconds=1), 0
        more = True
        while more:
            page += 1
            query = {
                "startDate": int(window.starting_at.timestamp() * 1000),
                "endDate": round(last.timestamp() * 1000),
                "pageSize": 1000,
                "page": page,
            }
            response = requests.post(url, json=query, auth=(parameters.cursor_key, "")).json()
            yield response[key]
            more = response["pagination"]["hasNextPage"]


def members(parameters: Parameters) -> Iterator[list[dict[str, Any]]]:
    yield team(parameters, "members")["teamMembers"]


def groups(parameters: Parameters) -> Iterator[list[dict[str, Any]]]:
    """One row is a membership, present or past."""
    answer = team(parameters, "groups")
    cycle = {"cycle_start": answer["billingCycle"]["cycleStart"]}
    yield [
        {**member, **cycle, "group_id": group["id"], "group_name": group["name"], "is_current": is_current}
        for group in answer["groups"]
        for field, is_current in (("currentMembers", True), ("formerMembers", False))
        for member in group[field]
    ]


def team(parameters: Parameters, path: str) -> Any:
    return requests.get(f"{parameters.url}/teams/{path}", auth=(parameters.cursor_key, "")).json()


def resources(parameters: Parameters) -> list[Any]:
    days = parameters.days
    hints = {of.source: of.hints(table) for table, of in STAGING.items()}

    def of(name: str, rows: Iterator[list[dict[str, Any]]]) -> Any:
        return dlt.resource(rows, name=name, write_disposition="append", columns=hints[name])

    code = (
        page
        for day in days
        for page in anthropic(
            parameters, "usage_report/claude_code", {"starting_at": str(day), "limit": 1000}
        )
    )
    limit = {"limit": 1000}
    every = {"include_archived": "true", "include_default": "true"}
    return [
        of("messages_usage", report(parameters, "usage_report/messages", days, GROUPS)),
        of("account_usage", report(parameters, "usage_report/messages", days, ACCOUNT_GROUPS)),
        of("cost_report", report(parameters, "cost_report", days, ["workspace_id", "description"])),
        of("claude_code", code),
        of("daily_usage", cursor(parameters, "daily-usage-data", "data", days)),
        of("usage_events", cursor(parameters, "filtered-usage-events", "usageEvents", days)),
        of("users", anthropic(parameters, "users", limit)),
        of("api_keys", anthropic(parameters, "api_keys", limit)),
        of("workspaces", anthropic(parameters, "workspaces", {**limit, **every})),
        of("members", members(parameters)),
        of("groups", groups(parameters)),
    ]


def load(parameters: Parameters, dataset: str, loader: str | None) -> None:
    pipeline = dlt.pipeline(
        pipeline_name="ai_usage_peer",
        pipelines_dir=str(parameters.home / "dlt"),
        destination=dlt.destinations.duckdb(str(parameters.database)),
        dataset_name=dataset,
    )
    pipeline.run(resources(parameters), loader_file_format=loader)


def main() -> None:
    parameters = read_parameters()
    watch = Stopwatch()
    load(parameters, SCHEMA, "parquet" if "parquet" in sys.argv[2:] else None)
    watch.done()


if __name__ == "__main__":
    main()
