"""The tools of the live suite: the bound of what it bills, its report, and the role that a test changes in IAM."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.bigquery_page import documented_role, permissions
from ai_usage_tests.support.live import report as live_report
from ai_usage_tests.support.live import roles
from ai_usage_tests.support.live.meter import GIB, BudgetError, Meter
from ai_usage_tests.support.live.report import BILLED, FIGURE, JOBS, MARKER, TOPIC, Report, anonymous
from ai_usage_tests.support.live.roles import IamRole

ACCOUNT = "writer@made-up.iam.gserviceaccount.com"
LIMITED = bigquery.QueryJobConfig(maximum_bytes_billed=GIB)


# what is billed


@pytest.fixture
def client(emulator: str) -> bigquery.Client:
    return bigquery.Client("local", AnonymousCredentials(), client_options={"api_endpoint": emulator})


def test_a_job_is_counted_once_with_its_rows_and_labels(client: bigquery.Client) -> None:
    client.create_dataset("metered")
    config = bigquery.QueryJobConfig(
        maximum_bytes_billed=GIB, labels={"asset": "t"}, default_dataset="local.metered"
    )
    with Meter(GIB).attached("local") as meter:
        client.query_and_wait("select 1", job_config=LIMITED)
        client.query("create table t as select 1 as x union all select 2", job_config=config).result()
        job = client.query("delete from t where true", job_config=config)
        job.result()
        job.reload()
    with Meter(GIB).attached("other") as other:
        client.query("select 1", job_config=LIMITED).result()
    counted = meter.jobs[job.job_id]
    assert (counted.kind, counted.affected_rows, counted.labels) == ("DELETE", 2, {"asset": "t"})
    assert len(meter.jobs) >= 2
    assert other.jobs == {}


def test_a_query_without_a_limit_is_not_sent(client: bigquery.Client) -> None:
    with Meter(GIB).attached("local") as meter:
        with pytest.raises(BudgetError, match="has no maximum_bytes_billed"):
            client.query("select 1")
        client.query("select 1", job_config=bigquery.QueryJobConfig(dry_run=True))
    assert meter.jobs == {}


def test_no_query_is_sent_after_the_bound(client: bigquery.Client) -> None:
    with (
        Meter(0).attached("local"),
        pytest.raises(BudgetError, match=r"billed 0\.0 GiB, and its bound is 0 GiB"),
    ):
        client.query("select 1", job_config=LIMITED)


# the report


def phase(
    name: str, when: str, outcome: Any = "passed", reason: Any = None, **more: Any
) -> pytest.TestReport:
    properties = [(MARKER, "live"), (TOPIC, "Types"), *more.items()]
    node = f"live/test_x.py::test_{name}"
    return pytest.TestReport(node, ("x", 1, "x"), {}, outcome, reason, when, user_properties=properties)  # type: ignore[arg-type]


def test_the_report_names_what_was_answered_what_failed_and_what_was_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_report, "LIVE_PROJECT", "secret-project")
    report = Report("BigQuery, location EU")
    for name in ("a_value_comes_back[a]", "a_value_comes_back[b]"):
        for when in ("setup", "call"):
            report.add(phase(name, when))
        report.add(phase(name, "teardown", **{FIGURE: "5 rows", JOBS: 3, BILLED: GIB // 2}))
    report.add(phase("bytes_are_billed", "setup", "skipped", ("f", 1, "Skipped: not answered here: bytes")))
    report.add(phase("bytes_are_billed", "teardown"))
    report.add(phase("it_works[x]", "call", "failed", "secret-project refused | it"))
    report.add(phase("it_works[x]", "teardown"))

    written = report.markdown()

    assert (
        report.summary
        == "2 answered, 1 failed, 1 not answered; 6 jobs, 1.00 GiB billed (0.006 USD on demand)"
    )
    assert "| a value comes back | 2 answered | 5 rows |" in written
    assert "| bytes are billed | not answered | bytes |" in written
    assert "| it works | **failed** | x: my-project refused / it |" in written
    assert "## Types" in written
    assert "secret" not in written
    assert anonymous("of secret-project") == "of my-project"


# the role


class Iam(BaseHTTPRequestHandler):
    """Roles and the policy of a project, as IAM and the Resource Manager answer."""

    roles: dict[str, set[str]]
    policy: dict[str, Any]

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        role = self.path.partition("?")[0].removeprefix("/v1/")
        found: dict[str, Any] = {}
        if self.command == "PATCH":
            self.roles[role] = set(body["includedPermissions"])
        elif self.command == "DELETE":
            del self.roles[role]
        elif role.endswith("/roles"):
            self.roles[f"{role}/{body['roleId']}"] = set(body["role"]["includedPermissions"])
        elif role.endswith(":getIamPolicy"):
            found = self.policy
        elif role.endswith(":setIamPolicy"):
            self.policy.update(body["policy"])
        else:
            granted = [
                b["role"] for b in self.policy["bindings"] if f"serviceAccount:{ACCOUNT}" in b["members"]
            ]
            held = set().union(*(self.roles.get(name, set()) for name in granted))
            found = {"permissions": sorted(held & set(body["permissions"]))}
        content = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that the server calls

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def iam() -> Iterator[tuple[str, type[Iam]]]:
    handler = type(
        "Handler", (Iam,), {"roles": {}, "policy": {"bindings": [{"role": "roles/owner", "members": ["x"]}]}}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", handler
    server.shutdown()
    server.server_close()
    thread.join()


def change_and_fail(role: IamRole, state: type[Iam]) -> None:
    with role.granted(documented_role()):
        assert [*state.roles.values()] == [documented_role()]
        assert len(state.policy["bindings"]) == 2
        role.allow(documented_role())
        role.allow({"bigquery.tables.get"})
        assert [*state.roles.values()] == [{"bigquery.tables.get"}]
        raise RuntimeError("a failed test")


def test_a_role_is_granted_changed_and_taken_back(
    iam: tuple[str, type[Iam]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, state = iam
    monkeypatch.setattr(roles, "POLL_SECONDS", 0.01)
    before = json.dumps(state.policy["bindings"])
    with requests.Session() as session:
        role = IamRole("made-up", ACCOUNT, session, session, url, f"{url}/projects")
        with pytest.raises(RuntimeError, match="a failed test"):
            change_and_fail(role, state)
    assert state.roles == {}
    assert json.dumps(state.policy["bindings"]) == before


def test_a_change_that_iam_does_not_apply_ends_the_wait(
    iam: tuple[str, type[Iam]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, state = iam
    monkeypatch.setattr(roles, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(roles, "MAX_PROPAGATION_SECONDS", 0.05)
    with requests.Session() as session:
        role = IamRole("made-up", ACCOUNT, session, session, url, f"{url}/projects")
        with role.granted({"a.b.c"}):
            state.policy["bindings"] = []
            with pytest.raises(TimeoutError, match="has not the changed permissions"):
                role.allow({"a.b.c"})


def test_the_page_documents_the_permissions_of_every_statement() -> None:
    assert permissions("statements")["MERGE"] == {"bigquery.tables.updateData", "bigquery.tables.getData"}
    assert {"bigquery.jobs.create", "bigquery.tables.delete", "bigquery.datasets.get"} <= documented_role()
    assert "bigquery.datasets.create" not in documented_role()
