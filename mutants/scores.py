"""The table of scores: what became of the mutants of each folder."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mutants.folders import FOLDERS

HEADER = ("folder", "mutants", "killed", "survived", "equivalent", "timed out", "score", "target")


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    TIMED_OUT = "timed out"


@dataclass(frozen=True)
class Score:
    """The outcomes of one folder."""

    folder: str
    outcomes: Mapping[Outcome, int]
    target_percent: int

    @property
    def percent(self) -> float | None:
        """The share of killed mutants. Those that are equivalent, or took too long, say nothing about the tests."""
        killed, survived = self.outcomes.get(Outcome.KILLED, 0), self.outcomes.get(Outcome.SURVIVED, 0)
        return 100 * killed / (killed + survived) if killed + survived else None

    @property
    def cells(self) -> tuple[str, ...]:
        percent = "" if self.percent is None else f"{self.percent:.0f} %"
        counts = (str(self.outcomes.get(outcome, 0)) for outcome in Outcome)
        total = str(sum(self.outcomes.values()))
        return (f"`{self.folder}`", total, *counts, percent, f"{self.target_percent} %")


def scores(outcomes: Iterable[tuple[str, Outcome]]) -> list[Score]:
    """One score for each folder that has mutants, in the order of the folders."""
    by_folder: dict[str, Counter[Outcome]] = {}
    for folder, outcome in outcomes:
        by_folder.setdefault(folder, Counter())[outcome] += 1
    return [
        Score(folder.name, by_folder[folder.name], folder.target_percent)
        for folder in FOLDERS
        if folder.name in by_folder
    ]


def table(found: Iterable[Score]) -> str:
    """The scores as a table in Markdown."""
    lines = [HEADER, ("---", *("--:" for _ in HEADER[1:])), *(score.cells for score in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
