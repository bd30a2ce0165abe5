"""The DuckDB file. Only one process at a time can open it: this one waits for others, and lets others have it."""

import atexit
import os
import random
import re
import threading
import time
import weakref
from pathlib import Path

import duckdb

from ai_usage_assets.warehouse.errors import WarehouseBusyError, WarehouseUnavailableError

MAX_WAIT_SECONDS = 120.0
"""How long a session waits for another process to close the file."""
KEPT_SECONDS, MAX_KEPT_SECONDS = 0.5, 5.0
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.02, 0.08


_FILES: "weakref.WeakSet[DuckDBFile]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Close what is kept open, so that every row is in the file itself, and no process ends with a wait for a timer."""
    for file in list(_FILES):
        file.close()


class DuckDBFile:
    """A file that stays open for KEPT_SECONDS after a session, with the connection that the next session takes.

    Closing writes everything to disk, and the next session usually follows at once. A process that waits can open the file
    while this one requests a vendor, which takes longer. After MAX_KEPT_SECONDS of uninterrupted work the file is closed
    for a moment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._sessions = 0
        self._kept: duckdb.DuckDBPyConnection | None = None
        self._timer: threading.Timer | None = None
        self._opened_at = 0.0
        self.opening = 0
        """How often the file was opened. While it stays open, no other process can change it."""
        _FILES.add(self)

    def open(self) -> duckdb.DuckDBPyConnection:
        """Open a connection as soon as no other process has the file open.

        Raises:
            WarehouseBusyError: another process has it open for more than MAX_WAIT_SECONDS. The message names it.
            WarehouseUnavailableError: it cannot be created, read or written.
        """
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while True:
            if kept := self._take_kept():
                return kept
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                connection = duckdb.connect(str(self.path))
                with self._lock:
                    if not (self._sessions or self._kept):
                        self._opened_at = time.monotonic()
                        self.opening += 1
                    self._sessions += 1
                return connection
            except (duckdb.Error, OSError) as refused:
                if "not a valid DuckDB database" in str(refused) or "read a database file" in str(refused):
                    raise WarehouseUnavailableError(
                        f"{self.path} is not a DuckDB database, or one of another version. It was not changed.",
                        "Set AI_USAGE_DUCKDB_PATH to another file, or move this one away.",
                    ) from refused
                if "replaying WAL" in str(refused):
                    raise WarehouseUnavailableError(
                        f"the DuckDB file {self.path} cannot be opened, because DuckDB cannot read its write-ahead log after a crash.",
                        f"Move {self.path}.wal away, and materialize the days of the run that crashed again: the log has what it "
                        "wrote last.",
                    ) from refused
                # the second message: another thread of this process is closing the file
                if "Could not set lock" not in str(refused) and "handle conflict" not in str(refused):
                    raise self._not_writable() from refused
                if time.monotonic() > deadline:
                    holder = re.search(r"held in (.+? \(PID \d+\))", str(refused))
                    raise WarehouseBusyError(
                        f"the DuckDB file {self.path} is open in {holder[1] if holder else 'another process'}, "
                        f"which did not close it within {MAX_WAIT_SECONDS:.0f} s. Nothing was written.",
                        "Wait for that run to end, or stop it, and run this again.",
                    ) from refused
                time.sleep(random.uniform(MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret

    def _take_kept(self) -> duckdb.DuckDBPyConnection | None:
        with self._lock:
            kept, self._kept = self._kept, None
            if kept:
                self._stop_timer()
                self._sessions += 1
            return kept

    def exists(self) -> bool:
        """Whether there is a file. Nothing is created.

        Raises:
            WarehouseUnavailableError: there is none, and none can be created.
        """
        if self.path.exists():
            return True
        parent = next(folder for folder in self.path.absolute().parents if folder.exists())
        if not (parent.is_dir() and os.access(parent, os.W_OK)):
            raise self._not_writable()
        return False

    def _not_writable(self) -> WarehouseUnavailableError:
        return WarehouseUnavailableError(
            f"the DuckDB file {self.path} cannot be opened for writing.",
            "Check the folder's rights, or set AI_USAGE_DUCKDB_PATH to a file that can be written.",
        )

    def done(self, connection: duckdb.DuckDBPyConnection, *, is_clean: bool) -> None:
        """Take back the connection of a session; one that is not clean may have an open transaction, and is not used again.

        The file is closed if no session opens it within KEPT_SECONDS.
        """
        with self._lock:
            self._sessions -= 1
            if not is_clean:
                connection.close()
                return
            before, self._kept = self._kept, connection
            is_overdue = time.monotonic() - self._opened_at > MAX_KEPT_SECONDS
            if before:
                before.close()
            self._stop_timer()
            if not is_overdue:
                self._timer = threading.Timer(KEPT_SECONDS, self._close_kept, [connection])
                self._timer.daemon = True
                self._timer.start()
                return
        self._close_kept(connection)
        # long enough for a waiting process to try again
        time.sleep(2 * MAX_PAUSE_SECONDS)

    def close(self) -> None:
        """Close the file now, so that it has every row: before, the newest rows may be in its write-ahead log only."""
        with self._lock:
            self._stop_timer()
            if self._kept:
                self._kept.close()
                self._kept = None

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _close_kept(self, connection: duckdb.DuckDBPyConnection) -> None:
        # the lock is held until the file is closed, so that close() in another thread returns only then
        with self._lock:
            if self._kept is connection:
                connection.close()
                self._kept = None
