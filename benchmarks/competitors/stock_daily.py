"""The stock IO manager with one run per day: the newest five days, one run after another, in one process.

A process per run, as Dagster launches backfills by default, would take seconds more per run.
"""

import dagster as dg

from benchmarks.competitors.parameters import Stopwatch, read_parameters
from benchmarks.competitors.stock import defs


def main() -> None:
    parameters = read_parameters()
    watch = Stopwatch()
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        # newest first: the stock IO manager creates no table for a day without rows, and the facts need the table
        for day in reversed(list(parameters.days)):
            job.execute_in_process(instance=instance, partition_key=str(day))
    watch.done(runs=len(parameters.days))


if __name__ == "__main__":
    main()
