"""Kills: a writing process ends at a random instant; every window is wholly old or wholly new, and the next run mends it.

A child process, forked from a server that has imported everything and opened nothing, writes through the door on the
real engine. SIGKILL comes at an instant drawn from the time such a write takes, from its publish, or from the moments after it.
"""

import argparse
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from ai_usage_tests.stress.leftovers import settled, staged_for_ever
from ai_usage_tests.stress.writer import MOST_SECONDS, Made, bigquery, duckdb, heard, started
from ai_usage_tests.stress.writes import KINDS, Kind, Rows, content, ledger, within
from ai_usage_tests.support.emulator import environment
from ai_usage_tests.support.emulator.server import running

SEED = 20260302
CLOSING_SECONDS = 0.02
"""From the end of the publish on: what is staged goes, a DuckDB file is closed."""
KILLS = {"duckdb": 1000, "bigquery": 200}
ENDS = ("old", "old, ledger ahead", "some chunks", "new")


@dataclass
class Pace:
    """How long a kind of write takes here until it publishes, and from there on, as the last one that was left alone."""

    until: float = 0.0
    publish: float = 0.0


@dataclass
class Course:
    """One kind of write on one engine: what is there now, what each version ends as, and how the kills ended."""

    kind: Kind
    new_place: Callable[[], Made]
    random: random.Random
    ends: Counter[str] = field(default_factory=Counter)
    pace: Pace = field(default_factory=Pace)
    is_as: dict[str, Rows] = field(default_factory=dict)
    version: str = "a"

    def begin(self, write: Callable[["Course", str], None]) -> None:
        """Write both versions, unhurt: from then on a register knows everybody, and a day has its ledger."""
        self._move()
        self.kind.prepare(self.engine)
        for version in "ba":
            if self.kind.first:
                self._move()
            write(self, version)
            self.is_as[version], self.version = content(self.engine, self.kind.table), version
        assert self.is_as["a"] != self.is_as["b"], self.kind.name

    def _move(self) -> None:
        self.place = self.new_place()
        self.engine = self.place()

    def kill(self) -> None:
        """One write that is killed."""
        self.break_off(self._killed)

    def break_off(self, broken: Callable[[str], bool]) -> None:
        """One write that is broken off if it does not end before, what it left, and the run after it."""
        kind, coming = self.kind, "b" if self.version == "a" else "a"
        if kind.first:
            self._move()
        before = [] if kind.first else self.is_as[self.version]
        ledger_before = ledger(self.engine)
        if not broken(coming):
            self.ends["it was faster"] += 1
        else:
            settled(self.engine)
            self.ends[self._ended(before, self.is_as[coming], ledger_before)] += 1
        assert staged_for_ever(self.engine) == [], kind.name
        kind.write(self.engine, coming)
        assert content(self.engine, kind.table) == self.is_as[coming], f"{kind.name}: the next run"
        assert ledger(self.engine) == restated(ledger_before), f"{kind.name}: the ledger after the next run"
        self.version = coming

    def _killed(self, version: str) -> bool:
        with started(self.place, self.kind, version) as (process, wire):
            after = self.random.choice(("begins", "publishes", "published"))
            if after == "begins":
                time.sleep(self.random.uniform(0.0, self.pace.until + self.pace.publish))
            else:
                for _ in range(self.random.choice(range(len(self.kind.parts))) + 1):
                    heard(wire, after.encode())
                most = self.pace.publish if after == "publishes" else CLOSING_SECONDS
                time.sleep(self.random.uniform(0.0, most / len(self.kind.parts)))
            process.kill()
            process.join(MOST_SECONDS)
            return bool(process.exitcode == -signal.SIGKILL)

    def _ended(self, before: Rows, after: Rows, ledger_before: Rows) -> str:
        kind, found = self.kind, content(self.engine, self.kind.table)
        news = []
        for part in kind.parts:
            old, new, now = (within(kind.table, held, part) for held in (before, after, found))
            assert now in (old, new), f"{kind.name}: {part} is neither old nor new: {len(now)} rows"
            news.append(now == new)
        assert news == sorted(news, reverse=True), (
            f"{kind.name}: a chunk was published before the one ahead of it"
        )
        assert beside(kind, found) == beside(kind, before), f"{kind.name}: a day beside it moved"
        kept = ledger(self.engine)
        if all(news):
            assert kept == restated(ledger_before), f"{kind.name}: new rows, and the ledger does not say so"
            return "new"
        if any(news):
            return "some chunks"
        if kept != ledger_before:
            assert self.engine.storage_kind == "bigquery", (
                "in DuckDB the ledger moves with the rows or not at all"
            )
            assert kept == restated(ledger_before), f"{kind.name}: the ledger says something else"
            return "old, ledger ahead"
        return "old"


def in_its_pace(course: Course, version: str) -> None:
    """Write in a process that is left alone, and measure it."""
    with started(course.place, course.kind, version) as (_, wire):
        begun = time.monotonic()
        heard(wire, b"publishes")
        course.pace.until = time.monotonic() - begun
        heard(wire, b"ended")
        course.pace.publish = time.monotonic() - begun - course.pace.until


def beside(kind: Kind, held: Rows) -> Rows:
    """The rows of no window."""
    return [row for row in held if not any(within(kind.table, [row], part) for part in kind.parts)]


def restated(before: Rows) -> Rows:
    """The ledger after one more change between the two versions: day, platform, measure, first, previous, now, how often, whose."""
    return [(*row[:4], row[5], row[4], row[6] + 1, *row[7:]) for row in before]


@contextmanager
def places(engine: str) -> Iterator[Callable[[], Made]]:
    """Makes new, empty places on an engine: files, or datasets of one emulator."""
    with TemporaryDirectory() as folder:
        numbers = count()
        if engine == "duckdb":
            yield lambda: partial(duckdb, Path(folder) / f"{next(numbers)}.duckdb")
            return
        with running(environment.ready(), Path(folder)) as url:
            yield lambda: partial(bigquery, f"kills_{next(numbers)}", url)


def kill(
    engine: str, kills: int, seed: int = SEED, kinds: tuple[Kind, ...] = KINDS
) -> dict[str, Counter[str]]:
    """How the kills ended, per kind of write; a write that was faster than its kill is not counted as one."""
    with places(engine) as new_place:
        courses = [Course(kind, new_place, random.Random(f"{seed} {kind.name}")) for kind in kinds]
        for course in courses:
            course.begin(in_its_pace)
        done, begun = 0, time.monotonic()
        for course in cycle(courses):
            course.kill()
            done = sum(course.ends[end] for course in courses for end in ENDS)
            if done >= kills:
                break
            if done % 20 == 0:
                ends = sum((course.ends for course in courses), Counter[str]())
                print(
                    f"{engine}: {done} of {kills} kills, {time.monotonic() - begun:.0f} s, {dict(ends)}",
                    flush=True,
                )
    return {course.kind.name: course.ends for course in courses}


def table(ends: dict[str, Counter[str]]) -> str:
    """The counts as a Markdown table, with their sums."""
    columns = [*ENDS, "it was faster"]
    total = sum(ends.values(), Counter[str]())
    lines = [f"| write | kills | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for name, counts in [*ends.items(), ("in all", total)]:
        killed = sum(counts[end] for end in ENDS)
        lines.append(f"| {name} | {killed} | {' | '.join(str(counts[column]) for column in columns)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=KILLS, help="one engine only")
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS], help="one kind of write only")
    parser.add_argument("--kills", type=int, help="how many (default: 1000 on DuckDB, 200 on the emulator)")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    for engine in [given.engine] if given.engine else KILLS:
        kinds = tuple(kind for kind in KINDS if given.kind in (None, kind.name))
        ends = kill(engine, given.kills or KILLS[engine], given.seed, kinds)
        print(f"\n{engine}, seed {given.seed}\n\n{table(ends)}\n", flush=True)
        for name, counts in ends.items():
            assert counts["old"] and (counts["new"] or counts["some chunks"]), (
                f"{name} was not broken off on both sides of its publish"
            )


if __name__ == "__main__":
    main()
