"""The rows of a query's answer: by the Storage Read API if they are many and it may be used, else by REST."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
from google.api_core.exceptions import GoogleAPIError
from google.auth.credentials import Credentials
from google.cloud import bigquery
from google.cloud.bigquery.table import RowIterator

from ai_usage_assets.warehouse.bigquery.jobs import Timeouts

if TYPE_CHECKING:
    from google.cloud.bigquery_storage_v1 import BigQueryReadClient
    from google.cloud.bigquery_storage_v1.types import ReadSession

REST_ROWS = 10_000
"""So many rows come in about one answer of REST. More rows would be many answers, in JSON."""
STREAMS = 1
"""One stream keeps the order of the rows."""

logger = logging.getLogger(__name__)


def storage_client(credentials: Callable[[], Credentials]) -> "BigQueryReadClient | None":
    """A client of the Storage Read API; None if its library (the extra `bigquery-storage`) is not installed."""
    try:
        from google.cloud.bigquery_storage_v1 import BigQueryReadClient
    except ImportError:
        return None
    return BigQueryReadClient(credentials=credentials())


class Reader:
    """Reads answers. After the Storage Read API refused to begin, this process reads by REST alone."""

    def __init__(self, open_client: "Callable[[], BigQueryReadClient | None] | None" = None) -> None:
        self._open_client = open_client or (lambda: None)
        self._client: BigQueryReadClient | None = None
        self._is_refused = False

    def read(self, job: bigquery.QueryJob, answer: RowIterator, timeouts: Timeouts) -> pa.Table:
        """The rows of a job that has ended."""
        if (answer.total_rows or 0) > REST_ROWS and job.destination and not self._is_refused:
            found = self._by_storage(job.project, job.destination, timeouts)
            if found is not None:
                return found
        return answer.to_arrow(create_bqstorage_client=False)

    def _by_storage(
        self, project: str, table: bigquery.TableReference, timeouts: Timeouts
    ) -> pa.Table | None:
        """The rows of a table; None if they have to be read by REST."""
        client = self._client = self._client or self._open_client()
        if client is None:
            return None
        from google.cloud.bigquery_storage_v1.types import DataFormat, ReadSession

        wanted = ReadSession(table=table.to_bqstorage(), data_format=DataFormat.ARROW)
        try:
            session = timeouts.call(
                client.create_read_session,
                parent=f"projects/{project}",
                read_session=wanted,
                max_stream_count=STREAMS,
            )
        except GoogleAPIError as refused:
            self._is_refused = True
            say_once(
                f"Many rows are read from BigQuery by REST, which takes long: its Storage Read API answered "
                f"{type(refused).__name__}. Grant roles/bigquery.readSessionUser (bigquery.readsessions.create) on the "
                f"project {project}, and enable the BigQuery Storage API there."
            )
            return None
        schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
        try:
            return pa.Table.from_batches(_batches(client, session, schema, timeouts), schema)
        except GoogleAPIError as broken:
            logger.warning(
                "The Storage Read API broke off (%s), so these rows are read again by REST.",
                type(broken).__name__,
            )
            return None

    def close(self) -> None:
        """Close the connection. A later read opens it again."""
        client, self._client = self._client, None
        if client is not None:
            client.transport.close()


def _batches(
    client: "BigQueryReadClient", session: "ReadSession", schema: pa.Schema, timeouts: Timeouts
) -> Iterator[pa.RecordBatch]:
    for stream in session.streams:
        # the client continues a stream that breaks off for a temporary reason
        for answer in client.read_rows(stream.name, timeout=timeouts.job_seconds):
            yield pa.ipc.read_record_batch(
                pa.py_buffer(answer.arrow_record_batch.serialized_record_batch), schema
            )


@cache
def say_once(text: str) -> None:
    """Log a line once in this process."""
    logger.warning(text)
