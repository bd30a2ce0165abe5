"""The statements of one day as the automation schedules it: they are recorded while the day is played on DuckDB.

What belongs here: the order of a day. The runs come from the vendors' sensors (one run a vendor for the new day), the
automation conditions (dimensions, facts and scheduled checks) and the weekly schedules. Dagster plans them all. The
statements are GoogleSQL, and are the same on BigQuery.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
from dagster._core.definitions.automation_tick_evaluation_context import build_run_requests

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.schedules import WINDOW_DAYS
from ai_usage_assets.defs.sensors.availability.sensor import tables as requested_tables
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.source import SOURCES, Source
from ai_usage_assets.warehouse.duckdb.engine import DuckDBSession
from ai_usage_assets.warehouse.sql import merge

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEWEST = date(2026, 11, 19)
PEOPLE = 12
"""The statements do not depend on the number of people."""
HOURS_PLAYED = (2, 3, 6)
"""The hours that are played: the load at two, an hour later, and the daily checks. All other hours are alike."""
WRITTEN = (Layer.RAW, Layer.SNAPSHOT, Layer.TOTALS, Layer.OPEN_DAY)


@dataclass(frozen=True)
class Sent:
    """One statement, or one load job."""

    asset: str
    part: str
    """work, dimensions, scheduled checks or views."""
    sql: str | None
    """None for a load job."""
    days: Days | None
    """The days of the write that it belongs to."""


@dataclass(frozen=True)
class Played:
    """What was sent on a day, and in a weekly refresh of both vendors."""

    day: tuple[Sent, ...]
    runs: int
    refresh: tuple[Sent, ...]
    refresh_runs: int


class Recorder:
    """Keeps what sessions on DuckDB send, as long as `is_on` is set."""

    def __init__(self, scheduled: set[str]) -> None:
        self.scheduled, self.sent, self.is_on = scheduled, list[Sent](), False
        self.runs = 0

    def add(self, session: Any, sql: str | None, days: Days | None = None) -> None:
        context = session._context  # noqa: SLF001 - whose statement it is
        if not self.is_on or context is None:
            return
        asset = context.labels["asset"]
        if days is None and "partition" in context.labels:
            days = Days.parse(context.labels["partition"])
        self.sent.append(Sent(asset, self.part(asset, context.step), sql, days))

    def part(self, asset: str, step: str) -> str:
        if any(step.startswith(f"{asset}-{name}") for name in self.scheduled):
            return "scheduled checks"
        table = BY_NAME[asset]
        if table.layer is Layer.VIEW:
            return "views"
        return "dimensions" if table.layer is Layer.CURATED and not table.partition else "work"

    @contextmanager
    def recording(self) -> Iterator[None]:
        plain = {name: getattr(DuckDBSession, name) for name in ("execute", "fetch", "stage", "publish")}

        def execute(session: Any, sql: str) -> None:
            self.add(session, sql)
            plain["execute"](session, sql)

        def fetch(session: Any, sql: str) -> Any:
            self.add(session, sql)
            return plain["fetch"](session, sql)

        def stage(session: Any, name: str, source: Any) -> None:
            self.add(session, source if isinstance(source, str) else None)
            plain["stage"](session, name, source)

        def publish(
            session: Any, table: Table, staged: str, days: Days | None, before: str | None = None, **more: Any
        ) -> str:
            for sql in (before, merge(table, staged, days, more.get("kept", ())), more.get("after")):
                if sql:
                    self.add(session, sql, days)
            return str(plain["publish"](session, table, staged, days, before, **more))

        def changed_at(session: Any, name: str) -> datetime | None:
            """BigQuery says when a table was changed; here only loads change one."""
            sql = f"select max(loaded_at) as at from {LOAD_LOG.name} where table_name = '{name}'"
            found: datetime | None = plain["fetch"](session, sql).column("at")[0].as_py()
            return found

        replaced = {
            "execute": execute,
            "fetch": fetch,
            "stage": stage,
            "publish": publish,
            "changed_at": changed_at,
        }
        with ExitStack() as stack:
            for name, function in replaced.items():
                stack.enter_context(patch.object(DuckDBSession, name, function))
            yield


class Deployment:
    """A code location whose clock stands, a warehouse, and Dagster's records."""

    def __init__(self, defs: dg.Definitions, settings: Settings, recorder: Recorder) -> None:
        self.defs, self.settings, self.recorder = defs, settings, recorder
        self.instance = dg.DagsterInstance.ephemeral()
        self.graph = defs.resolve_asset_graph()
        self.job = defs.resolve_implicit_global_asset_job_def()
        self._cursor: Any = None

    def run(
        self, assets: Sequence[str], days: Days | None, checks: Sequence[dg.AssetCheckKey] | None = None
    ) -> None:
        job = self.job.get_subset(
            asset_selection={dg.AssetKey(name) for name in assets},
            asset_check_selection=None if checks is None else set(checks),
        )
        job.execute_in_process(
            instance=self.instance, tags=range_tags(days) if days else {}, raise_on_error=False
        )
        self.recorder.runs += self.recorder.is_on

    def tick(self, at: datetime) -> bool:
        """One evaluation of the automation conditions, and the runs that it requests."""
        answer = dg.evaluate_automation_conditions(
            self.defs,
            self.instance,
            asset_selection=dg.AssetSelection.all(),
            cursor=self._cursor,
            evaluation_time=at,
        )
        self._cursor = answer.cursor
        requests = build_run_requests(
            list(answer._requested_subsets),  # noqa: SLF001 - checks are in no public attribute
            self.graph,
            run_tags={},
            emit_backfills=False,
        )
        for request in requests:
            key = request.partition_key
            days = Days.one(date.fromisoformat(key)) if key else None
            names = [asset.path[-1] for asset in request.asset_selection or []]
            self.run(names, days, request.asset_check_keys or None)
        return bool(requests)

    def settle(self, at: datetime) -> None:
        while self.tick(at):
            pass

    def vendor_run(self, source: Source, days: Days) -> None:
        self.run(requested_tables(source, self.settings, *WRITTEN), days)


def play(age_days: int) -> Played:
    """One day, with a history of this many days, and a weekly refresh."""
    first = NEWEST - timedelta(age_days - 1)
    with (
        running(Company(people=PEOPLE), now=NOW) as sandbox,
        tempfile.TemporaryDirectory() as name,
        patch.dict(os.environ, environment(sandbox, Path(name), first)),
    ):
        write_identity(sandbox.company, Path(name) / "identity")
        settings = Settings.from_env()
        defs = build_defs(settings, lambda: NOW)
        recorder = Recorder(scheduled_checks(defs))
        with recorder.recording():
            place = Deployment(defs, settings, recorder)
            at = datetime.now(UTC).replace(hour=1, minute=35)
            place.run(
                [key.path[-1] for key in place.graph.materializable_asset_keys], Days.one(NEWEST - ONE_DAY)
            )
            place.settle(at)
            recorder.is_on = True
            for source in SOURCES:
                place.vendor_run(source, Days.one(NEWEST))
                place.settle(at)
            for hour in HOURS_PLAYED:
                place.settle(at.replace(hour=hour))
            played, played_runs = list(recorder.sent), recorder.runs
            recorder.sent = []
            place.settle(at.replace(hour=HOURS_PLAYED[-1] + 1))
            others = 24 - len(HOURS_PLAYED)
            day = (*played, *(recorder.sent * others))
            runs = played_runs + (recorder.runs - played_runs) * others
            recorder.sent, recorder.runs = [], 0
            window = Days(NEWEST - timedelta(WINDOW_DAYS - 1), NEWEST)
            for source in SOURCES:
                refresh = defs.resolve_job_def(f"refresh_{source.name}")
                names = [key.path[-1] for key in refresh.asset_layer.selected_asset_keys]
                place.run(names, Days(max(window.first, first), window.last))
            place.settle(at.replace(hour=HOURS_PLAYED[-1] + 1))
            return Played(day, runs, tuple(recorder.sent), recorder.runs)


def scheduled_checks(defs: dg.Definitions) -> set[str]:
    """The names of the checks that have a condition of their own, and of the steps that they run in."""
    graph = defs.resolve_asset_graph()
    return {key.name for key in graph.asset_check_keys if graph.get(key).automation_condition} | {"freshness"}


def environment(sandbox: Sandbox, folder: Path, first: date) -> dict[str, str]:
    return {
        **sandbox.environment,
        "AI_USAGE_START_DATE": str(first),
        "AI_USAGE_IDENTITY_DIR": str(folder / "identity"),
        "AI_USAGE_DUCKDB_PATH": str(folder / "ai_usage.duckdb"),
    }
