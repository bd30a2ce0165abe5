"""Reconciliation of the facts with their raw tables: per day and platform, each total equals its source's."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.reconciliation_rules import RULES, ReconciliationRule
from ai_usage_assets.defs.checks.scope import days_of_run, days_text, fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.sql import for_window, within

MAX_LISTED = 20
HINT = (
    "Materialize these days of the fact again, because its raw tables may have changed. If the difference stays, the "
    "fact's SQL loses or duplicates rows: report it with the days and figures above."
)


def build() -> list[dg.AssetChecksDefinition]:
    facts = dict.fromkeys(rule.fact for rule in RULES)
    return [sums_equal_source(fact, [rule for rule in RULES if rule.fact is fact]) for fact in facts]


def sums_equal_source(fact: Table, rules: Sequence[ReconciliationRule]) -> dg.AssetChecksDefinition:
    """The check `sums_equal_source` of one fact; it blocks what is downstream."""

    @dg.asset_check(
        asset=fact.name,
        name="sums_equal_source",
        blocking=True,
        description="Per day and platform, each sum equals the sum of its raw tables.",
        additional_deps=list(dict.fromkeys(rule.source.name for rule in rules)),
    )
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        days = days_of_run(context.run.tags)
        sql = statement(fact, rules, days)
        differences = fetch_rows(context, warehouse.engine, fact, "sums_equal_source", sql)
        largest = max((abs(row["in_fact"] - row["in_source"]) for row in differences), default=0)
        metadata: dict[str, Any] = {
            "window": days_text(days),
            "compared": ", ".join(f"{rule.platform} {rule.measure}" for rule in rules),
            "tolerance": 0,
            "largest_difference": float(largest),
            "differences": len(differences),
        }
        if differences:
            lines = [
                f"- {row['day']} {row['platform']} {row['measure']}: {row['in_fact']}, source {row['in_source']}"
                for row in differences[:MAX_LISTED]
            ]
            metadata |= {"offending_rows": dg.MetadataValue.md("\n".join(lines)), "hint": HINT}
        return dg.AssetCheckResult(
            passed=not differences, severity=dg.AssetCheckSeverity.ERROR, metadata=metadata
        )

    return check


def statement(fact: Table, rules: Sequence[ReconciliationRule], days: Days) -> str:
    """The days, platforms and measures whose sums differ, with both sums; one statement for a fact."""
    partition = str(fact.partition)
    # a fact of one platform has no column for it
    platform, grouped = (
        ("platform", "1, 2") if "platform" in fact.by_name else (f"'{rules[0].platform}' as platform", "1")
    )
    measures = dict.fromkeys(rule.measure for rule in rules)
    decimals = max(fact.by_name[measure].type.scale or 0 for measure in measures)
    metered = "coalesce(allocation, '') != 'seat'" if fact is FCT_COST_DAILY else "true"
    parts = [
        f"select `{partition}` as day, {platform}, '{measure}' as measure, "
        f"cast(sum(`{measure}`) as numeric) as in_fact, cast(null as numeric) as in_source "
        f"from `{fact.name}` where {metered} and {within(partition, days)} group by {grouped}"
        for measure in measures
    ]
    parts += [
        f"select `{rule.source.partition}` as day, '{rule.platform}' as platform, '{rule.measure}' as measure, "
        f"cast(null as numeric) as in_fact, cast(sum({rule.expression}) as numeric) as in_source "
        f"from `{rule.relation}` where {rule.where} and {within(str(rule.source.partition), days)} group by 1"
        for rule in rules
    ]
    both = "\nunion all\n".join(parts)
    sql = (
        # in HAVING, a bare name would be the sum of that name and not the column
        f"select day, platform, measure, coalesce(sum(compared.in_fact), 0) as in_fact, "
        f"round(coalesce(sum(compared.in_source), 0), {decimals}) as in_source\n"
        f"from (\n{both}\n) as compared\ngroup by day, platform, measure\n"
        f"having coalesce(sum(compared.in_fact), 0) != round(coalesce(sum(compared.in_source), 0), {decimals})\n"
        f"order by day, platform, measure"
    )
    return for_window(with_intermediates(sql), days)
