"""A Dagster run of as many steps as ours, and nothing in them: what a run costs before it does anything."""

import os

import dagster as dg

from benchmarks.work import START_DATE

STEPS = int(os.environ.get("BENCH_STEPS", "1"))
DAILY = dg.DailyPartitionsDefinition(str(START_DATE), timezone="UTC")


def nothing(number: int) -> dg.AssetsDefinition:
    @dg.asset(name=f"step_{number}", partitions_def=DAILY)
    def made() -> None:
        return None

    return made


defs = dg.Definitions(assets=[nothing(number) for number in range(STEPS)], executor=dg.in_process_executor)
