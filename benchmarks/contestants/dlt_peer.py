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
from ai_usage_assets.sandbox.server import ANTHROPIC_KEY, CURSOR_KEY
from benchmarks.contestants.given import Given, Stopwatch, given
from benchmarks.statements import SCHEMA

GROUPS = ["api_key_id", "workspace_id", "model", "service_tier", "context_window"]
HEADERS = {"x-api-key": ANTHROPIC_KEY, "anthropic-version": "2023-06-01"}


def anthropic(url: str, path: str, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    while True:
        answer = requests.get(f"{url}/v1/organizations/{path}", params=asked, headers=HEADERS).json()
        yield answer["data"]
        if answer.get("next_page"):
            asked = {**asked, "page": answer["next_page"]}
        elif answer["has_more"]:
            asked = {**asked, "after_id": answer["last_id"]}
        else:
            return


def report(url: str, path: str, days: Days, groups: list[str]) -> Iterator[list[dict[str, Any]]]:
    for window in days.chunks(31):
        asked = {
            "starting_at": f"{window.starting_at:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{window.ending_at:%Y-%m-%dT%H:%M:%SZ}",
            "bucket_width": "1d",
            "group_by[]": groups,
            "limit": len(window),
        }
        for buckets in anthropic(url, path, asked):
            yield [{"day": b["starting_at"], **row} for b in buckets for row in b["results"]]


def cursor(url: str, path: str, key: str, days: Days) -> Iterator[list[dict[str, Any]]]:
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
            answer = requests.post(f"{url}/teams/{path}", json=asked, auth=(CURSOR_KEY, "")).json()
            yield answer[key]
            more = answer["pagination"]["hasNextPage"]


def resources(asked: Given) -> list[Any]:
    url, days = asked.url, asked.days

    def of(name: str, rows: Iterator[list[dict[str, Any]]]) -> Any:
        return dlt.resource(rows, name=name, write_disposition="append")

    code = (
        page
        for day in days
        for page in anthropic(url, "usage_report/claude_code", {"starting_at": str(day), "limit": 1000})
    )
    most = {"limit": 1000}
    return [
        of("messages_usage", report(url, "usage_report/messages", days, GROUPS)),
        of("cost_report", report(url, "cost_report", days, ["workspace_id", "description"])),
        of("claude_code", code),
        of("daily_usage", cursor(url, "daily-usage-data", "data", days)),
        of("usage_events", cursor(url, "filtered-usage-events", "usageEvents", days)),
        of("users", anthropic(url, "users", most)),
        of("api_keys", anthropic(url, "api_keys", most)),
        of("workspaces", anthropic(url, "workspaces", {**most, "include_archived": "true"})),
        of(
            "members",
            iter([requests.get(f"{url}/teams/members", auth=(CURSOR_KEY, "")).json()["teamMembers"]]),
        ),
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
