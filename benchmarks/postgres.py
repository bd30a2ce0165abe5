"""A Postgres of the machine's own binaries, on loopback and a free port, for as long as a `with` block lasts."""

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
NOBODY_ELSE = 0o711


class Absent(Exception):
    """There is no Postgres on this machine; the message says where it was looked for."""


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
    """The newest installed server's programs.

    Raises:
        Absent: there is none.
    """
    found = sorted((path for place in PLACES for path in Path(place).glob("*/bin/initdb")), reverse=True)
    on_path = shutil.which("initdb")
    if not (found or on_path):
        raise Absent(f"no initdb on the PATH or below {', '.join(PLACES)}")
    # a link on the PATH stands alone; the server and its other programs are where it leads to
    return (found[0] if found else Path(str(on_path)).resolve()).parent


@contextmanager
def running() -> Iterator[Postgres]:
    where = binaries()
    # a server refuses to run as root; its package made a user for it
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="bench_pg_") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if user:
            owner = pwd.getpwnam("postgres")
            Path(folder).chmod(NOBODY_ELSE)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        trust = ["-A", "trust", "-U", "bench", "--no-sync"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(
            [*user, str(where / "initdb"), "-D", str(data), *trust], check=True, timeout=120, **quiet
        )  # type: ignore[call-overload]
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        listen = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", ""]
        server = subprocess.Popen([*user, str(where / "postgres"), "-D", str(data), *listen], **quiet)  # type: ignore[call-overload]
        try:
            _wait(where, port, user)
            yield Postgres(where, port, user)
        finally:
            # SIGINT is Postgres's fast shutdown
            server.send_signal(2)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(where: Path, port: int, user: list[str]) -> None:
    until = time.monotonic() + START_SECONDS
    command = [*user, str(where / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(command, check=False, timeout=30).returncode:
        if time.monotonic() > until:
            raise Absent(f"Postgres did not start in {START_SECONDS} s")
        time.sleep(0.2)
