"""The asset checks of the code location, in one list."""

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.checks import (
    anomalies,
    budgets,
    company_names,
    constraints,
    cursor_spend,
    finance,
    freshness,
    invoices,
    kept_days,
    missing_values,
    reconciliation,
    retention,
    staleness,
    vendor_split,
)
from ai_usage_assets.defs.curated import raw_tables_by_fact, thresholds_of
from ai_usage_assets.settings import Settings


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    """Every check; those of a vendor only if it has a key."""
    return dg.Definitions(
        asset_checks=[
            *constraints.build(),
            *reconciliation.build(),
            *finance.build(),
            *anomalies.build(thresholds_of(settings)),
            *invoices.build(),
            *budgets.build(clock),
            *company_names.build(),
            *missing_values.build(),
            *cursor_spend.build(settings),
            *staleness.build(raw_tables_by_fact(), settings.start_date, clock),
            *freshness.build(settings, clock),
            *retention.build(settings, clock),
            *vendor_split.build(settings),
            *kept_days.build(settings),
        ]
    )
