"""Anthropic's Admin API as the sandbox keeps to it: who may ask, what for, and how the answer is cut into pages."""

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
    said = response.json()
    assert said["type"] == "error" and said["request_id"] == response.headers["request-id"]
    return response.status_code, said["error"]["type"]


# who may ask


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
def test_only_an_admin_key_with_the_pinned_version_may_ask(still: Any, headers: Any, expected: Any) -> None:
    assert refusal(still.anthropic.get("/me", headers=headers)) == expected


def test_the_organization_says_who_it_is(still: Any) -> None:
    response = still.get("/me")
    assert response.json()["type"] == "organization"
    assert response.headers["anthropic-organization-id"] == response.json()["id"]


def test_an_unknown_path_is_not_found_in_the_vendors_own_words(still: Any) -> None:
    assert refusal(still.get("/usage_report/tokens")) == (404, "not_found_error")


# what may be asked


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
def test_a_question_the_vendor_would_not_take_is_refused(still: Any, path: str, params: Any) -> None:
    assert refusal(still.get(path, **params)) == (400, "invalid_request_error")


def test_six_dimensions_are_refused_in_the_vendors_own_words(still: Any) -> None:
    said = still.get(MESSAGES, starting_at=FRIDAY, group_by=(*FIVE, "inference_geo")).json()
    assert said["error"]["message"] == "Cannot specify more than 5 group_by[] dimensions."


def test_speed_needs_its_beta_header(still: Any) -> None:
    headers = {"anthropic-beta": "fast-mode-2026-02-01"}
    params = {"starting_at": FRIDAY, "group_by[]": "speed"}
    said = still.anthropic.get(MESSAGES, params=params, headers=headers).json()
    assert {row["speed"] for bucket in said["data"] for row in bucket["results"]} >= {"standard"}


# buckets


def test_a_page_of_usage_holds_seven_days_unless_asked_otherwise(still: Any) -> None:
    said = still.get(MESSAGES, starting_at="2026-10-01T00:00:00Z").json()
    assert (len(said["data"]), said["has_more"]) == (7, True)


@pytest.mark.parametrize(("width", "buckets"), [("1h", 24), ("1m", 60)])
def test_narrow_buckets_have_pages_of_their_own_size(still: Any, width: str, buckets: int) -> None:
    said = still.get(MESSAGES, starting_at=FRIDAY, bucket_width=width).json()
    assert len(said["data"]) == buckets


def test_following_the_pages_gives_every_day_once_and_oldest_first(still: Any, month: Days) -> None:
    found = still.buckets(MESSAGES, month, limit=4)
    assert [bucket["starting_at"] for bucket in found] == [f"{day}T00:00:00Z" for day in month]


def test_a_day_without_usage_is_a_bucket_without_results(still: Any) -> None:
    (bucket,) = still.buckets(MESSAGES, Days.one(date(2026, 11, 15)))
    assert bucket["results"] == []


def test_starting_within_a_day_snaps_to_the_day(still: Any) -> None:
    window = {"starting_at": "2026-11-20T13:45:00Z", "ending_at": "2026-11-20T14:00:00Z"}
    (bucket,) = still.get(MESSAGES, **window).json()["data"]
    assert (bucket["starting_at"], bucket["ending_at"]) == (FRIDAY, SATURDAY)


def test_an_instant_in_another_zone_is_the_same_instant(still: Any) -> None:
    there = still.get(MESSAGES, starting_at="2026-11-20T02:00:00+02:00", ending_at=SATURDAY).json()
    assert there["data"] == still.get(MESSAGES, starting_at=FRIDAY, ending_at=SATURDAY).json()["data"]


def test_without_grouping_a_day_is_one_row_of_nulls(still: Any) -> None:
    (row,) = still.buckets(MESSAGES, Days.one(date(2026, 11, 20)))[0]["results"]
    assert {row[name] for name in (*FIVE, "account_id", "inference_geo")} == {None}


def test_a_dimension_that_is_not_grouped_by_is_null(still: Any) -> None:
    rows = still.buckets(MESSAGES, Days.one(date(2026, 11, 20)), group_by=("model",))[0]["results"]
    assert len(rows) > 2 and {row["workspace_id"] for row in rows} == {None}


@pytest.mark.parametrize("groups", [(), ("model",), FIVE, ("account_id", "inference_geo")])
def test_however_it_is_grouped_a_day_has_the_same_tokens(still: Any, company: Any, groups: Any) -> None:
    day = date(2026, 11, 20)
    rows = still.buckets(MESSAGES, Days.one(day), **({"group_by": groups} if groups else {}))[0]["results"]
    truth = company.totals(Days.one(day))[day].anthropic
    assert sum(row["output_tokens"] for row in rows) == truth.output_tokens


def test_a_filter_leaves_only_what_it_names(still: Any) -> None:
    rows = still.buckets(
        MESSAGES, Days.one(date(2026, 11, 20)), group_by=("model",), models=("claude-sonnet-5-5",)
    )[0]["results"]
    assert [row["model"] for row in rows] == ["claude-sonnet-5-5"]


def test_the_hours_of_a_day_add_up_to_the_day(still: Any) -> None:
    day = Days.one(date(2026, 11, 20))
    hours = still.buckets(MESSAGES, day, bucket_width="1h")
    (whole,) = still.buckets(MESSAGES, day)[0]["results"]
    assert len(hours) == 24
    assert sum(hour["results"][0]["output_tokens"] for hour in hours) == whole["output_tokens"]


def test_a_page_belongs_to_the_question_it_continues(still: Any) -> None:
    page = still.get(MESSAGES, starting_at="2026-10-01T00:00:00Z").json()["next_page"]
    other = still.get(MESSAGES, starting_at="2026-10-01T00:00:00Z", group_by=("model",), page=page)
    assert refusal(other) == (400, "invalid_request_error")


# the clock


def test_days_of_the_future_do_not_exist(still: Any) -> None:
    said = still.get(MESSAGES, starting_at=FRIDAY, ending_at="2026-12-01T00:00:00Z", limit=31).json()
    assert [bucket["starting_at"][:10] for bucket in said["data"]] == [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
    ]


def test_today_grows_until_it_is_over(own: Any) -> None:
    def tokens() -> int:
        bucket = own.get(MESSAGES, starting_at=FRIDAY, ending_at=SATURDAY).json()["data"][0]
        return int(sum(row["output_tokens"] for row in bucket["results"]))

    seen = []
    for hour in (1, 12, 20, 30):
        own.sandbox.now = datetime.fromisoformat(FRIDAY) + timedelta(hours=hour)
        seen.append(tokens())
    assert seen == sorted(set(seen))
    assert (
        seen[-1]
        == own.sandbox.company.totals(Days.one(date(2026, 11, 20)))[
            date(2026, 11, 20)
        ].anthropic.output_tokens
    )


def test_claude_codes_records_are_withheld_for_an_hour(own: Any) -> None:
    def records(now: str) -> int:
        own.sandbox.now = datetime.fromisoformat(now)
        return len(own.data(CLAUDE_CODE, starting_at="2026-11-20"))

    whole = len(own.sandbox.company.anthropic(date(2026, 11, 20)).claude_code)
    assert records("2026-11-20T05:00:00Z") == 0
    assert 0 < records("2026-11-20T16:00:00Z") < records("2026-11-21T00:10:00Z") < whole
    assert records("2026-11-21T01:00:00Z") == whole


# cost


def test_a_cost_line_tells_its_dimensions_only_when_grouped_by_description(still: Any) -> None:
    day = Days.one(date(2026, 11, 20))
    (total,) = still.buckets(COST, day)[0]["results"]
    spaces = still.buckets(COST, day, group_by=("workspace_id",))[0]["results"]
    lines = still.buckets(COST, day, group_by=("workspace_id", "description"))[0]["results"]
    assert {total["cost_type"], total["model"], total["workspace_id"]} == {None}
    assert len(spaces) == 6 and {row["description"] for row in spaces} == {None}
    assert len(lines) > 30 and all(row["description"] and row["cost_type"] for row in lines)


def test_an_amount_is_a_string(still: Any) -> None:
    rows = still.buckets(COST, Days.one(date(2026, 11, 20)), group_by=("description",))[0]["results"]
    assert {type(row["amount"]) for row in rows} == {str}


# lists


def test_a_list_answers_twenty_at_most_unless_asked_otherwise(still: Any) -> None:
    said = still.get("/api_keys").json()
    assert len(said["data"]) <= 20 and said["has_more"]


@pytest.mark.parametrize("path", ["/api_keys", "/users", "/workspaces"])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_following_the_ids_gives_everything_once(still: Any, path: str, limit: int) -> None:
    found = [record["id"] for record in still.listed(path, limit=limit)]
    assert found == [record["id"] for record in still.get(path, limit=1000).json()["data"]]
    assert len(found) == len(set(found)) > 4


def test_a_page_may_be_shorter_than_asked_for_although_more_follows(still: Any) -> None:
    said = still.get("/users", limit=10).json()
    assert len(said["data"]) == 9 and said["has_more"]


def test_before_an_id_comes_the_page_before_it(still: Any) -> None:
    everybody = [user["id"] for user in still.listed("/users", limit=1000)]
    said = still.get("/users", before_id=everybody[3], limit=1000).json()
    assert ([user["id"] for user in said["data"]], said["has_more"]) == (everybody[:3], False)


def test_archived_workspaces_are_listed_only_on_request(still: Any) -> None:
    listed, every = still.listed("/workspaces"), still.listed("/workspaces", include_archived="true")
    assert {space["name"] for space in every} - {space["name"] for space in listed} == {"Hackathon 2025"}


def test_the_default_workspace_is_listed_only_on_request_and_has_an_id(still: Any) -> None:
    listed, every = still.listed("/workspaces"), still.listed("/workspaces", include_default="true")
    (default,) = [space for space in every if space not in listed]
    assert (default["name"], default["id"][:9]) == ("Default", "wrkspc_01")
    assert refusal(still.get("/workspaces", include_default="yes")) == (400, "invalid_request_error")


def test_keys_can_be_asked_for_by_status(still: Any) -> None:
    statuses = {key["status"] for key in still.listed("/api_keys", limit=1000)}
    assert statuses == {"active", "inactive", "archived", "expired"}
    assert {key["status"] for key in still.listed("/api_keys", status="archived")} == {"archived"}
