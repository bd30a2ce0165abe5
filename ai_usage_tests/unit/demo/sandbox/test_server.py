"""Starting and stopping the sandbox, and its faults."""

import csv
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.company import identity, invoices
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import running

USERS = "/v1/organizations/users"
MEMBERS = "/teams/members"
EVENTS = "/teams/filtered-usage-events"
FRIDAY = {"startDate": 1795132800000, "endDate": 1795219199999, "pageSize": 1000}


# starting and stopping


def test_it_starts_and_stops_quickly() -> None:
    before, start = set(threading.enumerate()), time.perf_counter()
    with running() as sandbox, httpx.Client(base_url=sandbox.url, auth=(sandbox.cursor_key, "")) as client:
        assert client.get(MEMBERS).status_code == 200
    assert time.perf_counter() - start < 60
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.url}{MEMBERS}")
    # other threads may have ended
    assert set(threading.enumerate()) <= before


def test_it_listens_on_loopback_only() -> None:
    with running() as sandbox:
        port = int(sandbox.url.removeprefix("http://127.0.0.1:"))
        with pytest.raises((ConnectionRefusedError, TimeoutError)):
            socket.create_connection(("127.0.0.2", port), timeout=1)


def test_two_sandboxes_run_at_the_same_time() -> None:
    with running() as one, running() as other:
        assert one.url != other.url


def test_it_records_requests_without_keys(private: Any) -> None:
    private.get("/users", limit=3)
    private.cursor.get("/members")
    private.cursor.get("/members")
    last = private.sandbox.last_requests[0]
    assert private.sandbox.requests == {USERS: 1, MEMBERS: 2}
    assert (last.method, last.path, last.query) == ("GET", USERS, "limit=3")
    assert private.sandbox.anthropic_key not in str(private.sandbox.last_requests)


def test_in_the_foreground_it_prints_the_variables_to_export() -> None:
    command = [sys.executable, "-m", "ai_usage_assets.demo.sandbox", "--people", "12"]
    root = Path(__file__).parents[4]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        exported = dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines)
        response = httpx.get(
            exported["CURSOR_ADMIN_BASE_URL"] + MEMBERS, auth=(exported["CURSOR_ADMIN_API_KEY"], "")
        )
        process.terminate()
    assert response.status_code == 200
    assert set(exported) == {
        "ANTHROPIC_ADMIN_API_KEY",
        "ANTHROPIC_ADMIN_BASE_URL",
        "CURSOR_ADMIN_API_KEY",
        "CURSOR_ADMIN_BASE_URL",
        "CURSOR_REQUESTS_PER_MINUTE",
    }


def test_a_company_may_have_hundreds_of_people_but_not_fewer_than_twelve() -> None:
    large = Company(people=600)
    assert len({person.email for person in large.directory.people}) == 600
    with pytest.raises(ValueError, match="12 people at least"):
        Company(people=5)


def test_the_example_identity_files_fit_the_company(tmp_path: Path) -> None:
    company = Company()
    identity.write(company, tmp_path, ".example.csv")
    lines = [
        *invoices.anthropic(company, date(2026, 10, 1)),
        *invoices.cursor_seats(company, date(2026, 10, 17)),
        *invoices.cursor_usage(company, date(2026, 9, 17)),
    ]
    invoices.write(lines, tmp_path / "invoices.example.csv")
    kept = Path(__file__).parents[4] / "identity"
    for file in tmp_path.iterdir():
        assert (kept / file.name).read_text(encoding="utf-8") == file.read_text(encoding="utf-8")


def test_the_identity_files_have_an_alias_owners_and_seats_of_three_tiers(
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
    assert [row["email"] in emails for row in owners] == [True, True, True]
    assert owners[0]["api_key_id"] == company.directory.keys["legacy"].id
    assert owners[0]["actor_type"] == "service"
    # one key changes hands
    assert [(row["email"].split("@")[0], row["valid_from"], row["valid_to"]) for row in owners[1:]] == [
        ("jide.okafor", "", "2026-10-18"),
        ("priya.raman", "2026-10-19", ""),
    ]
    assert {row["api_key_id"] for row in owners[1:]} == {company.directory.keys["shared"].id}
    prices = {row["tier"]: (row["platform"], row["usd_per_seat_month"], row["billing_day"]) for row in seats}
    assert prices == {"standard": ("cursor", "40.00", "17"), "premium": ("cursor", "120.00", "17")}
    # one by an alias, and one admin with a free seat
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
def test_a_status_can_be_set_for_the_next_requests(
    private: Any, fault: Fault, status: int, retry_after: Any
) -> None:
    private.sandbox.faults.next(USERS, fault, times=2)
    responses = [private.get("/users") for _ in range(3)]
    assert [response.status_code for response in responses] == [status, status, 200]
    assert responses[0].headers.get("retry-after") == retry_after


def test_a_fault_applies_to_its_own_path_only(private: Any) -> None:
    private.sandbox.faults.next(MEMBERS, faults.status(500))
    assert private.get("/users").status_code == 200
    private.sandbox.faults.clear()
    assert private.cursor.get("/members").status_code == 200


@pytest.mark.parametrize(
    ("fault", "media"), [(faults.html(), "text/html"), (faults.invalid_json(), "application/json")]
)
def test_an_answer_may_be_no_json_at_all(private: Any, fault: Fault, media: str) -> None:
    private.sandbox.faults.next(USERS, fault)
    response = private.get("/users")
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_response_may_be_truncated(private: Any) -> None:
    private.sandbox.faults.next(USERS, faults.cut_off())
    with pytest.raises(httpx.RemoteProtocolError):
        private.get("/users")
    assert private.get("/users").status_code == 200


def test_a_connection_may_be_reset(private: Any) -> None:
    private.sandbox.faults.next(MEMBERS, faults.reset(), times=2)
    for _ in range(2):
        with pytest.raises(httpx.ReadError):
            private.cursor.get("/members")
    assert private.cursor.get("/members").status_code == 200


def test_a_response_may_be_slow(private: Any) -> None:
    private.sandbox.faults.next(USERS, faults.slow(0.3))
    start = time.perf_counter()
    assert len(private.get("/users", limit=1000).json()["data"]) > 10
    assert time.perf_counter() - start > 0.25


def test_a_response_may_announce_more_pages_without_a_cursor(private: Any) -> None:
    private.sandbox.faults.next(USERS, faults.more_without_cursor())
    private.sandbox.faults.next("/v1/organizations/cost_report", faults.more_without_cursor())
    private.sandbox.faults.next(EVENTS, faults.more_without_cursor())
    response = private.get("/users", limit=1000).json()
    assert (response["has_more"], response["last_id"]) == (True, None)
    response = private.get("/cost_report", starting_at="2026-11-20T00:00:00Z").json()
    assert (response["has_more"], response["next_page"]) == (True, None)
    assert "hasNextPage" not in private.post("/filtered-usage-events", **FRIDAY).json()["pagination"]


def test_a_cursor_may_lead_to_its_own_page(private: Any) -> None:
    window = {"starting_at": "2026-11-01T00:00:00Z", "limit": 5}
    page = private.get("/cost_report", **window).json()["next_page"]
    private.sandbox.faults.next("/v1/organizations/cost_report", faults.repeated_cursor())
    response = private.get("/cost_report", **window, page=page).json()
    assert (response["has_more"], response["next_page"]) == (True, page)
    private.sandbox.faults.next(EVENTS, faults.repeated_cursor())
    assert private.post("/filtered-usage-events", **FRIDAY, page=9).json()["pagination"]["hasNextPage"]


def test_random_faults_are_reproducible() -> None:
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


@pytest.mark.parametrize(
    "send_request", [lambda private: private.get("/users"), lambda private: private.cursor.get("/members")]
)
def test_a_request_with_a_fault_is_counted(
    private: Any, send_request: Callable[[Any], httpx.Response]
) -> None:
    private.sandbox.faults.some(1.0, faults.status(500))
    assert send_request(private).status_code == 500
    assert (sum(private.sandbox.requests.values()), private.sandbox.faults.served) == (1, 1)
