"""Assembles, nothing else."""

import dagster as dg

from ai_usage_assets import schedules
from ai_usage_assets.checks import (
    conservation,
    cursor_spend,
    declared,
    finance,
    follows,
    freshness,
    kept,
    missing_values,
    retention,
    vendor_split,
)
from ai_usage_assets.code_links import linked
from ai_usage_assets.curated import assets as curated
from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.partitions import daily
from ai_usage_assets.raw import assets as raw
from ai_usage_assets.raw import fetches
from ai_usage_assets.resources import Settings, resources
from ai_usage_assets.sensors import automation as automation_sensor
from ai_usage_assets.sensors import availability, failures
from ai_usage_assets.sensors import identity as identity_sensor


def build_defs(settings: Settings, clock: Clock = utc_now) -> dg.Definitions:
    """The code location for these settings; the clock says when the vendors are asked."""
    storage_kind = "bigquery" if settings.bigquery_project else "duckdb"
    days = daily(settings.start_date)
    return dg.Definitions(
        assets=linked(
            [*raw.build(settings, storage_kind, days, clock), *curated.build(storage_kind, days)],
            settings.code_url,
        ),
        asset_checks=[
            *declared.build(),
            *conservation.build(),
            *finance.build(),
            *missing_values.build(),
            *cursor_spend.build(settings),
            *follows.build(curated.raw_tables_by_fact(), settings.start_date, clock),
            *freshness.build(settings, clock),
            *retention.build(settings, clock),
            *vendor_split.build(settings),
            *kept.build(settings),
        ],
        schedules=schedules.build(settings),
        sensors=[
            *availability.build(settings, clock),
            automation_sensor.build(),
            identity_sensor.build(settings, clock),
            failures.build(settings, clock),
        ],
        resources={**resources(settings, clock), "fetches": fetches.resource(settings, clock)},
        # steps are short statements; a process for each costs more than its work
        executor=dg.in_process_executor,
    )


defs = build_defs(Settings.from_env())
