"""One emulator process: it is started on free ports, tested with a request, and stopped with all its children."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ai_usage_tests.support.emulator.environment import SERVE, variables
from ai_usage_tests.support.hang import MAX_SECONDS

END_SECONDS = 5
STARTS = 3
DATASETS = "/bigquery/v2/projects/local/datasets"


class NotAnsweringError(Exception):
    """The emulator does not answer; the message ends with its last output."""


@contextmanager
def running(python: Path, folder: Path) -> Iterator[str]:
    """The base URL of an emulator that runs until the block ends. Its data is below `folder`.

    Raises:
        NotAnsweringError: it does not answer.
    """
    log = folder / "emulator.log"
    with log.open("w") as written:
        process, url = _started(python, folder, written.fileno(), log)
        try:
            yield url
        finally:
            _end(process)


def _started(python: Path, folder: Path, output: int, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    for attempt in range(STARTS):
        port, grpc_port = _free_ports()
        data = folder / f"data{attempt}"
        data.mkdir()
        process = subprocess.Popen(
            [python, SERVE, "--port", str(port), "--grpc-port", str(grpc_port), "--data-dir", str(data)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=variables(),
            start_new_session=True,
        )
        url = f"http://127.0.0.1:{port}"
        if _answers(url, process):
            return process, url
        gone = process.poll() is not None
        _end(process)
        if not gone:
            break
        # it exited by itself: another program may have taken the port in between
    raise NotAnsweringError(
        f"the BigQuery emulator does not answer. Its last output:\n{log.read_text()[-2000:]}"
    )


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether datasets can be listed. The port opens before the engine works, so an open port is not enough."""
    until = time.monotonic() + MAX_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, ValueError), urllib.request.urlopen(url + DATASETS, timeout=10) as answer:
            json.load(answer)
            return True
        time.sleep(0.2)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
            break
    if process.stdin:
        process.stdin.close()


def _free_ports() -> tuple[int, int]:
    with closing(socket.socket()) as first, closing(socket.socket()) as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
