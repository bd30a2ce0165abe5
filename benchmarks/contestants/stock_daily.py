"""The stock IO manager with one run a day: the newest five days, one run after the other, in one process.

In one process, because that favours it: a process a run, as backfills are launched by default, costs seconds more.
"""

import dagster as dg

from benchmarks.contestants.given import Stopwatch, given
from benchmarks.contestants.stock import defs


def main() -> None:
    asked = given()
    watch = Stopwatch()
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        # the newest first: the stock manager makes no table of a day without rows, and the facts would miss it
        for day in reversed(list(asked.days)):
            job.execute_in_process(instance=instance, partition_key=str(day))
    watch.done(runs=len(asked.days))


if __name__ == "__main__":
    main()
