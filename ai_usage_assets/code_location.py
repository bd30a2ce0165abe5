"""What the UI, the daemon and the code server load: the daily assets, and the repository `monthly` in the same process.

The command line has one repository at a time: `-m ai_usage_assets.definitions` or `-m ai_usage_assets.monthly_definitions`.
"""

import dagster as dg

from ai_usage_assets import definitions, monthly_definitions

daily = definitions.defs.get_repository_def()
monthly = dg.create_repository_using_definitions_args(
    "monthly",
    assets=monthly_definitions.defs.assets,
    asset_checks=monthly_definitions.defs.asset_checks,
    schedules=monthly_definitions.defs.schedules,
    jobs=monthly_definitions.defs.jobs,
    resources=monthly_definitions.defs.resources,
    executor=monthly_definitions.defs.executor,
)
