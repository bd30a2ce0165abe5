"""`ai-usage doctor` against the sandbox: what it finds, and that its output has no secret, figure, name or id."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.findings import State
from ai_usage_assets.sources import probe
from ai_usage_assets.sources.anthropic.records import Actor, User
from ai_usage_assets.sources.http.first_answer import Answer
from ai_usage_assets.sources.http.paging import IdPage
from ai_usage_assets.sources.shapes import shape
from ai_usage_assets.sources.source import CURSOR
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.harness import Harness

READY = """\
ok    settings              They can be used. Days are loaded from 2025-01-01 on.
ok    Anthropic key         ANTHROPIC_ADMIN_API_KEY is accepted; it is an Admin key of an organization.
ok    clock                 This machine and Anthropic agree within a minute.
ok    Anthropic endpoints   8 of 8 endpoints can be read.
ok    Anthropic days        Anthropic has data, and the newest day that is complete is 2026-11-19.
ok    Cursor key            CURSOR_ADMIN_API_KEY is accepted; Cursor does not tell its scope: Read-only is enough, and an admin \
key could remove members.
ok    clock                 This machine and Cursor agree within a minute.
ok    Cursor endpoints      5 of 5 endpoints can be read.
ok    Cursor days           Cursor has data, and the newest day that is complete is 2026-11-19.
warn  warehouse             There is no warehouse yet: the DuckDB file FOLDER/ai_usage.duckdb does not exist. The first load creates it.
ok    identity files        FOLDER/identity has no file, and none is required.
ok    records               Dagster's records will be in FOLDER/.local/dagster.
""".splitlines()
"""What a deployment hears that has not loaded anything."""
OF_ANTHROPIC, OF_CURSOR, AFTER = slice(1, 5), slice(5, 9), slice(9, None)


def doctor(harness: Harness, option: str = "", **env: str) -> Done:
    return ai_usage(f"doctor {option}", harness.folder, {**harness.env, **env})


def said(harness: Harness, done: Done) -> list[str]:
    assert done.text == done.out
    return re.sub(r"\breq_\w+", "ID", done.out.replace(str(harness.folder), "FOLDER")).splitlines()


def lines(done: Done) -> list[tuple[str, str, str]]:
    """State, subject and text of each line."""
    return [(line[:4].strip(), line[6:26].strip(), line[28:]) for line in done.out.splitlines()]


def test_a_deployment_that_has_not_loaded_anything_is_ready(harness: Harness) -> None:
    done = doctor(harness)
    assert (done.code, said(harness, done)) == (0, READY)
    # a look creates nothing
    assert list(harness.folder.iterdir()) == []


def test_a_wrong_key_fails_and_the_other_vendor_is_still_looked_at(harness: Harness) -> None:
    done = doctor(harness, ANTHROPIC_ADMIN_API_KEY="sk-ant-admin01-wrong")
    assert done.code == 1
    refused = (
        "fail  Anthropic key         Anthropic refused the key (/v1/organizations/me, HTTP 401, request "
        "ID): check that ANTHROPIC_ADMIN_API_KEY holds a current Admin key."
    )
    assert said(harness, done) == [READY[0], refused, *READY[OF_CURSOR], *READY[AFTER]]


def test_a_refused_endpoint_is_named_and_one_that_the_plan_lacks_only_warns(harness: Harness) -> None:
    harness.sandbox.faults.next("/v1/organizations/cost_report", Fault(status=403))
    harness.sandbox.faults.next("/teams/spend", Fault(status=403))
    done = doctor(harness)
    assert done.code == 1
    expected = list(READY)
    expected[3:4] = [
        (
            "fail  Anthropic endpoints   Anthropic does not allow this key to read the endpoint "
            "(/v1/organizations/cost_report, HTTP 403): set ANTHROPIC_ADMIN_API_KEY to an Admin key of the organization; a "
            "workspace's key may not read this."
        ),
        "ok    Anthropic endpoints   7 of 8 endpoints can be read.",
    ]
    expected[8:9] = [
        (
            "warn  Cursor endpoints      Cursor does not allow this key to read the endpoint (/teams/spend, HTTP 403). "
            "Without it there is no comparison with Cursor's own totals."
        ),
        "ok    Cursor endpoints      4 of 5 endpoints can be read.",
    ]
    assert said(harness, done) == expected


def test_days_without_data_warn_and_days_that_cannot_be_polled_fail(harness: Harness) -> None:
    polled = "/teams/daily-usage-data"
    for fault, line in (
        (
            Fault(damage=lambda body, _: body.update(data=[])),
            "warn  Cursor days           Cursor has no data for 2026-11-13...2026-11-19. Check that the key is of the right organization.",
        ),
        (
            Fault(status=500),
            "fail  Cursor days           Cursor had an internal error (/teams/daily-usage-data, HTTP 500): try again later, and look at the vendor's status page.",
        ),
    ):
        # the look at the endpoints is the first request
        harness.sandbox.faults.next(polled, Fault())
        harness.sandbox.faults.next(polled, fault)
        done = doctor(harness, ANTHROPIC_ADMIN_API_KEY="")
        assert done.code == line.startswith("fail")
        assert said(harness, done) == [READY[0], *READY[5:8], line, *READY[AFTER]]


@pytest.mark.parametrize(
    ("env", "subject", "said"),
    [
        ({"ANTHROPIC_ADMIN_API_KEY": "", "CURSOR_ADMIN_API_KEY": ""}, "keys", "No vendor has a key"),
        ({"ANTHROPIC_ADMIN_API_KEY": "two words"}, "Anthropic key", "cannot be called with this key"),
        ({"CURSOR_ADMIN_BASE_URL": "http://example.com"}, "settings", "a key is sent over https only"),
        ({"AI_USAGE_DUCKDB_PATH": "/etc/hostname/x/y.duckdb"}, "warehouse", "cannot be opened for writing"),
        ({"DAGSTER_HOME": "relative"}, "records", "is not an absolute path"),
        ({"DAGSTER_HOME": "/etc/hostname/x"}, "records", "Permission denied"),
    ],
)  # fmt: skip
def test_each_failure_is_a_sentence_with_what_to_do(
    harness: Harness, env: dict[str, str], subject: str, said: str
) -> None:
    done = doctor(harness, **env)
    assert done.code == 1
    [text] = [text for state, found, text in lines(done) if state == "fail" and found == subject]
    assert said in text


def test_a_table_that_differs_and_a_file_that_cannot_be_read_fail(harness: Harness) -> None:
    harness.execute("create table fct_cost_daily (cost_date string)")
    harness.engine.close()
    identity = Path(harness.env["AI_USAGE_IDENTITY_DIR"])
    identity.mkdir()
    (identity / "people.csv").write_text("email\n\n,x\n", encoding="utf-8")
    done = doctor(harness)
    failed = {subject: text for state, subject, text in lines(done) if state == "fail"}
    assert failed.keys() == {"schema", "identity files"}
    assert "Rename the table: ALTER TABLE ai_usage.ai_usage.fct_cost_daily RENAME TO" in failed["schema"]
    assert "people.csv" in failed["identity files"]


@pytest.mark.parametrize(("seconds", "state"), [(5, "ok"), (-90, "warn"), (3600, "fail")])
def test_a_clock_that_is_wrong_is_seen(seconds: int, state: str) -> None:
    found = probe.clock(CURSOR, timedelta(seconds=seconds))
    assert found.state is State(state)
    assert ("behind" in found.text) == (seconds < -60)


def texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set[str]().union(*map(texts, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(texts, value))
    return {value} if isinstance(value, str) else set()


def test_shapes_show_no_value_but_those_of_enumerations(harness: Harness, sandbox: Sandbox) -> None:
    sent: set[str] = set()

    def note(body: Any, _: object) -> None:
        sent.update(texts(body))

    for path in ("/v1/organizations/users", "/v1/organizations/api_keys", "/teams/members", "/teams/spend",
                 "/v1/organizations/usage_report/claude_code", "/teams/filtered-usage-events"):  # fmt: skip
        sandbox.faults.next(path, Fault(damage=note))
    done = doctor(harness, "--shapes", ANTHROPIC_ANALYTICS="true")
    assert done.code == 0
    assert sandbox.requests.total() == 15
    assert "@" not in done.text
    shown = set(re.split(r"  +| \| |\n", done.text))
    personal = {text for text in sent if " " in text or "@" in text or re.search(r"\d{3}", text)}
    assert len(personal) > 100
    kinds = {text for text in shown & personal if "harge" in text or "usiness" in text or "emand" in text}
    assert (shown & personal) - kinds <= {"User API Key", "Free Trial", "Custom subscription"}
    # no figure: what is left without shares, field names and enumerations has no digit
    assert not [
        word for word in re.sub(r"\d+ %", "", done.text).split() if re.fullmatch(r"-?\d[\d,.]*", word)
    ]


TITLES = [
    *("teams/members", "teams/daily-usage-data", "teams/filtered-usage-events", "teams/spend"),
    "groups",
]


@pytest.mark.parametrize(
    ("path", "status", "code", "text"),
    [
        ("/teams/members", 403, 1, "Cursor teams/members: no answer. Cursor does not allow this key to read the endpoint"),
        # a plan may lack it
        ("/teams/spend", 403, 0, "Cursor teams/spend: no answer. Cursor does not allow this key to read the endpoint"),
        ("/teams/spend", 500, 1, "Cursor teams/spend: no answer. Cursor had an internal error (/teams/spend, HTTP 500): try"),
        ("/teams/members", 200, 1, "Cursor teams/members: REFUSED, it is not JSON\n"),
    ],
)  # fmt: skip
def test_shapes_of_an_answer_that_cannot_be_used_are_a_failure_unless_a_plan_may_lack_it(
    harness: Harness, path: str, status: int, code: int, text: str
) -> None:
    harness.sandbox.faults.next(path, Fault(status=status, body=b"{"))
    done = doctor(harness, "--shapes", ANTHROPIC_ADMIN_API_KEY="")
    assert done.code == code
    assert done.out.startswith(text) or f"\n\n{text}" in done.out
    titles = re.findall(r"^Cursor (\S+): ", done.out, re.MULTILINE)
    assert titles == TITLES
    assert done.out.count(": as expected\n") == 4


def test_shapes_name_what_is_new_missing_or_refused() -> None:
    body = {
        "data": [
            {"id": "user_1", "role": "astronaut", "email": "ann@example.com", "Ann Lee": 1, "extra": {"ann": 4}},
            {"role": "x@y", "email": None},
        ],
        "has_more": False,
    }  # fmt: skip
    answer = Answer(IdPage[User], msgspec.json.encode(body), None)
    found = shape(answer, {"role": frozenset({"admin"})})
    assert found.problem == "data[1].id is missing"
    assert found.fields["data[].role"].values == {"astronaut", "(not shown)"}
    assert found.fields["data[].email"].null_share == 0.5
    assert found.fields["data[].id"].absent_share == 0.5
    assert found.fields["data[].id"].is_required
    assert {path for path, each in found.fields.items() if not each.is_expected} == {
        "data[].(not shown)",
        "data[].extra",
    }
    map_of_people = msgspec.json.encode({"type": "x", **{f"ann{number}": 1 for number in range(30)}})
    assert "ann" not in repr(shape(Answer(Actor, map_of_people, None), {}).fields)
    assert shape(Answer(Actor, b"<html>Ann", None), {}).problem == "it is not JSON"
