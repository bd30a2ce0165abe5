"""A Dagster run with as many steps as a run of the product, all of them empty: the cost of a run itself."""

import os

import dagster as dg

from benchmarks.competitors.parameters import start_date

STEPS = int(os.environ.get("BENCH_STEPS", "1"))
DAILY = dg.DailyPartitionsDefinition(start_date(), timezone="UTC")


def empty_asset(number: int) -> dg.AssetsDefinition:
    @dg.asset(name=f"step_{number}", partitions_def=DAILY)
    def step() -> None:
        return None

    return step


defs = dg.Definitions(
    assets=[empty_asset(number) for number in range(STEPS)], executor=dg.in_process_executor
)
