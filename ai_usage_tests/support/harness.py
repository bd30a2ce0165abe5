"""A deployment in this process: a sandbox for the vendors' APIs, a warehouse, and Dagster's record of the runs.

Start here when a test runs assets. A `Harness` loads the code location with the environment that a user would export,
materializes assets against the sandbox, and reads the warehouse.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.days import Days, utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The time of the sandbox and of the code location, unless a test says otherwise."""
DAY = date(2026, 11, 18)
"""A day that is over, on which every table has rows."""

Rows = list[dict[str, Any]]
Env = Mapping[str, str]
"""Environment variables."""
Evaluations = dict[str, dg.AssetCheckEvaluation]
"""By table."""


class Harness:
    """One sandbox, one warehouse, one Dagster instance, and the environment that connects them.

    `env` may be changed between two runs. `now` is the code location's clock; None is the clock of the machine.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        engine: Engine | None = None,
        instance: dg.DagsterInstance | None = None,
        now: datetime | None = NOW,
        env: Env | None = None,
    ) -> None:
        self.sandbox, self.folder, self.now = sandbox, folder, now
        self.engine = engine or DuckDBEngine(folder / "ai_usage.duckdb")
        self.instance = instance or dg.DagsterInstance.ephemeral()
        self.env = {**environment(sandbox, self.engine, folder), **(env or {})}
        self._loaded: dict[tuple[object, ...], dg.Definitions] = {}

    def copied(self, folder: Path, **env: str) -> "Harness":
        """The same deployment with a copy of its files, whose warehouse may be changed. Dagster's records are shared."""
        assert isinstance(self.engine, DuckDBEngine)
        self.engine.close()
        shutil.copytree(self.folder, folder)
        moved = {name: value.replace(str(self.folder), str(folder)) for name, value in self.env.items()}
        return Harness(self.sandbox, folder, instance=self.instance, now=self.now, env={**moved, **env})

    @contextmanager
    def code_location(self, now: datetime | None = None, env: Env | None = None) -> Iterator[dg.Definitions]:
        """The definitions as they load with the environment, and with changes to it.

        They are loaded once, as in Dagster's processes, which run many things on one load.
        """
        variables, stopped = {**self.env, **(env or {})}, now or self.now
        as_loaded = (stopped, *sorted(variables.items()))
        with patch.dict(os.environ, variables):
            if as_loaded not in self._loaded:
                self._loaded[as_loaded] = load(variables, stopped)
            yield self._loaded[as_loaded]

    @contextmanager
    def monthly(self, now: datetime | None = None) -> Iterator[dg.Definitions]:
        """The definitions of the repository `monthly`."""
        with patch.dict(os.environ, self.env):
            stopped = now or self.now
            yield build_monthly_defs(Settings.from_env(self.env), (lambda: stopped) if stopped else utc_now)

    def materialize(
        self,
        select: str,
        days: Days,
        *,
        now: datetime | None = None,
        instance: dg.DagsterInstance | None = None,
        tags: Mapping[str, str] | None = None,
        env: Env | None = None,
    ) -> dg.ExecuteInProcessResult:
        """One run over the days. `select` is "*" or asset names with commas between them.

        A failed step does not raise. Call `step_errors` with the result, or use `errors`.
        """
        with self.code_location(now, env) as defs:
            job = defs.resolve_implicit_global_asset_job_def()
            return job.execute_in_process(
                instance=instance or self.instance,
                tags={**(tags or {}), **range_tags(days)},
                raise_on_error=False,
                asset_selection=None if select == "*" else [dg.AssetKey(name) for name in select.split(",")],
            )

    def page(self, month: str) -> dg.ExecuteInProcessResult:
        """Materialize a month of usage_report, as Dagster's UI does. A failed step does not raise."""
        with self.monthly() as defs:
            return defs.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=self.instance,
                asset_selection=[dg.AssetKey("usage_report")],
                tags={PARTITION_NAME_TAG: month},
                raise_on_error=False,
            )

    def errors(self, select: str, days: Days, **options: Any) -> dict[str, str]:
        """Materialize; the message of each step that failed."""
        return step_errors(self.materialize(select, days, **options))

    def check(
        self,
        name: str,
        now: datetime | None = None,
        instance: dg.DagsterInstance | None = None,
        env: Env | None = None,
    ) -> Evaluations:
        """Run the asset checks of this name by themselves; their results by table."""
        with self.code_location(now, env) as defs:
            keys = {key for key in defs.resolve_asset_graph().asset_check_keys if key.name == name}
            job = defs.resolve_implicit_global_asset_job_def().get_subset(
                asset_selection=set(), asset_check_selection=keys
            )
            result = job.execute_in_process(instance=instance or self.instance)
        return {e.asset_key.path[-1]: e for e in result.get_asset_check_evaluations()}

    def fetch(self, sql: str) -> Rows:
        with self.engine.session() as session:
            rows: Rows = session.fetch(sql).to_pylist()
            return rows

    def execute(self, sql: str) -> None:
        with self.engine.session() as session:
            session.execute(sql)

    def rows(self, table: str, columns: str = "*", where: str = "true") -> Rows:
        """What a table on DuckDB holds; nothing if it does not exist yet."""
        if not self.fetch(f"select 1 as one from duckdb_tables where table_name = '{table}'"):
            return []
        return self.fetch(f"select {columns} from {table} where {where}")

    def materialized_days(self, table: str) -> set[date]:
        """The partitions that Dagster has on record."""
        keys = self.instance.get_materialized_partitions(dg.AssetKey(table))
        return {date.fromisoformat(key) for key in keys}

    def change_response(self, path: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the sandbox's next response for this path on its way."""

        def damage(body: dict[str, Any], _: object) -> None:
            change(body)

        self.sandbox.faults.next(path, Fault(damage=damage))


def environment(sandbox: Sandbox, engine: Engine, folder: Path) -> dict[str, str]:
    """The variables that a user would export for this sandbox and this engine."""
    return {
        **sandbox.environment,
        "AI_USAGE_START_DATE": "2025-01-01",
        "AI_USAGE_IDENTITY_DIR": str(folder / "identity"),
        **warehouse_environment(engine, folder),
    }


def warehouse_environment(engine: Engine, folder: Path) -> dict[str, str]:
    """The variables that a user would export for this engine."""
    if not isinstance(engine, BigQueryEngine):
        return {"AI_USAGE_DUCKDB_PATH": str(folder / "ai_usage.duckdb")}
    project, dataset, _ = engine.qualified("t").split(".")
    return {
        "BIGQUERY_PROJECT": project,
        "BIGQUERY_DATASET": dataset,
        "BIGQUERY_LOCATION": engine._location,
        "BIGQUERY_EMULATOR_HOST": engine.emulator_host or "",
        "BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT": engine._impersonate or "",
        "BIGQUERY_MAXIMUM_BYTES_BILLED": str(engine._max_bytes_billed or ""),
    }


@contextmanager
def code_location(env: dict[str, str], now: datetime | None = None) -> Iterator[dg.Definitions]:
    """The definitions as they load with these variables; `now` stops their clock."""
    with patch.dict(os.environ, env):
        yield load(env, now)


def load(env: Env, now: datetime | None) -> dg.Definitions:
    """The definitions for these variables, which the environment of the process has already."""
    return build_defs(Settings.from_env(env), (lambda: now) if now else utc_now)


def step_errors(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """The message of each failed step: of the error that caused Dagster's own."""
    messages = {}
    for event in result.filter_events(lambda event: event.is_step_failure):
        error: Any = event.step_failure_data.error
        messages[str(event.step_key)] = error.cause.message if error.cause else error.message
    return messages


def run_error(result: dg.ExecuteInProcessResult) -> str:
    """The message of what ended a run before its first step."""
    assert not result.filter_events(lambda event: event.is_step_start)
    [failed] = result.filter_events(lambda event: event.is_resource_init_failure)
    error: Any = failed.engine_event_data.error
    while error.cause:
        error = error.cause
    return str(error.message).split(": ", 1)[1]


def failed_checks(result: dg.ExecuteInProcessResult) -> list[str]:
    """`table:check` of each asset check that did not pass."""
    return [
        f"{e.asset_key.path[-1]}:{e.check_name}" for e in result.get_asset_check_evaluations() if not e.passed
    ]


def check_metadata(evaluation: dg.AssetCheckEvaluation, name: str) -> object:
    """A value of a check's metadata; None if the check did not give it."""
    value = evaluation.metadata.get(name)
    return value.value if value else None


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One server for all tests of this process."""
    with running(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox at NOW, without faults. Its company is shared: to change a record, use `own_harness`."""
    shared_sandbox.requests.clear()
    shared_sandbox.last_requests.clear()
    yield shared_sandbox
    shared_sandbox.faults.clear()
    shared_sandbox.now = NOW


@pytest.fixture
def harness(sandbox: Sandbox, tmp_path: Path) -> Iterator[Harness]:
    """An empty warehouse and an empty record."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Harness(sandbox, tmp_path, instance=instance)


@pytest.fixture
def own_harness(tmp_path: Path) -> Iterator[Harness]:
    """The same with a small company of its own, whose records the test may change."""
    with small_company(tmp_path) as harness:
        yield harness


@contextmanager
def small_company(folder: Path, env: Env | None = None) -> Iterator[Harness]:
    """An empty warehouse and an empty record, with a sandbox of 12 people of its own."""
    with running(Company(people=12), now=NOW) as sandbox, dg.DagsterInstance.ephemeral() as instance:
        yield Harness(sandbox, folder, instance=instance, env=env)


def close_what_is_loaded(harness: Harness) -> None:
    """November 2026 as a closed month, with the cost of the loaded days by person and one made-up group."""
    harness.execute(
        "insert into closed_months (month, platform, cost_type, department, team, cost_center, user_email, cost_usd, "
        "tokens, closed_at, revision, cost_month, is_current) select date '2026-11-01', platform, cost_type, 'D', 'T', "
        f"'C', user_email, sum(cost_usd), 0, timestamp '{NOW:%Y-%m-%d} 00:00:00+00', 1, date '2026-11-01', true "
        "from fct_cost_daily group by all"
    )
