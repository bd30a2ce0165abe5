"""Our allocation of Anthropic's cost lines to keys, compared with the vendor's own split where that is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.metrics import sql_of
from ai_usage_assets.defs.checks.scope import days_of_run, days_text, fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.anthropic_analytics import RAW_ANTHROPIC_ANALYTICS_COST, SETTING
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.sql import for_window

MAX_SHARES = {"API key": 0.05, "workspace": 0.02}
"""The share of the vendor's dollars that may belong to another key or workspace here. Lines without tokens have no key here
and one there, prices differ between the tokens of one line, and the vendor revises a day for thirty days."""
MAX_SUBJECTS = 10
HINT = (
    "Materialize raw_anthropic_cost, raw_anthropic_usage and raw_anthropic_analytics_cost for these days, because one of "
    "them may be older than the others. A difference that stays comes from prices: here all tokens of a cost line have one "
    "price, and the vendor knows the price of each request."
)


@dataclass(frozen=True)
class Difference:
    """One key or workspace over the days, in US dollars: the vendor's sum, and the sum of the daily differences."""

    scope: str
    subject: str
    days: int
    theirs: Decimal
    difference: Decimal


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """The check; without the vendor's split there is nothing to compare with."""
    return [allocation_matches_vendor_split] if settings.fetches(RAW_ANTHROPIC_ANALYTICS_COST) else []


@dg.asset_check(
    asset=FCT_COST_DAILY.name,
    description="Per day and key, and per day and workspace, the cost is near what Anthropic itself reports.",
    additional_deps=[RAW_ANTHROPIC_ANALYTICS_COST.name],
)
def allocation_matches_vendor_split(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    days = days_of_run(context.run.tags)
    name, sql = "allocation_matches_vendor_split", statement(days)
    rows = fetch_rows(context, warehouse.engine, FCT_COST_DAILY, name, sql)
    return result([Difference(**row) for row in rows], days)


def statement(days: Days) -> str:
    """Both splits over the days that the vendor reports, by key and by workspace; one row is a subject."""
    return for_window(with_intermediates(sql_of("allocation_matches_vendor_split")), days)


def result(found: Sequence[Difference], days: Days) -> dg.AssetCheckResult:
    """Per scope, the share of the dollars that belong elsewhere; a moved dollar differs at two subjects, so half is counted."""
    if not found:
        return dg.AssetCheckResult(
            passed=True,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"nothing to compare: {SETTING} is true, and the vendor's split has no rows for these days",
        )
    metadata: dict[str, Any] = {"window": days_text(days)}
    passed = True
    for scope, max_share in MAX_SHARES.items():
        of_scope = sorted((each for each in found if each.scope == scope), key=lambda each: -each.difference)
        total = sum(each.theirs for each in of_scope)
        share = float(sum(each.difference for each in of_scope) / total / 2) if total else 0.0
        passed = passed and share <= max_share
        name = scope.lower().replace(" ", "_")
        metadata |= {f"{name}_share": round(share, 6), f"{name}_tolerance": max_share}
        largest = [
            f"- {each.subject}: {each.difference:,.4f} of {each.theirs:,.4f} USD on {each.days} days"
            for each in of_scope[:MAX_SUBJECTS]
            if each.difference
        ]
        if largest:
            metadata[f"{name}_differences"] = dg.MetadataValue.md("\n".join(largest))
    if not passed:
        metadata["hint"] = HINT
    return dg.AssetCheckResult(passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=metadata)
