"""How long `dagster dev` takes until its first HTTP answer."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress

from benchmarks.contestants.given import Stopwatch, given

START_SECONDS = 300
END_SECONDS = 10


def main() -> None:
    asked = given()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "dagster", "dev", "-m", asked.module, "-h", "127.0.0.1", "-p", port]
    watch = Stopwatch()
    until = time.monotonic() + START_SECONDS
    with (asked.home / "dev.log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, cwd=asked.home, start_new_session=True)
        try:
            while not answers(f"http://127.0.0.1:{port}/server_info"):
                if child.poll() is not None or time.monotonic() > until:
                    sys.exit(f"`dagster dev` gave no answer; see {asked.home / 'dev.log'}")
                time.sleep(0.1)
            watch.done()
        finally:
            end(child)


def answers(url: str) -> bool:
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(url, timeout=5),
    ):
        return True
    return False


def end(child: subprocess.Popen[bytes]) -> None:
    # dagster dev ignores what it is sent while it starts, and has children of its own
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            child.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
