"""The code location for the daemon's test: what follows by condition alone, without the sensors that ask the vendors."""

import dagster as dg

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.sensors import automation
from ai_usage_assets.settings import Settings


def following() -> dg.Definitions:
    whole = build_defs(Settings.from_env())
    return dg.Definitions(
        assets=whole.assets,
        asset_checks=whole.asset_checks,
        resources=whole.resources,
        executor=whole.executor,
        sensors=[automation.build(every_seconds=5)],
    )


defs = following()
