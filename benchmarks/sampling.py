"""One sample: a contestant's process from its start to its end, in wall, CPU and memory, and whether its sums are true."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.demo.sandbox.server import ANTHROPIC_KEY, CURSOR_KEY
from benchmarks import homes, truth
from benchmarks.contestants.given import Given
from benchmarks.line_up import LINE_UP, Contestant
from benchmarks.recording import HOME
from benchmarks.recording import folder as folder_of
from benchmarks.serving import Served, serving
from benchmarks.work import START_DATE, Work

EVENT_TABLES = "raw_cursor_events,fct_usage_daily,fct_cost_daily"
EVENT_SUMS = ("cursor_events", "cursor_output_tokens", "fact_cursor_input_tokens", "fact_overage_usd")
LAUNCH = homes.ROOT / "benchmarks" / "launch.py"


def sample(
    contestant: Contestant, work: Work, served: Served, most_seconds: float, variables: dict[str, str]
) -> dict[str, Any]:
    """Everything that was measured of one run; `error` says why it does not count."""
    days = work.window
    if contestant.newest_days:
        days = Days(days.last - ONE_DAY * (contestant.newest_days - 1), days.last)
    with tempfile.TemporaryDirectory(prefix="sample_", dir=HOME) as name:
        folder = Path(name).absolute()
        homes.prepare(folder, work, contestant.records)
        given = given_for(work, days, served.url, folder, contestant.module)
        served.reset()
        measured = _run(contestant.command(given), given, most_seconds, variables)
        measured |= {f"server_{key}": value for key, value in served.state().items()}
        if not measured["error"]:
            measured["error"] = _untrue(contestant, work, days, given)
    return measured


def record(work: Work, most_seconds: float) -> None:
    """Have the sandbox answer the work once, for a client that waits as long as it takes: thousands of people do."""
    plain = replace(work, latency_ms=0, limits=False, events=0)
    done = folder_of(work.people) / f"recorded-{work.days}"
    if done.exists():
        return
    print(f"  recording {plain} ...", flush=True)
    with serving(plain) as served:
        taken = sample(LINE_UP["floor"], plain, served, most_seconds, {})
    if taken["error"]:
        raise RuntimeError(f"the vendors' answers could not be recorded: {taken['error']}")
    done.touch()


def given_for(work: Work, days: Days, url: str, folder: Path, module: str = "") -> Given:
    return Given(
        url,
        str(folder),
        str(days.first),
        str(days.last),
        ANTHROPIC_KEY,
        CURSOR_KEY,
        limits=work.limits,
        tables=EVENT_TABLES if work.events else "",
        module=module,
    )


def _run(command: list[str], given: Given, most_seconds: float, variables: dict[str, str]) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": str(homes.ROOT), **given.environment(START_DATE), **variables}
    log, kept = given.home / "output.log", given.home / "taken.json"
    launched = [sys.executable, "-I", "-S", str(LAUNCH), str(kept), *command]
    with log.open("wb") as output:
        child = subprocess.Popen(
            launched, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=env, start_new_session=True
        )
        timer = Timer(most_seconds, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        try:
            child.wait()
        finally:
            timer.cancel()
    said = log.read_text(encoding="utf-8", errors="replace")
    if not kept.exists():
        late = f"it took more than {most_seconds:.0f} s, or was killed"
        return {"wall": most_seconds, "cpu": 0.0, "peak_mib": 0.0, "error": late}
    taken: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    code = taken.pop("code")
    return {**taken, **_last_words(said), "error": f"ended with {code}: {said[-1500:]}" if code else ""}


def _last_words(said: str) -> dict[str, Any]:
    """What a contestant's Stopwatch said."""
    for line in reversed(said.splitlines()):
        if line.startswith('{"work"'):
            told: dict[str, Any] = json.loads(line)
            return told
    return {}


def _untrue(contestant: Contestant, work: Work, days: Days, given: Given) -> str:
    wanted = {name: query for name, query in contestant.sums.items() if not work.events or name in EVENT_SUMS}
    if not wanted:
        return ""
    try:
        truth.verify(truth.measured(given.database, contestant.schema, wanted), truth.expected(work, days))
    except truth.SumsDiffer as off:
        return f"its sums are not true: {off}"
    return ""
