"""A mutant: one place of one file, broken in one way."""

import difflib
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# code between two texts has one of the signs that are left out
TEXT = re.compile(r'(?<=["}])[^"{}=()\[\]\n]{6,}(?=["{])')


@dataclass(frozen=True)
class Mutant:
    """A file and its text after the change. `start` tells the places of a file apart.

    The text is made only when it is asked for: of all mutants, few are in a sample.
    """

    path: Path
    operator: str
    occurrence: int
    start: tuple[int, int]
    before: str
    change: Callable[[], str] = field(compare=False, repr=False)
    definition: str | None = None

    @property
    def name(self) -> str:
        """What finds the mutant again in another session of the same commit."""
        return f"{self.path}:{self.operator}:{self.occurrence}"

    @cached_property
    def after(self) -> str:
        return self.change()

    @property
    def diff(self) -> str:
        """The changed lines alone, those before with `-` and those after with `+`."""
        changed = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), n=0, lineterm="")
        return "\n".join(
            line for line in changed if line.startswith(("-", "+")) and line[:3] not in {"---", "+++"}
        )

    @property
    def texts(self) -> list[str]:
        """The texts of the changed lines, those before, in parts between their placeholders."""
        removed = "\n".join(line for line in self.diff.splitlines() if line.startswith("-"))
        return TEXT.findall(removed)


def sampled(mutants: Iterable[Mutant], seed: int) -> Iterator[Mutant]:
    """One mutant of each place, in an order that the seed alone decides: a longer sample begins with a shorter one."""
    by_place: dict[tuple[Path, tuple[int, int]], list[Mutant]] = {}
    for mutant in mutants:
        by_place.setdefault((mutant.path, mutant.start), []).append(mutant)
    # each place has a random number of its own, so a change of one file leaves the order of the others
    chosen = [
        (random.Random(f"{seed} {path} {start}"), found) for (path, start), found in sorted(by_place.items())
    ]
    turns = [
        (generator.random(), generator.choice(sorted(found, key=lambda mutant: mutant.name)))
        for generator, found in chosen
    ]
    yield from (mutant for _, mutant in sorted(turns, key=lambda turn: turn[0]))
