"""How long `dagster dev` takes until its first HTTP response."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress

from benchmarks.competitors.parameters import Stopwatch, read_parameters

START_SECONDS = 300
END_SECONDS = 10


def main() -> None:
    parameters = read_parameters()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "dagster", "dev", "-m", parameters.module, "-h", "127.0.0.1", "-p", port]
    watch = Stopwatch()
    deadline = time.monotonic() + START_SECONDS
    with (parameters.home / "dev.log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, cwd=parameters.home, start_new_session=True)
        try:
            while not has_response(f"http://127.0.0.1:{port}/server_info"):
                if child.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"`dagster dev` did not respond; see {parameters.home / 'dev.log'}")
                time.sleep(0.1)
            watch.done()
        finally:
            end(child)


def has_response(url: str) -> bool:
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(url, timeout=5),
    ):
        return True
    return False


def end(child: subprocess.Popen[bytes]) -> None:
    # dagster dev ignores signals while it starts, and has children of its own
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
