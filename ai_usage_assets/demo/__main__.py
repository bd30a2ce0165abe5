"""`make demo` and `make dev`: Dagster loads three months of a sample company from the sandbox, without keys or cloud.

All files are below `.local/demo`. The sandbox listens on loopback only, and ends with the command.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.days import Clock, Days, last_closed, month_before, utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.closing.asset import newest_revision
from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.demo.page import build_page
from ai_usage_assets.demo.report import report
from ai_usage_assets.demo.sandbox.company import invoices
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.company.sample_invoices import Planted, sample_invoices
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.ops.materialize import materialize
from ai_usage_assets.ops.records import CONFIGURATION, open_records
from ai_usage_assets.ops.start import WORKSPACE
from ai_usage_assets.schema.registry import DAILY
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.settings import DemoSettings, Settings, export
from ai_usage_assets.sources.source import SOURCES

HOME = Path(".local/demo")
MAX_DAYS = 365
REVISED_DAY, REVISED_BY = 20, 1.04
"""The day of the last full month that Anthropic revises after it was loaded, and the factor."""


def environment(sandbox: Sandbox, days: Days) -> dict[str, str]:
    """The environment variables that a user would export, with the values of the sandbox."""
    return {
        **sandbox.environment,
        "AI_USAGE_DUCKDB_PATH": str((HOME / "ai_usage.duckdb").absolute()),
        "AI_USAGE_IDENTITY_DIR": str((HOME / "identity").absolute()),
        "AI_USAGE_REPORT_DIR": str((HOME / "reports").absolute()),
        # the history starts with these days, so that the sensors of `make dev` find no missing days
        "AI_USAGE_START_DATE": str(days.first),
        "DAGSTER_HOME": str((HOME / "dagster").absolute()),
        # the demo uses DuckDB, whatever the shell has set
        "BIGQUERY_PROJECT": "",
        "BIGQUERY_DATASET": "",
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


@contextmanager
def prepared(days: Days) -> Iterator[tuple[Sandbox, dict[str, Planted]]]:
    """A running sandbox, with the files and environment variables of the demo, and the errors in its invoices."""
    (HOME / "dagster").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(CONFIGURATION, HOME / "dagster" / "dagster.yaml")
    with running() as sandbox:
        write_identity(sandbox.company, HOME / "identity")
        sample = sample_invoices(sandbox.company, days, full_month(days.last))
        invoices.write(sample.lines, HOME / "identity" / "invoices.csv")
        export(environment(sandbox, days))
        open_records((HOME / "dagster").absolute())
        yield sandbox, sample.planted


class Progress:
    """Prints one line per table when its step succeeds, from Dagster's events."""

    def __init__(self) -> None:
        self._rows: dict[str, Counter[str]] = defaultdict(Counter)

    def __call__(self, event: dg.DagsterEvent) -> None:
        step = str(event.step_key)
        if event.is_step_materialization and event.asset_key:
            rows = event.step_materialization_data.materialization.metadata.get("dagster/row_count")
            self._rows[step][event.asset_key.path[-1]] += int(rows.value) if rows else 0  # type: ignore[arg-type]
        elif event.is_step_success:
            seconds = event.step_success_data.duration_ms / 1000
            for table, count in self._rows[step].items():
                print(f"  {table:<29} {count:>8,} rows  {seconds:6.1f} s", flush=True)
        elif event.is_step_failure:
            print(f"  {step}: failed", flush=True)


def materialize_days(days: Days, vendor: str | None = None) -> dg.ExecuteInProcessResult:
    """Materialize all assets for these days.

    With a vendor, only its daily tables and the daily tables that are made from them.
    """
    defs = build_defs(Settings.from_env())
    selection = None
    if vendor:
        daily = {dg.AssetKey(table.name) for table in DAILY if table.vendor in (None, vendor)}
        keys = daily & defs.resolve_asset_graph().materializable_asset_keys
        selection = [key.path[-1] for key in keys]
    return materialize(defs, range_tags(days), Progress(), selection)


def close(month: Days) -> Iterator[dg.ExecuteInProcessResult]:
    """Close the month, as a person does in Dagster's UI, unless an earlier run of the demo did."""
    settings, name = Settings.from_env(), f"{month.first:%Y-%m}"
    with warehouse(settings).engine.session() as session:
        is_closed = newest_revision(session, month) > 0
    print(f"\n{name} is closed already." if is_closed else f"\nClosing {name}:\n", flush=True)
    if not is_closed:
        yield materialize(
            build_monthly_defs(settings), {PARTITION_NAME_TAG: name}, Progress(), [CLOSED_MONTHS.name]
        )


def load(sandbox: Sandbox, days: Days) -> list[dg.ExecuteInProcessResult]:
    """Load the days, close the last full month, and load a day that the vendor revises after that once more.

    Ends with the first run that fails.
    """
    length = "1 day" if len(days) == 1 else f"{len(days)} days"
    print(f"Materializing all assets for {length}, {days}:\n", flush=True)
    results = [materialize_days(days)]
    month = full_month(days.last)
    if results[-1].success and month.first in days:
        results += close(month)
    revised = month.first.replace(day=REVISED_DAY)
    if results[-1].success and revised in days:
        sandbox.restate(revised, "anthropic", REVISED_BY)
        print(f"\nAnthropic revises {revised}. Materializing its tables and the facts again:\n", flush=True)
        results.append(materialize_days(Days.one(revised), "anthropic"))
    return results


def serve() -> int:
    """Run Dagster's UI with the demo's data until it is stopped."""
    command = [
        str(Path(sys.executable).parent / "dagster"),
        "dev",
        "-w",
        str(WORKSPACE),
        "--host",
        "127.0.0.1",
    ]
    port = str(DemoSettings.read().port)
    print(
        f"\nDagster's UI starts at http://127.0.0.1:{port}/asset-groups. Press Ctrl-C to stop it.\n",
        flush=True,
    )
    try:
        # not the working directory: a .env file there would override the sandbox's variables
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


def failures(results: Sequence[dg.ExecuteInProcessResult]) -> list[str]:
    """The failed steps, each with its error."""
    return [
        f"{event.step_key}: {event.step_failure_data.error_display_string}"
        for result in results
        for event in result.filter_events(lambda event: event.is_step_failure)
    ]


def checks_line(results: Sequence[dg.ExecuteInProcessResult]) -> str:
    """How many asset checks passed, by their last evaluation, and the names of those that did not."""
    last = {
        (check.asset_key, check.check_name): check
        for result in results
        for check in result.get_asset_check_evaluations()
    }
    failed = [
        f"{check.check_name} of {check.asset_key.to_user_string()}"
        for check in last.values()
        if not check.passed
    ]
    if failed:
        return f"{len(failed)} of {len(last)} asset checks did not pass: {', '.join(failed)}."
    return f"All {len(last)} asset checks passed."


def final_days(count: int, now: datetime) -> Days:
    """The newest days that every vendor reports completely: in the first hour of a UTC day, the last one is not."""
    newest = last_closed(now - max(source.finalization_lag for source in SOURCES))
    return Days(newest - timedelta(days=count - 1), newest)


def full_month(newest: date) -> Days:
    """The last month that is over and final at every vendor, if `newest` is the newest final day."""
    return month_before(newest)


def sample_days(now: datetime) -> Days:
    """The last full month, the month before it for comparison, and the days since: 60 to 92 days."""
    newest = final_days(1, now).last
    month_before = full_month(full_month(newest).first)
    return Days(month_before.first, newest)


def main(clock: Clock = utc_now) -> int:
    parser = argparse.ArgumentParser(prog="python -m ai_usage_assets.demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="then open Dagster's UI")
    parser.add_argument(
        "--days",
        type=number_of_days,
        help=f"how many days to load, from 1 to {MAX_DAYS} (default: the last two full months and the days since)",
    )
    arguments = parser.parse_args()
    days = final_days(arguments.days, clock()) if arguments.days else sample_days(clock())
    started = time.monotonic()
    with prepared(days) as (sandbox, planted):
        print(f"The sandbox serves a sample company at {sandbox.url}.")
        results = load(sandbox, days)
        if not results[-1].success:
            print("\n" + "\n".join(failures(results)), file=sys.stderr)
            print(
                f"\nThe demo failed. Delete {HOME} and run it again. If it fails again, report the error above.",
                file=sys.stderr,
            )
            return 1
        print(f"\n{checks_line(results)}")
        is_as_expected = report(
            Settings.from_env(), sandbox, days, full_month(days.last), planted, time.monotonic() - started
        )
        month = full_month(days.last)
        if month.first in days:
            page = build_page(Settings.from_env(), month, clock)
            if not page.success:
                print("\n".join(failures([page])), file=sys.stderr)
                return 1
        if arguments.serve:
            return serve()
    return 0 if is_as_expected else 1


if __name__ == "__main__":
    sys.exit(main())
