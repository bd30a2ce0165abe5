"""When an answer of BigQuery is read by the Storage Read API, here a gRPC server on loopback, and when by REST."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import grpc
import pyarrow as pa
import pytest
from google.cloud.bigquery import TableReference
from google.cloud.bigquery_storage_v1 import BigQueryReadClient

from ai_usage_assets.warehouse.bigquery import reads
from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_assets.warehouse.bigquery.reads import Reader
from ai_usage_tests.support.storage_read_server import StorageReadServer, serving

BY_REST, STREAMED = pa.table({"n": [0]}), pa.table({"n": range(100)})
DESTINATION = TableReference.from_string("local.ai_usage.anonymous")
TIMEOUTS = Timeouts(call_seconds=5.0, job_seconds=5.0)


class Reading:
    """A reader, the server that it may use, and how often it opened and closed a client."""

    def __init__(self, server: StorageReadServer) -> None:
        self.server, self.opened, self.closed = server, 0, 0
        self.reader = Reader(self.open)
        reads.say_once.cache_clear()

    def open(self) -> BigQueryReadClient:
        self.opened += 1
        client = self.server.open_client()
        transport: Any = client.transport
        close = transport.close

        def closing() -> None:
            self.closed += 1
            close()

        transport.close = closing
        return client

    def read(self, rows: int | None, destination: TableReference | None = DESTINATION) -> pa.Table:
        def to_arrow(*, create_bqstorage_client: bool) -> pa.Table:
            assert not create_bqstorage_client
            return BY_REST

        job: Any = SimpleNamespace(project="a-project", destination=destination)
        answer: Any = SimpleNamespace(total_rows=rows, to_arrow=to_arrow)
        return self.reader.read(job, answer, TIMEOUTS)


@pytest.fixture
def reading() -> Iterator[Reading]:
    with serving(STREAMED) as server:
        server.batch_rows = 40
        found = Reading(server)
        yield found
        found.reader.close()


def test_more_than_ten_thousand_rows_of_a_stored_answer_are_streamed(reading: Reading) -> None:
    for rows, destination in ((None, DESTINATION), (10_000, DESTINATION), (10_001, None)):
        assert reading.read(rows, destination) == BY_REST
    assert (reading.opened, reading.server.sessions) == (0, [])

    assert [reading.read(10_001), reading.read(10_001)] == [STREAMED] * 2
    assert [
        (each.parent, each.read_session.table, each.max_stream_count) for each in reading.server.sessions
    ] == [("projects/a-project", "projects/local/datasets/ai_usage/tables/anonymous", 1)] * 2
    assert (reading.opened, reading.closed) == (1, 0)
    reading.reader.close()
    reading.reader.close()
    assert (reading.opened, reading.closed) == (1, 1)
    assert reading.read(10_001) == STREAMED
    assert reading.opened == 2


def test_a_refusal_is_said_once_and_nothing_is_tried_again(
    reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    reading.server.refusal = grpc.StatusCode.PERMISSION_DENIED
    with caplog.at_level(logging.WARNING):
        assert [reading.read(10_001), reading.read(10_001)] == [BY_REST] * 2
    assert len(reading.server.sessions) == 1
    [line] = [each.getMessage() for each in caplog.records if each.name == reads.__name__]
    assert line == (
        "Many rows are read from BigQuery by REST, which takes long: its Storage Read API answered PermissionDenied. Grant "
        "roles/bigquery.readSessionUser (bigquery.readsessions.create) on the project a-project, and enable the BigQuery "
        "Storage API there."
    )


def test_a_stream_that_breaks_off_is_read_by_rest_and_the_next_one_is_tried(
    reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    reading.server.breaks_at = 80
    with caplog.at_level(logging.WARNING):
        assert reading.read(10_001) == BY_REST
    assert [each.getMessage() for each in caplog.records if each.name == reads.__name__] == [
        "The Storage Read API broke off (InvalidArgument), so these rows are read again by REST."
    ]
    reading.server.breaks_at = None
    assert reading.read(10_001) == STREAMED


def test_without_its_library_rows_come_by_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "google.cloud.bigquery_storage_v1", None)
    assert reads.storage_client(lambda: pytest.fail("no credentials are needed")) is None
    none: Any = SimpleNamespace(total_rows=10_001, to_arrow=lambda **_: BY_REST)
    job: Any = SimpleNamespace(project="a-project", destination=DESTINATION)
    assert Reader(lambda: None).read(job, none, TIMEOUTS) == BY_REST
    assert Reader().read(job, none, TIMEOUTS) == BY_REST
