"""dlt and dbt as their users run them: the pipeline with the parquet loader, then `dbt build` with dbt-duckdb.

The dbt project builds our curated tables with our SQL, and has a test for each of our checks (`benchmarks/dbt`). It is
written before the sample, and was parsed once.
"""

import subprocess
import sys
from time import perf_counter

from benchmarks.competitors import dlt_peer
from benchmarks.competitors.parameters import Stopwatch, read_parameters
from benchmarks.dbt import project
from benchmarks.dbt.staging import DATASET


def main() -> None:
    parameters = read_parameters()
    watch = Stopwatch()
    dlt_peer.load(parameters, DATASET, "parquet")
    loaded = perf_counter()
    folder = project.folder(parameters)
    built = subprocess.run(project.command("build", folder), cwd=folder, check=False)
    watch.done(dbt=perf_counter() - loaded)
    sys.exit(built.returncode)


if __name__ == "__main__":
    main()
