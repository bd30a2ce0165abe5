"""BigQuery's jobs: each under an id of its own, found again if the answer is lost, waited for within a bound,
and run again under a new id if it failed for a reason that passes.

No call is left to the client's own timeouts, which is ten minutes or for ever.
"""

import contextlib
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import stamina
from google.api_core.exceptions import Conflict, GoogleAPICallError, NotFound
from google.api_core.retry import Retry, if_exception_type
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusy, WarehouseUnusable

PASSING = {
    *("rateLimitExceeded", "jobRateLimitExceeded"),
    *("backendError", "jobBackendError", "internalError", "jobInternalError"),
}
"""Reasons of a failed job that wrote nothing and may be run again."""
# both come under reasons that mean other things too
CONTENDED = re.compile(r"due to concurrent update|too many dml statements outstanding", re.IGNORECASE)
FIRST_POLL_SECONDS, MAX_POLL_SECONDS = 0.05, 2.0
UPLOAD_TRIES = 1
MULTIPART_BYTES = 4 * 1024 * 1024
"""Up to here rows travel in the request that starts their job; the client's own bound is five megabytes."""


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for BigQuery, and how often to try."""

    call_seconds: float = 60.0
    """From a call's first request on, until it is not tried again; one request may be silent for half of it."""
    job_seconds: float = 1800.0
    attempts: int = 8
    """Of a job that meets others; with doubling waits, a minute and a half of them."""
    first_wait_seconds: float = 1.0

    @property
    def retry(self) -> Retry:
        return DEFAULT_RETRY.with_timeout(self.call_seconds)

    @property
    def request_seconds(self) -> float:
        return self.call_seconds / 2

    def call(self, method: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """One call of the client."""
        return method(*given, retry=self.retry, timeout=self.request_seconds, **named)


def contended(error: Exception) -> bool:
    """Others were writing the same table."""
    return CONTENDED.search(str(error)) is not None


def passing(error: Exception) -> bool:
    """The job failed for a reason that may be gone by its next try."""
    if not isinstance(error, GoogleAPICallError):
        return False
    reasons = {found.get("reason") for found in error.errors or [] if isinstance(found, dict)}
    return bool(reasons & PASSING) or contended(error)


class Jobs:
    """The jobs of one writer, in their order."""

    def __init__(self, client: bigquery.Client, context: WriteContext | None, timeouts: Timeouts) -> None:
        self._client = client
        self._context = context
        self._timeouts = timeouts
        self._started = 0
        self.newest: str | None = None
        """The id of the job that was started last."""

    def query(self, sql: str, config: bigquery.QueryJobConfig) -> bigquery.QueryJob:
        """Run one statement to its end."""
        # job_retry would run the statement again under another id
        job: bigquery.QueryJob = self._run(
            lambda job_id: self._timeouts.call(
                self._client.query, sql, job_config=config, job_id=job_id, job_retry=None
            )
        )
        return job

    def load(self, parquet: bytes, into: bigquery.TableReference, config: bigquery.LoadJobConfig) -> None:
        """Append rows to a table."""
        size = len(parquet) if len(parquet) <= MULTIPART_BYTES else None

        def start(job_id: str) -> Any:
            return self._timeouts.retry(self._client.load_table_from_file)(
                io.BytesIO(parquet),
                into,
                rewind=True,
                size=size,
                job_config=config,
                job_id=job_id,
                num_retries=UPLOAD_TRIES,
                timeout=self._timeouts.request_seconds,
            )

        self._run(start)

    def _run(self, start: Callable[[str], Any]) -> Any:
        again = stamina.RetryingCaller(
            attempts=self._timeouts.attempts,
            timeout=None,
            wait_initial=self._timeouts.first_wait_seconds,
            wait_max=32 * self._timeouts.first_wait_seconds,
            wait_jitter=self._timeouts.first_wait_seconds,
        )
        try:
            return again(passing, self._once, start)
        except GoogleAPICallError as error:
            if not contended(error):
                raise
            raise WarehouseBusy(
                f"BigQuery job {self.newest} met others that write the same table, and so did the "
                f"{self._timeouts.attempts - 1} before it. Nothing was written. "
                "Run it again when the other runs have ended."
            ) from None

    def _once(self, start: Callable[[str], Any]) -> Any:
        self._started += 1
        job_id = self._context.job_id(str(self._started)) if self._context else uuid4().hex
        self.newest = job_id
        try:
            job = start(job_id)
        except Conflict:
            job = self._found(job_id)
        self._wait(job)
        return job

    def _found(self, job_id: str) -> Any:
        """The job whose answer was lost. BigQuery may know an id as taken some moments before it knows the job."""
        until_known = Retry(predicate=if_exception_type(NotFound), timeout=self._timeouts.call_seconds)
        return until_known(self._timeouts.call)(self._client.get_job, job_id)

    def _wait(self, job: Any) -> None:
        until, pause = time.monotonic() + self._timeouts.job_seconds, FIRST_POLL_SECONDS
        while not self._timeouts.call(job.done):
            if time.monotonic() > until:
                with contextlib.suppress(Exception):
                    self._timeouts.call(job.cancel)
                raise WarehouseUnusable(
                    f"BigQuery job {job.job_id} (location {job.location}) still ran after "
                    f"{self._timeouts.job_seconds:.0f} s. It was asked to stop, and may finish all the same. "
                    "See that it has ended, then run this again: the same days are replaced, whichever way it ended."
                )
            time.sleep(pause)
            pause = min(MAX_POLL_SECONDS, 1.5 * pause)
        if failed := job.exception():
            raise failed
