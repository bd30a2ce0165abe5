"""dlt as its users write it: a resource an endpoint, nested records normalised by dlt, one pipeline into DuckDB.

It lands what the vendors said and stops there: no facts, no dimensions, no audit. Windows and pages are asked for as we
ask for them, with dlt's own requests helper. `append` is the disposition that costs dlt least.
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
from benchmarks.contestants.given import SCHEMA, Given, Stopwatch, given

GROUPS = ["api_key_id", "workspace_id", "model", "service_tier", "context_window"]


def anthropic(given: Given, path: str, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    url = f"{given.url}/v1/organizations/{path}"
    headers = {"x-api-key": given.anthropic_key, "anthropic-version": "2023-06-01"}
    while True:
        answer = requests.get(url, params=asked, headers=headers).json()
        yield answer["data"]
        if answer.get("next_page"):
            asked = {**asked, "page": answer["next_page"]}
        elif answer["has_more"]:
            asked = {**asked, "after_id": answer["last_id"]}
        else:
            return


def report(given: Given, path: str, days: Days, groups: list[str]) -> Iterator[list[dict[str, Any]]]:
    for window in days.chunks(31):
        asked = {
            "starting_at": f"{window.starting_at:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{window.ending_at:%Y-%m-%dT%H:%M:%SZ}",
            "bucket_width": "1d",
            "group_by[]": groups,
            "limit": len(window),
        }
        for buckets in anthropic(given, path, asked):
            yield [{"day": b["starting_at"], **row} for b in buckets for row in b["results"]]


def cursor(given: Given, path: str, key: str, days: Days) -> Iterator[list[dict[str, Any]]]:
    url = f"{given.url}/teams/{path}"
    for window in days.chunks(30):
        last, page = window.ending_at - timedelta(milliseconds=1), 0
        more = True
        while more:
            page += 1
            asked = {
                "startDate": int(window.starting_at.timestamp() * 1000),
                "endDate": round(last.timestamp() * 1000),
                "pageSize": 1000,
                "page": page,
            }
            answer = requests.post(url, json=asked, auth=(given.cursor_key, "")).json()
            yield answer[key]
            more = answer["pagination"]["hasNextPage"]


def members(given: Given) -> Iterator[list[dict[str, Any]]]:
    yield requests.get(f"{given.url}/teams/members", auth=(given.cursor_key, "")).json()["teamMembers"]


def resources(asked: Given) -> list[Any]:
    days = asked.days

    def of(name: str, rows: Iterator[list[dict[str, Any]]]) -> Any:
        return dlt.resource(rows, name=name, write_disposition="append")

    code = (
        page
        for day in days
        for page in anthropic(asked, "usage_report/claude_code", {"starting_at": str(day), "limit": 1000})
    )
    most = {"limit": 1000}
    return [
        of("messages_usage", report(asked, "usage_report/messages", days, GROUPS)),
        of("cost_report", report(asked, "cost_report", days, ["workspace_id", "description"])),
        of("claude_code", code),
        of("daily_usage", cursor(asked, "daily-usage-data", "data", days)),
        of("usage_events", cursor(asked, "filtered-usage-events", "usageEvents", days)),
        of("users", anthropic(asked, "users", most)),
        of("api_keys", anthropic(asked, "api_keys", most)),
        of("workspaces", anthropic(asked, "workspaces", {**most, "include_archived": "true"})),
        of("members", members(asked)),
    ]


def main() -> None:
    asked = given()
    watch = Stopwatch()
    pipeline = dlt.pipeline(
        pipeline_name="ai_usage_peer",
        pipelines_dir=str(asked.home / "dlt"),
        destination=dlt.destinations.duckdb(str(asked.database)),
        dataset_name=SCHEMA,
    )
    pipeline.run(resources(asked), loader_file_format="parquet" if "parquet" in sys.argv[2:] else None)
    watch.done()


if __name__ == "__main__":
    main()
