"""No key and no person leaves the tables: everything that failing runs leave behind is searched for them."""

import base64
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest
from starlette.requests import Request

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.company.people import DOMAIN
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.sources.http import client as http
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_tests.support.harness import Harness, step_errors

DAY = Days.one(date(2026, 11, 18))
ANTHROPIC_KEY, CURSOR_KEY = "sk-ant-admin01-to-be-seen-nowhere", "crsr_to_be_seen_nowhere"
PERSON = f"nobody.sees@{DOMAIN}"
TELLTALE = f"{PERSON} {ANTHROPIC_KEY} {CURSOR_KEY}"
QUICK = Retry(max_seconds=30.0, max_attempts=2, first_wait_seconds=0.01, max_wait_seconds=0.02)
DAILY_USAGE = "/teams/daily-usage-data"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    return home


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with patch.object(http, "Retry", lambda: QUICK):
        yield


def searched(sandbox: Sandbox) -> dict[str, bytes]:
    """What must be nowhere: keys, also as they are sent, and anybody's address."""
    keys = {
        "Anthropic's key": ANTHROPIC_KEY,
        "Cursor's key": CURSOR_KEY,
        "the sandbox's Anthropic key": sandbox.anthropic_key,
        "the sandbox's Cursor key": sandbox.cursor_key,
    }
    sent = {
        f"{name} as Basic auth": base64.b64encode(f"{key}:".encode()).decode() for name, key in keys.items()
    }
    return {name: text.encode() for name, text in {**keys, **sent, "a person": f"@{DOMAIN}"}.items()}


def found(sandbox: Sandbox, folder: Path, *outputs: str) -> list[str]:
    """Where any of it is, over every byte of a folder and all that was printed."""
    kept = {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assert any(path.endswith(".db") for path in kept)
    kept |= {f"output {n}": text.encode() for n, text in enumerate(outputs)}
    return [
        f"{what} in {where}"
        for where, content in kept.items()
        for what, text in searched(sandbox).items()
        if text.lower() in content.lower()
    ]


@contextmanager
def saying(line: bytes) -> Iterator[str]:
    """The address of a server that answers with this, which is not HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            # until it is closed, however often it is asked
            with suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(line)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def doubled(said: dict[str, Any], request: Request) -> None:
    said["data"] += said["data"]


def test_failures_leave_no_key_and_no_person_in_dagsters_home_or_any_output(
    harness: Harness, sandbox: Sandbox, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said: dict[str, str] = {}
    spoil = harness.sandbox.faults.next
    members, users = "/teams/members", "/v1/organizations/users"
    with dg.DagsterInstance.from_config(str(home)) as instance:

        def run(select: str, **more: str) -> None:
            said.update(step_errors(harness.materialize(select, DAY, instance=instance, env=more)))
            harness.sandbox.faults.clear()

        both = "raw_anthropic_users,raw_cursor_members"
        run(both, ANTHROPIC_ADMIN_API_KEY=ANTHROPIC_KEY, CURSOR_ADMIN_API_KEY=CURSOR_KEY)
        assert "401" in said["raw_anthropic_users"] and "401" in said["raw_cursor_members"]
        spoil(users, faults.status(400, TELLTALE.encode(), request_id=TELLTALE))
        spoil(members, faults.status(200, f'{{"teamMembers":[{{"email":7,"name":"{TELLTALE}"'.encode()))
        run(both)
        assert "400" in said["raw_anthropic_users"] and "cannot be decoded" in said["raw_cursor_members"]
        spoil(users, faults.status(200, TELLTALE.encode()))
        spoil(members, faults.status(200, f'{{"teamMembers":"{TELLTALE}"}}'.encode()))
        run(both)
        assert "not JSON" in said["raw_anthropic_users"] and "teamMembers" in said["raw_cursor_members"]
        with saying(f"{TELLTALE}\r\n\r\n".encode()) as url:
            run("raw_cursor_members", CURSOR_ADMIN_BASE_URL=url)
        assert "RemoteProtocolError" in said["raw_cursor_members"]
        run(both, ANTHROPIC_ADMIN_BASE_URL="http://127.0.0.1:9", CURSOR_ADMIN_BASE_URL="http://127.0.0.1:9")
        assert "could not be reached" in said["raw_anthropic_users"]
        spoil(DAILY_USAGE, faults.Fault(damage=doubled))
        run("raw_cursor_usage")
        assert "is unique" in said["raw_cursor_usage"]
        run("raw_anthropic_users,raw_cursor_usage,raw_cursor_events,dim_users")
    printed = capfd.readouterr()
    assert found(harness.sandbox, home, printed.out, printed.err, str(said)) == []


def recorded(result: dg.ExecuteInProcessResult) -> str:
    return str([(event.message, event.event_specific_data) for event in result.all_events])


def test_a_refused_identity_file_names_its_line_and_no_person(harness: Harness, tmp_path: Path) -> None:
    (tmp_path / "identity").mkdir()
    people = tmp_path / "identity" / "people.csv"
    header = "email,first_name,last_name,department,aliases\n"
    for text in (
        f"{PERSON},Ann,Lee,R&D,\n",
        f"{header}{PERSON},,,,{PERSON}\n",
        f"{header}{PERSON} {PERSON},,,,\n",
        f'{header}"{PERSON},,,,\n',
        f"{header}{PERSON}\n",
    ):
        people.write_text(text, encoding="utf-8")
        result = harness.materialize("identity_people", DAY)
        assert re.search(
            r"people\.csv, line \d(, column|: a quotation mark)", step_errors(result)["identity_people"]
        )
        assert PERSON not in recorded(result)
    people.write_bytes(header.encode() + PERSON.encode("utf-16"))
    result = harness.materialize("identity_people", DAY)
    assert "not UTF-8" in step_errors(result)["identity_people"]
    assert DOMAIN not in recorded(result)
