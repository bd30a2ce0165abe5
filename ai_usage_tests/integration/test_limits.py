"""The shipped dagster.yaml: two runs never ask one vendor at a time, vendors do not wait for each other, and no run for ever."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.op_concurrency_limits_counter import GlobalOpConcurrencyLimitsCounter
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.resources import is_pool_limited
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.cursor.client import EVENT_REQUESTS_PER_MINUTE, PAGE_SIZE
from ai_usage_tests.support.dagster_processes import ROOT, shipped_instance

ENV = {"ANTHROPIC_ADMIN_API_KEY": "k", "CURSOR_ADMIN_API_KEY": "k", "AI_USAGE_START_DATE": "2026-01-01"}


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs(Settings.from_env(ENV))


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with shipped_instance(tmp_path) as instance:
        yield instance


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


def test_every_table_of_a_vendor_is_in_its_pool_and_no_other_table_in_any(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    pools = {key.path[-1]: graph.get(key).pools for key in graph.materializable_asset_keys}
    assert pools == {t.name: {t.vendor} if t.vendor else set() for t in TABLES if t.name in pools}


def blocked(defs: dg.Definitions, instance: dg.DagsterInstance, running: str, waiting: str) -> bool:
    """Whether the daemon's queue would hold a run of the second table back while one of the first is going on."""
    job = defs.resolve_implicit_global_asset_job_def()
    first, second = (
        instance.create_run_for_job(job, asset_selection=frozenset([dg.AssetKey(name)]), status=status)
        for name, status in (
            (running, dg.DagsterRunStatus.STARTED),
            (waiting, dg.DagsterRunStatus.NOT_STARTED),
        )
    )
    assert first.run_id != second.run_id
    in_progress = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))

    def counter() -> GlobalOpConcurrencyLimitsCounter:
        return GlobalOpConcurrencyLimitsCounter(
            instance,
            [second],
            in_progress,
            instance.event_log_storage.get_concurrency_keys(),
            instance.event_log_storage.get_pool_limits(),
            pool_granularity=instance.get_concurrency_config().pool_config.pool_granularity,
        )

    # the first look at a pool gives it the default limit, the next one keeps to it
    counter()
    return counter().is_blocked(second)


@pytest.mark.parametrize(
    ("running", "waiting", "waits"),
    [
        ("raw_anthropic_usage", "raw_anthropic_users", True),
        ("raw_anthropic_usage", "raw_cursor_members", False),
        ("raw_anthropic_usage", "identity_people", False),
    ],
    ids=["of one vendor", "of two vendors", "of a vendor and of none"],
)
def test_a_run_waits_for_another_of_its_vendor_and_for_no_other(
    defs: dg.Definitions, shipped: dg.DagsterInstance, running: str, waiting: str, waits: bool
) -> None:
    assert blocked(defs, shipped, running, waiting) is waits


def test_without_a_dagster_yaml_no_pool_is_limited_and_with_the_shipped_one_each_is(
    shipped: dg.DagsterInstance, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    with (
        dg.DagsterInstance.from_config(str(tmp_path / "bare")) as bare,
        dg.DagsterInstance.ephemeral() as none,
    ):
        found = [is_pool_limited(instance, "anthropic") for instance in (shipped, bare, none)]
        bare.event_log_storage.set_concurrency_slots("anthropic", 1)
        assert is_pool_limited(bare, "anthropic")
    assert found == [True, False, False]


def test_the_shipped_settings_start_runs_again_twice_but_not_for_a_failed_step_and_tell_dagster_nothing(
    shipped: dg.DagsterInstance,
) -> None:
    assert (shipped.run_retries_enabled, shipped.run_retries_max_retries) == (True, 2)
    assert shipped.run_retries_retry_on_asset_or_op_failure is False
    assert not shipped.telemetry_enabled


EVENTS_A_DAY = 14.3
"""Of a person, as benchmarks/scale.py counts them."""


def test_both_shipped_settings_give_a_run_time_for_two_years_of_a_thousand_people_and_no_vendor_waits_half_a_day(
    shipped: dg.DagsterInstance,
) -> None:
    assert shipped.run_monitoring_enabled
    monitored = shipped.get_settings("run_monitoring")
    for_postgres = yaml.safe_load((ROOT / "deploy" / "dagster.postgres.yaml").read_text(encoding="utf-8"))
    assert for_postgres["run_monitoring"] == monitored
    pages = 1000 * EVENTS_A_DAY * 2 * 365 / PAGE_SIZE
    minutes = pages / EVENT_REQUESTS_PER_MINUTE
    assert 1.25 * minutes * 60 < monitored["max_runtime_seconds"] < 6 * 60 * 60
