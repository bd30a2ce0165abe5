"""When a table is built without anybody asking: the conditions, in one place. Who asks the vendors is a sensor's matter.

A condition says what is true of a table; `sensors/automation.py` evaluates it, and Dagster launches what holds.
"""

from typing import Any

import dagster as dg

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer

# of assets and of checks: the library's types keep apart what its methods take alike
Condition: Any = dg.AutomationCondition

RAW = dg.AssetSelection.assets(*(table.name for table in layer(Layer.RAW)))
"""The daily tables: what a fact's day is made of. Registers and files ask for no fact's day by themselves."""
REGISTERS = dg.AssetSelection.assets(*(table.name for table in layer(Layer.SNAPSHOT)))
DIMENSIONS = dg.AssetSelection.assets(*(table.name for table in layer(Layer.CURATED) if not table.partition))

DIMENSION: dg.AutomationCondition[Any] = (
    Condition.any_deps_match(Condition.newly_updated())
    .since_last_handled()
    .with_label("something that it reads was written since")
    & ~Condition.in_progress()
    & ~Condition.any_deps_match(Condition.in_progress())
).with_label("follows what it reads")
"""The whole table, once whatever it reads has come to rest."""

FACT: dg.AutomationCondition[Any] = (
    (
        Condition.any_deps_match(Condition.newly_updated()).allow(RAW)
        | (
            # a fact that was built before anybody could be named
            Condition.any_deps_match((~Condition.missing()).newly_true()).allow(REGISTERS)
            & ~Condition.missing()
            & ~Condition.initial_evaluation()
        ).with_label("a register that it reads landed for the first time")
    )
    .since_last_handled()
    .with_label("a raw table of the day was written since")
    & ~Condition.in_progress()
    & ~Condition.any_deps_match(Condition.in_progress())
    # will_be_requested() is never true of a table that is partitioned in another way
    & ~Condition.any_deps_match(DIMENSION).allow(DIMENSIONS).with_label("a dimension goes first")
).with_label("follows its raw days")
"""Exactly the days whose raw tables were written, whatever else of the day is missing or has failed."""

VIEW: dg.AutomationCondition[Any] = (
    (
        (Condition.missing() & Condition.any_deps_match(Condition.newly_updated()))
        | Condition.code_version_changed()
    ).since_last_handled()
    & ~Condition.in_progress()
).with_label("created once")
"""A view is as new as its tables. A missing one is asked for when they are written, so one that fails is not asked
for every thirty seconds."""


def at(cron: str) -> dg.AutomationCondition[Any]:
    """A check at these times (UTC), whether or not anything was written: a pipeline that stopped writes nothing."""
    condition: dg.AutomationCondition[Any] = (
        Condition.cron_tick_passed(cron, "UTC").since_last_handled().with_label(f"at {cron}")
    )
    return condition


HOURLY = at("40 * * * *")
DAILY = at("20 5 * * *")
