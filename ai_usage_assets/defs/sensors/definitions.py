"""The sensors of the code location, in one list."""

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.sensors import anomalies, automation, identity_files
from ai_usage_assets.defs.sensors.alerts import sensor as alerts
from ai_usage_assets.defs.sensors.availability import sensor as availability
from ai_usage_assets.defs.sensors.digest import sensor as digest
from ai_usage_assets.settings import Settings


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    return dg.Definitions(
        sensors=[
            *availability.build(settings, clock),
            automation.build(),
            identity_files.build(settings, clock),
            alerts.build(settings, clock),
            digest.build(settings, clock),
            anomalies.build(settings, clock),
        ]
    )
