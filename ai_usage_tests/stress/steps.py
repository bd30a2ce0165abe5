"""Steps: a write ends after each of its single statements in turn, so that no boundary is left to luck.

On DuckDB a statement is a call on the connection, transactions included; on BigQuery it is a request.
"""

import argparse
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import duckdb
from google.auth.transport.requests import AuthorizedSession

from ai_usage_tests.stress.kills import KILLS, Course, places, table
from ai_usage_tests.stress.writes import KINDS, Kind

STATEMENTS = {"execute", "begin", "commit", "rollback", "register", "unregister"}


class Died(BaseException):
    """No error that anybody handles: after it nothing more is said to the engine."""


class Life:
    """Lets so many statements through, and none after them."""

    def __init__(self, statements: int | None) -> None:
        self.left = statements
        self.lived = 0

    def step(self) -> None:
        if self.lived == self.left:
            raise Died
        self.lived += 1


class Connection:
    """DuckDB's, with a life."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, life: Life) -> None:
        self._connection = connection
        self._life = life

    def __getattr__(self, name: str) -> Any:
        if name in STATEMENTS:
            self._life.step()
        return getattr(self._connection, name)


@contextmanager
def living(statements: int | None = None) -> Iterator[Life]:
    """Whatever is said to either engine in the block counts, and ends after so many statements."""
    life, connect = Life(statements), duckdb.connect
    request: Any = AuthorizedSession.request

    def requested(session: AuthorizedSession, *given: Any, **named: Any) -> Any:
        life.step()
        return request(session, *given, **named)

    with (
        patch.object(duckdb, "connect", lambda path: Connection(connect(path), life)),
        patch.object(AuthorizedSession, "request", requested),
    ):
        yield life


def every_step(course: Course) -> int:
    """Break a write off after each of its statements; how many there are comes back."""
    statements = 0

    def broken(version: str) -> bool:
        with living(statements):
            try:
                course.kind.write(course.engine, version)
            except Died:
                return True
        return False

    course.begin(lambda course, version: course.kind.write(course.engine, version))
    while not course.ends["it was faster"]:
        course.break_off(broken)
        statements += 1
    return statements - 1


def steps(engine: str, kinds: tuple[Kind, ...] = KINDS) -> dict[str, Course]:
    """One course per kind of write, broken off at each of its statements."""
    with places(engine) as new_place:
        courses = {kind.name: Course(kind, new_place, random.Random(kind.name)) for kind in kinds}
        for course in courses.values():
            every_step(course)
    return courses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=KILLS, help="one engine only")
    given = parser.parse_args()
    for engine in [given.engine] if given.engine else KILLS:
        ends = {name: course.ends for name, course in steps(engine).items()}
        print(f"\n{engine}: broken off after each statement\n\n{table(ends)}\n", flush=True)


if __name__ == "__main__":
    main()
