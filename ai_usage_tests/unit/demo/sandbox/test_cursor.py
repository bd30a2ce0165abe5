"""Cursor's Admin API in the sandbox."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_tests.unit.demo.sandbox.billable import is_billable

EVENTS, DAILY = "/filtered-usage-events", "/daily-usage-data"
START = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
FRIDAY = Days.one(date(2026, 11, 20))


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert set(response.json()) == {"error", "message"}
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize("auth", [None, ("key_wrong", ""), ("key_sandbox", "password"), ("", "key_sandbox")])
def test_only_the_key_as_user_name_without_a_password_is_accepted(shared: Any, auth: Any) -> None:
    assert refusal(httpx.get(f"{shared.sandbox.url}/teams/members", auth=auth)) == (401, "Unauthorized")


def test_a_bearer_token_is_refused(shared: Any) -> None:
    headers = {"Authorization": "Bearer key_sandbox"}
    assert refusal(httpx.get(f"{shared.sandbox.url}/teams/members", headers=headers)) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EVENTS, {}),
        (EVENTS, {"startDate": START}),
        (EVENTS, {"startDate": "2026-11-20", "endDate": "2026-11-21"}),
        (EVENTS, {"startDate": START, "endDate": START - 1}),
        (EVENTS, {"startDate": START, "endDate": START + 30 * DAY + 1}),
        (EVENTS, {"startDate": START, "endDate": START + DAY, "page": 0}),
        (EVENTS, {"startDate": START, "endDate": START + DAY, "limit": 10}),
        (DAILY, {"startDate": START, "endDate": START + 30 * DAY + 1}),
        (DAILY, {"startDate": START, "endDate": START + DAY, "page": 1}),
        (DAILY, {"startDate": START, "endDate": START + DAY, "pageSize": 100}),
        ("/spend", {"sortBy": "email"}),
    ],
)
def test_an_invalid_request_is_refused(shared: Any, path: str, body: Any) -> None:
    assert refusal(shared.post(path, **body)) == (400, "Bad Request")


def test_a_body_that_is_not_json_is_refused(shared: Any) -> None:
    headers = {"content-type": "application/json"}
    assert refusal(shared.cursor.post(EVENTS, content=b"{", headers=headers)) == (400, "Bad Request")
    assert refusal(shared.cursor.post(EVENTS, data={"startDate": START})) == (400, "Bad Request")


def test_an_unknown_path_is_not_found(shared: Any) -> None:
    assert refusal(shared.cursor.get("/budgets")) == (404, "Not Found")


@pytest.mark.parametrize(("path", "limit"), [("/teams/members", 20), ("/teams/filtered-usage-events", 60)])
def test_the_rate_limits_apply_without_a_retry_after_header(path: str, limit: int) -> None:
    with (
        running(strict_limits=True) as sandbox,
        httpx.Client(base_url=sandbox.url, auth=("key_sandbox", "")) as client,
    ):
        body = {"startDate": START, "endDate": START}
        method = "GET" if path.endswith("members") else "POST"
        responses = [client.request(method, path, json=body) for _ in range(limit + 1)]
        other = client.post("/teams/spend", json={})
    assert [response.status_code for response in responses] == [200] * limit + [429]
    assert responses[-1].json()["error"] == "Too Many Requests"
    assert "retry-after" not in responses[-1].headers
    assert other.status_code == 200


# events


def test_a_page_of_events_has_ten_events_by_default(shared: Any) -> None:
    response = shared.post(EVENTS, startDate=START, endDate=START + DAY).json()
    assert len(response["usageEvents"]) <= 10 and response["pagination"]["hasNextPage"]


@pytest.mark.parametrize("size", [7, 100, 5000])
def test_the_pages_contain_every_event_once_and_newest_first(shared: Any, size: int) -> None:
    found = shared.events(FRIDAY, size=size)
    response = shared.post(EVENTS, startDate=START, endDate=START + DAY - 1).json()
    stamps = [int(event["timestamp"]) for event in found]
    assert (
        len(found)
        == response["totalUsageEventsCount"]
        == len(shared.sandbox.company.cursor(FRIDAY.first).calls)
    )
    assert stamps == sorted(stamps, reverse=True)


def test_no_page_has_more_than_a_thousand_events(shared: Any, month: Days) -> None:
    days = {"startDate": START - 20 * DAY, "endDate": START + DAY - 1}
    response = shared.post(EVENTS, **days, page=1, pageSize=5000).json()
    assert 900 < len(response["usageEvents"]) <= 1000 and response["pagination"]["hasNextPage"]


def test_a_page_past_the_last_one_is_empty(shared: Any) -> None:
    response = shared.post(EVENTS, startDate=START, endDate=START + DAY, page=99, pageSize=1000).json()
    assert (response["usageEvents"], response["pagination"]["hasNextPage"]) == ([], False)


def test_both_ends_of_a_window_are_inclusive_to_the_millisecond(shared: Any) -> None:
    def stamps(start: int, end: int) -> list[str]:
        response = shared.post(EVENTS, startDate=start, endDate=end, pageSize=1000).json()
        return [event["timestamp"] for event in response["usageEvents"]]

    assert str(START) in stamps(START, START + 1) and str(START) in stamps(START - 1, START)
    assert str(START) not in stamps(START + 1, START + 2)
    assert str(START + DAY - 1) in stamps(START + DAY - 1, START + DAY - 1)
    assert str(START + DAY) in stamps(START, START + DAY)


def test_adjacent_windows_neither_lose_nor_duplicate_events(shared: Any, month: Days, events: Any) -> None:
    pieces = [event for days in month.chunks(7) for event in shared.events(days)]
    assert sorted(event["timestamp"] for event in pieces) == sorted(event["timestamp"] for event in events)


def test_events_can_be_filtered_by_person(shared: Any) -> None:
    found = shared.events(FRIDAY, email="saraswati@tidewater.example")
    assert found and {event["userEmail"] for event in found} == {"saraswati@tidewater.example"}
    member = next(
        row["userId"] for row in shared.daily(FRIDAY) if row["email"] == "saraswati@tidewater.example"
    )
    assert shared.events(FRIDAY, userId=member) == found


def test_events_of_today_are_available_when_their_hour_has_ended(private: Any) -> None:
    private.sandbox.now = datetime(2026, 11, 20, 14, 40, tzinfo=UTC)
    newest = datetime.fromtimestamp(int(private.events(FRIDAY)[0]["timestamp"]) / 1000, UTC)
    assert datetime(2026, 11, 20, 13, tzinfo=UTC) < newest < datetime(2026, 11, 20, 14, tzinfo=UTC)


# daily rows


def test_thirty_days_to_the_millisecond_are_thirty_one_days(shared: Any) -> None:
    response = shared.post(DAILY, startDate=START - 30 * DAY, endDate=START, page=1, pageSize=1000).json()
    assert len({row["day"] for row in response["data"]}) == 31


def test_the_date_of_a_row_has_the_time_of_day_of_the_request(shared: Any) -> None:
    at = START - DAY + 66_388_000
    response = shared.post(DAILY, startDate=at, endDate=at + DAY, page=1, pageSize=1000).json()
    assert {(row["day"], row["date"]) for row in response["data"]} == {
        ("2026-11-19", at),
        ("2026-11-20", at + DAY),
    }


def test_pages_count_people_and_not_rows(shared: Any, month: Days) -> None:
    response = shared.post(
        DAILY, startDate=START - 9 * DAY, endDate=START + DAY - 1, page=1, pageSize=5
    ).json()
    assert len({row["userId"] for row in response["data"]}) == 4 and len(response["data"]) == 40
    assert response["pagination"]["hasNextPage"] and response["pagination"]["totalUsers"] == 16


def test_the_pages_contain_every_person_and_day_once(shared: Any, month: Days, daily: Any) -> None:
    found = [(row["userId"], row["day"]) for row in shared.daily(month, size=6)]
    assert len(found) == len(set(found))
    assert sorted(found) == sorted((row["userId"], row["day"]) for row in daily)


def test_without_paging_only_active_people_are_returned(shared: Any) -> None:
    response = shared.post(DAILY, startDate=START, endDate=START + DAY - 1).json()
    assert "pagination" not in response and {row["isActive"] for row in response["data"]} == {True}


def test_days_of_the_future_have_no_rows(shared: Any) -> None:
    response = shared.post(DAILY, startDate=START, endDate=START + 9 * DAY, page=1, pageSize=1000).json()
    assert max(row["day"] for row in response["data"]) == "2026-11-22"


def test_requests_by_mode_add_up_to_requests_by_billing(daily: Any) -> None:
    modes = ("composerRequests", "chatRequests", "agentRequests", "cmdkUsages", "bugbotUsages")
    bills = ("subscriptionIncludedReqs", "usageBasedReqs", "apiKeyReqs")
    assert all(sum(row[name] for name in modes) == sum(row[name] for name in bills) for row in daily)


# spend

CYCLE_START = 1794907613589


def cycle_events(shared: Any) -> list[Any]:
    """Those from the cycle's start to the millisecond on."""
    events = shared.events(Days(date(2026, 11, 17), date(2026, 11, 22)))
    kept = [event for event in events if int(event["timestamp"]) >= CYCLE_START]
    assert 0 < len(kept) < len(events)
    return kept


def test_the_spend_equals_the_charges_of_the_cycles_events(shared: Any) -> None:
    response = shared.post("/spend").json(parse_float=Decimal)
    charged: dict[str, Decimal] = {}
    for event in cycle_events(shared):
        if is_billable(event) and "userEmail" in event:
            charged[event["userEmail"]] = charged.get(event["userEmail"], Decimal(0)) + event["chargedCents"]
    spent = {
        row["email"]: row["spendCents"] for row in response["teamMemberSpend"] if "sa-" not in row["email"]
    }
    # bought on a 17th at 09:26:53.589
    assert response["subscriptionCycleStart"] == CYCLE_START
    assert sum(spent.values()) > 1000
    assert spent == {email: charged.get(email, 0) for email in spent}
    assert any(cents != int(cents) for cents in spent.values())


def test_the_spend_of_all_rows_equals_the_charges_of_all_events(shared: Any) -> None:
    rows = shared.post("/spend").json(parse_float=Decimal)["teamMemberSpend"]
    events = cycle_events(shared)
    assert sum(row["spendCents"] for row in rows) == sum(e["chargedCents"] for e in events if is_billable(e))
    assert sum(row["overallSpendCents"] for row in rows) == sum(e["chargedCents"] for e in events)


def test_tiers_and_limits_are_optional_and_one_row_has_no_id(shared: Any) -> None:
    rows = shared.post("/spend").json()["teamMemberSpend"]
    assert {row.get("billingTier") for row in rows} == {None, "standard", "premium"}
    assert {row.get("effectivePerUserLimitDollars") for row in rows} == {None, 200, 500}
    assert [row["email"] for row in rows if "userId" not in row] == ["dana.reyes@fernhill-partners.example"]


def test_the_spend_can_be_searched_and_sorted(shared: Any) -> None:
    (row,) = shared.post("/spend", searchTerm="MARA").json()["teamMemberSpend"]
    amounts = [row["spendCents"] for row in shared.post("/spend", sortBy="amount").json()["teamMemberSpend"]]
    assert row["email"] == "mara.lindqvist@tidewater.example"
    assert amounts == sorted(amounts, reverse=True)


def test_members_include_removed_ones(shared: Any) -> None:
    members = shared.cursor.get("/members").json()["teamMembers"]
    removed = {member["email"] for member in members if member["isRemoved"]}
    assert "tomas.ferreira@tidewater.example" in removed and len(removed) < len(members) / 2


def test_a_member_is_not_listed_before_joining(private: Any) -> None:
    def emails() -> set[str]:
        return {member["email"] for member in private.cursor.get("/members").json()["teamMembers"]}

    now = emails()
    private.sandbox.now = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(hours=3)
    assert emails() < now
