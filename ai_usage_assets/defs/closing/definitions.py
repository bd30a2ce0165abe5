"""The repository `monthly`: the assets with a partition for each month.

They are apart from the daily ones, because Dagster's command line refuses to materialize `*` over a range of days if one
of the selected assets has other partitions.
"""

import dagster as dg

from ai_usage_assets.curated.column_lineage import lineage
from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.defs import report, resources
from ai_usage_assets.defs.asset_functions import Deployment
from ai_usage_assets.defs.asset_specs import with_other_repository
from ai_usage_assets.defs.checks.constraints import constraints
from ai_usage_assets.defs.closing import asset, proposal
from ai_usage_assets.defs.curated import computed_asset
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings


def build_monthly_defs(settings: Settings, clock: Clock = utc_now) -> dg.Definitions:
    """The definitions for these settings; the clock says which months are over."""
    deployment = Deployment.of(settings, clock)
    origins = lineage().get(asset.closed_months.tables[0].name, {})
    closing = dg.Definitions(
        assets=[computed_asset(asset.closed_months, deployment, origins)],
        asset_checks=[proposal.closed_months_proposal, *map(constraints, layer(Layer.CLOSED))],
        schedules=[proposal.schedule()],
        resources={"month_close": asset.resource(settings, clock)},
        executor=dg.in_process_executor,
    )
    return with_other_repository(
        resources.definitions(settings, clock), closing, report.definitions(settings, clock)
    )
