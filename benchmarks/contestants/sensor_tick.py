"""One tick of every sensor, in a home that has a month of history: what the daemon pays each half minute."""

import json
import os
import time
from typing import Any

import dagster as dg
from dagster._core.definitions.automation_condition_sensor_definition import (
    AutomationConditionSensorDefinition,
)
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from benchmarks.contestants.given import given
from benchmarks.work import START_DATE


def _tick(sensor: Any, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    if isinstance(sensor, AutomationConditionSensorDefinition):
        dg.evaluate_automation_conditions(defs=defs, instance=instance)
        return
    # only what it asks for: another's may want a variable that is not set
    wanted = {
        key: made for key, made in (defs.resources or {}).items() if key in sensor.required_resource_keys
    }
    with dg.build_sensor_context(
        instance=instance, definitions=defs, sensor_name=sensor.name, resources=wanted
    ) as context:
        sensor.evaluate_tick(context)


def main() -> None:
    asked = given()
    os.environ.update(asked.environment(START_DATE))
    # only now, because it reads the environment
    from ai_usage_assets.definitions import defs  # noqa: PLC0415

    tags = {
        ASSET_PARTITION_RANGE_START_TAG: str(asked.days.first),
        ASSET_PARTITION_RANGE_END_TAG: str(asked.days.last),
    }
    ticks: dict[str, float] = {}
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
        # one that is off costs the daemon nothing
        for sensor in (
            each for each in defs.sensors or [] if each.default_status is dg.DefaultSensorStatus.RUNNING
        ):
            started = time.perf_counter()
            _tick(sensor, defs, instance)
            ticks[sensor.name] = time.perf_counter() - started
    print(json.dumps({"work": sum(ticks.values()), "ticks": ticks}), flush=True)


if __name__ == "__main__":
    main()
