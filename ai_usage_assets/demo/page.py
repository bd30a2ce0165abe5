"""The page of the demo's last full month: `usage_report`, materialized as any asset, so that Dagster's UI shows it too."""

from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.defs.report import NAME
from ai_usage_assets.ops.materialize import materialize
from ai_usage_assets.settings import Settings


def build_page(settings: Settings, month: Days, clock: Clock) -> dg.ExecuteInProcessResult:
    """Materialize the month's page, and print where it is."""
    tags = {PARTITION_NAME_TAG: f"{month.first:%Y-%m}"}
    result = materialize(build_monthly_defs(settings, clock), tags, lambda event: None, [NAME])
    for written in result.asset_materializations_for_node(NAME) if result.success else ():
        path = Path(str(written.metadata["path"].value))
        print(f"\nThe page of {month.first:%Y-%m}, to open in a browser: {path.as_uri()}")
    return result
