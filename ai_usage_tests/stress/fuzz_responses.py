"""Fuzzing: 110,000 mutated responses through clients and row builders. Only the project's own errors may be raised."""

import argparse
import resource
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa

from ai_usage_assets.errors import AiUsageError, InvalidRowsError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.sources.http.errors import VendorError
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.stress import mutations
from ai_usage_tests.stress.endpoint_responses import (
    DAYS,
    InProcessClients,
    in_process_clients,
    sandbox_responses,
)

TABLES = {
    "users": ["raw_anthropic_users"],
    "api_keys": ["raw_anthropic_api_keys"],
    "workspaces": ["raw_anthropic_workspaces"],
    "messages_usage": ["raw_anthropic_usage"],
    "account_usage": ["raw_anthropic_account_usage"],
    "cost_report": ["raw_anthropic_cost"],
    "analytics_cost": ["raw_anthropic_analytics_cost"],
    "analytics_usage": ["raw_anthropic_analytics_usage"],
    "claude_code": ["raw_claude_code_usage", "raw_claude_code_models"],
    "members": ["raw_cursor_members"],
    "groups": ["raw_cursor_groups"],
    "daily_usage": ["raw_cursor_usage"],
    "usage_events": ["raw_cursor_events"],
    "spend": ["raw_cursor_spend"],
}
WRITTEN_EVERY = 100
"""Every hundredth accepted response is also written to DuckDB, which is a hundred times slower."""


@dataclass
class Found:
    ended: dict[str, Counter[str]] = field(default_factory=dict)
    other_errors: list[str] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def fuzz(count: int, seed: int, folder: Path) -> Found:
    """Send this many mutated responses, spread over all endpoints."""
    found = Found()
    engine = DuckDBEngine(folder / "ai_usage.duckdb")
    responses = sandbox_responses(3)
    with in_process_clients() as clients:
        for n in range(count):
            endpoint = list(responses)[n % len(responses)]
            body = mutations.response(Random(f"{seed}-{n}"), responses[endpoint])
            ended = found.ended.setdefault(endpoint, Counter())
            started = time.perf_counter()
            try:
                tables = checked(clients, endpoint, body)
                ended["accepted"] += 1
                if ended["accepted"] % WRITTEN_EVERY == 0:
                    found.written.update(
                        map(_written, tables, [engine] * 2, TABLES.get(endpoint, []), [n] * 2)
                    )
            except (VendorError, InvalidRowsError) as error:
                ended[type(error).__name__] += 1
            except Exception:  # noqa: BLE001 - any other exception is a finding
                ended["OTHER ERROR"] += 1
                found.other_errors.append(f"{endpoint}, seed {seed}-{n}: {traceback.format_exc()[-600:]}")
            found.slowest = max(found.slowest, time.perf_counter() - started)
    return found


def checked(clients: InProcessClients, endpoint: str, body: bytes) -> list[pa.Table]:
    """The rows, after reading every value in them."""
    tables = clients.rows(endpoint, body)
    for table in tables:
        table.validate(full=True)
        table.to_pylist()
    return tables


def _written(rows: pa.Table, engine: DuckDBEngine, name: str, n: int) -> str:
    table: Table = BY_NAME[name]
    try:
        replace(engine, table, rows, DAYS if table.partition else None, WriteContext(f"fuzz-{n}", name))
    except AiUsageError as error:
        return type(error).__name__
    return "written"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m ai_usage_tests.stress.fuzz_responses", description=__doc__
    )
    parser.add_argument("--count", type=int, default=110_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    with TemporaryDirectory(prefix="fuzz_") as folder:
        found = fuzz(options.count, options.seed, Path(folder))
    seconds = time.monotonic() - started
    for endpoint, ended in found.ended.items():
        print(f"{endpoint:<16}" + ", ".join(f"{how} {n}" for how, n in ended.most_common()))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n{options.count} responses in {seconds:.0f} s, the slowest in {found.slowest:.2f} s; ", end="")
    print(f"peak memory {after >> 10} MiB, {before >> 10} at the start")
    print("written to DuckDB: " + ", ".join(f"{how} {n}" for how, n in found.written.most_common()))
    print("\n".join(found.other_errors[:5]) or "only errors of this project were raised")
    if found.other_errors:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
