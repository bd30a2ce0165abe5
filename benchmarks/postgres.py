"""A temporary Postgres server from the installed binaries, on loopback and a free port, inside a `with` block."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")
START_SECONDS = 60
TRAVERSABLE = 0o711


class PostgresNotFoundError(Exception):
    """Postgres is not installed on this machine, or does not start. The message has the folders that were searched."""


class Postgres:
    def __init__(self, binaries: Path, port: int, user: list[str]) -> None:
        self._binaries, self._port, self._user = binaries, port, user

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"bench_{uuid4().hex[:8]}"
        host = ["-h", "127.0.0.1", "-p", str(self._port), "-U", "bench"]
        subprocess.run([*self._user, str(self._binaries / "createdb"), *host, name], check=True, timeout=60)
        return f"postgresql+psycopg2://bench@127.0.0.1:{self._port}/{name}"


def binaries() -> Path:
    """The folder with the programs of the newest installed server.

    Raises:
        Absent: there is none.
    """
    found = sorted((path for place in PLACES for path in Path(place).glob("*/bin/initdb")), reverse=True)
    on_path = shutil.which("initdb")
    if not (found or on_path):
        raise PostgresNotFoundError(f"found no initdb on the PATH or below {', '.join(PLACES)}")
    # initdb on the PATH is a link; the other programs are in the folder of its target
    return (found[0] if found else Path(str(on_path)).resolve()).parent


@contextmanager
def running() -> Iterator[Postgres]:
    folder_of_binaries = binaries()
    # Postgres refuses to run as root; its package created a user for it
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="bench_pg_") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if user:
            owner = pwd.getpwnam("postgres")
            Path(folder).chmod(TRAVERSABLE)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        trust = ["-A", "trust", "-U", "bench", "--no-sync"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(
            [*user, str(folder_of_binaries / "initdb"), "-D", str(data), *trust],
            check=True,
            timeout=120,
            **quiet,
        )  # type: ignore[call-overload]
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        listen = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", ""]
        server = subprocess.Popen(
            [*user, str(folder_of_binaries / "postgres"), "-D", str(data), *listen], **quiet
        )  # type: ignore[call-overload]
        try:
            _wait(folder_of_binaries, port, user)
            yield Postgres(folder_of_binaries, port, user)
        finally:
            # SIGINT requests a fast shutdown
            server.send_signal(2)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(folder_of_binaries: Path, port: int, user: list[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    command = [*user, str(folder_of_binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(command, check=False, timeout=30).returncode:
        if time.monotonic() > deadline:
            raise PostgresNotFoundError(f"Postgres did not start in {START_SECONDS} s")
        time.sleep(0.2)
