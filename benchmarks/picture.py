"""The chart: how long each competitor takes for 30 and for 365 days."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from benchmarks.results import Figure, Results
from benchmarks.workload import MONTH, YEAR, Workload

OURS, OTHERS, FLOOR = "#2a6f97", "#b8b8b8", "#7a9e7e"
SHOWN = ("floor", "ours", "ours-fetch", "dlt-dbt", "stock-range")


def draw(results: Results, path: Path) -> bool:
    """Draw the chart; False if there was nothing to draw."""
    if not any(results.figure(work, name, "wall") for work in (MONTH, YEAR) for name in SHOWN):
        return False
    figure, both = plt.subplots(1, 2, figsize=(11, 2.8))
    for axes, work in zip(both, (MONTH, YEAR), strict=True):
        _bars(axes, results, work)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return True


def _bars(axes: "plt.Axes", results: Results, work: Workload) -> None:
    bars: list[tuple[str, Figure]] = [
        (name, figure) for name in reversed(SHOWN) if (figure := results.figure(work, name, "wall"))
    ]
    medians = [figure.median for _, figure in bars]
    spread = [
        [figure.median - min(figure.samples) for _, figure in bars],
        [max(figure.samples) - figure.median for _, figure in bars],
    ]
    colors = [OURS if name.startswith("ours") else FLOOR if name == "floor" else OTHERS for name, _ in bars]
    axes.barh([name for name, _ in bars], medians, xerr=spread, color=colors, error_kw={"linewidth": 1})
    if bars:
        axes.bar_label(axes.containers[-1], [f"{value:,.1f} s" for value in medians], padding=4, fontsize=8)
    axes.margins(x=0.15)
    axes.set_xlabel("seconds, wall")
    axes.set_title(str(work), fontsize=10)
