"""The chart: how long each competitor takes for the same days, and how time grows with the number of days."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from benchmarks.results import Figure, Results, extrapolate_daily_runs
from benchmarks.workload import Workload

OURS, OTHERS, FLOOR = "#2a6f97", "#b8b8b8", "#7a9e7e"
SHOWN = ("floor", "data-plane", "ours", "ours-postgres", "dlt-parquet", "dlt", "stock-range", "stock-daily")


def draw(results: Results, path: Path) -> bool:
    """Draw the chart; False if there was nothing to draw."""
    works = [work for work in results.works() if not (work.latency_ms or work.limits or work.events)]
    most_compared = max(
        works, key=lambda work: len(set(results.competitors(work)) & set(SHOWN)), default=None
    )
    if most_compared is None or not set(results.competitors(most_compared)) & set(SHOWN):
        return False
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    _bars(left, results, most_compared)
    _growth(right, results, works)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return True


def _bars(axes: "plt.Axes", results: Results, work: Workload) -> None:
    bars: list[tuple[str, Figure]] = []
    for name in SHOWN:
        measure = extrapolate_daily_runs(work.days) if name == "stock-daily" else "wall"
        figure = results.figure(work, name, measure)
        if figure:
            bars.append((name, figure))
    bars.reverse()
    medians = [figure.median for _, figure in bars]
    spread = [
        [figure.median - min(figure.samples) for _, figure in bars],
        [max(figure.samples) - figure.median for _, figure in bars],
    ]
    labels = [f"{name} (extrapolated)" if name == "stock-daily" else name for name, _ in bars]
    colours = [
        OURS if name.startswith(("ours", "data")) else FLOOR if name == "floor" else OTHERS
        for name, _ in bars
    ]
    axes.barh(labels, medians, xerr=spread, color=colours, error_kw={"linewidth": 1})
    axes.bar_label(axes.containers[-1], [f"{value:,.0f} s" for value in medians], padding=4, fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel("seconds, wall, logarithmic")
    axes.set_title(str(work), fontsize=10)


def _growth(axes: "plt.Axes", results: Results, works: list[Workload]) -> None:
    for name, colour in (
        ("floor", FLOOR),
        ("data-plane", OURS),
        ("ours", "#89c2d9"),
        ("dlt-parquet", OTHERS),
    ):
        points = [
            (work.days, figure.median)
            for work in works
            if work.people == min(w.people for w in works) and (figure := results.figure(work, name, "wall"))
        ]
        if points:
            axes.plot(*zip(*sorted(points), strict=True), "o-", color=colour, label=name)
    axes.set_xlabel("days")
    axes.set_ylabel("seconds, wall")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    axes.set_title("Time in days", fontsize=10)
