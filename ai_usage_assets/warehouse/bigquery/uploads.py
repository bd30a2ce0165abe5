"""Files that are sent to BigQuery, each by a load job: how long to try, and how often."""

import os
import time
from collections.abc import Callable
from typing import IO, TypeVar

from google.api_core.exceptions import RetryError
from google.api_core.retry import Retry
from google.cloud import bigquery

SLOW_ATTEMPTS = 4
"""How often a file is sent if each attempt fails only after the time in which calls are retried."""
MULTIPART_BYTES = 4 * 1024 * 1024
"""Up to this size the rows are in the request that starts their job. The client's own limit is five megabytes."""

T = TypeVar("T")


class Uploader:
    """Sends files for load jobs. An upload that fails is sent again as a whole under the same job id.

    BigQuery starts no second job with an id, so an upload whose last answer was lost cannot add its rows twice: it is
    refused as `Conflict`, and the first job is found.
    """

    def __init__(self, client: bigquery.Client, retry: Retry, request_seconds: float) -> None:
        self._client, self._retry, self._request_seconds = client, retry, request_seconds

    def send(
        self, file: IO[bytes], into: bigquery.TableReference, config: bigquery.LoadJobConfig, job_id: str
    ) -> bigquery.LoadJob:
        """Start the job that appends the rows of a file.

        Raises:
            Conflict: there is a job with this id.
            RetryError: every attempt failed.
        """
        size = file.seek(0, os.SEEK_END)

        def send() -> bigquery.LoadJob:
            return self._client.load_table_from_file(
                file,
                into,
                rewind=True,
                size=size if size <= MULTIPART_BYTES else None,
                job_config=config,
                job_id=job_id,
                # the client would send a part again without asking how much of it has arrived
                num_retries=0,
                timeout=self._request_seconds,
            )

        return with_patience(self._retry, send)


def with_patience(retry: Retry, call: Callable[[], T]) -> T:
    """Call until it succeeds. The time of the policy is for calls that fail fast: a call that takes longer has sent
    something, and is tried again from the start, up to `SLOW_ATTEMPTS` times.

    Raises:
        RetryError: every attempt failed.
    """
    lasted = 0.0

    def timed() -> T:
        nonlocal lasted
        begun = time.monotonic()
        try:
            return call()
        finally:
            lasted = time.monotonic() - begun

    for _ in range(SLOW_ATTEMPTS - 1):
        try:
            return retry(timed)()
        except RetryError:
            if lasted < (retry.timeout or 0):
                raise
    return retry(timed)()
