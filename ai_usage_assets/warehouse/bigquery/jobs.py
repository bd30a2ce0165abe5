"""BigQuery jobs: how they are started, found again after a lost response, waited for and retried.

Every job has an id of its own. If it fails for a temporary reason, it runs again under a new id. Every call has a timeout
of ours, because the client's own timeouts are ten minutes or none.
"""

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeAlias, TypeVar, cast
from uuid import uuid4

import stamina
from google.api_core.exceptions import Conflict, GoogleAPICallError, NotFound
from google.api_core.retry import Retry, if_exception_type
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from ai_usage_assets.warehouse.bigquery.job_records import WRITES_NO_ROWS, JobRecords, State
from ai_usage_assets.warehouse.bigquery.uploads import Uploader
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusyError, WarehouseUnavailableError

RETRYABLE_REASONS = {
    *("rateLimitExceeded", "jobRateLimitExceeded"),
    *("backendError", "jobBackendError", "internalError", "jobInternalError"),
    # two writers create a table or a view at once: the second try finds it
    "duplicate",
}
"""Reasons of a failed job that wrote nothing and can be run again."""
# these messages come with reasons that have other meanings too
CONTENDED = re.compile(
    r"due to concurrent update|too many dml statements outstanding"
    r"|max_dml_outstanding_per_table|dml jobs writing to a table",
    re.IGNORECASE,
)
FIRST_POLL_SECONDS, MAX_POLL_SECONDS = 0.05, 2.0


T = TypeVar("T")
Job: TypeAlias = bigquery.QueryJob | bigquery.LoadJob
J = TypeVar("J", bigquery.QueryJob, bigquery.LoadJob)


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for BigQuery, and how often to try."""

    call_seconds: float = 60.0
    """How long a call is retried after its first request. A single request may take half of it."""
    job_seconds: float = 1800.0
    attempts: int = 8
    """How often a job runs if other writers conflict with it. The waits double: a minute and a half in all."""
    first_wait_seconds: float = 1.0

    @property
    def retry(self) -> Retry:
        return DEFAULT_RETRY.with_timeout(self.call_seconds)

    @property
    def request_seconds(self) -> float:
        return self.call_seconds / 2

    def call(self, method: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call a method of the client with a retry policy and a timeout."""
        return method(*args, retry=self.retry, timeout=self.request_seconds, **kwargs)


def is_contended(error: Exception) -> bool:
    """Whether the job failed because others wrote the same table."""
    return CONTENDED.search(str(error)) is not None


def is_retryable(error: Exception) -> bool:
    """Whether the job failed for a temporary reason."""
    if not isinstance(error, GoogleAPICallError):
        return False
    reasons = {detail.get("reason") for detail in error.errors or [] if isinstance(detail, dict)}
    return bool(reasons & RETRYABLE_REASONS) or is_contended(error)


class Jobs:
    """Runs the jobs of one writer one after the other."""

    def __init__(self, client: bigquery.Client, context: WriteContext | None, timeouts: Timeouts) -> None:
        self._client = client
        self._context = context
        self._timeouts = timeouts
        self.records = JobRecords(client.project)

    def query(self, sql: str, config: bigquery.QueryJobConfig) -> bigquery.QueryJob:
        """Run a statement and wait for it."""

        def start(job_id: str) -> bigquery.QueryJob:
            request = self._timeouts.retry(self._client.query, on_error=self.records.request_failed)
            # the client's job_retry would run the statement again under another id
            return request(
                sql,
                job_config=config,
                job_id=job_id,
                retry=cast(Retry, None),
                job_retry=None,
                timeout=self._timeouts.request_seconds,
            )

        return self._run(start, is_writing=not WRITES_NO_ROWS.match(sql))

    def load(self, parquet: IO[bytes], into: bigquery.TableReference, config: bigquery.LoadJobConfig) -> None:
        """Append the rows of a Parquet file to a table, and wait for it."""
        uploader = Uploader(self._client, self._timeouts.retry, self._timeouts.request_seconds)
        self._run(lambda job_id: uploader.send(parquet, into, config, job_id))

    def _run(self, start: Callable[[str], J], *, is_writing: bool = False) -> J:
        again = stamina.RetryingCaller(
            attempts=self._timeouts.attempts,
            timeout=None,
            wait_initial=self._timeouts.first_wait_seconds,
            wait_max=32 * self._timeouts.first_wait_seconds,
            wait_jitter=self._timeouts.first_wait_seconds,
        )
        try:
            return again(is_retryable, self._once, start, is_writing)
        except GoogleAPICallError as error:
            if not is_contended(error):
                raise
            raise WarehouseBusyError(
                f"BigQuery job {self.records.records[-1]} and the {self._timeouts.attempts - 1} before it failed because "
                f"others write the same table. {self.records.outcome()}",
                f"Wait until the other runs have ended{self.records.then_rerun()}",
            ) from None

    def _once(self, start: Callable[[str], J], is_writing: bool) -> J:  # noqa: FBT001 - stamina passes it on
        number = len(self.records.records) + 1
        job_id = self._context.job_id(str(number)) if self._context else uuid4().hex
        record = self.records.add(job_id, self._client.location, is_writing=is_writing)
        try:
            job = start(job_id)
        except Conflict:
            record.state = State.STARTED
            job = cast(J, self._existing_job(job_id))
        except BaseException as error:
            self.records.request_failed(error)
            raise
        record.state, record.location = State.STARTED, job.location or record.location
        self._wait(job)
        failed: Exception | None = job.exception()
        record.state = State.FAILED if failed else State.ENDED
        if failed:
            raise failed
        return job

    def _existing_job(self, job_id: str) -> object:
        """The job whose response was lost. BigQuery may refuse an id as taken shortly before it can find the job."""
        until_known = Retry(predicate=if_exception_type(NotFound), timeout=self._timeouts.call_seconds)
        return until_known(self._timeouts.call)(self._client.get_job, job_id)

    def _wait(self, job: Job) -> None:
        until, pause = time.monotonic() + self._timeouts.job_seconds, FIRST_POLL_SECONDS
        while not self._timeouts.call(job.done):
            if time.monotonic() > until:
                with contextlib.suppress(Exception):
                    self._timeouts.call(job.cancel)
                raise WarehouseUnavailableError(
                    f"BigQuery job {job.job_id} (location {job.location}) still ran after "
                    f"{self._timeouts.job_seconds:.0f} s, and was cancelled. {self.records.outcome()}",
                    f"Check that the job has ended{self.records.then_rerun()}",
                )
            time.sleep(pause)
            pause = min(MAX_POLL_SECONDS, 1.5 * pause)
