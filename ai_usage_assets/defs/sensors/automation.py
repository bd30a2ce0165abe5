"""The sensor that evaluates every automation condition of the graph: curated tables after raw ones, checks by the hour."""

import dagster as dg


def build(every_seconds: int = 30) -> dg.SensorDefinition:
    return dg.AutomationConditionSensorDefinition(
        "curated_automation",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=every_seconds,
        description=(
            "Rebuilds exactly the days of the facts whose raw days were written, the dimensions before them, and "
            "runs the checks that must speak when nothing else runs."
        ),
    )
