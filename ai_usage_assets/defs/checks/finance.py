"""The finance checks of the facts: one function for each metric. All of them warn.

The metrics of a fact are one step and one query. A metric's SQL is `sql/<metric>.sql`; the tolerance and the hint are here.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import dagster as dg

from ai_usage_assets.defs.checks.metrics import Measure, MetricRow, MetricRows, metric_rows, statement
from ai_usage_assets.defs.checks.scope import days_of_run, fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_ANTHROPIC_WORKSPACES,
    RAW_CLAUDE_CODE_MODELS,
)
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.schema.tables.identity import IDENTITY_SEATS

Check: TypeAlias = Callable[[MetricRows], dg.AssetCheckResult]

COST_SOURCES = (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CURSOR_EVENTS,
    RAW_ANTHROPIC_WORKSPACES,
    IDENTITY_SEATS,
)
NAME_OWNERS = (
    "Name the owners of the keys below in identity/api_key_owners.csv, and materialize the days again."
)
ATTRIBUTION_CHANGED = (
    "See fct_restatements for these days. A changed owner of a key, a changed identity file or a changed e-mail of the "
    "vendor moves figures that were already published. Inform those who use the earlier figures, or undo the change."
)


def build() -> list[dg.AssetChecksDefinition]:
    return [
        metric_checks(FCT_COST_DAILY, COST_METRICS, COST_SOURCES),
        metric_checks(FCT_USAGE_DAILY, USAGE_METRICS, ()),
    ]


def metric_checks(fact: Table, checks: Sequence[Check], sources: Sequence[Table]) -> dg.AssetChecksDefinition:
    """The metrics of one fact; a check's name and description are those of its function."""
    names = [check.__name__ for check in checks]

    @dg.multi_asset_check(
        name=f"{fact.name}_metrics",
        specs=[
            dg.AssetCheckSpec(
                check.__name__,
                asset=fact.name,
                description=check.__doc__,
                additional_deps=[source.name for source in sources],
            )
            for check in checks
        ],
    )
    def check_metrics(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        days = days_of_run(context.run.tags)
        found = fetch_rows(context, warehouse.engine, fact, "metrics", statement(names, days))
        rows = [MetricRow(**row) for row in found]
        for check in checks:
            yield check(metric_rows(fact.name, check.__name__, days, rows))

    return check_metrics


def cost_is_attributed(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of the cost that is attributed to a person."""
    return rows.result(Measure.COVERAGE, 0.8, NAME_OWNERS)


def cost_attribution_is_stable(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of the cost that later runs moved from one person to another (fct_restatements, by person)."""
    return rows.result(Measure.SHARE, 0.05, ATTRIBUTION_CHANGED)


def cost_without_usage(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of Anthropic's cost for tokens and searches that has no usage to be shared over."""
    return rows.result(
        Measure.SHARE,
        0.05,
        "Materialize raw_anthropic_usage for these days: usage may have arrived late. Adjustments of the vendor have no "
        "usage and stay.",
    )


def usage_without_cost(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of Anthropic's tokens, without priority tiers, of a workspace and model that has no cost line."""
    return rows.result(
        Measure.SHARE,
        0.01,
        "Materialize raw_anthropic_cost for these days: the cost may have arrived late. Refused requests have no cost.",
    )


def events_are_priced(rows: MetricRows) -> dg.AssetCheckResult:
    """Number of charged Cursor events without a price: no amount, or tokens at 0 dollars."""
    return rows.result(
        Measure.COUNT,
        0,
        "This project cannot price these events. Compare the month with Cursor's invoice.",
    )


def kinds_of_events_are_known(rows: MetricRows) -> dg.AssetCheckResult:
    """Number of Cursor events of a kind that this project does not know, or without a kind."""
    return rows.result(
        Measure.COUNT_WITH_WORTH,
        0,
        "They are charged if Cursor sets isChargeable. Compare with Cursor's invoice, and add the kind to "
        "int_cursor_events.sql.",
    )


def kinds_of_cost_are_known(rows: MetricRows) -> dg.AssetCheckResult:
    """Number of Anthropic's cost lines of a cost_type or token_type that this project does not know."""
    return rows.result(
        Measure.COUNT_WITH_WORTH,
        0,
        "Their whole cost is unattributed. Add the type to int_anthropic_lines.sql, so that it is shared out.",
    )


def seat_cost_matches_invoice(rows: MetricRows) -> dg.AssetCheckResult:
    """US dollars by which the seats of whole billing months differ from seats x price in seats.csv."""
    # a warning, because seats.csv may have changed since these days were materialized
    return rows.result(
        Measure.COUNT,
        0,
        "Materialize fct_cost_daily again for the billing months below: seats.csv may have changed since. If the "
        "difference stays, int_seat_charges.sql is wrong: report it with the figures.",
    )


def claude_code_estimate_matches_bill(rows: MetricRows) -> dg.AssetCheckResult:
    """Claude Code's own estimate of its API traffic, compared with the cost of its workspace."""
    return rows.result(
        Measure.RELATIVE_DIFFERENCE,
        0.25,
        "A discount explains a constant difference. Otherwise materialize raw_claude_code_models and raw_anthropic_cost "
        "for these days: one of them may be incomplete.",
    )


def tokens_are_attributed(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of the tokens that is attributed to a person."""
    return rows.result(Measure.COVERAGE, 0.8, NAME_OWNERS)


def token_attribution_is_stable(rows: MetricRows) -> dg.AssetCheckResult:
    """Share of the tokens that later runs moved from one person to another (fct_restatements, by person)."""
    return rows.result(Measure.SHARE, 0.05, ATTRIBUTION_CHANGED)


COST_METRICS = (
    cost_is_attributed,
    cost_attribution_is_stable,
    cost_without_usage,
    usage_without_cost,
    events_are_priced,
    kinds_of_events_are_known,
    kinds_of_cost_are_known,
    seat_cost_matches_invoice,
    claude_code_estimate_matches_bill,
)
USAGE_METRICS = (tokens_are_attributed, token_attribution_is_stable)
