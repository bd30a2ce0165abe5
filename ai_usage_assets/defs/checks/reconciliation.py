"""Nothing is lost or doubled between raw and curated: per day and platform, each sum equals its source's."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import tables_read, with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.reconciliation_rules import BALANCES, Balance
from ai_usage_assets.defs.checks.scope import ALL, asking, days_of_run
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.ensure_tables import ensure

CHECK = "sums_equal_source"
REMEDY = (
    "Materialise these days of the fact again: its raw tables have changed since. If that does not mend it, the "
    "fact's SQL loses or doubles rows: report it with the days and figures above."
)


def build() -> list[dg.AssetChecksDefinition]:
    facts = dict.fromkeys(balance.fact for balance in BALANCES)
    return [check(fact, [b for b in BALANCES if b.fact is fact]) for fact in facts]


def check(fact: Table, balances: Sequence[Balance]) -> dg.AssetChecksDefinition:
    sources = list(dict.fromkeys(balance.source for balance in balances))

    @dg.asset_check(
        asset=fact.name,
        name=CHECK,
        blocking=True,
        description="Per day and platform, each sum equals the sum of its raw tables.",
        additional_deps=[source.name for source in sources],
    )
    def sums_equal_source(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        days = days_of_run(context.run.tags)
        engine = warehouse.engine
        sql = statement(fact, balances, days)
        with engine.session(asking(context, fact, CHECK)) as session:
            ensure(engine, session, tables_read(sql))
            off = session.fetch(sql).to_pylist()
        metadata: dict[str, Any] = {
            "window": "all days" if days == ALL else str(days),
            "compared": dg.MetadataValue.text(", ".join(f"{b.platform} {b.measure}" for b in balances)),
            "tolerance": 0,
            "largest_difference": float(max((abs(r["in_fact"] - r["in_source"]) for r in off), default=0)),
            "differences": len(off),
        }
        if off:
            lines = [
                f"- {r['day']} {r['platform']} {r['measure']}: {r['in_fact']}, source {r['in_source']}"
                for r in off
            ]
            metadata |= {"culprits": dg.MetadataValue.md("\n".join(lines[:20])), "remedy": REMEDY}
        return dg.AssetCheckResult(passed=not off, severity=dg.AssetCheckSeverity.ERROR, metadata=metadata)

    return sums_equal_source


def statement(fact: Table, balances: Sequence[Balance], days: Days) -> str:
    """The days, platforms and measures whose sums differ, with both figures; one statement a fact."""
    partition = str(fact.partition)
    metered = "coalesce(allocation, '') != 'seat'" if fact is FCT_COST_DAILY else "true"
    parts = [
        f"select `{partition}` as day, platform, '{measure}' as measure, "
        f"cast(sum(`{measure}`) as numeric) as in_fact, cast(null as numeric) as in_source "
        f"from `{fact.name}` where {metered} and {statements.within(partition, days)} group by 1, 2"
        for measure in dict.fromkeys(balance.measure for balance in balances)
    ]
    parts += [
        f"select `{b.source.partition}` as day, '{b.platform}' as platform, '{b.measure}' as measure, "
        f"cast(null as numeric) as in_fact, cast(sum({b.expression}) as numeric) as in_source "
        f"from `{b.read}` where {b.where} and {statements.within(str(b.source.partition), days)} group by 1"
        for b in balances
    ]
    both = "\nunion all\n".join(parts)
    sql = (
        # in having, a bare name would be the sum of that name, and not the column
        f"select day, platform, measure, coalesce(sum(compared.in_fact), 0) as in_fact, "
        f"round(coalesce(sum(compared.in_source), 0), 4) as in_source\n"
        f"from (\n{both}\n) as compared\ngroup by day, platform, measure\n"
        f"having coalesce(sum(compared.in_fact), 0) != round(coalesce(sum(compared.in_source), 0), 4)\n"
        f"order by day, platform, measure"
    )
    return statements.for_window(with_intermediates(sql), days)
