"""Interrupt a write after each of its statements in turn, so that every boundary between statements is tested.

On DuckDB a statement is a call on the connection, transactions included. On BigQuery it is a request.
"""

import argparse
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import duckdb
from google.auth.transport.requests import AuthorizedSession

from ai_usage_tests.stress.killed_writes import KILLS, Scenario, engine_factories, table
from ai_usage_tests.stress.write_kinds import WRITE_KINDS, WriteKind

COUNTED_CALLS = {"execute", "begin", "commit", "rollback", "register", "unregister"}


class InterruptedWriteError(BaseException):
    """The write was interrupted. It is a BaseException, so that no handler catches it."""


class StatementLimit:
    """Allows a number of statements, and raises for each one after them."""

    def __init__(self, statements: int | None) -> None:
        self.allowed = statements
        self.executed = 0

    def step(self) -> None:
        if self.executed == self.allowed:
            raise InterruptedWriteError
        self.executed += 1


class Connection:
    """A DuckDB connection whose statements are limited."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limit: StatementLimit) -> None:
        self._connection = connection
        self._life = limit

    def __getattr__(self, name: str) -> Any:
        if name in COUNTED_CALLS:
            self._life.step()
        return getattr(self._connection, name)


@contextmanager
def limited_statements(statements: int | None = None) -> Iterator[StatementLimit]:
    """Count the statements to either engine inside the block, and interrupt after the given number."""
    limit, connect = StatementLimit(statements), duckdb.connect
    request: Any = AuthorizedSession.request

    def limited_request(session: AuthorizedSession, *args: Any, **options: Any) -> Any:
        limit.step()
        return request(session, *args, **options)

    with (
        patch.object(duckdb, "connect", lambda path: Connection(connect(path), limit)),
        patch.object(AuthorizedSession, "request", limited_request),
    ):
        yield limit


def interrupt_each_statement(scenario: Scenario) -> int:
    """Interrupt a write after each of its statements, and return how many statements it has."""
    statements = 0

    def was_interrupted(version: str) -> bool:
        # the connection that is kept from an earlier session would not be limited, and that of the write must not be kept
        scenario.engine.close()
        with limited_statements(statements):
            try:
                scenario.kind.write(scenario.engine, version)
            except InterruptedWriteError:
                return True
            finally:
                scenario.engine.close()
        return False

    scenario.prepare(lambda scenario, version: scenario.kind.write(scenario.engine, version))
    while not scenario.outcomes["finished first"]:
        scenario.interrupt(was_interrupted)
        statements += 1
    return statements - 1


def interrupt_all(engine: str, kinds: tuple[WriteKind, ...] = WRITE_KINDS) -> dict[str, Scenario]:
    """One scenario per kind of write, interrupted after each of its statements."""
    with engine_factories(engine) as new_factory:
        scenarios = {kind.name: Scenario(kind, new_factory, random.Random(kind.name)) for kind in kinds}
        for scenario in scenarios.values():
            interrupt_each_statement(scenario)
    return scenarios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=KILLS, help="one engine only")
    options = parser.parse_args()
    for engine in [options.engine] if options.engine else KILLS:
        outcomes = {name: scenario.outcomes for name, scenario in interrupt_all(engine).items()}
        print(f"\n{engine}: interrupted after each statement\n\n{table(outcomes)}\n", flush=True)


if __name__ == "__main__":
    main()
