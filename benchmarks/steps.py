"""The number of steps in a run of all assets, so that the empty run has the same number."""

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.settings import Settings

BOTH_VENDORS = {"ANTHROPIC_ADMIN_API_KEY": "counted", "CURSOR_ADMIN_API_KEY": "counted"}


def count_steps() -> int:
    job = build_defs(Settings.from_env(BOTH_VENDORS)).resolve_implicit_global_asset_job_def()
    return len(job.graph.node_dict)
