"""The functions of `support/harness.py` for tests that do not use a `Harness` yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from ai_usage_assets.days import Clock, Days, utc_now
from ai_usage_tests.support.harness import code_location, environment, failed_checks, range_tags
from ai_usage_tests.support.harness import step_errors as refusals

__all__ = ["environment", "exported", "failed_checks", "materialise", "refusals"]


@contextmanager
def exported(env: dict[str, str], clock: Clock = utc_now) -> Iterator[dg.Definitions]:
    with code_location(env, None if clock is utc_now else clock()) as defs:
        yield defs


def materialise(
    env: dict[str, str],
    days: Days,
    select: str = "*",
    instance: dg.DagsterInstance | None = None,
    clock: Clock = utc_now,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    with exported(env, clock) as defs:
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance or dg.DagsterInstance.ephemeral(),
            tags={**(tags or {}), **range_tags(days)},
            raise_on_error=False,
            asset_selection=None if select == "*" else [dg.AssetKey(name) for name in select.split(",")],
        )
