"""The sandbox as a thing one starts and stops, and what can be made to go wrong on the way to it."""

import csv
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.company import identity
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import running

USERS = "/v1/organizations/users"
MEMBERS = "/teams/members"
EVENTS = "/teams/filtered-usage-events"
FRIDAY = {"startDate": 1795132800000, "endDate": 1795219199999, "pageSize": 1000}


# starting and stopping


def test_it_starts_and_stops_within_seconds() -> None:
    before, start = set(threading.enumerate()), time.perf_counter()
    with running() as sandbox, httpx.Client(base_url=sandbox.url, auth=(sandbox.cursor_key, "")) as client:
        assert client.get(MEMBERS).status_code == 200
    assert time.perf_counter() - start < 60
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.url}{MEMBERS}")
    # others may have ended meanwhile
    assert set(threading.enumerate()) <= before


def test_it_listens_on_one_address_of_this_machine_alone() -> None:
    with running() as sandbox:
        port = int(sandbox.url.removeprefix("http://127.0.0.1:"))
        with pytest.raises((ConnectionRefusedError, TimeoutError)):
            socket.create_connection(("127.0.0.2", port), timeout=1)


def test_two_run_side_by_side() -> None:
    with running() as one, running() as other:
        assert one.url != other.url


def test_it_counts_what_it_is_asked_and_forgets_the_key(own: Any) -> None:
    own.get("/users", limit=3)
    own.cursor.get("/members")
    own.cursor.get("/members")
    last = own.sandbox.last_requests[0]
    assert own.sandbox.requests == {USERS: 1, MEMBERS: 2}
    assert (last.method, last.path, last.query) == ("GET", USERS, "limit=3")
    assert own.sandbox.anthropic_key not in str(own.sandbox.last_requests)


def test_in_the_foreground_it_prints_what_to_export() -> None:
    command = [sys.executable, "-m", "ai_usage_assets.demo.sandbox", "--people", "12"]
    root = Path(__file__).parents[4]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        exported = dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines)
        answer = httpx.get(
            exported["CURSOR_ADMIN_BASE_URL"] + MEMBERS, auth=(exported["CURSOR_ADMIN_API_KEY"], "")
        )
        process.terminate()
    assert answer.status_code == 200
    assert set(exported) == {
        "ANTHROPIC_ADMIN_API_KEY",
        "ANTHROPIC_ADMIN_BASE_URL",
        "CURSOR_ADMIN_API_KEY",
        "CURSOR_ADMIN_BASE_URL",
        "CURSOR_REQUESTS_PER_MINUTE",
    }


def test_a_company_may_have_hundreds_of_people_but_not_a_handful() -> None:
    large = Company(people=600)
    assert len({person.email for person in large.directory.people}) == 600
    with pytest.raises(ValueError, match="12 people at least"):
        Company(people=5)


def test_the_example_identity_files_fit_the_company(tmp_path: Path) -> None:
    identity.write(Company(), tmp_path, ".example.csv")
    kept = Path(__file__).parents[4] / "identity"
    for file in tmp_path.iterdir():
        assert (kept / file.name).read_text(encoding="utf-8") == file.read_text(encoding="utf-8")


def test_the_identity_files_know_an_alias_an_owner_and_seats_of_three_tiers(
    company: Company, tmp_path: Path
) -> None:
    identity.write(company, tmp_path)

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    people, owners, seats, tiers = rows("people"), rows("api_key_owners"), rows("seats"), rows("seat_tiers")
    emails = {row["email"] for row in people}
    assert [row["aliases"] for row in people if row["aliases"]] == ["j.okafor@tidewater.example"]
    assert {row["department"] for row in people} >= {"Engineering", "Data", "Support", "Finance"}
    assert [row["email"] in emails for row in owners] == [True]
    assert owners[0]["api_key_id"] == company.directory.keys["legacy"].id
    assert owners[0]["actor_type"] == "service"
    prices = {row["tier"]: (row["platform"], row["usd_per_seat_month"], row["billing_day"]) for row in seats}
    assert prices == {"standard": ("cursor", "40.00", "17"), "premium": ("cursor", "120.00", "17")}
    # one by an alias, and the admin whose seat is free
    assert [(row["email"].split("@")[0], row["tier"]) for row in tiers] == [
        ("j.okafor", "premium"),
        ("xiaoming.wang", "premium"),
        ("hanna.weiss", "free"),
    ]


# faults


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        (faults.rate_limited(), 429, None),
        (faults.rate_limited(2), 429, "2"),
        (faults.status(500), 500, None),
        (faults.status(503, retry_after="1"), 503, "1"),
        (faults.status(529), 529, None),
    ],
)
def test_a_status_can_be_ordered_for_the_next_questions(
    own: Any, fault: Fault, status: int, retry_after: Any
) -> None:
    own.sandbox.faults.next(USERS, fault, times=2)
    answers = [own.get("/users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("retry-after") == retry_after


def test_a_fault_concerns_its_own_path_alone(own: Any) -> None:
    own.sandbox.faults.next(MEMBERS, faults.status(500))
    assert own.get("/users").status_code == 200
    own.sandbox.faults.clear()
    assert own.cursor.get("/members").status_code == 200


@pytest.mark.parametrize(
    ("fault", "media"), [(faults.html(), "text/html"), (faults.invalid_json(), "application/json")]
)
def test_an_answer_may_be_no_json_at_all(own: Any, fault: Fault, media: str) -> None:
    own.sandbox.faults.next(USERS, fault)
    answer = own.get("/users")
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_may_break_off(own: Any) -> None:
    own.sandbox.faults.next(USERS, faults.cut_off())
    with pytest.raises(httpx.RemoteProtocolError):
        own.get("/users")
    assert own.get("/users").status_code == 200


def test_a_connection_may_be_reset(own: Any) -> None:
    own.sandbox.faults.next(MEMBERS, faults.reset(), times=2)
    for _ in range(2):
        with pytest.raises(httpx.ReadError):
            own.cursor.get("/members")
    assert own.cursor.get("/members").status_code == 200


def test_an_answer_may_drip(own: Any) -> None:
    own.sandbox.faults.next(USERS, faults.slow(0.3))
    start = time.perf_counter()
    assert len(own.get("/users", limit=1000).json()["data"]) > 10
    assert time.perf_counter() - start > 0.25


def test_more_may_be_promised_without_a_cursor(own: Any) -> None:
    own.sandbox.faults.next(USERS, faults.more_without_cursor())
    own.sandbox.faults.next("/v1/organizations/cost_report", faults.more_without_cursor())
    own.sandbox.faults.next(EVENTS, faults.more_without_cursor())
    said = own.get("/users", limit=1000).json()
    assert (said["has_more"], said["last_id"]) == (True, None)
    said = own.get("/cost_report", starting_at="2026-11-20T00:00:00Z").json()
    assert (said["has_more"], said["next_page"]) == (True, None)
    assert "hasNextPage" not in own.post("/filtered-usage-events", **FRIDAY).json()["pagination"]


def test_a_cursor_may_lead_back_to_where_it_came_from(own: Any) -> None:
    window = {"starting_at": "2026-11-01T00:00:00Z", "limit": 5}
    page = own.get("/cost_report", **window).json()["next_page"]
    own.sandbox.faults.next("/v1/organizations/cost_report", faults.repeated_cursor())
    said = own.get("/cost_report", **window, page=page).json()
    assert (said["has_more"], said["next_page"]) == (True, page)
    own.sandbox.faults.next(EVENTS, faults.repeated_cursor())
    assert own.post("/filtered-usage-events", **FRIDAY, page=9).json()["pagination"]["hasNextPage"]


def test_chance_spoils_a_part_of_all_questions_the_same_way_each_time() -> None:
    def statuses() -> list[int]:
        with (
            running() as sandbox,
            httpx.Client(base_url=sandbox.url, auth=(sandbox.cursor_key, "")) as client,
        ):
            sandbox.faults.some(0.4, faults.status(500), faults.status(503), seed=3)
            return [client.get(MEMBERS).status_code for _ in range(30)]

    first = statuses()
    assert first == statuses()
    assert set(first) == {200, 500, 503} and 5 < first.count(200) < 25


@pytest.mark.parametrize("questions", [lambda own: own.get("/users"), lambda own: own.cursor.get("/members")])
def test_a_spoiled_question_is_counted_too(own: Any, questions: Callable[[Any], httpx.Response]) -> None:
    own.sandbox.faults.some(1.0, faults.status(500))
    assert questions(own).status_code == 500
    assert (sum(own.sandbox.requests.values()), own.sandbox.faults.served) == (1, 1)
