"""Assembles, nothing else."""

import dagster as dg

from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.defs import curated, raw, schedules
from ai_usage_assets.defs import prefetch as fetches
from ai_usage_assets.defs.checks import constraints as declared
from ai_usage_assets.defs.checks import (
    cursor_spend,
    finance,
    freshness,
    missing_values,
    retention,
    vendor_split,
)
from ai_usage_assets.defs.checks import kept_days as kept
from ai_usage_assets.defs.checks import reconciliation as conservation
from ai_usage_assets.defs.checks import staleness as follows
from ai_usage_assets.defs.code_links import linked
from ai_usage_assets.defs.partitions import daily
from ai_usage_assets.defs.resources import Settings, resources
from ai_usage_assets.defs.sensors import automation as automation_sensor
from ai_usage_assets.defs.sensors import identity_files as identity_sensor
from ai_usage_assets.defs.sensors.alerts import sensor as failures
from ai_usage_assets.defs.sensors.availability import sensor as availability


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
