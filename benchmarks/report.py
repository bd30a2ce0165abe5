"""`python -m benchmarks.report`: write the tables and the chart of docs/performance.md from the newest session's samples.

The text around them is written by hand. Only the parts between `<!-- name -->` and `<!-- /name -->` are replaced.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import bigquery_cost, bigquery_standing, scale, targets
from benchmarks.__main__ import newest
from benchmarks.document import DOCUMENT, fill, markdown
from benchmarks.instances import ROOT
from benchmarks.picture import draw
from benchmarks.registry import COMPETITORS
from benchmarks.results import Results, extrapolate_daily_runs
from benchmarks.workload import Workload

PICTURE = ROOT / "docs" / "images" / "performance.png"
COMPANIES = (25, 500, 5000)


def session(results: Results) -> str:
    machines = [sample["machine"] for sample in results.all]
    first = machines[0]
    loads = sorted(machine["load"] for machine in machines)
    summary = (
        f"Measured on {first['system']}, {first['cores']} cores, Python {first['python']}, at commit "
        f"{first['commit']}, {results.all[0]['at'][:10]}: {len(results.all)} samples, {len(results.invalid)} of them "
        f"are not valid. The load of the machine was {loads[0]} to {loads[-1]}."
    )
    return "\n".join([summary, *(f"\n- not valid: {reason}" for reason in results.invalid)])


def measured(results: Results) -> str:
    return "\n\n".join(f"### {work}\n\n{markdown(_rows(results, work))}" for work in results.works())


def _rows(results: Results, work: Workload) -> list[dict[str, str]]:
    rows = []
    for name in results.competitors(work):
        row = {
            "competitor": f"`{name}`: {COMPETITORS[name].description}",
            "wall, s": str(results.figure(work, name, "wall")),
            "work, s": str(results.figure(work, name, "work") or ""),
            "CPU, s": str(results.figure(work, name, "cpu")),
            "peak, MiB": f"{results.figure(work, name, 'peak_mib')}",
            "requests": f"{sum(results.of(work, name)[0]['server_requests'].values()):,}",
            "server's CPU, s": str(results.figure(work, name, "server_cpu")),
        }
        if name == "stock-daily":
            row["wall, s"] += (
                f"; {work.days} days: {results.figure(work, name, extrapolate_daily_runs(work.days))}"
            )
        rows.append(row)
    return rows


def serving(results: Results) -> str:
    return markdown(
        [
            {
                "work": str(work),
                "requests": f"{sample['fetched']:,}",
                "MB": f"{sample['fetched_bytes'] / 1e6:,.1f}",
                "seconds": f"{sample['work']:.2f}",
                "MB/s": f"{sample['fetched_bytes'] / 1e6 / sample['work']:,.0f}",
            }
            for work in results.works()
            for sample in results.of(work, "fetching")[:1]
        ]
    )


def picture(results: Results) -> str:
    drawn = draw(results, PICTURE)
    shown = PICTURE.relative_to(DOCUMENT.parent)
    return (
        f"![Seconds for the same days, by competitor, and time in days]({shown})"
        if drawn
        else "Not measured."
    )


COMPUTED: dict[str, Callable[[], str]] = {
    "scale": lambda: markdown(scale.breaks_table()),
    "queue": lambda: markdown(scale.queue_table()),
    "bigquery": lambda: markdown(bigquery_cost.table(COMPANIES)),
    "scheduled": lambda: markdown(bigquery_standing.table((*COMPANIES, 100_000))),
    "pruning": lambda: markdown(bigquery_cost.pruning(COMPANIES[1])),
}
"""The parts that need no samples. BigQuery's table sizes take a few minutes once, and are stored."""


def measured_parts(path: Path) -> dict[str, Callable[[], str]]:
    results = Results.read(path)
    return {
        "session": lambda: session(results),
        "picture": lambda: picture(results),
        "targets": lambda: markdown(targets.rows(results)),
        "measured": lambda: measured(results),
        "serving": lambda: serving(results),
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
        parts = measured_parts(path) | parts
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, make in parts.items():
        print(f"{name} ...", flush=True)
        text = fill(text, name, make())
        # written after each part, so that a part that fails leaves the others
        DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)} was written")


if __name__ == "__main__":
    main()
