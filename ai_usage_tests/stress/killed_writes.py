"""Kill writing processes at random times: each window keeps its old rows or has its new rows, and the next run succeeds.

A child process writes through the write path on the real engine. SIGKILL is sent at a random time: during the whole
write, during its publish, or just after it.
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

from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.stress.cleanup import staged_tables_that_stay, wait_for_jobs
from ai_usage_tests.stress.write_kinds import (
    WRITE_KINDS,
    Rows,
    WriteKind,
    restatement_rows,
    rows_in,
    table_rows,
)
from ai_usage_tests.stress.writer_process import (
    MAX_SECONDS,
    EngineFactory,
    bigquery,
    duckdb,
    started_writer,
    wait_for,
)
from ai_usage_tests.support.emulator import environment
from ai_usage_tests.support.emulator.server import running

SEED = 20260302
CLOSING_SECONDS = 0.02
"""After the publish: staged tables are dropped, and a DuckDB file is closed."""
KILLS = {"duckdb": 1000, "bigquery": 200}
OUTCOMES = ("old", "old, restatements ahead", "some chunks", "new")


@dataclass
class Timing:
    """How many seconds the last undisturbed write took until its publish, and from there to its end."""

    until_publish: float = 0.0
    publish: float = 0.0


@dataclass
class Scenario:
    """One kind of write on one engine: the rows of each version, the current version, and the outcomes so far."""

    kind: WriteKind
    new_factory: Callable[[], EngineFactory]
    random: random.Random
    outcomes: Counter[str] = field(default_factory=Counter)
    timing: Timing = field(default_factory=Timing)
    rows_of: dict[str, Rows] = field(default_factory=dict)
    version: str = "a"

    def prepare(self, write: Callable[["Scenario", str], None]) -> None:
        """Write both versions without interruption, so that snapshot entries and restatements exist."""
        self._new_warehouse()
        self.kind.prepare(self.engine)
        for version in "ba":
            if self.kind.is_first:
                self._new_warehouse()
            write(self, version)
            self.rows_of[version], self.version = table_rows(self.engine, self.kind.table), version
        assert self.rows_of["a"] != self.rows_of["b"], self.kind.name

    def _new_warehouse(self) -> None:
        self.create_engine = self.new_factory()
        self.engine = self.create_engine()

    def kill(self) -> None:
        """Kill one write, check what it left, and run it again."""
        self.interrupt(self._was_killed)

    def interrupt(self, was_interrupted: Callable[[str], bool]) -> None:
        """Interrupt one write, check what it left, and run it again.

        `was_interrupted` starts the write of a version. It returns False if the write finished first.
        """
        kind, next_version = self.kind, "b" if self.version == "a" else "a"
        if kind.is_first:
            self._new_warehouse()
        before = [] if kind.is_first else self.rows_of[self.version]
        restatements_before = restatement_rows(self.engine)
        if not was_interrupted(next_version):
            self.outcomes["finished first"] += 1
        else:
            wait_for_jobs(self.engine)
            self.outcomes[self._outcome(before, self.rows_of[next_version], restatements_before)] += 1
        assert staged_tables_that_stay(self.engine) == [], kind.name
        kind.write(self.engine, next_version)
        assert table_rows(self.engine, kind.table) == self.rows_of[next_version], f"{kind.name}: the next run"
        assert restatement_rows(self.engine) == expected_restatements(restatements_before), (
            f"{kind.name}: the restatements after the next run"
        )
        self.version = next_version

    def _was_killed(self, version: str) -> bool:
        with started_writer(self.create_engine, self.kind, version) as (process, connection):
            after = self.random.choice(("begins", "publishes", "published"))
            if after == "begins":
                time.sleep(self.random.uniform(0.0, self.timing.until_publish + self.timing.publish))
            else:
                for _ in range(self.random.choice(range(len(self.kind.windows))) + 1):
                    wait_for(connection, after.encode())
                max_seconds = self.timing.publish if after == "publishes" else CLOSING_SECONDS
                time.sleep(self.random.uniform(0.0, max_seconds / len(self.kind.windows)))
            process.kill()
            process.join(MAX_SECONDS)
            return bool(process.exitcode == -signal.SIGKILL)

    def _outcome(self, before: Rows, after: Rows, restatements_before: Rows) -> str:
        kind, found = self.kind, table_rows(self.engine, self.kind.table)
        is_new = []
        for window in kind.windows:
            old, new, now = (rows_in(kind.table, rows, window) for rows in (before, after, found))
            assert now in (old, new), (
                f"{kind.name}: the rows of {window} are neither old nor new: {len(now)} rows"
            )
            is_new.append(now == new)
        assert is_new == sorted(is_new, reverse=True), (
            f"{kind.name}: a chunk was published before an earlier chunk"
        )
        assert rows_outside(kind, found) == rows_outside(kind, before), (
            f"{kind.name}: a day outside the windows changed"
        )
        found_restatements = restatement_rows(self.engine)
        if all(is_new):
            assert found_restatements == expected_restatements(restatements_before), (
                f"{kind.name}: new rows without their restatements"
            )
            return "new"
        if any(is_new):
            return "some chunks"
        if found_restatements != restatements_before:
            assert not isinstance(self.engine, DuckDBEngine), (
                "in DuckDB rows and restatements change in one transaction"
            )
            assert found_restatements == expected_restatements(restatements_before), (
                f"{kind.name}: wrong restatements"
            )
            return "old, restatements ahead"
        return "old"


def write_and_measure(scenario: Scenario, version: str) -> None:
    """Write in a process that is not killed, and measure it."""
    with started_writer(scenario.create_engine, scenario.kind, version) as (_, connection):
        started_at = time.monotonic()
        wait_for(connection, b"publishes")
        scenario.timing.until_publish = time.monotonic() - started_at
        wait_for(connection, b"ended")
        scenario.timing.publish = time.monotonic() - started_at - scenario.timing.until_publish


def rows_outside(kind: WriteKind, rows: Rows) -> Rows:
    """The rows outside all windows of the write."""
    return [row for row in rows if not any(rows_in(kind.table, [row], window) for window in kind.windows)]


def expected_restatements(before: Rows) -> Rows:
    """The restatements after one more change: the previous and current totals swap, and the count grows by one."""
    return [(*row[:4], row[5], row[4], row[6] + 1, *row[7:]) for row in before]


@contextmanager
def engine_factories(engine: str) -> Iterator[Callable[[], EngineFactory]]:
    """Factories of empty warehouses: DuckDB files, or datasets of one emulator."""
    with TemporaryDirectory() as folder:
        numbers = count()
        if engine == "duckdb":
            yield lambda: partial(duckdb, Path(folder) / f"{next(numbers)}.duckdb")
            return
        with running(environment.ready(), Path(folder)) as url:
            yield lambda: partial(bigquery, f"kills_{next(numbers)}", url)


def kill(
    engine: str, kills: int, seed: int = SEED, kinds: tuple[WriteKind, ...] = WRITE_KINDS
) -> dict[str, Counter[str]]:
    """The outcomes per kind of write. A write that finished before its kill is not counted as a kill."""
    with engine_factories(engine) as new_factory:
        scenarios = [Scenario(kind, new_factory, random.Random(f"{seed} {kind.name}")) for kind in kinds]
        for scenario in scenarios:
            scenario.prepare(write_and_measure)
        done, started_at = 0, time.monotonic()
        for scenario in cycle(scenarios):
            scenario.kill()
            done = sum(scenario.outcomes[end] for scenario in scenarios for end in OUTCOMES)
            if done >= kills:
                break
            if done % 20 == 0:
                outcomes = sum((scenario.outcomes for scenario in scenarios), Counter[str]())
                print(
                    f"{engine}: {done} of {kills} kills, {time.monotonic() - started_at:.0f} s, {dict(outcomes)}",
                    flush=True,
                )
    return {scenario.kind.name: scenario.outcomes for scenario in scenarios}


def table(outcomes: dict[str, Counter[str]]) -> str:
    """The counts as a Markdown table, with totals."""
    columns = [*OUTCOMES, "finished first"]
    total = sum(outcomes.values(), Counter[str]())
    lines = [f"| write | kills | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for name, counts in [*outcomes.items(), ("total", total)]:
        killed = sum(counts[end] for end in OUTCOMES)
        lines.append(f"| {name} | {killed} | {' | '.join(str(counts[column]) for column in columns)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=KILLS, help="one engine only")
    parser.add_argument("--kind", choices=[kind.name for kind in WRITE_KINDS], help="one kind of write only")
    parser.add_argument(
        "--kills", type=int, help="number of kills (default: 1000 on DuckDB, 200 on the emulator)"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    for engine in [options.engine] if options.engine else KILLS:
        kinds = tuple(kind for kind in WRITE_KINDS if options.kind in (None, kind.name))
        outcomes = kill(engine, options.kills or KILLS[engine], options.seed, kinds)
        print(f"\n{engine}, seed {options.seed}\n\n{table(outcomes)}\n", flush=True)
        for name, counts in outcomes.items():
            assert counts["old"] and (counts["new"] or counts["some chunks"]), (
                f"{name}: no kill before its publish, or none after it; run more kills"
            )


if __name__ == "__main__":
    main()
