"""Network faults: whatever part of the responses is damaged, a table is exactly correct, or its load fails and nothing is written.

A trial loads all raw tables of some days into a new DuckDB file, through Dagster and the real clients. The sandbox
damages a seeded part of its responses. Pages are small, so that there are many, and waits are short.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import stamina

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.sources.anthropic import client as anthropic
from ai_usage_assets.sources.cursor import client as cursor
from ai_usage_assets.sources.http import client as http
from ai_usage_assets.sources.http import errors
from ai_usage_assets.sources.http.client import VendorHttp
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.stress.loaded_tables import DAILY, SNAPSHOTS, equals_company_totals, row_count
from ai_usage_tests.support.harness import Harness

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = Days(date(2026, 11, 17), date(2026, 11, 19))
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
SHORT_WAITS = Retry(first_wait_seconds=0.01, max_wait_seconds=0.05)
MAX_SECONDS = SHORT_WAITS.max_seconds + 5.0
"""The time limit of a call, plus the time that a busy machine may need to notice it."""

RETRYABLE = [
    faults.rate_limited(),
    *map(faults.status, (500, 502, 503, 529)),
    faults.reset(),
    faults.cut_off(),
]
NOT_RETRYABLE = [faults.html(), faults.invalid_json(), faults.more_without_cursor(), faults.repeated_cursor()]
WRONG_ORDER = [faults.out_of_order(), faults.backwards()]
SLOW = [faults.rate_limited(1), faults.slow(0.2)]
MIX = [*RETRYABLE, *NOT_RETRYABLE, *WRONG_ORDER, *SLOW]
WEIGHTS = [8.0] * len(RETRYABLE) + [1.0] * len(NOT_RETRYABLE) + [4.0] * len(WRONG_ORDER) + [1.0] * len(SLOW)

REFUSALS: list[type[Exception]] = [
    InvalidRowsError,
    *errors.VendorError.__subclasses__(),
    errors.TruncatedAnswerError,
]
REFUSAL_NAMES = {error.__name__ for error in REFUSALS}
STEPS = {"raw_claude_code": ("raw_claude_code_usage", "raw_claude_code_models")}


@dataclass
class Trial:
    """The outcome of each step: `correct`, or the name of its error. Every other outcome is in `findings`."""

    ended: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    longest_call: float = 0.0
    requests: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@contextmanager
def small_pages_and_short_waits() -> Iterator[list[float]]:
    """Patch the clients to small pages and short waits, and yield the seconds of each call."""
    calls: list[float] = []
    call = VendorHttp.call

    def timed(self: VendorHttp, *args: Any, **options: Any) -> Any:
        started = time.monotonic()
        try:
            return call(self, *args, **options)
        finally:
            calls.append(time.monotonic() - started)

    with ExitStack() as stack:
        for target, name, value in (
            (anthropic, "MAX_RECORDS", 10),
            (anthropic, "MAX_BUCKETS", 2),
            (cursor, "PAGE_SIZE", 100),
            (http, "Retry", lambda: SHORT_WAITS),
            (VendorHttp, "call", timed),
        ):
            stack.enter_context(patch.object(target, name, value))
        yield calls


def trial(sandbox: Sandbox, fraction: float, seed: int) -> Trial:
    """Load everything once from a sandbox that damages this part of its responses, and compare the tables."""
    done = Trial()
    sandbox.requests.clear()
    sandbox.faults.kinds.clear()
    with TemporaryDirectory(prefix="faults_") as name, small_pages_and_short_waits() as calls:
        engine = DuckDBEngine(Path(name) / "ai_usage.duckdb")
        sandbox.faults.some(fraction, *MIX, seed=seed, weights=WEIGHTS)
        try:
            harness = Harness(sandbox, Path(name), engine=engine, now=NOW)
            result = harness.materialize(",".join((*DAILY, *SNAPSHOTS)), DAYS)
        finally:
            sandbox.faults.clear()
        failed: dict[str, Any] = {
            str(event.step_key): event.step_failure_data.error
            for event in result.filter_events(lambda event: event.is_step_failure)
        }
        done.kinds, done.requests, done.longest_call = (
            Counter(sandbox.faults.kinds),
            sandbox.requests.total(),
            max(calls),
        )
        for step in dict.fromkeys(_step(table) for table in (*DAILY, *SNAPSHOTS)):
            tables = STEPS.get(step, (step,))
            if step not in failed:
                done.ended[step] = "correct"
                done.findings += [
                    f"{t} is not correct"
                    for t in tables
                    if not equals_company_totals(engine, t, sandbox, DAYS)
                ]
                continue
            error = failed[step].cause or failed[step]
            done.ended[step] = error.cls_name
            if error.cls_name not in REFUSAL_NAMES:
                done.findings.append(f"{step} failed with {error.cls_name}")
            done.findings += [
                f"{t} was written although its load failed" for t in tables if row_count(engine, t)
            ]
    if done.longest_call > MAX_SECONDS:
        done.findings.append(f"a call took {done.longest_call:.1f} s")
    return done


def _step(table: str) -> str:
    return next((step for step, tables in STEPS.items() if table in tables), table)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m ai_usage_tests.stress.network_faults", description=__doc__
    )
    parser.add_argument("--trials", type=int, default=20, help="trials per fraction")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    kinds: Counter[str] = Counter()
    findings: list[str] = []
    longest, requests = 0.0, 0
    # a line for every retry would hide the table
    stamina.instrumentation.set_on_retry_hooks([])
    with running(now=NOW) as sandbox:
        print("part  trials  requests  faults  outcomes of the steps")
        for fraction in FRACTIONS:
            trials = [trial(sandbox, fraction, options.seed + n) for n in range(options.trials)]
            ended = Counter(how for one in trials for how in one.ended.values())
            served = sum(one.kinds.total() for one in trials)
            requests_sent = sum(one.requests for one in trials)
            outcomes = ", ".join(f"{how} {count}" for how, count in ended.most_common())
            print(f"{fraction:4.0%}  {len(trials):6}  {requests_sent:8}  {served:6}  {outcomes}", flush=True)
            for n, one in enumerate(trials):
                findings += [f"{fraction:.0%}, seed {options.seed + n}: {what}" for what in one.findings]
                kinds.update(one.kinds)
                longest, requests = max(longest, one.longest_call), requests + one.requests
    print(
        f"\n{kinds.total()} faults in {requests} requests: "
        + ", ".join(f"{k} {n}" for k, n in kinds.most_common())
    )
    print(f"the longest call took {longest:.1f} s; the limit is {SHORT_WAITS.max_seconds:.0f}")
    print("\n".join(findings) or "every table is exactly correct, or its load failed and nothing was written")
    if findings:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
