"""`python -m benchmarks.report`: write the tables and the chart of docs/performance.md from the newest session's samples.

The tables of docs/bigquery.md and docs/scale.md are computed. The text around the tables is written by hand. Only the parts between `<!-- name -->` and `<!-- /name -->` are replaced.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import bigquery_cost, bigquery_standing, scale, targets
from benchmarks.__main__ import newest
from benchmarks.document import fill, markdown
from benchmarks.instances import ROOT
from benchmarks.registry import COMPETITORS, STARTS
from benchmarks.results import Results
from benchmarks.workload import MONTH, TWO_YEARS, YEAR, Workload

DOCS = ROOT / "docs"
SHOWN = "images/performance.png"
PICTURE = DOCS / SHOWN
LENGTHS = (MONTH, YEAR, TWO_YEARS)
COMPANIES = (25, 500, 5000)


def session(results: Results) -> str:
    machines = [sample["machine"] for sample in results.all]
    first = machines[0]
    loads = sorted(machine["load"] for machine in machines)
    commits = " and ".join(dict.fromkeys(machine["commit"] for machine in machines))
    summary = (
        f"Measured on {first['system']}, {first['cores']} cores, Python {first['python']}, at commit "
        f"{commits}, {results.all[0]['at'][:10]}: {len(results.all)} samples, {len(results.invalid)} of them "
        f"are not valid. The load of the machine was {loads[0]} to {loads[-1]}."
    )
    return "\n".join([summary, *(f"\n- not valid: {reason}" for reason in results.invalid)])


def measured(results: Results) -> str:
    """One row per competitor: start-up, the three lengths, and what 365 days take of the processor and of memory."""
    rows = [
        {
            "competitor": f"`{name}`: {COMPETITORS[name].description}",
            "start-up": start_up(results, name),
            **{f"{work.days} days": _of(results, work, name, "wall") for work in LENGTHS},
            "CPU, 365 days": _of(results, YEAR, name, "cpu"),
            "peak MiB, 365 days": _of(results, YEAR, name, "peak_mib"),
        }
        for name in STARTS
    ]
    return markdown(rows)


def _of(results: Results, work: Workload, name: str, measure: str) -> str:
    return str(results.figure(work, name, measure) or "")


def start_up(results: Results, name: str) -> str:
    figures = [results.figure(MONTH, part, "wall") for part in STARTS[name]]
    return f"{sum(found.median for found in figures if found):,.2f}" if all(figures) else ""


def picture(results: Results) -> str:
    # only the environment of the benchmarks has matplotlib
    from benchmarks.picture import draw  # noqa: PLC0415

    return (
        f"![Seconds for 30 and for 365 days, by competitor]({SHOWN})"
        if draw(results, PICTURE)
        else "Not measured."
    )


Parts = dict[str, dict[str, Callable[[], str]]]
"""For each page, the parts that are written into it."""

COMPUTED: Parts = {
    "bigquery.md": {
        "bigquery": lambda: markdown(bigquery_cost.table(COMPANIES)),
        "scheduled": lambda: markdown(bigquery_standing.table((*COMPANIES, 100_000))),
        "pruning": lambda: markdown(bigquery_cost.pruning(COMPANIES[1])),
    },
    "scale.md": {
        "scale": lambda: markdown(scale.breaks_table()),
        "queue": lambda: markdown(scale.queue_table()),
    },
}
"""The parts that need no samples. BigQuery's table sizes take a few minutes once, and are stored."""


def measured_parts(results: Results) -> Parts:
    return {
        "performance.md": {
            "session": lambda: session(results),
            "picture": lambda: picture(results),
            "targets": lambda: markdown(targets.rows(results)),
            "measured": lambda: measured(results),
        }
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--samples", type=Path, help="the file of a session (default: the newest)")
    parser.add_argument("--only", choices=("measured", "computed"), help="write only these parts")
    options = parser.parse_args()
    parts = {} if options.only == "measured" else dict(COMPUTED)
    if options.only != "computed":
        path = options.samples or newest()
        if path is None or not path.exists():
            sys.exit("There are no samples. Run `make bench`, or `python -m benchmarks --quick`.")
        parts = measured_parts(Results.read(path)) | parts
    for page, made in parts.items():
        document = DOCS / page
        for name, make in made.items():
            print(f"{page}: {name} ...", flush=True)
            # written after each part, so that a part that fails leaves the others
            document.write_text(fill(document.read_text(encoding="utf-8"), name, make()), encoding="utf-8")


if __name__ == "__main__":
    main()
