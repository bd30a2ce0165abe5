"""`make demo` and `make dev`: a month of a made-up company's AI use, landed by Dagster proper, without keys or cloud.

Everything goes below `.local/demo`; the sandbox listens on loopback and ends with the command.
"""

import argparse
import logging
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.demo.report import report
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import Sandbox, running

HOME = Path(".local/demo")
INSTANCE = Path(__file__).parent / "dagster.yaml"
"""Equal to deploy/dagster.yaml, which a deployment copies. An installed wheel has no deploy folder."""
WORKSPACE = Path(__file__).parent / "workspace.yaml"
"""Equal to the checkout's workspace.yaml, for the same reason."""
DAYS = 30
MAX_DAYS = 365


def environment(sandbox: Sandbox, days: Days) -> dict[str, str]:
    """What a real user would export, for the sandbox."""
    return {
        "ANTHROPIC_ADMIN_API_KEY": sandbox.anthropic_key,
        "ANTHROPIC_ADMIN_BASE_URL": sandbox.url,
        "CURSOR_ADMIN_API_KEY": sandbox.cursor_key,
        "CURSOR_ADMIN_BASE_URL": sandbox.url,
        "CURSOR_REQUESTS_PER_MINUTE": "6000",
        "AI_USAGE_DUCKDB_PATH": str((HOME / "ai_usage.duckdb").absolute()),
        "AI_USAGE_IDENTITY_DIR": str((HOME / "identity").absolute()),
        # the month is all there is: `make dev`'s sensors find nothing missing
        "AI_USAGE_START_DATE": str(days.first),
        "DAGSTER_HOME": str((HOME / "dagster").absolute()),
        # the demo never leaves this machine, whatever the shell has set
        "BIGQUERY_PROJECT": "",
        "BIGQUERY_DATASET": "",
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


@contextmanager
def prepared(days: Days) -> Iterator[Sandbox]:
    """The sandbox with its folders, and the environment pointed at them."""
    (HOME / "dagster").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INSTANCE, HOME / "dagster" / "dagster.yaml")
    with running() as sandbox:
        write_identity(sandbox.company, HOME / "identity")
        os.environ.update(environment(sandbox, days))
        yield sandbox


class Progress(logging.Handler):
    """One line a table as it lands, from Dagster's own events."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_event", None)
        if event is None:
            return
        if event.is_step_materialization and event.asset_key:
            rows = event.step_materialization_data.materialization.metadata.get("dagster/row_count")
            self._rows[event.asset_key.path[-1]] += int(rows.value) if rows else 0
        elif event.is_step_success:
            table = str(event.step_key)
            if table in self._rows:
                print(
                    f"  {table:<28} {self._rows[table]:>8,} rows  {event.step_success_data.duration_ms / 1000:6.1f} s"
                )
            sys.stdout.flush()
        elif event.is_step_failure:
            print(f"  {event.step_key}: failed")


def materialise(days: Days) -> dg.ExecuteInProcessResult:
    """Everything, for the days, in one run that the UI shows afterwards."""
    progress = Progress()

    @dg.logger
    def quiet(_: Any) -> logging.Logger:
        log = logging.Logger("demo", logging.DEBUG)
        log.addHandler(progress)
        return log

    defs = dg.Definitions.merge(build_defs(Settings.from_env()), dg.Definitions(loggers={"quiet": quiet}))
    tags = {ASSET_PARTITION_RANGE_START_TAG: str(days.first), ASSET_PARTITION_RANGE_END_TAG: str(days.last)}
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=instance, tags=tags, run_config={"loggers": {"quiet": {}}}, raise_on_error=False
        )


def serve() -> int:
    """Dagster's UI over the demo's data, until it is stopped."""
    command = [
        str(Path(sys.executable).parent / "dagster"),
        "dev",
        "-w",
        str(WORKSPACE),
        "--host",
        "127.0.0.1",
    ]
    port = os.environ.get("PORT", "3000")
    print(f"\nDagster's UI will be at http://127.0.0.1:{port}/asset-groups; Ctrl-C ends it.\n", flush=True)
    try:
        # a .env in the folder it runs in would overrule the sandbox
        return subprocess.call([*command, "--port", port], cwd=HOME)
    except KeyboardInterrupt:
        return 0


def number_of_days(text: str) -> int:
    """The value of `--days`.

    Raises:
        ArgumentTypeError: it is not a whole number, or out of range.
    """
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_DAYS):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_DAYS}")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ai_usage_assets.demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="open Dagster's UI afterwards")
    parser.add_argument(
        "--days", type=number_of_days, default=DAYS, help=f"how many days to load, from 1 to {MAX_DAYS}"
    )
    arguments = parser.parse_args()
    newest = last_closed(datetime.now(UTC))
    days = Days(newest - timedelta(days=arguments.days - 1), newest)
    started = time.monotonic()
    with prepared(days) as sandbox:
        print(
            f"A made-up company answers at {sandbox.url}. Materializing {len(days)} days, {days}:\n",
            flush=True,
        )
        result = materialise(days)
        if not result.success:
            for failure in result.filter_events(lambda event: event.is_step_failure):
                print(
                    f"\n{failure.step_key}: {failure.step_failure_data.error_display_string}", file=sys.stderr
                )
            return 1
        seconds = time.monotonic() - started
        true = report(Settings.from_env(), sandbox, days, seconds)
        if arguments.serve:
            return serve()
    return 0 if true else 1


if __name__ == "__main__":
    sys.exit(main())
