"""`python -m benchmarks`: measure, round by round, and write every sample down as it comes."""

import argparse
import json
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import postgres
from benchmarks.line_up import LINE_UP
from benchmarks.recording import HOME
from benchmarks.sampling import record, sample
from benchmarks.serving import Served, serving
from benchmarks.steps import steps_of_a_run
from benchmarks.work import FULL, QUICK, Round, Work

MOST_SECONDS = 900.0


class Book:
    """The samples of one session, in a file of lines: what is there is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.samples: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def has(self, work: Work, contestant: str, repeat: int) -> bool:
        wanted = (work.as_json(), contestant, repeat)
        return any((s["work"], s["contestant"], s["repeat"]) == wanted for s in self.samples)

    def add(self, taken: dict[str, Any]) -> None:
        self.samples.append(taken)
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(taken) + "\n")


def machine() -> dict[str, Any]:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "commit": asked.stdout.strip(),
        "load": round(os.getloadavg()[0], 1),
    }


def measure(rounds: tuple[Round, ...], book: Book, most_seconds: float) -> None:
    variables = {"BENCH_STEPS": str(steps_of_a_run())}
    with ExitStack() as kept:
        database: postgres.Postgres | None = None
        for number, turn in enumerate(rounds, start=1):
            due = [
                (repeat, name)
                for repeat in range(turn.repeats)
                for name in turn.contestants
                if not book.has(turn.work, name, repeat)
            ]
            print(f"\n[{number}/{len(rounds)}] {turn.work}: {len(due)} samples", flush=True)
            if not due:
                continue
            if "ours-postgres" in turn.contestants and database is None:
                database = _postgres(kept)
            if not turn.work.events:
                record(turn.work, most_seconds)
            with serving(turn.work) as served:
                for repeat, name in due:
                    if name == "ours-postgres":
                        if database is None:
                            continue
                        variables["BENCH_POSTGRES_URL"] = database.new_database()
                    book.add(_taken(name, turn.work, repeat, served, most_seconds, variables))


def _postgres(kept: ExitStack) -> postgres.Postgres | None:
    try:
        return kept.enter_context(postgres.running())
    except (postgres.Absent, OSError, KeyError, subprocess.SubprocessError) as absent:
        print(f"  ours-postgres is left out: {absent}")
        return None


def _taken(
    name: str, work: Work, repeat: int, served: Served, most_seconds: float, variables: dict[str, str]
) -> dict[str, Any]:
    """A sample; one that made the server record answers is taken again, because it waited for them."""
    for _ in range(2):
        taken = sample(LINE_UP[name], work, served, most_seconds, variables)
        if not taken["server_misses"]:
            break
        print(f"  {name:<20} {taken['server_misses']} answers were recorded, once more", flush=True)
    work_seconds = f", work {taken['work']:.2f}" if "work" in taken else ""
    wrong = f"  DOES NOT COUNT: {taken['error'][-500:]}" if taken["error"] else ""
    print(
        f"  {name:<20} wall {taken['wall']:8.2f} s{work_seconds}, CPU {taken['cpu']:8.2f} s, "
        f"peak {taken['peak_mib']:7.0f} MiB{wrong}",
        flush=True,
    )
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "work": work.as_json(),
        "contestant": name,
        "repeat": repeat,
        "at": at,
        "machine": machine(),
        "of": taken,
    }


def newest(where: Path = HOME) -> Path | None:
    return max(where.glob("session-*.jsonl"), default=None)


def chosen(options: argparse.Namespace) -> tuple[Round, ...]:
    if options.days or options.contestants:
        names = tuple((options.contestants or "floor,data-plane").split(","))
        if unknown := [name for name in names if name not in LINE_UP]:
            sys.exit(f"there is no contestant {', '.join(unknown)}; there are {', '.join(LINE_UP)}")
        return tuple(
            Round(
                Work(
                    int(days), int(people), options.latency_ms, limits=options.limits, events=options.events
                ),
                names,
                options.repeats,
            )
            for days in (options.days or "30").split(",")
            for people in options.people.split(",")
        )
    return QUICK if options.quick else FULL


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes: seven days, one sample each")
    parser.add_argument("--days", help="own choice: numbers of days, by comma")
    parser.add_argument("--people", default="25", help="sizes of the company, by comma")
    parser.add_argument("--contestants", help=f"by comma: {', '.join(LINE_UP)}")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--latency-ms", type=int, default=0, help="hold every answer back")
    parser.add_argument("--limits", action="store_true", help="Cursor's documented limits")
    parser.add_argument("--events", type=int, default=0, help="so many made-up Cursor events")
    parser.add_argument("--resume", action="store_true", help="go on with the newest session")
    parser.add_argument("--most-seconds", type=float, default=MOST_SECONDS, help="of one sample")
    options = parser.parse_args()
    fresh = HOME / f"session-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    book = Book((newest() if options.resume else None) or fresh)
    print(f"Samples go to {book.path}", flush=True)
    measure(chosen(options), book, options.most_seconds)
    failed = [s for s in book.samples if s["of"]["error"]]
    walls = [s["of"]["wall"] for s in book.samples]
    print(
        f"\n{len(book.samples)} samples, {len(failed)} do not count, median wall {median(walls or [0]):.2f} s"
    )


if __name__ == "__main__":
    main()
