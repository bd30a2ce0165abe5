"""Rows that are too many for memory: they come back as they were, from files that nobody else sees and that go away."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from ai_usage_assets import spool
from ai_usage_assets.spool import SpooledRows, bounded, in_memory

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def rows(first: int, end: int) -> pa.Table:
    return pa.table({"n": range(first, end), "text": [f"row {n}" for n in range(first, end)]}, schema=SCHEMA)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MAX_ROWS", 1_000)
    monkeypatch.setattr(spool, "GROUP_ROWS", 300)
    monkeypatch.setattr(spool, "FILE_BYTES", 10_000)


def test_rows_within_the_bound_stay_in_memory() -> None:
    assert bounded(SCHEMA, [rows(0, 400), rows(400, 1_000)]) == rows(0, 1_000)
    assert bounded(SCHEMA, []) == SCHEMA.empty_table()


def test_rows_beyond_the_bound_come_back_from_several_files() -> None:
    spooled = bounded(SCHEMA, (rows(first, first + 7) for first in range(0, 7_000, 7)))
    assert isinstance(spooled, SpooledRows)
    assert spooled.num_rows == 7_000
    assert len(spooled.files) > 2
    for _ in range(2):
        assert in_memory(spooled) == rows(0, 7_000)


def test_files_have_no_names_and_close_with_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spooled = spool.spool(SCHEMA, [rows(0, 5_000)])
    files = list(spooled.files)
    assert not list(tmp_path.iterdir())
    del spooled
    gc.collect()
    assert all(file.closed for file in files)


def test_files_of_rows_that_break_off_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parts() -> Iterator[pa.Table]:
        yield rows(0, 3_000)
        raise ConnectionError("the vendor went away")

    made: list[IO[bytes]] = []

    def temporary_file() -> IO[bytes]:
        made.append(tempfile.TemporaryFile())  # noqa: SIM115 - the code under test closes it
        return made[-1]

    monkeypatch.setattr(spool, "TemporaryFile", temporary_file)
    with pytest.raises(ConnectionError):
        spool.spool(SCHEMA, parts())
    gc.collect()
    assert made
    assert all(file.closed for file in made)


def test_a_killed_process_leaves_no_file(tmp_path: Path) -> None:
    program = (
        "import os, signal, pyarrow as pa; from ai_usage_assets.spool import spool;"
        "t = pa.table({'n': range(200_000)}); s = spool(t.schema, [t]); assert s.files;"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not list(tmp_path.iterdir())
