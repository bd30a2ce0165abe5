"""The code location: every part of it, merged."""

import gc

# what is made from here on stays as long as the process: to look through it again and again would take a fifth of the load
gc.disable()

import dagster as dg

from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.defs import curated, identity, raw, resources, retention, schedules
from ai_usage_assets.defs.asset_specs import with_other_repository
from ai_usage_assets.defs.checks import definitions as checks
from ai_usage_assets.defs.sensors import definitions as sensors
from ai_usage_assets.settings import Settings


def build_defs(settings: Settings, clock: Clock = utc_now) -> dg.Definitions:
    """The definitions for these settings; the clock says which days are over."""
    return with_other_repository(
        resources.definitions(settings, clock),
        raw.definitions(settings, clock),
        identity.definitions(settings, clock),
        curated.definitions(settings, clock),
        checks.definitions(settings, clock),
        sensors.definitions(settings, clock),
        schedules.definitions(settings),
        retention.definitions(settings, clock),
        # steps are short statements; a process for each costs more than its work
        dg.Definitions(executor=dg.in_process_executor),
    )


try:
    defs = build_defs(Settings.from_env())
    # neither a later collection nor the end of the process looks through what was loaded
    gc.freeze()
finally:
    # a process may outlive settings that are refused
    gc.enable()
# a run makes many objects that stay, such as its events: looking through all of them is seldom worth it
gc.set_threshold(700, 20, 100)
