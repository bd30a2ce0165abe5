"""Counts the jobs of a project where the HTTP client sends them, and stops before they bill more than a bound.

`BIGQUERY_LIVE_MAX_GIB` is the bound (20; about 0.11 USD on demand). A query that has no `maximum_bytes_billed` is refused
before it is sent, so that a single job cannot exceed the bound either.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests

from ai_usage_tests.support.emulator.recording import request_json

GIB = 1024**3
MAX_JOB_BYTES = GIB
USD_PER_TIB = 6.25


class BudgetError(Exception):
    """A query was not sent, because it could bill more than the suite may."""


@dataclass(frozen=True)
class Job:
    """A job that has ended."""

    kind: str
    """The statement type of a query, or LOAD."""
    billed_bytes: int
    processed_bytes: int
    affected_rows: int
    labels: dict[str, str]


@dataclass
class Meter:
    max_bytes: int
    jobs: dict[str, Job] = field(default_factory=dict)
    """The jobs that have ended, by id."""

    @property
    def billed_bytes(self) -> int:
        return sum(job.billed_bytes for job in [*self.jobs.values()])

    @contextmanager
    def attached(self, project: str) -> Iterator["Meter"]:
        """Count the jobs of the project until the block ends.

        Raises:
            BudgetError: from the call that would send a query without a limit, or more queries than the bound allows.
        """
        send, path = requests.Session.send, f"/bigquery/v2/projects/{project}/"

        def counted(
            session: requests.Session, request: requests.PreparedRequest, **options: Any
        ) -> requests.Response:
            is_ours = path in urlsplit(str(request.url)).path
            if is_ours and request.method == "POST":
                self._refuse(request_json(request.body).get("configuration", {}))
            response = send(session, request, **options)
            if (
                is_ours
                and response.ok
                and response.headers.get("Content-Type", "").startswith("application/json")
            ):
                self._count(response)
            return response

        with patch.object(requests.Session, "send", counted):
            yield self

    def _refuse(self, configuration: dict[str, Any]) -> None:
        if "query" not in configuration or configuration.get("dryRun"):
            return
        limit = configuration["query"].get("maximumBytesBilled")
        if not limit:
            raise BudgetError("A query of the live suite has no maximum_bytes_billed.")
        if self.billed_bytes >= self.max_bytes:
            raise BudgetError(
                f"The live suite has billed {self.billed_bytes / GIB:.1f} GiB, and its bound is "
                f"{self.max_bytes / GIB:g} GiB (BIGQUERY_LIVE_MAX_GIB)."
            )

    def _count(self, response: requests.Response) -> None:
        try:
            body = response.json()
        except json.JSONDecodeError:
            return
        if not isinstance(body, dict) or body.get("kind") != "bigquery#job":
            return
        if body.get("status", {}).get("state") != "DONE" or body["configuration"].get("dryRun"):
            return
        query = body.get("statistics", {}).get("query", {})
        self.jobs[body["jobReference"]["jobId"]] = Job(
            query.get("statementType", body["configuration"].get("jobType", "")),
            int(query.get("totalBytesBilled", 0)),
            int(query.get("totalBytesProcessed", 0)),
            int(query.get("numDmlAffectedRows", 0)),
            body["configuration"].get("labels", {}),
        )


METER = Meter(int(float(os.environ.get("BIGQUERY_LIVE_MAX_GIB", "20")) * GIB))
"""The jobs of this process."""
