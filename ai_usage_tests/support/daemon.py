"""A small daemon: ticks the real sensors against the sandbox, and executes what they request, in this process."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    RUN_KEY_TAG,
    SENSOR_NAME_TAG,
)

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.records import REASON_TAG
from ai_usage_assets.defs.sensors.availability.state import State
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.harness import NOW, environment

YESTERDAY = date(2026, 11, 19)
MINUTE = timedelta(minutes=1)

CLAUDE_CODE = ("raw_claude_code_models", "raw_claude_code_usage")
ANTHROPIC = tuple(
    sorted(("raw_anthropic_account_usage", "raw_anthropic_cost", "raw_anthropic_usage", *CLAUDE_CODE))
)
CURSOR = ("raw_cursor_events", "raw_cursor_usage")
REGISTERS = {
    "raw_anthropic_users",
    "raw_anthropic_api_keys",
    "raw_anthropic_workspaces",
    "raw_cursor_members",
    "raw_cursor_groups",
    "raw_cursor_spend",
    "raw_cursor_open_day",
}

USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"
CLAUDE = "/v1/organizations/usage_report/claude_code"
DAILY = "/teams/daily-usage-data"
EVENTS = "/teams/filtered-usage-events"


@dataclass(frozen=True)
class Run:
    """A run as it was requested, without the registers."""

    reason: str
    assets: tuple[str, ...]
    first: str
    last: str


class Daemon:
    """One Dagster instance, one warehouse, one code location, and one clock that the vendors go by as well."""

    def __init__(self, sandbox: Sandbox, folder: Path, days: int, instance: dg.DagsterInstance) -> None:
        self.sandbox, self.instance = sandbox, instance
        self.now = NOW
        self.start = YESTERDAY - timedelta(days=days - 1)
        self.env = {
            **environment(sandbox, DuckDBEngine(folder / "w.duckdb"), folder),
            "AI_USAGE_START_DATE": str(self.start),
        }
        self.cursors: dict[str, str | None] = {}
        self.with_snapshots: set[str] = set()
        """Of the last run."""
        self.load()

    def load(self) -> None:
        """Load the code location, as after a restart: nothing is kept but cursors and Dagster's record."""
        self.code = build_defs(Settings.from_env(self.env), lambda: self.now).get_repository_def()

    def evaluate(self, vendor: str) -> Any:
        """What the sensor says; its cursor is kept as the daemon keeps it."""
        sensor = self.code.get_sensor_def(f"{vendor}_availability")
        offered = self.code.get_top_level_resources()
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor.name),
            repository_def=self.code,
            resources={key: offered[key] for key in sensor.required_resource_keys},
        ) as context:
            said = sensor.evaluate_tick(context)
        self.cursors[sensor.name] = said.cursor
        return said

    def tick(self, vendor: str) -> Run | str:
        """One tick, and its run executed to the end; a skip is what it says."""
        said = self.evaluate(vendor)
        if not said.run_requests:
            return str(said.skip_message)
        [request] = said.run_requests
        return self.execute(vendor, request)

    def execute(self, vendor: str, request: dg.RunRequest) -> Run | str:
        """The run of a request, unless its key was used before: so does the daemon."""
        key = str(request.run_key)
        if self.instance.get_runs_count(dg.RunsFilter(tags={RUN_KEY_TAG: key})):
            return f"run key {key} was used"
        sensor = self.code.get_sensor_def(f"{vendor}_availability")
        tags = {**request.tags, RUN_KEY_TAG: key, SENSOR_NAME_TAG: sensor.name}
        self.run(str(sensor.job_name), tags, request.asset_selection or ())
        chosen = {key.path[-1] for key in request.asset_selection or ()}
        self.with_registers = chosen & REGISTERS
        return Run(
            request.tags[REASON_TAG],
            tuple(sorted(chosen - REGISTERS)),
            request.tags[ASSET_PARTITION_RANGE_START_TAG],
            request.tags[ASSET_PARTITION_RANGE_END_TAG],
        )

    def runs(self, vendor: str) -> list[Run]:
        """Tick, a minute apart, until the sensor has nothing to ask for."""
        found = []
        while isinstance(said := self.tick(vendor), Run):
            found.append(said)
            self.later(MINUTE)
        return found

    def later(self, span: timedelta) -> None:
        self.now += span
        self.sandbox.now = self.now

    def until_looked_at(self, vendor: str) -> timedelta:
        """Let the time pass until the vendor is asked again; how long that was."""
        moment = State.read(self.cursors[f"{vendor}_availability"]).next_poll_at
        assert moment
        span = moment - self.now
        self.later(max(span, timedelta(0)))
        return span

    def by_hand(self, days: Days, *assets: str) -> None:
        """A person's run in the UI."""
        self.run("__ASSET_JOB", range_tags(days), [dg.AssetKey(name) for name in assets])

    def run(self, job: str, tags: Mapping[str, str], assets: Iterable[dg.AssetKey]) -> None:
        """Without checks, which take longer than three days of tables."""
        part = self.code.get_job(job).get_subset(asset_selection=set(assets), asset_check_selection=set())
        part.execute_in_process(instance=self.instance, tags=tags, raise_on_error=False)

    def asked(self) -> dict[str, int]:
        """Requests to the vendors since the last time of asking, registers left out."""
        found = {
            path: n
            for path, n in self.sandbox.requests.items()
            if path in {USAGE, COST, CLAUDE, DAILY, EVENTS}
        }
        self.sandbox.requests.clear()
        return found

    def present(self, asset: str) -> set[date]:
        return {
            date.fromisoformat(key) for key in self.instance.get_materialized_partitions(dg.AssetKey(asset))
        }


def small_company() -> Company:
    """As small as it comes."""
    return Company(people=12)


@contextmanager
def daemon(folder: Path, days: int, instance: dg.DagsterInstance | None = None) -> Iterator[Daemon]:
    """A small company whose tables start so many days back, and the keys for its vendors exported."""
    with running(small_company(), now=NOW) as sandbox:
        keys = {"ANTHROPIC_ADMIN_API_KEY": sandbox.anthropic_key, "CURSOR_ADMIN_API_KEY": sandbox.cursor_key}
        with patch.dict(os.environ, keys):
            yield Daemon(sandbox, folder, days, instance or dg.DagsterInstance.ephemeral())
