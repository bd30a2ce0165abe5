"""One sample: the wall time, CPU time and peak memory of a competitor's process, and whether its totals are correct."""

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
from benchmarks import instances, totals
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.recording import HOME
from benchmarks.recording import folder as folder_of
from benchmarks.registry import COMPETITORS, Competitor
from benchmarks.running_server import ReplayServer, running_server
from benchmarks.workload import Workload

EVENT_TABLES = "raw_cursor_events,fct_usage_daily,fct_cost_daily"
EVENT_TOTALS = ("cursor_events", "cursor_output_tokens", "fact_cursor_input_tokens", "fact_overage_usd")
LAUNCH = instances.ROOT / "benchmarks" / "launch.py"


def sample(
    competitor: Competitor,
    work: Workload,
    server: ReplayServer,
    max_seconds: float,
    variables: dict[str, str],
) -> dict[str, Any]:
    """All measurements of one run. `error` says why a sample is not valid, and is empty otherwise."""
    days = work.window
    if competitor.newest_days:
        days = Days(days.last - ONE_DAY * (competitor.newest_days - 1), days.last)
    with tempfile.TemporaryDirectory(prefix="sample_", dir=HOME) as name:
        folder = Path(name).absolute()
        instances.prepare(folder, work, competitor.records)
        parameters = parameters_for(work, days, server.url, folder)
        if competitor.prepare:
            competitor.prepare(parameters)
        server.reset()
        measured = _run(competitor.command(parameters), parameters, max_seconds, variables)
        measured |= {f"server_{key}": value for key, value in server.state().items()}
        if not measured["error"]:
            measured["error"] = _difference(competitor, work, days, parameters)
    return measured


def record(work: Workload, max_seconds: float) -> None:
    """Record the sandbox's responses for this workload once.

    The client has no timeout of its own, because a company of thousands of people takes long.

    Raises:
        RuntimeError: the recording failed.
    """
    plain = replace(work, latency_ms=0, limits=False, events=0)
    done = folder_of(work.people) / f"recorded-{work.days}"
    if done.exists():
        return
    print(f"  recording {plain} ...", flush=True)
    with running_server(plain) as server:
        recorded = sample(COMPETITORS["floor"], plain, server, max_seconds, {})
    if recorded["error"]:
        raise RuntimeError(f"the vendors' responses could not be recorded: {recorded['error']}")
    done.touch()


def parameters_for(work: Workload, days: Days, url: str, folder: Path) -> Parameters:
    return Parameters(
        url,
        str(folder),
        str(days.first),
        str(days.last),
        ANTHROPIC_KEY,
        CURSOR_KEY,
        limits=work.limits,
        tables=EVENT_TABLES if work.events else "",
    )


def _run(
    command: list[str], parameters: Parameters, max_seconds: float, variables: dict[str, str]
) -> dict[str, Any]:
    # a shell that forbids Python to keep compiled modules would have each competitor compile its own again
    shell = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env = {**shell, "PYTHONPATH": str(instances.ROOT), **parameters.environment(), **variables}
    log, result = parameters.home / "output.log", parameters.home / "usage.json"
    launch = [sys.executable, "-I", "-S", str(LAUNCH), str(result), *command]
    with log.open("wb") as output:
        child = subprocess.Popen(
            launch,
            # a `.env` of the checkout must not decide where tables are written
            cwd=parameters.home,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=env,
            start_new_session=True,
        )
        timer = Timer(max_seconds, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        try:
            child.wait()
        finally:
            timer.cancel()
    output_text = log.read_text(encoding="utf-8", errors="replace")
    if not result.exists():
        error = f"it took more than {max_seconds:.0f} s, or was killed"
        return {"wall": max_seconds, "cpu": 0.0, "peak_mib": 0.0, "error": error}
    usage: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    code = usage.pop("code")
    return {
        **usage,
        **_stopwatch_output(output_text),
        "error": f"ended with {code}: {output_text[-1500:]}" if code else "",
    }


def _stopwatch_output(output_text: str) -> dict[str, Any]:
    """The line that a competitor's Stopwatch prints, as a dictionary."""
    for line in reversed(output_text.splitlines()):
        if line.startswith('{"work"'):
            fields: dict[str, Any] = json.loads(line)
            return fields
    return {}


def _difference(competitor: Competitor, work: Workload, days: Days, parameters: Parameters) -> str:
    queries = {
        name: query for name, query in competitor.totals.items() if not work.events or name in EVENT_TOTALS
    }
    if not queries:
        return ""
    try:
        totals.verify(totals.measured(parameters.database, SCHEMA, queries), totals.expected(work, days))
    except totals.TotalsDifferError as error:
        return f"wrong totals: {error}"
    return ""
