"""`python -m benchmarks.report`: the tables and the picture of docs/performance.md, from the newest session's samples.

The prose there is written by hand; only what stands between `<!-- name -->` and `<!-- /name -->` is filled in.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import bigquery_cost, scale, targets
from benchmarks.__main__ import newest
from benchmarks.document import DOCUMENT, fill, markdown
from benchmarks.homes import ROOT
from benchmarks.line_up import LINE_UP
from benchmarks.picture import draw
from benchmarks.results import Results, a_run_a_day
from benchmarks.work import Work

PICTURE = ROOT / "docs" / "images" / "performance.png"
COMPANIES = (25, 500, 5000)


def session(results: Results) -> str:
    ran = [sample["machine"] for sample in results.all]
    first = ran[0]
    loads = sorted(machine["load"] for machine in ran)
    said = (
        f"Measured on {first['system']}, {first['cores']} cores, Python {first['python']}, at commit "
        f"{first['commit']}, {results.all[0]['at'][:10]}: {len(results.all)} samples, {len(results.refused)} of them "
        f"do not count; the machine's load was {loads[0]} to {loads[-1]}."
    )
    return "\n".join([said, *(f"\n- does not count: {reason}" for reason in results.refused)])


def measured(results: Results) -> str:
    return "\n\n".join(f"### {work}\n\n{markdown(_rows(results, work))}" for work in results.works())


def _rows(results: Results, work: Work) -> list[dict[str, str]]:
    made = []
    for name in results.contestants(work):
        shown = {
            "contestant": f"`{name}`: {LINE_UP[name].says}",
            "wall, s": str(results.figure(work, name, "wall")),
            "work, s": str(results.figure(work, name, "work") or ""),
            "CPU, s": str(results.figure(work, name, "cpu")),
            "peak, MiB": f"{results.figure(work, name, 'peak_mib')}",
            "requests": f"{sum(results.of(work, name)[0]['server_requests'].values()):,}",
            "server's CPU, s": str(results.figure(work, name, "server_cpu")),
        }
        if name == "stock-daily":
            shown["wall, s"] += f"; {work.days} days: {results.figure(work, name, a_run_a_day(work.days))}"
        made.append(shown)
    return made


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
        f"![Seconds for the same days, by contestant, and time in days]({shown})"
        if drawn
        else "Not measured."
    )


COMPUTED: dict[str, Callable[[], str]] = {
    "scale": lambda: markdown(scale.breaks_table()),
    "queue": lambda: markdown(scale.queue_table()),
    "bigquery": lambda: markdown(bigquery_cost.table(COMPANIES)),
    "pruning": lambda: markdown(bigquery_cost.pruning(COMPANIES[1])),
}
"""What no sample is needed for; BigQuery's sizes take some minutes once, and are kept."""


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
    parser.add_argument("--samples", type=Path, help="a session's file; the newest if it is not given")
    parser.add_argument("--only", choices=("measured", "computed"), help="leave the other half as it is")
    options = parser.parse_args()
    parts = {} if options.only == "measured" else dict(COMPUTED)
    if options.only != "computed":
        path = options.samples or newest()
        if path is None or not path.exists():
            sys.exit("There are no samples: run `make bench`, or `python -m benchmarks --quick`.")
        parts = measured_parts(path) | parts
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, make in parts.items():
        print(f"{name} ...", flush=True)
        text = fill(text, name, make())
        # part by part, so that one that breaks off leaves the others
        DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
