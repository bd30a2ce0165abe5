"""The checks that watch the clock, asked by themselves over a real warehouse whose clock is stopped where a test says."""

from collections.abc import Callable
from datetime import datetime

import dagster as dg

from ai_usage_tests.support.graph import exported

Answers = dict[str, dg.AssetCheckEvaluation]
Ask = Callable[..., Answers]


def ask(env: dict[str, str], instance: dg.DagsterInstance, check: str, now: datetime) -> Answers:
    """What the checks of this name say at this time, per table."""
    with exported(env, lambda: now) as defs:
        keys = {key for key in defs.resolve_asset_graph().asset_check_keys if key.name == check}
        job = defs.resolve_implicit_global_asset_job_def().get_subset(
            asset_selection=set(), asset_check_selection=keys
        )
        result = job.execute_in_process(instance=instance)
    return {e.asset_key.path[-1]: e for e in result.get_asset_check_evaluations()}


def said(evaluation: dg.AssetCheckEvaluation, name: str) -> object:
    value = evaluation.metadata.get(name)
    return value.value if value else None
