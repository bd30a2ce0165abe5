"""A session's samples as medians with their spread. Samples that are not valid are kept separately."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.workload import Workload


@dataclass(frozen=True)
class Figure:
    """The median of some samples, with their minimum and maximum."""

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
        self._valid: dict[tuple[Workload, str], list[dict[str, Any]]] = {}
        for sample in samples:
            if not sample["measured"]["error"]:
                key = Workload(**sample["work"]), sample["competitor"]
                self._valid.setdefault(key, []).append(sample["measured"])

    @classmethod
    def read(cls, path: Path) -> "Results":
        return cls([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])

    @property
    def invalid(self) -> list[str]:
        """Samples that are not valid, each with its error."""
        return [
            f"{s['competitor']} at {Workload(**s['work'])}: {s['measured']['error'].strip().splitlines()[-1][:200]}"
            for s in self.all
            if s["measured"]["error"]
        ]

    def works(self) -> list[Workload]:
        return sorted({work for work, _ in self._valid})

    def of(self, work: Workload, competitor: str) -> list[dict[str, Any]]:
        return self._valid.get((work, competitor), [])

    def figure(
        self, work: Workload, competitor: str, read: str | Callable[[dict[str, Any]], float]
    ) -> Figure | None:
        """One measure over the samples, or None if it was not measured."""
        taken = self.of(work, competitor)
        if isinstance(read, str):
            values = [float(sample[read]) for sample in taken if read in sample]
        else:
            values = [read(sample) for sample in taken]
        return Figure(tuple(values)) if values else None

    def ratio(self, work: Workload, over: str, under: str, read: str) -> float | None:
        """The ratio of two medians, or None if one of them is missing."""
        above, below = self.figure(work, over, read), self.figure(work, under, read)
        return above.median / below.median if above and below and below.median else None
