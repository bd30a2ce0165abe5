"""BigQuery's Storage Read API as a gRPC server on loopback. It serves one Arrow table, or refuses."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pyarrow as pa
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, types
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"
STREAM = "projects/local/locations/us/sessions/s/streams/0"


@dataclass
class StorageReadServer:
    """What the server does, and what it was asked."""

    rows: pa.Table
    batch_rows: int = 5_000
    refusal: grpc.StatusCode | None = None
    """The answer to a new session."""
    breaks_at: int | None = None
    """The row before which a stream ends with an error, every time."""
    sessions: list[types.CreateReadSessionRequest] = field(default_factory=list)
    reads: list[types.ReadRowsRequest] = field(default_factory=list)
    address: str = ""

    def open_client(self) -> BigQueryReadClient:
        channel = grpc.insecure_channel(self.address)
        return BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))

    def create_read_session(
        self, request: types.CreateReadSessionRequest, context: grpc.ServicerContext
    ) -> types.ReadSession:
        self.sessions.append(request)
        if self.refusal:
            context.abort(self.refusal, "Permission bigquery.readsessions.create denied")
        schema = types.ArrowSchema(serialized_schema=self.rows.schema.serialize().to_pybytes())
        return types.ReadSession(
            name=STREAM.rpartition("/streams")[0],
            data_format=types.DataFormat.ARROW,
            arrow_schema=schema,
            streams=[types.ReadStream(name=STREAM)] if self.rows.num_rows else [],
        )

    def read_rows(
        self, request: types.ReadRowsRequest, context: grpc.ServicerContext
    ) -> Iterator[types.ReadRowsResponse]:
        self.reads.append(request)
        sent = request.offset
        for batch in self.rows.slice(sent).to_batches(self.batch_rows):
            if self.breaks_at is not None and sent >= self.breaks_at:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the session has expired")
            sent += batch.num_rows
            serialized = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            yield types.ReadRowsResponse(arrow_record_batch=serialized, row_count=batch.num_rows)


def _handlers(server: StorageReadServer) -> grpc.GenericRpcHandler:
    def handler(kind: Callable[..., Any], method: Callable[..., Any], asked: Any, answer: Any) -> Any:
        return kind(method, request_deserializer=asked.deserialize, response_serializer=answer.serialize)

    methods = {
        "CreateReadSession": handler(
            grpc.unary_unary_rpc_method_handler,
            server.create_read_session,
            types.CreateReadSessionRequest,
            types.ReadSession,
        ),
        "ReadRows": handler(
            grpc.unary_stream_rpc_method_handler,
            server.read_rows,
            types.ReadRowsRequest,
            types.ReadRowsResponse,
        ),
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


@contextmanager
def serving(rows: pa.Table) -> Iterator[StorageReadServer]:
    """A server on a free loopback port, until the block ends."""
    served = StorageReadServer(rows)
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers([_handlers(served)])
    served.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield served
    finally:
        server.stop(None).wait()
