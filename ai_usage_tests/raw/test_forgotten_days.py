"""A day that Cursor has forgotten keeps its rows, whoever asks for it again and whatever Cursor answers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.sandbox.faults import Fault
from ai_usage_assets.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb import DuckDBEngine
from ai_usage_tests.graph import environment, materialise, refusals

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLDEST_TOLD = date(2026, 11, 12)
KEPT = {"CURSOR_RETENTION_DAYS": "8"}
ALL = Days(date(2026, 11, 10), date(2026, 11, 13))
FORGOTTEN = Days(ALL.first, OLDEST_TOLD - ONE_DAY)
TOLD = Days(OLDEST_TOLD, ALL.last)
ACTIVITY, EVENTS = "raw_cursor_usage", "raw_cursor_events"
DAILY = "/teams/daily-usage-data"

Rows = dict[tuple[str, date], int]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of the days while Cursor told them all."""
    folder = tmp_path_factory.mktemp("landed")
    with running(now=NOW) as sandbox:
        env = environment(sandbox, DuckDBEngine(folder / "ai_usage.duckdb"), folder)
        assert materialise(env, ALL, f"{ACTIVITY},{EVENTS}", clock=lambda: NOW).success
    return folder / "ai_usage.duckdb"


@pytest.fixture(scope="module")
def forgetful() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        for day in FORGOTTEN:
            sandbox.empty(day, "cursor")
        yield sandbox


class Cursor:
    """The warehouse, and a vendor that answers for the older days as if nobody had done anything."""

    def __init__(self, sandbox: Sandbox, file: Path) -> None:
        self.sandbox, self.engine = sandbox, DuckDBEngine(file)
        self.env = environment(sandbox, self.engine, file.parent) | KEPT

    def run(self, days: Days, *tables: str, **tags: str) -> dict[str, str]:
        """What each failed step said."""
        given = {f"ai_usage/{name}": value for name, value in tags.items()}
        chosen = ",".join(tables or (ACTIVITY, EVENTS))
        return refusals(materialise(self.env, days, chosen, clock=lambda: NOW, tags=given))

    def rows(self) -> Rows:
        with self.engine.session() as session:
            return {
                (table, row["day"]): row["n"]
                for table in (ACTIVITY, EVENTS)
                for row in session.fetch(
                    f"select ingest_date as day, count(*) as n from {table} group by 1"
                ).to_pylist()
            }


@pytest.fixture
def cursor(forgetful: Sandbox, landed: Path, tmp_path: Path) -> Iterator[Cursor]:
    copyfile(landed, tmp_path / "ai_usage.duckdb")
    yield Cursor(forgetful, tmp_path / "ai_usage.duckdb")
    forgetful.faults.clear()


def test_forgotten_days_are_kept_and_nothing_of_their_window_is_written(cursor: Cursor) -> None:
    before = cursor.rows()

    said = cursor.run(ALL)

    assert set(said) == {ACTIVITY, EVENTS}
    assert cursor.rows() == before


def test_the_refusal_says_which_days_what_is_kept_and_what_to_do(cursor: Cursor) -> None:
    assert cursor.run(ALL, EVENTS)[EVENTS].split(": ", 1)[1].strip() == (
        "raw_cursor_events has 2026-11-10...2026-11-11, and the vendor's answer holds nothing for these days: its "
        "history begins at 2026-11-12, so nobody could fetch them again. They are kept, and nothing of "
        "2026-11-10...2026-11-13 was written. Begin the range at 2026-11-12; if they are to go, run it with the tag "
        "ai_usage/replace_with_nothing = true."
    )


def test_an_answer_of_zeros_for_everybody_is_no_answer_either(cursor: Cursor) -> None:
    day = FORGOTTEN.first
    before = cursor.rows()

    def nobody_did_anything(said: dict[str, Any], _: object) -> None:
        said["data"] = [
            {
                "userId": "user_a",
                "email": "a@example.com",
                "day": str(day),
                "date": 1794268800000,
                "isActive": False,
            }
        ]

    cursor.sandbox.faults.next(DAILY, Fault(spoil=nobody_did_anything))

    assert "nobody could fetch them again" in cursor.run(Days.one(day), ACTIVITY)[ACTIVITY]
    assert cursor.rows() == before


def test_days_that_cursor_still_tells_are_replaced_as_ever_and_may_become_empty(cursor: Cursor) -> None:
    before, emptied = cursor.rows(), TOLD.first
    with running(now=NOW) as sandbox:
        sandbox.empty(emptied, "cursor")
        cursor.env |= environment(sandbox, cursor.engine, Path(cursor.env["AI_USAGE_IDENTITY_DIR"]).parent)
        assert cursor.run(TOLD) == {}

    assert cursor.rows() == {key: n for key, n in before.items() if key[1] != emptied}


def test_forgotten_days_that_were_never_here_land_as_empty_ones(cursor: Cursor) -> None:
    with cursor.engine.session() as session:
        for table in (ACTIVITY, EVENTS):
            session.execute(f"delete from {table} where ingest_date < date '{OLDEST_TOLD}'")
    before = cursor.rows()

    assert cursor.run(ALL) == {}
    assert cursor.rows() == before


def test_a_person_who_says_so_replaces_them_by_nothing(cursor: Cursor) -> None:
    assert cursor.run(ALL, replace_with_nothing="true") == {}

    assert {day for _, day in cursor.rows()} == set(TOLD)
