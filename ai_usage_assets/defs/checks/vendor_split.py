"""Our sharing out of Anthropic's cost lines over keys against the vendor's own split, where that is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import tables_read, with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.scope import ALL, asking, days_of_run
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.anthropic_analytics import RAW_ANTHROPIC_ANALYTICS_COST, SETTING
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.sql import for_window

CHECK = "sharing_out_is_near_the_vendors_split"
MAX_SHARES = {"API key": 0.05, "workspace": 0.02}
"""Of the vendor's dollars, what may stand elsewhere here. Lines without tokens have no key here and one there, prices
differ within a cell, and the vendor revises a day for thirty days."""
MAX_SUBJECTS = 10
FIX = (
    "Materialize raw_anthropic_cost, raw_anthropic_usage and raw_anthropic_analytics_cost for these days: one of them "
    "may be older than the others. What remains is how one price for a whole cell differs from the vendor's own prices."
)
OURS = """
select cost_date, workspace_id, coalesce(api_key_id, 'no_api_key') as api_key_id, amount_usd as ours,
  cast(null as numeric) as theirs
from int_anthropic_cost
where cost_type != 'credit'
"""
THEIRS = """
select cost_date, workspace_id, coalesce(api_key_id, 'no_api_key'), cast(null as numeric), amount_usd
from int_analytics_cost
"""


@dataclass(frozen=True)
class Apart:
    """One key or workspace over the days: dollars that the vendor gives it, and the sum of what differs day by day."""

    scope: str
    subject: str
    days: int
    theirs: Decimal
    apart: Decimal


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """The check; there is something to compare only if the vendor's split is fetched."""
    if not settings.fetches(RAW_ANTHROPIC_ANALYTICS_COST):
        return []

    @dg.asset_check(
        asset=FCT_COST_DAILY.name,
        name=CHECK,
        description="Per day and key, and per day and workspace, the shares are near what Anthropic itself reports.",
        additional_deps=[RAW_ANTHROPIC_ANALYTICS_COST.name],
    )
    def vendor_split(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        days = days_of_run(context.run.tags)
        sql = statement(days)
        engine = warehouse.engine
        with engine.session(asking(context, FCT_COST_DAILY, CHECK)) as session:
            ensure(engine, session, tables_read(sql))
            found = [Apart(**row) for row in session.fetch(sql).to_pylist()]
        return result(found, days)

    return [vendor_split]


def statement(days: Days) -> str:
    """Both splits over the days that the vendor has told, by key and by workspace; one row a subject."""
    by_day = "\nunion all\n".join(
        f"select '{scope}' as scope, cost_date, {column} as subject, coalesce(sum(ours), 0) as ours, "
        f"coalesce(sum(theirs), 0) as theirs from told group by 1, 2, 3"
        for scope, column in (("API key", "api_key_id"), ("workspace", "workspace_id"))
    )
    sql = (
        f"with\nsplits as ({OURS}union all{THEIRS}),\n"
        "told as (select * from splits where cost_date in (select cost_date from splits where theirs is not null)),\n"
        f"by_day as (\n{by_day}\n)\n"
        "select scope, subject, count(*) as days, cast(sum(theirs) as numeric) as theirs, "
        "cast(sum(abs(ours - theirs)) as numeric) as apart from by_day group by 1, 2"
    )
    return for_window(with_intermediates(sql), days)


def result(found: Sequence[Apart], days: Days) -> dg.AssetCheckResult:
    """The share of dollars that stand elsewhere, per scope; a dollar moved is missing at one and too much at another."""
    if not found:
        said = (
            f"nothing to compare: {SETTING} is true, and no row of the vendor's split is here for these days"
        )
        return dg.AssetCheckResult(passed=True, severity=dg.AssetCheckSeverity.WARN, description=said)
    metadata: dict[str, Any] = {"window": "all days" if days == ALL else str(days)}
    far = False
    for scope, most in MAX_SHARES.items():
        of_scope = sorted((each for each in found if each.scope == scope), key=lambda each: -each.apart)
        total = sum(each.theirs for each in of_scope)
        share = float(sum(each.apart for each in of_scope) / total / 2) if total else 0.0
        far = far or share > most
        name = scope.lower().replace(" ", "_")
        metadata |= {f"{name}_share": round(share, 6), f"{name}_tolerance": most}
        largest = [
            f"- {each.subject}: {each.apart:,.4f} of {each.theirs:,.4f} USD on {each.days} days"
            for each in of_scope[:MAX_SUBJECTS]
            if each.apart
        ]
        if largest:
            metadata[f"{name}_differences"] = dg.MetadataValue.md("\n".join(largest))
    if far:
        metadata["remedy"] = FIX
    return dg.AssetCheckResult(passed=not far, severity=dg.AssetCheckSeverity.WARN, metadata=metadata)
