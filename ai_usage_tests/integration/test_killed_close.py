"""A process that closes a month is killed: afterwards the month is open or closed, and the next close closes it once."""

import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.days import month_of
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.stress.closing_process import child, killed_close
from ai_usage_tests.stress.writer_process import started, wait_for
from ai_usage_tests.support.harness import NOW, Harness, Rows, small_company, step_errors

pytestmark = pytest.mark.slow

OCTOBER = month_of(date(2026, 10, 1))
START = {"AI_USAGE_START_DATE": str(OCTOBER.first)}
PAUSES = {"begins": "open", "publishes": "open", "published": "closed"}
"""Where the process waits to be killed, and what the month is then."""
PARTS_OF_PUBLISH = (0.0, 0.2, 0.5, 0.8, 0.95)
"""When the process is killed while it publishes. It may be faster or slower, so that the month can be open or closed."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A month of a small company, in a DuckDB file that nobody has open."""
    with small_company(tmp_path_factory.mktemp("killed_close"), START) as harness:
        assert harness.materialize("*", OCTOBER).success
        yield harness


def test_a_close_that_is_killed_leaves_the_month_open_or_closed_and_the_next_one_closes_it_once(
    loaded: Harness, tmp_path: Path
) -> None:
    engine = loaded.engine
    assert isinstance(engine, DuckDBEngine)
    [month] = loaded.fetch("select sum(cost_usd) as usd from fct_cost_daily")
    engine.close()
    open_month = engine._file.path.read_bytes()

    def deployment(name: str) -> Harness:
        """The month as it was loaded, in a file of its own."""
        folder = tmp_path / name
        folder.mkdir()
        (folder / "ai_usage.duckdb").write_bytes(open_month)
        return Harness(loaded.sandbox, folder, instance=loaded.instance, env=START)

    undisturbed = deployment("undisturbed")
    publish_seconds = closed_by_a_process(undisturbed)
    closed = frozen(undisturbed)
    assert sum(row["cost_usd"] for row in closed) == month["usd"] > 0
    kills = [(at, None) for at in PAUSES] + [
        ("publishes", part * publish_seconds) for part in PARTS_OF_PUBLISH
    ]
    for number, (at, seconds) in enumerate(kills):
        killed = deployment(str(number))
        exit_code = killed_close(killed.env, "2026-10", NOW, at, seconds)
        found = frozen(killed)
        assert found in ([], closed), f"{at} {seconds}: {len(found)} of {len(closed)} rows"
        if seconds is None:
            assert (exit_code, "closed" if found else "open") == (-signal.SIGKILL, PAUSES[at]), at
        else:
            assert exit_code == -signal.SIGKILL or (exit_code == 0 and found), f"{at} {seconds}: {exit_code}"
        errors = close(killed)
        assert ("2026-10 is closed already (revision 1)" in errors.get("closed_months", "")) == bool(found)
        assert frozen(killed) == closed


def close(harness: Harness) -> dict[str, str]:
    """Materialize the partition in this process; the errors of its steps."""
    with harness.monthly() as defs:
        result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=harness.instance,
            asset_selection=[dg.AssetKey("closed_months")],
            tags={PARTITION_NAME_TAG: "2026-10"},
            raise_on_error=False,
        )
    return step_errors(result)


def closed_by_a_process(harness: Harness) -> float:
    """Close the month in a process that nobody disturbs; the seconds of its publish."""
    with started(child, harness.env, "2026-10", NOW, "") as (process, connection):
        wait_for(connection, b"publishes")
        began = time.monotonic()
        wait_for(connection, b"published")
        seconds = time.monotonic() - began
        process.join()
    assert process.exitcode == 0
    return seconds


def frozen(harness: Harness) -> Rows:
    """The rows of closed_months, without the time of the close."""
    rows = harness.rows("closed_months", "* exclude (closed_at)")
    return sorted(rows, key=lambda row: repr(tuple(row.values())))
