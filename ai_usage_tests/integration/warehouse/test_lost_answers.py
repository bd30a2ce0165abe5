"""Lost responses of BigQuery: work is found again and not repeated, and every wait has a timeout."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.bigquery import client as google_client

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusyError, WarehouseUnavailableError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.emulator.proxy import MAX_SECONDS, Fault, Proxy, in_front_of
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, play, rows

QUERY = r"POST /bigquery/v2/projects/local/jobs\b"
UPLOAD = r"POST /upload/"
RESULTS = r"GET .*/queries/"
CREATE = r"POST .*/tables\b"
DELETE = r"DELETE .*/tables/staged"
MERGE = "merge `plays`"
SHORT_TIMEOUTS = Timeouts(call_seconds=8.0, job_seconds=6.0, attempts=3, first_wait_seconds=0.01)


@pytest.fixture
def proxy(emulator: str) -> Iterator[Proxy]:
    with in_front_of(emulator) as proxy:
        yield proxy


def engine_behind(proxy: Proxy, timeouts: Timeouts = SHORT_TIMEOUTS) -> BigQueryEngine:
    """An engine whose table exists and has one day."""
    engine = BigQueryEngine("local", f"lost_{uuid4().hex[:12]}", emulator_host=proxy.url)
    engine._timeouts = Timeouts(first_wait_seconds=0.01)
    write(engine, "old")
    engine._timeouts = timeouts
    proxy.lines.clear()
    return engine


def write(engine: BigQueryEngine, song: str) -> str:
    job = WriteContext(f"run-{uuid4().hex[:8]}", "plays")
    return replace(engine, PLAYS, rows(play(MONDAY, song)), ONE(MONDAY), job).job_id


def songs(engine: BigQueryEngine) -> list[str]:
    with engine.session() as session:
        return [
            str(row["song"])
            for row in session.fetch("select song from plays where day = DATE '2026-03-02'").to_pylist()
        ]


@pytest.mark.parametrize("lost", ["reset", "silence"])
def test_work_with_a_lost_response_is_done_once(
    proxy: Proxy, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the client's minimum for this call is longer than our timeout
    monkeypatch.setattr(google_client, "_MIN_GET_QUERY_RESULTS_TIMEOUT", 1)
    engine = engine_behind(proxy, Timeouts(call_seconds=10.0))
    write(engine, "old")
    alone = {line: proxy.seen(line) for line in (QUERY, UPLOAD, CREATE)}
    proxy.lines.clear()
    proxy.faults = [Fault(line, lost, times=1) for line in (QUERY, UPLOAD, RESULTS, CREATE, DELETE)]
    proxy.faults.append(Fault(QUERY, lost, body=MERGE, times=1))
    job_id = write(engine, "new")
    assert songs(engine) == ["new"]
    assert all(fault.times == 0 for fault in proxy.faults)
    # the job is requested again under the same id, so that no statement has a second job
    # the load log is written after the publish, by its own job
    assert job_id.endswith(f"-{alone[QUERY] + alone[UPLOAD] - 1}")
    assert proxy.seen(QUERY) - 1 == alone[QUERY] + 2
    assert (proxy.seen(UPLOAD), proxy.seen(CREATE)) == (alone[UPLOAD] + 1, alone[CREATE] + 1)


@pytest.mark.parametrize("call", [QUERY, UPLOAD, RESULTS])
def test_bigquery_that_never_answers_times_out(
    proxy: Proxy, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_client, "_MIN_GET_QUERY_RESULTS_TIMEOUT", 1)
    engine = engine_behind(proxy, Timeouts(call_seconds=1.0))
    proxy.faults = [Fault(call, "silence")]
    begun = time.monotonic()
    with pytest.raises(
        WarehouseUnavailableError, match=r"does not answer .* Check the network, then run it again"
    ):
        write(engine, "new")
    assert time.monotonic() - begun < MAX_SECONDS
    proxy.faults = []
    engine._timeouts = Timeouts()
    write(engine, "newer")
    assert songs(engine) == ["newer"]


def test_staged_table_that_cannot_be_dropped_does_not_fail_the_write(proxy: Proxy) -> None:
    engine = engine_behind(proxy, Timeouts(call_seconds=10.0))
    proxy.faults = [Fault(DELETE, "silence")]
    write(engine, "new")
    assert songs(engine) == ["new"]


def running_for_ever(body: bytes, forward: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return forward() | {"status": {"state": "RUNNING"}}


def never_run(body: bytes, forward: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return dict(json.loads(body)) | {"status": {"state": "RUNNING"}}


@pytest.mark.parametrize(("started", "before"), [(running_for_ever, "new"), (never_run, "old")])
def test_job_that_times_out_is_named_and_a_second_run_replaces_it(
    proxy: Proxy, started: Callable[..., dict[str, Any]], before: str
) -> None:
    engine = engine_behind(proxy)
    known: dict[str, Any] = {}

    def inserted(body: bytes, forward: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        known.update(started(body, forward))
        return known

    proxy.faults = [
        Fault(QUERY, inserted, body=MERGE),
        Fault(r"POST .*/cancel", lambda body, forward: {"job": known}),
        Fault(r"GET .*/jobs/", lambda body, forward: known or forward()),
    ]
    with pytest.raises(
        WarehouseUnavailableError,
        match=r"job run-\S+ .* still ran after 6 s.* may have finished.* run it again",
    ):
        write(engine, "new")
    assert proxy.seen("/cancel") == 1
    proxy.faults = []
    assert songs(engine) == [before]
    write(engine, "newer")
    assert songs(engine) == ["newer"]


def failing(reason: str, message: str) -> Callable[..., dict[str, Any]]:
    def answer(body: bytes, forward: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        error = {"reason": reason, "message": message}
        return dict(json.loads(body)) | {"status": {"state": "DONE", "errorResult": error, "errors": [error]}}

    return answer


CONFLICT = failing("invalidQuery", "Could not serialize access to table plays due to concurrent update")


@pytest.mark.parametrize(
    "failed", [CONFLICT, failing("jobRateLimitExceeded", "slow"), failing("backendError", "again")]
)
def test_job_with_a_temporary_failure_runs_again_under_a_new_id(
    proxy: Proxy, failed: Callable[..., dict[str, Any]]
) -> None:
    engine = engine_behind(proxy)
    proxy.faults = [Fault(QUERY, failed, body=MERGE, times=1)]
    write(engine, "new")
    assert songs(engine) == ["new"]
    assert proxy.faults[0].times == 0


def test_endless_conflict_fails_after_a_limited_number_of_jobs(proxy: Proxy) -> None:
    engine = engine_behind(proxy)
    proxy.faults = [Fault(QUERY, CONFLICT, body=MERGE)]
    with pytest.raises(WarehouseBusyError, match=r"Nothing was written\. Wait until"):
        write(engine, "new")
    assert proxy.faults[0].times == Fault("", "").times - SHORT_TIMEOUTS.attempts
    assert songs(engine) == ["old"]


def test_busy_load_log_does_not_hide_what_was_published(proxy: Proxy) -> None:
    engine = engine_behind(proxy)
    proxy.faults = [Fault(QUERY, CONFLICT, body="merge `load_log`")]
    with pytest.raises(
        WarehouseBusyError, match=r"What BigQuery job run-\S+ wrote before stays\. Wait until"
    ) as busy:
        write(engine, "new")
    assert "Nothing was written" not in str(busy.value)
    proxy.faults = []
    assert songs(engine) == ["new"]


def test_other_failures_are_not_retried(proxy: Proxy) -> None:
    engine = engine_behind(proxy)
    proxy.faults = [Fault(QUERY, failing("invalidQuery", "no such column"), body=MERGE)]
    with pytest.raises(WarehouseUnavailableError):
        write(engine, "new")
    assert proxy.faults[0].times == Fault("", "").times - 1


def test_failed_job_with_a_lost_response_is_found_with_its_error(proxy: Proxy) -> None:
    engine = engine_behind(proxy)
    proxy.faults = [Fault(QUERY, "drop", times=1)]
    with pytest.raises(WarehouseUnavailableError), engine.session(WriteContext("run", "step")) as session:
        session.execute("select no_such_column from plays")
    assert proxy.seen(r"GET .*/jobs/run-step") >= 1
