"""What finance would ask of the facts: each question with its figure, tolerance, culprits and remedy. All of them warn."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import tables_read
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import finance_sql
from ai_usage_assets.defs.checks.metrics import ON_COST, ON_USAGE, Question, Row
from ai_usage_assets.defs.checks.scope import asking, days_of_run
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.warehouse.ensure_tables import ensure

MOST_CULPRITS = 20


def build() -> list[dg.AssetChecksDefinition]:
    return [
        checks(FCT_COST_DAILY, ON_COST, finance_sql.COST_SOURCES),
        checks(FCT_USAGE_DAILY, ON_USAGE, ()),
    ]


def checks(fact: Table, questions: Sequence[Question], sources: Sequence[Table]) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            question.name,
            asset=fact.name,
            description=question.says,
            additional_deps=[source.name for source in sources],
        )
        for question in questions
    ]

    @dg.multi_asset_check(name=f"{fact.name}_finance", specs=specs)
    def finance(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        days = days_of_run(context.run.tags)
        engine = warehouse.engine
        sql = finance_sql.statement(fact, days)
        with engine.session(asking(context, fact, "finance")) as session:
            ensure(engine, session, tables_read(sql))
            rows = [Row(**row) for row in session.fetch(sql).to_pylist()]
        for question in questions:
            yield result(fact, question, rows, days)

    return finance


def result(fact: Table, question: Question, rows: Sequence[Row], days: Days) -> dg.AssetCheckResult:
    """The question's answer over its rows; without anything to compare it passes, and says so."""
    own = [row for row in rows if row.question == question.name]
    figure = question.figure(own)
    passed = figure is None or question.holds(figure)
    metadata: dict[str, Any] = {
        "window": str(days) if days.first.year > 2000 else "all days",
        "figure": "nothing to compare" if figure is None else round(figure, 6),
        "tolerance": question.tolerance,
        "meaning": question.meaning,
        "part": float(sum(row.part for row in own)),
        "whole": float(sum(row.whole for row in own)),
    }
    trend = [row for row in rows if row.question == f"{question.name}_by_month"]
    if trend:
        metadata["trend"] = dg.MetadataValue.md("\n".join(_months(question, trend)))
    culprits = question.culprits(own)
    if culprits:
        metadata["culprits"] = dg.MetadataValue.md(
            "\n".join(f"- {line}" for line in culprits[:MOST_CULPRITS])
        )
    if not passed:
        metadata["remedy"] = question.remedy
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=dg.AssetKey(fact.name),
        check_name=question.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def _months(question: Question, trend: Sequence[Row]) -> Iterator[str]:
    for month in sorted({row.day for row in trend})[-6:]:
        figure = question.figure([row for row in trend if row.day == month])
        yield f"- {month:%Y-%m}: {'nothing' if figure is None else f'{figure:.1%}'}"
