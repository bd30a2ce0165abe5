"""The DuckDB file, which one process has at a time: waiting for its turn, and letting others have theirs."""

import random
import re
import threading
import time
from pathlib import Path

import duckdb

from ai_usage_assets.warehouse.errors import WarehouseBusy, WarehouseUnusable

MAX_WAIT_SECONDS = 120.0
"""How long a session waits for another process to close the file."""
KEPT_SECONDS, MAX_KEPT_SECONDS = 0.1, 5.0
MAX_PAUSE_SECONDS = 0.25


class DuckDBFile:
    """Opened for a session, and kept for a moment after it: closing writes everything to disk, and most often the
    next session comes at once. A fetch takes longer than the moment, so whoever waits gets in between; and who works
    without a break makes one at times.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._open = 0
        self._kept: duckdb.DuckDBPyConnection | None = None
        self._timer: threading.Timer | None = None
        self._since = 0.0

    def open(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own, as soon as no other process holds the file.

        Raises:
            WarehouseBusy: another process holds it for longer than MAX_WAIT_SECONDS; it is named.
            WarehouseUnusable: it cannot be created, read or written.
        """
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                connection = duckdb.connect(str(self.path))
                with self._turn:
                    self._since = self._since if self._open or self._kept else time.monotonic()
                    self._open += 1
                return connection
            except (duckdb.Error, OSError) as refused:
                if "not a valid DuckDB database" in str(refused) or "read a database file" in str(refused):
                    raise WarehouseUnusable(
                        f"{self.path} is not a DuckDB database, or one of another version. It was left as it is. "
                        "Set AI_USAGE_DUCKDB_PATH to another file, or move this one away."
                    ) from refused
                # the second: another thread of this process is closing it just now
                if "Could not set lock" not in str(refused) and "handle conflict" not in str(refused):
                    raise WarehouseUnusable(
                        f"the DuckDB file {self.path} cannot be opened for writing. "
                        "Check the folder's rights, or set AI_USAGE_DUCKDB_PATH to a file that can be written."
                    ) from refused
                if time.monotonic() > deadline:
                    holder = re.search(r"held in (.+? \(PID \d+\))", str(refused))
                    raise WarehouseBusy(
                        f"the DuckDB file {self.path} is held by {holder[1] if holder else 'another process'}, "
                        f"and was not let go of in {MAX_WAIT_SECONDS:.0f} s. Nothing was written. "
                        "Wait for that run to end, or stop it, and run this again."
                    ) from refused
                time.sleep(random.uniform(0.05, MAX_PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret

    def done(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a session's connection back: the file is let go of when nobody has asked for it for a moment."""
        with self._turn:
            self._open -= 1
            before, self._kept = self._kept, connection
            for_long = time.monotonic() - self._since > MAX_KEPT_SECONDS
            if before:
                before.close()
            self._stop_timer()
            if not for_long:
                # the process waits for it at its end, so that the file is closed as it should be
                self._timer = threading.Timer(KEPT_SECONDS, self._let_go, [connection])
                self._timer.start()
                return
        self._let_go(connection)
        if for_long:
            # long enough for whoever waits to look again
            time.sleep(MAX_PAUSE_SECONDS)

    def close(self) -> None:
        """Let go of the file now, so that it holds everything: until then the newest rows may be in its log alone."""
        with self._turn:
            self._stop_timer()
            if self._kept:
                self._kept.close()
                self._kept = None

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        # closed before the next one has the turn: who then calls close() finds the file complete
        with self._turn:
            if self._kept is connection:
                connection.close()
                self._kept = None
