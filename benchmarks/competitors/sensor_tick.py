"""One tick of every sensor, in an instance with a month of history: what the daemon does every 30 seconds."""

import json
import os
import time
from typing import Any

import dagster as dg
from dagster._core.definitions.automation_condition_sensor_definition import (
    AutomationConditionSensorDefinition,
)

from ai_usage_assets.defs.partitions import range_tags
from benchmarks.competitors.parameters import read_parameters
from benchmarks.workload import START_DATE


def _tick(sensor: Any, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    if isinstance(sensor, AutomationConditionSensorDefinition):
        dg.evaluate_automation_conditions(defs=defs, instance=instance)
        return
    # only the resources that it requires: others may need a variable that is not set
    wanted = {
        key: made for key, made in (defs.resources or {}).items() if key in sensor.required_resource_keys
    }
    with dg.build_sensor_context(
        instance=instance, definitions=defs, sensor_name=sensor.name, resources=wanted
    ) as context:
        sensor.evaluate_tick(context)


def main() -> None:
    parameters = read_parameters()
    os.environ.update(parameters.environment(START_DATE))
    # imported here, because it reads the environment
    from ai_usage_assets.definitions import defs  # noqa: PLC0415

    tags = range_tags(parameters.days)
    ticks: dict[str, float] = {}
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
        # a sensor that is off costs the daemon nothing
        for sensor in (
            each for each in defs.sensors or [] if each.default_status is dg.DefaultSensorStatus.RUNNING
        ):
            started = time.perf_counter()
            _tick(sensor, defs, instance)
            ticks[sensor.name] = time.perf_counter() - started
    print(json.dumps({"work": sum(ticks.values()), "ticks": ticks}), flush=True)


if __name__ == "__main__":
    main()
