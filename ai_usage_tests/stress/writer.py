"""A process of its own that writes once and says how far it is: what somebody else may kill.

It is forked from a server that has imported everything and opened nothing: a new interpreter would take seconds, and a
fork of a process with clients and threads would be another process's writer only by luck.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine, BigQuerySession
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine, DuckDBSession
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.stress.writes import KINDS, Kind

MOST_SECONDS = 120.0
"""For one write, on a machine that does other things too."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])

SESSIONS: dict[str, Any] = {"duckdb": DuckDBSession, "bigquery": BigQuerySession}
BY_KIND = {kind.name: kind for kind in KINDS}
Made = Callable[[], Engine]


def child(make: Made, kind: str, version: str, wire: Connection) -> None:
    """Write once, and say when it begins, when it publishes, when it has, and when it is over."""
    engine = make()
    session = SESSIONS[engine.storage_kind]
    publish = session.publish

    def said(*given: Any, **more: Any) -> str:
        wire.send_bytes(b"publishes")
        job_id = str(publish(*given, **more))
        wire.send_bytes(b"published")
        return job_id

    with patch.object(session, "publish", said):
        wire.send_bytes(b"begins")
        BY_KIND[kind].write(engine, version)
    wire.send_bytes(b"ended")


def duckdb(path: Path) -> Engine:
    return DuckDBEngine(path)


def bigquery(dataset: str, url: str) -> Engine:
    return BigQueryEngine("local", dataset, emulator_host=url)


@contextmanager
def started(make: Made, kind: Kind, version: str) -> Iterator[tuple[Any, Connection]]:
    """A writing process that has begun; it never outlives the block."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = FORKS.Process(target=child, args=(make, kind.name, version, theirs))
    # what started this program is no business of the writer, which would import it
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    theirs.close()
    try:
        heard(ours, b"begins")
        yield process, ours
    finally:
        process.join(MOST_SECONDS)
        process.kill()
        ours.close()


def heard(wire: Connection, word: bytes) -> None:
    """Wait until the writer says it; a writer that is dead says nothing more."""
    until = time.monotonic() + MOST_SECONDS
    while wire.poll(max(0.0, until - time.monotonic())):
        if wire.recv_bytes() == word:
            return
    raise TimeoutError(f"the writer did not say {word!r} within {MOST_SECONDS:.0f} s")
