"""Samples of a session as medians with their spread; samples that do not count are kept apart."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from benchmarks.work import Work


@dataclass(frozen=True)
class Figure:
    """A median, with the least and the most of its samples."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.samples)

    def __str__(self) -> str:
        low, high = min(self.samples), max(self.samples)
        if len(self.samples) == 1:
            return f"{self.median:,.2f}"
        return f"{self.median:,.2f} ({low:,.2f} to {high:,.2f})"


class Results:
    """One session's samples."""

    def __init__(self, samples: Sequence[dict[str, Any]]) -> None:
        self.all = samples
        self._good: dict[tuple[Work, str], list[dict[str, Any]]] = {}
        for sample in samples:
            if not sample["of"]["error"]:
                key = Work(**sample["work"]), sample["contestant"]
                self._good.setdefault(key, []).append(sample["of"])

    @classmethod
    def read(cls, path: Path) -> "Results":
        return cls([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])

    @property
    def refused(self) -> list[str]:
        """Samples that do not count, and why."""
        return [
            f"{s['contestant']} at {Work(**s['work'])}: {s['of']['error'].strip().splitlines()[-1][:200]}"
            for s in self.all
            if s["of"]["error"]
        ]

    def works(self) -> list[Work]:
        return sorted({work for work, _ in self._good})

    def contestants(self, work: Work) -> list[str]:
        """In the order in which they ran first."""
        return [name for at, name in self._good if at == work]

    def of(self, work: Work, contestant: str) -> list[dict[str, Any]]:
        return self._good.get((work, contestant), [])

    def figure(
        self, work: Work, contestant: str, read: str | Callable[[dict[str, Any]], float]
    ) -> Figure | None:
        """A measure over the samples; None if nobody measured it."""
        taken = self.of(work, contestant)
        if isinstance(read, str):
            values = [float(sample[read]) for sample in taken if read in sample]
        else:
            values = [read(sample) for sample in taken]
        return Figure(tuple(values)) if values else None

    def ratio(self, work: Work, over: str, under: str, read: str) -> float | None:
        """Of the medians."""
        above, below = self.figure(work, over, read), self.figure(work, under, read)
        return above.median / below.median if above and below and below.median else None


def a_run_a_day(days: int) -> Callable[[dict[str, Any]], float]:
    """What so many days take at one run each, from the few that were run."""
    return lambda sample: sample["wall"] - sample["work"] + sample["work"] / sample["runs"] * days


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Of time in rows, by least squares over the logarithms; 1 is linear."""
    if len(points) < 2:
        return None
    return linear_regression(
        [math.log(rows) for rows, _ in points], [math.log(time) for _, time in points]
    ).slope
