"""BigQuery's answers for a `ScriptedServer`: datasets, jobs and refusals, with the fields that Google documents or users report."""

from typing import Any

from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_tests.support.scripted_server import Answer


class SoonGivenUp(Timeouts):
    """A call that fails is hardly retried, but one that a busy machine answers late is waited for."""

    @property
    def request_seconds(self) -> float:
        return 30.0


DATASET = {
    "kind": "bigquery#dataset",
    "datasetReference": {"projectId": "a-project", "datasetId": "ai_usage"},
    "location": "US",
}


def job(number: int, state: str = "DONE", **error: str) -> dict[str, Any]:
    """A query job of run `run`, step `step`; with an error, a failed one."""
    failed = {"errorResult": error, "errors": [error]} if error else {}
    return {
        "kind": "bigquery#job",
        "jobReference": {"projectId": "a-project", "jobId": job_id(number), "location": "US"},
        "configuration": {"jobType": "QUERY", "query": {"query": "select 1"}},
        "status": {"state": state, **failed},
    }


def job_id(number: int) -> str:
    return f"run-step-0-n-{number}"


def refusal(code: int, reason: str, message: str, **more: str) -> Answer:
    """The error of a request, in the form of Google's JSON APIs."""
    detail = {"message": message, "domain": "global", "reason": reason, **more}
    return Answer({"error": {"code": code, "message": message, "errors": [detail]}}, status=code)


def table(name: str) -> dict[str, Any]:
    """A table with one column, which is none of ours."""
    return {
        "kind": "bigquery#table",
        "tableReference": {"projectId": "a-project", "datasetId": "ai_usage", "tableId": name},
        "schema": {"fields": [{"name": "a", "type": "INTEGER"}]},
    }
