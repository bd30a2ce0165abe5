"""`python -m benchmarks`: run the rounds, and write each sample to a file when it is taken."""

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
from benchmarks.recording import HOME
from benchmarks.registry import COMPETITORS
from benchmarks.running_server import ReplayServer, running_server
from benchmarks.sampling import record, sample
from benchmarks.steps import count_steps
from benchmarks.workload import FULL, QUICK, Round, Workload

MAX_SECONDS = 900.0


class SampleFile:
    """The samples of one session, one JSON line each. A sample that is in the file is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.samples: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def has(self, work: Workload, competitor: str, repeat: int) -> bool:
        wanted = (work.as_json(), competitor, repeat)
        return any((s["work"], s["competitor"], s["repeat"]) == wanted for s in self.samples)

    def add(self, result: dict[str, Any]) -> None:
        self.samples.append(result)
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(result) + "\n")


def machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "commit": commit.stdout.strip(),
        "load": round(os.getloadavg()[0], 1),
    }


def measure(rounds: tuple[Round, ...], sample_file: SampleFile, max_seconds: float) -> None:
    variables = {"BENCH_STEPS": str(count_steps())}
    with ExitStack() as stack:
        database: postgres.Postgres | None = None
        for number, one_round in enumerate(rounds, start=1):
            due = [
                (repeat, name)
                for repeat in range(one_round.repeats)
                for name in one_round.competitors
                if not sample_file.has(one_round.work, name, repeat)
            ]
            print(f"\n[{number}/{len(rounds)}] {one_round.work}: {len(due)} samples", flush=True)
            if not due:
                continue
            if "ours-postgres" in one_round.competitors and database is None:
                database = _postgres(stack)
            if not one_round.work.events:
                record(one_round.work, max_seconds)
            with running_server(one_round.work) as server:
                for repeat, name in due:
                    if name == "ours-postgres":
                        if database is None:
                            continue
                        variables["BENCH_POSTGRES_URL"] = database.new_database()
                    sample_file.add(_sample(name, one_round.work, repeat, server, max_seconds, variables))


def _postgres(stack: ExitStack) -> postgres.Postgres | None:
    try:
        return stack.enter_context(postgres.running())
    except (postgres.PostgresNotFoundError, OSError, KeyError, subprocess.SubprocessError) as error:
        print(f"  ours-postgres is skipped: {error}")
        return None


def _sample(
    name: str,
    work: Workload,
    repeat: int,
    server: ReplayServer,
    max_seconds: float,
    variables: dict[str, str],
) -> dict[str, Any]:
    """One sample. It is taken again if the server had to record responses, because that takes time."""
    for _ in range(2):
        result = sample(COMPETITORS[name], work, server, max_seconds, variables)
        if not result["server_misses"]:
            break
        print(
            f"  {name:<20} {result['server_misses']} responses were recorded; the sample is taken again",
            flush=True,
        )
    work_seconds = f", work {result['work']:.2f}" if "work" in result else ""
    error = f"  NOT VALID: {result['error'][-500:]}" if result["error"] else ""
    print(
        f"  {name:<20} wall {result['wall']:8.2f} s{work_seconds}, CPU {result['cpu']:8.2f} s, "
        f"peak {result['peak_mib']:7.0f} MiB{error}",
        flush=True,
    )
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "work": work.as_json(),
        "competitor": name,
        "repeat": repeat,
        "at": at,
        "machine": machine(),
        "measured": result,
    }


def newest(where: Path = HOME) -> Path | None:
    return max(where.glob("session-*.jsonl"), default=None)


def chosen(options: argparse.Namespace) -> tuple[Round, ...]:
    if options.days or options.competitors:
        names = tuple((options.competitors or "floor,data-plane").split(","))
        if unknown := [name for name in names if name not in COMPETITORS]:
            sys.exit(f"unknown competitor: {', '.join(unknown)}. Choose from {', '.join(COMPETITORS)}")
        return tuple(
            Round(
                Workload(
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
    parser.add_argument("--days", help="numbers of days, separated by commas")
    parser.add_argument(
        "--people", default="25", help="numbers of people in the sample company, separated by commas"
    )
    parser.add_argument("--competitors", help=f"separated by commas: {', '.join(COMPETITORS)}")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--latency-ms", type=int, default=0, help="delay of every response")
    parser.add_argument("--limits", action="store_true", help="apply Cursor's documented rate limits")
    parser.add_argument("--events", type=int, default=0, help="number of generated Cursor events")
    parser.add_argument("--resume", action="store_true", help="continue the newest session")
    parser.add_argument("--max-seconds", type=float, default=MAX_SECONDS, help="time limit of one sample")
    options = parser.parse_args()
    new_file = HOME / f"session-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    sample_file = SampleFile((newest() if options.resume else None) or new_file)
    print(f"Samples go to {sample_file.path}", flush=True)
    measure(chosen(options), sample_file, options.max_seconds)
    failed = [s for s in sample_file.samples if s["measured"]["error"]]
    walls = [s["measured"]["wall"] for s in sample_file.samples]
    print(
        f"\n{len(sample_file.samples)} samples, {len(failed)} not valid, median wall {median(walls or [0]):.2f} s"
    )


if __name__ == "__main__":
    main()
