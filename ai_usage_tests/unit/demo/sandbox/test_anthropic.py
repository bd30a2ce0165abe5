"""Anthropic's Admin API in the sandbox: authorization, valid requests, and paging."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from ai_usage_assets.days import Days

MESSAGES, COST, CLAUDE_CODE = "/usage_report/messages", "/cost_report", "/usage_report/claude_code"
FRIDAY = "2026-11-20T00:00:00Z"
SATURDAY = "2026-11-21T00:00:00Z"
FIVE = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")


def refusal(response: httpx.Response) -> tuple[int, str]:
    content = response.json()
    assert content["type"] == "error" and content["request_id"] == response.headers["request-id"]
    return response.status_code, content["error"]["type"]


# authorization


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-api-key": "sk-ant-admin01-wrong"}, (401, "authentication_error")),
        ({"x-api-key": ""}, (401, "authentication_error")),
        ({"x-api-key": "sk-ant-api03-of-a-workspace"}, (403, "permission_error")),
        ({"anthropic-version": ""}, (400, "invalid_request_error")),
        ({"anthropic-version": "2026-10-21"}, (400, "invalid_request_error")),
    ],
)
def test_only_an_admin_key_with_the_pinned_version_is_accepted(
    shared: Any, headers: Any, expected: Any
) -> None:
    assert refusal(shared.anthropic.get("/me", headers=headers)) == expected


def test_the_organization_has_an_id_and_a_type(shared: Any) -> None:
    response = shared.get("/me")
    assert response.json()["type"] == "organization"
    assert response.headers["anthropic-organization-id"] == response.json()["id"]


def test_an_unknown_path_has_the_vendors_error_type(shared: Any) -> None:
    assert refusal(shared.get("/usage_report/tokens")) == (404, "not_found_error")


# valid requests


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (MESSAGES, {}),
        (MESSAGES, {"starting_at": "2026-11-20"}),
        (MESSAGES, {"starting_at": FRIDAY, "ending_at": FRIDAY}),
        (MESSAGES, {"starting_at": SATURDAY, "ending_at": FRIDAY}),
        (MESSAGES, {"starting_at": FRIDAY, "limit": 32}),
        (MESSAGES, {"starting_at": FRIDAY, "limit": 0}),
        (MESSAGES, {"starting_at": FRIDAY, "limit": 169, "bucket_width": "1h"}),
        (MESSAGES, {"starting_at": FRIDAY, "bucket_width": "1w"}),
        (MESSAGES, {"starting_at": FRIDAY, "group_by": (*FIVE, "account_id")}),
        (MESSAGES, {"starting_at": FRIDAY, "group_by": ("user",)}),
        (MESSAGES, {"starting_at": FRIDAY, "group_by": ("speed",)}),
        (MESSAGES, {"starting_at": FRIDAY, "group_by": "model"}),
        (MESSAGES, {"starting_at": FRIDAY, "page": "page_made-up"}),
        (COST, {"starting_at": FRIDAY, "bucket_width": "1h"}),
        (COST, {"starting_at": FRIDAY, "group_by": ("api_key_id",)}),
        (COST, {"starting_at": FRIDAY, "limit": 32}),
        (CLAUDE_CODE, {"starting_at": FRIDAY}),
        (CLAUDE_CODE, {"starting_at": "2026-11-31"}),
        (CLAUDE_CODE, {"starting_at": "2026-11-20", "ending_at": "2026-11-21"}),
        (CLAUDE_CODE, {"starting_at": "2026-11-20", "limit": 1001}),
        ("/users", {"limit": 1001}),
        ("/users", {"after_id": "user_nobody"}),
        ("/api_keys", {"status": "lost"}),
        ("/workspaces", {"offset": 20}),
    ],
)
def test_an_invalid_request_is_refused(shared: Any, path: str, params: Any) -> None:
    assert refusal(shared.get(path, **params)) == (400, "invalid_request_error")


def test_six_dimensions_are_refused_with_the_vendors_message(shared: Any) -> None:
    response = shared.get(MESSAGES, starting_at=FRIDAY, group_by=(*FIVE, "inference_geo")).json()
    assert response["error"]["message"] == "Cannot specify more than 5 group_by[] dimensions."


def test_speed_needs_its_beta_header(shared: Any) -> None:
    headers = {"anthropic-beta": "fast-mode-2026-02-01"}
    params = {"starting_at": FRIDAY, "group_by[]": "speed"}
    response = shared.anthropic.get(MESSAGES, params=params, headers=headers).json()
    assert {row["speed"] for bucket in response["data"] for row in bucket["results"]} >= {"standard"}


# buckets


def test_a_page_of_usage_has_seven_days_by_default(shared: Any) -> None:
    response = shared.get(MESSAGES, starting_at="2026-10-01T00:00:00Z").json()
    assert (len(response["data"]), response["has_more"]) == (7, True)


@pytest.mark.parametrize(("width", "buckets"), [("1h", 24), ("1m", 60)])
def test_hours_and_minutes_have_a_default_page_size_of_their_own(
    shared: Any, width: str, buckets: int
) -> None:
    response = shared.get(MESSAGES, starting_at=FRIDAY, bucket_width=width).json()
    assert len(response["data"]) == buckets


def test_the_pages_contain_every_day_once_and_oldest_first(shared: Any, month: Days) -> None:
    found = shared.buckets(MESSAGES, month, limit=4)
    assert [bucket["starting_at"] for bucket in found] == [f"{day}T00:00:00Z" for day in month]


def test_a_day_without_usage_is_a_bucket_without_results(shared: Any) -> None:
    (bucket,) = shared.buckets(MESSAGES, Days.one(date(2026, 11, 15)))
    assert bucket["results"] == []


def test_a_start_within_a_day_is_aligned_to_the_day(shared: Any) -> None:
    window = {"starting_at": "2026-11-20T13:45:00Z", "ending_at": "2026-11-20T14:00:00Z"}
    (bucket,) = shared.get(MESSAGES, **window).json()["data"]
    assert (bucket["starting_at"], bucket["ending_at"]) == (FRIDAY, SATURDAY)


def test_times_in_another_zone_are_converted_to_utc(shared: Any) -> None:
    there = shared.get(MESSAGES, starting_at="2026-11-20T02:00:00+02:00", ending_at=SATURDAY).json()
    assert there["data"] == shared.get(MESSAGES, starting_at=FRIDAY, ending_at=SATURDAY).json()["data"]


def test_without_grouping_a_day_is_one_row_with_null_dimensions(shared: Any) -> None:
    (row,) = shared.buckets(MESSAGES, Days.one(date(2026, 11, 20)))[0]["results"]
    assert {row[name] for name in (*FIVE, "account_id", "inference_geo")} == {None}


def test_a_dimension_that_is_not_grouped_by_is_null(shared: Any) -> None:
    rows = shared.buckets(MESSAGES, Days.one(date(2026, 11, 20)), group_by=("model",))[0]["results"]
    assert len(rows) > 2 and {row["workspace_id"] for row in rows} == {None}


@pytest.mark.parametrize("groups", [(), ("model",), FIVE, ("account_id", "inference_geo")])
def test_the_tokens_of_a_day_do_not_depend_on_the_grouping(shared: Any, company: Any, groups: Any) -> None:
    day = date(2026, 11, 20)
    rows = shared.buckets(MESSAGES, Days.one(day), **({"group_by": groups} if groups else {}))[0]["results"]
    day_totals = company.totals(Days.one(day))[day].anthropic
    assert sum(row["output_tokens"] for row in rows) == day_totals.output_tokens


def test_a_filter_returns_only_matching_rows(shared: Any) -> None:
    rows = shared.buckets(
        MESSAGES, Days.one(date(2026, 11, 20)), group_by=("model",), models=("claude-sonnet-5-5",)
    )[0]["results"]
    assert [row["model"] for row in rows] == ["claude-sonnet-5-5"]


def test_the_hours_of_a_day_add_up_to_the_day(shared: Any) -> None:
    day = Days.one(date(2026, 11, 20))
    hours = shared.buckets(MESSAGES, day, bucket_width="1h")
    (whole,) = shared.buckets(MESSAGES, day)[0]["results"]
    assert len(hours) == 24
    assert sum(hour["results"][0]["output_tokens"] for hour in hours) == whole["output_tokens"]


def test_a_cursor_is_valid_for_its_own_query_only(shared: Any) -> None:
    page = shared.get(MESSAGES, starting_at="2026-10-01T00:00:00Z").json()["next_page"]
    other = shared.get(MESSAGES, starting_at="2026-10-01T00:00:00Z", group_by=("model",), page=page)
    assert refusal(other) == (400, "invalid_request_error")


# the clock


def test_there_are_no_buckets_in_the_future(shared: Any) -> None:
    response = shared.get(MESSAGES, starting_at=FRIDAY, ending_at="2026-12-01T00:00:00Z", limit=31).json()
    assert [bucket["starting_at"][:10] for bucket in response["data"]] == [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
    ]


def test_the_usage_of_today_grows_until_the_day_ends(private: Any) -> None:
    def tokens() -> int:
        bucket = private.get(MESSAGES, starting_at=FRIDAY, ending_at=SATURDAY).json()["data"][0]
        return int(sum(row["output_tokens"] for row in bucket["results"]))

    seen = []
    for hour in (1, 12, 20, 30):
        private.sandbox.now = datetime.fromisoformat(FRIDAY) + timedelta(hours=hour)
        seen.append(tokens())
    assert seen == sorted(set(seen))
    assert (
        seen[-1]
        == private.sandbox.company.totals(Days.one(date(2026, 11, 20)))[
            date(2026, 11, 20)
        ].anthropic.output_tokens
    )


def test_records_of_claude_code_are_delayed_by_an_hour(private: Any) -> None:
    def records(now: str) -> int:
        private.sandbox.now = datetime.fromisoformat(now)
        return len(private.data(CLAUDE_CODE, starting_at="2026-11-20"))

    whole = len(private.sandbox.company.anthropic(date(2026, 11, 20)).claude_code)
    assert records("2026-11-20T05:00:00Z") == 0
    assert 0 < records("2026-11-20T16:00:00Z") < records("2026-11-21T00:10:00Z") < whole
    assert records("2026-11-21T01:00:00Z") == whole


# cost


def test_a_cost_line_has_its_dimensions_only_when_grouped_by_description(shared: Any) -> None:
    day = Days.one(date(2026, 11, 20))
    (total,) = shared.buckets(COST, day)[0]["results"]
    spaces = shared.buckets(COST, day, group_by=("workspace_id",))[0]["results"]
    lines = shared.buckets(COST, day, group_by=("workspace_id", "description"))[0]["results"]
    assert {total["cost_type"], total["model"], total["workspace_id"]} == {None}
    assert len(spaces) == 6 and {row["description"] for row in spaces} == {None}
    assert len(lines) > 30 and all(row["description"] and row["cost_type"] for row in lines)


def test_an_amount_is_a_string(shared: Any) -> None:
    rows = shared.buckets(COST, Days.one(date(2026, 11, 20)), group_by=("description",))[0]["results"]
    assert {type(row["amount"]) for row in rows} == {str}


# lists


def test_a_list_has_twenty_entries_per_page_by_default(shared: Any) -> None:
    response = shared.get("/api_keys").json()
    assert len(response["data"]) <= 20 and response["has_more"]


@pytest.mark.parametrize("path", ["/api_keys", "/users", "/workspaces"])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_the_pages_of_a_list_contain_every_entry_once(shared: Any, path: str, limit: int) -> None:
    found = [record["id"] for record in shared.listed(path, limit=limit)]
    assert found == [record["id"] for record in shared.get(path, limit=1000).json()["data"]]
    assert len(found) == len(set(found)) > 4


def test_a_page_may_be_shorter_than_requested_although_more_follows(shared: Any) -> None:
    response = shared.get("/users", limit=10).json()
    assert len(response["data"]) == 9 and response["has_more"]


def test_before_id_returns_the_entries_before_it(shared: Any) -> None:
    everybody = [user["id"] for user in shared.listed("/users", limit=1000)]
    response = shared.get("/users", before_id=everybody[3], limit=1000).json()
    assert ([user["id"] for user in response["data"]], response["has_more"]) == (everybody[:3], False)


def test_archived_workspaces_are_listed_only_on_request(shared: Any) -> None:
    listed, every = shared.listed("/workspaces"), shared.listed("/workspaces", include_archived="true")
    assert {space["name"] for space in every} - {space["name"] for space in listed} == {"Hackathon 2025"}


def test_the_default_workspace_is_listed_only_on_request_and_has_an_id(shared: Any) -> None:
    listed, every = shared.listed("/workspaces"), shared.listed("/workspaces", include_default="true")
    (default,) = [space for space in every if space not in listed]
    assert (default["name"], default["id"][:9]) == ("Default", "wrkspc_01")
    assert refusal(shared.get("/workspaces", include_default="yes")) == (400, "invalid_request_error")


def test_keys_can_be_filtered_by_status(shared: Any) -> None:
    statuses = {key["status"] for key in shared.listed("/api_keys", limit=1000)}
    assert statuses == {"active", "inactive", "archived", "expired"}
    assert {key["status"] for key in shared.listed("/api_keys", status="archived")} == {"archived"}
