"""A process that writes once and reports its progress, so that another process can kill it.

It is forked from a server that has imported everything and opened nothing. A new interpreter would need seconds to
start. A fork of a process with clients and threads would not be a clean writer.
"""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine, BigQuerySession
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine, DuckDBSession
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.stress.write_kinds import WRITE_KINDS, WriteKind

MAX_SECONDS = 120.0
"""Time limit of one write, generous for a busy machine."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "ai_usage_tests.stress.closing_process"])

BY_KIND = {kind.name: kind for kind in WRITE_KINDS}
EngineFactory = Callable[[], Engine]


def child(create_engine: EngineFactory, kind: str, version: str, connection: Connection) -> None:
    """Write once. Send a message when the write begins, before and after its publish, and when it ends."""
    engine = create_engine()
    with reported(DuckDBSession if isinstance(engine, DuckDBEngine) else BigQuerySession, connection):
        BY_KIND[kind].write(engine, version)


@contextmanager
def reported(session: Any, connection: Connection, pause_at: str = "") -> Iterator[None]:
    """Within the block, the publish of a session of this class is reported; so are the begin and the end of the block.

    With `pause_at`, the process waits at this report until it is killed.
    """
    publish = session.publish

    def report(message: str) -> None:
        connection.send_bytes(message.encode())
        if message == pause_at:
            signal.pause()

    def reporting(*args: Any, **options: Any) -> str:
        report("publishes")
        job_id = str(publish(*args, **options))
        report("published")
        return job_id

    with patch.object(session, "publish", reporting):
        report("begins")
        yield
    report("ended")


def duckdb(path: Path) -> Engine:
    return DuckDBEngine(path)


def bigquery(dataset: str, url: str) -> Engine:
    return BigQueryEngine("local", dataset, emulator_host=url)


def started_writer(
    create_engine: EngineFactory, kind: WriteKind, version: str
) -> AbstractContextManager[tuple[Any, Connection]]:
    """A writing process that has begun. It is killed at the end of the block at the latest."""
    return started(child, create_engine, kind.name, version)


@contextmanager
def started(run: Callable[..., None], *arguments: object) -> Iterator[tuple[Any, Connection]]:
    """A process that runs a function with these arguments and a connection, and has reported that it begins."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = FORKS.Process(target=run, args=(*arguments, theirs))
    # otherwise the writer would import the main module of this program
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    theirs.close()
    try:
        wait_for(ours, b"begins")
        yield process, ours
    finally:
        process.join(MAX_SECONDS)
        process.kill()
        ours.close()


def wait_for(connection: Connection, message: bytes) -> None:
    """Wait for a message of the writer.

    Raises:
        TimeoutError: the message did not arrive in time.
        EOFError: the writer is dead.
    """
    deadline = time.monotonic() + MAX_SECONDS
    while connection.poll(max(0.0, deadline - time.monotonic())):
        if connection.recv_bytes() == message:
            return
    raise TimeoutError(f"the writer did not send {message!r} within {MAX_SECONDS:.0f} s")
