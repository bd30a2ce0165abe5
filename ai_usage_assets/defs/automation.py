"""Automation conditions: when a curated table is materialized by itself, and when a check runs. The vendors are polled by
sensors. `sensors/automation.py` evaluates the conditions.
"""

from typing import Any

import dagster as dg

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer

# assets and checks have different types of conditions, which the methods accept alike
Condition: Any = dg.AutomationCondition

RAW = dg.AssetSelection.assets(*(table.name for table in layer(Layer.RAW)))
"""The daily tables, of which a fact's day is made. Snapshot tables and identity files request no day of a fact."""
SNAPSHOTS = dg.AssetSelection.assets(*(table.name for table in layer(Layer.SNAPSHOT)))
DIMENSIONS = dg.AssetSelection.assets(*(table.name for table in layer(Layer.CURATED) if not table.partition))

DIMENSION: dg.AutomationCondition[Any] = (
    # a dimension that reads another one is requested with it, in the same run
    Condition.any_deps_match(Condition.newly_updated() | Condition.will_be_requested())
    .since_last_handled()
    .with_label("a table that it reads was written")
    & ~Condition.in_progress()
    & ~Condition.any_deps_match(Condition.in_progress())
).with_label("follows what it reads")
"""The whole table, when nothing that it reads is being written any more."""

FACT: dg.AutomationCondition[Any] = (
    (
        Condition.any_deps_match(Condition.newly_updated()).allow(RAW)
        | (
            # a fact that was built before its people were known
            Condition.any_deps_match((~Condition.missing()).newly_true()).allow(SNAPSHOTS)
            & ~Condition.missing()
            & ~Condition.initial_evaluation()
        ).with_label("a snapshot table that it reads was materialized for the first time")
    )
    .since_last_handled()
    .with_label("a raw table of the day was written")
    & ~Condition.in_progress()
    & ~Condition.any_deps_match(Condition.in_progress())
    # will_be_requested() is never true of a table that is partitioned in another way
    & ~Condition.any_deps_match(DIMENSION).allow(DIMENSIONS).with_label("a dimension goes first")
).with_label("follows its raw days")
"""Exactly the days whose raw tables were written, even if another table of the day is missing or failed."""

VIEW: dg.AutomationCondition[Any] = (
    (
        (Condition.missing() & Condition.any_deps_match(Condition.newly_updated()))
        | Condition.code_version_changed()
    ).since_last_handled()
    & ~Condition.in_progress()
    # the views of all dimensions that one run writes are requested together
    & ~Condition.any_deps_match(Condition.in_progress()).allow(DIMENSIONS)
).with_label("created once")
"""A view is as new as its tables. A missing view is requested when they are written, so that a view that fails is not
requested every thirty seconds."""


def at(cron: str) -> dg.AutomationCondition[Any]:
    """A check at these times (UTC), whether or not anything was written: a pipeline that stopped writes nothing."""
    condition: dg.AutomationCondition[Any] = (
        Condition.cron_tick_passed(cron, "UTC").since_last_handled().with_label(f"at {cron}")
    )
    return condition


HOURLY = at("40 * * * *")
DAILY = at("20 5 * * *")
