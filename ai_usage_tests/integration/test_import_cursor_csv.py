"""`ai-usage import cursor-csv`: what a file of Cursor's dashboard becomes, what wins over it, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.cli.cursor_import import due
from ai_usage_assets.days import Days
from ai_usage_assets.forgotten import add
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.sources.cursor.records import UsageEvent
from ai_usage_assets.sources.cursor.rows import event_rows
from ai_usage_assets.sources.http.decode import EpochMillis
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.command import Done, ai_usage

HEADER = (
    "Date,User,Cloud Agent ID,Automation ID,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,"
    "Output Tokens,Total Tokens,Cost"
)
CHARGED = '"2026-11-03T09:30:00.125Z","Ann@example.com","","","On-Demand","gpt-5","No","40","10","300","20","370","0.25"'
INCLUDED = '"2026-11-03T10:00:00.000Z","ben@example.com","bc-1","","Included","auto","Yes","0","100","200","30","330","Included"'
# here the first column of input has all input that is not from the cache
OF_ALL_INPUT = '"2026-11-05T23:59:59.999Z","ann@example.com","","","Included","auto","No","1200","1000","5000","300","6500","$0.10"'
ERRORED = '"2026-11-05T08:00:00.000Z","","","","Errored, No Charge","","","","","","","","-"'
LINES = (CHARGED, CHARGED, INCLUDED, OF_ALL_INPUT, ERRORED)
OPEN_DAY = CHARGED.replace("2026-11-03", "2026-11-20")
COLUMNS = (
    *(
        "event_at",
        "email",
        "model",
        "kind",
        "max_mode",
        "cloud_agent_id",
        "input_tokens",
        "cache_write_tokens",
    ),
    *("cache_read_tokens", "output_tokens", "charged_usd", "occurrence", "source", "is_chargeable"),
)


class Folder:
    """A deployment without any key: a folder, its warehouse, and the command."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, path / "events.csv"
        self.engine = DuckDBEngine(path / "ai_usage.duckdb")
        self.env = {
            "AI_USAGE_DUCKDB_PATH": str(path / "ai_usage.duckdb"),
            "AI_USAGE_START_DATE": "2026-11-01",
            "DAGSTER_HOME": str(path / "dagster"),
        }

    def write(self, *lines: str, header: str = HEADER) -> None:
        self.file.write_text("\n".join([header, *lines, ""]), encoding="utf-8")

    def run(self) -> Done:
        self.engine.close()
        return ai_usage(f"import cursor-csv {self.file}", self.path, self.env)

    def fetch(self, sql: str) -> list[dict[str, Any]]:
        with self.engine.session() as session:
            rows: list[dict[str, Any]] = session.fetch(sql).to_pylist()
        return rows

    def content(self) -> list[str]:
        """Every row of what the import and the curated run write."""
        tables = ("raw_cursor_events", "load_log", "fct_cost_daily", "fct_usage_daily", "dim_users")
        return [repr(row) for name in tables for row in sorted(self.fetch(f"select * from {name}"), key=repr)]

    def days(self) -> dict[date, tuple[int, str | None]]:
        """By day, the calls and their source."""
        found = self.fetch(
            "select ingest_date, count(*) as calls, any_value(source) as source from raw_cursor_events group by 1"
        )
        return {row["ingest_date"]: (row["calls"], row["source"]) for row in found}

    def load_by_api(self, day: date, count: int) -> None:
        """Write as many calls as the API would."""
        at = EpochMillis(day.year, day.month, day.day, 12, tzinfo=UTC)
        events = [
            UsageEvent(timestamp=at, user_email="ann@example.com", kind="Usage-based", model="gpt-5",
                       charged_cents=Decimal(n + 1))
            for n in range(count)
        ]  # fmt: skip
        rows = event_rows([events], datetime.now(UTC))
        replace(self.engine, RAW_CURSOR_EVENTS, rows, Days.one(day), WriteContext(f"api-{count}", "write"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_file_becomes_calls_and_the_curated_tables_follow(folder: Folder) -> None:
    folder.write(*LINES, OPEN_DAY)
    done = folder.run()
    assert done.code == 0, done.text
    assert "Left out: 1 call after 2026-11-19, whose day is not over (UTC)." in done.text
    assert done.out == (
        "raw_cursor_events: 5 calls in the file; 2026-11-03...2026-11-05 written.\n"
        "The tables are computed for 2026-11-03...2026-11-05.\n"
    )
    rows = folder.fetch(f"select {', '.join(COLUMNS)} from raw_cursor_events order by event_at, occurrence")
    assert [tuple(row[name] for name in COLUMNS[1:]) for row in rows] == [
        ("ann@example.com", "gpt-5", "On-Demand", False, None, 10, 40, 300, 20, Decimal("0.25"), 1, "dashboard_csv", None),
        ("ann@example.com", "gpt-5", "On-Demand", False, None, 10, 40, 300, 20, Decimal("0.25"), 2, "dashboard_csv", None),
        ("ben@example.com", "auto", "Included", True, "bc-1", 100, 0, 200, 30, None, 1, "dashboard_csv", None),
        (None, None, "Errored, No Charge", None, None, None, None, None, None, None, 1, "dashboard_csv", None),
        ("ann@example.com", "auto", "Included", False, None, 1000, 200, 5000, 300, Decimal("0.1"), 1, "dashboard_csv", None),
    ]  # fmt: skip
    assert rows[0]["event_at"] == datetime(2026, 11, 3, 9, 30, 0, 125_000, tzinfo=UTC)
    assert folder.fetch("select cost_date, user_email, model, cost_type, cost_usd from fct_cost_daily") == [
        {
            "cost_date": date(2026, 11, 3),
            "user_email": "ann@example.com",
            "model": "gpt-5",
            "cost_type": "overage",
            "cost_usd": Decimal("0.5"),
        }
    ]
    assert folder.fetch(
        "select user_email, requests, included_value_usd as usd from agg_included_value order by 1"
    ) == [
        {"user_email": "ann@example.com", "requests": 1, "usd": Decimal("0.1")},
        {"user_email": "ben@example.com", "requests": 1, "usd": None},
    ]
    assert folder.fetch(
        "select day, state from load_log where table_name = 'raw_cursor_events' order by day"
    ) == [
        {"day": date(2026, 11, 3), "state": "rows"},
        {"day": date(2026, 11, 4), "state": "empty"},
        {"day": date(2026, 11, 5), "state": "rows"},
    ]

    before = folder.content()
    again = folder.run()
    assert again.code == 0
    assert again.out == (
        "raw_cursor_events: 5 calls in the file; no day written.\n"
        "Imported before, and the same: 2026-11-03...2026-11-05.\n"
        "Nothing to compute: the tables have all of 2026-11-03...2026-11-05.\n"
    )
    assert folder.content() == before

    # the file of a later day, with a call more on the 3rd and one less on the 5th
    folder.write(*LINES[:4], CHARGED)
    shorter = folder.run()
    assert shorter.code == 0, shorter.text
    assert "2026-11-03 written" in shorter.out
    assert (
        "The file lacks calls of 2026-11-05 that an earlier import has; these days stay as they are."
        in shorter.text
    )
    assert folder.days() == {date(2026, 11, 3): (4, "dashboard_csv"), date(2026, 11, 5): (2, "dashboard_csv")}
    [cost] = folder.fetch("select cost_usd from fct_cost_daily")
    assert cost["cost_usd"] == Decimal("0.75")


def test_a_day_that_two_files_share_has_the_calls_of_both(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ai_usage_assets.cli import import_

    monkeypatch.setattr(import_, "_compute", lambda *_: 0)
    first, second, third, fourth = (CHARGED.replace("T09:30", f"T{hour}:00") for hour in (10, 11, 12, 13))
    of_the_day_before = CHARGED.replace("11-03", "11-02")
    files = ((of_the_day_before, first, second), (third, fourth, OF_ALL_INPUT))
    for lines in (*files, *files):
        folder.write(*lines)
        done = folder.run()
        assert done.code == 0, done.text
    assert "no day written" in done.out
    shared = {
        date(2026, 11, 2): (1, "dashboard_csv"),
        date(2026, 11, 3): (4, "dashboard_csv"),
        date(2026, 11, 5): (1, "dashboard_csv"),
    }
    assert folder.days() == shared

    # a restated amount within the file replaces what was imported, and a call that it lacks is not lost
    folder.write(second.replace('"0.25"', '"0.75"'), third)
    assert "2026-11-03 written" in folder.run().out
    assert folder.fetch(
        "select sum(charged_usd) as usd from raw_cursor_events where ingest_date = date '2026-11-03'"
    ) == [{"usd": Decimal("1.5")}]
    folder.write(first, third, third, third)
    assert "The file lacks calls of 2026-11-03 that an earlier import has" in folder.run().text
    assert folder.days() == shared


def test_calls_without_amounts_do_not_replace_those_of_an_earlier_import(folder: Folder) -> None:
    folder.write(CHARGED)
    assert folder.run().code == 0
    before = folder.content()

    folder.write(CHARGED.replace('"0.25"', '"Included"'))
    for _ in range(2):
        done = folder.run()
        assert done.code == 0, done.text
        assert "no day written." in done.out
        assert "Nothing to compute" in done.out
        assert (
            "The file has no amounts or no tokens for 2026-11-03, and an earlier import has some; these days stay as they "
            "are. To replace them by what the file has, run the command with AI_USAGE_REPLACE_WITH_NOTHING=true."
        ) in done.text
        assert folder.content() == before

    folder.env["AI_USAGE_REPLACE_WITH_NOTHING"] = "true"
    done = folder.run()
    assert done.code == 0, done.text
    assert "2026-11-03 written." in done.out
    assert folder.fetch("select charged_usd, input_tokens from raw_cursor_events") == [
        {"charged_usd": None, "input_tokens": 10}
    ]
    assert folder.fetch("select cost_usd from fct_cost_daily where cost_usd != 0") == []
    del folder.env["AI_USAGE_REPLACE_WITH_NOTHING"]
    assert "Imported before, and the same" in folder.run().out


def test_a_forgotten_person_in_a_file_is_not_stored(folder: Folder) -> None:
    add(folder.path / "identity", ["ann@example.com"], date(2026, 11, 19))
    folder.write(CHARGED)
    done = folder.run()
    assert done.code == 0, done.text
    assert folder.fetch("select email from raw_cursor_events") == [{"email": "forgotten-1"}]
    assert folder.fetch("select user_email, cost_usd from fct_cost_daily") == [
        {"user_email": "unattributed", "cost_usd": Decimal("0.25")}
    ]


def test_the_apis_rows_win_and_a_computation_that_was_cut_off_is_repeated(folder: Folder) -> None:
    folder.load_by_api(date(2026, 11, 3), 1)
    folder.write(*LINES)
    from ai_usage_assets.cli import import_

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_, "_compute", lambda *_: 130)
        done = folder.run()
    assert done.code == 130
    assert "The API has loaded calls of 2026-11-03; these days keep them." in done.text
    assert folder.days() == {date(2026, 11, 3): (1, None), date(2026, 11, 5): (2, "dashboard_csv")}

    again = folder.run()
    assert again.code == 0, again.text
    assert "Imported before, and the same: 2026-11-04...2026-11-05." in again.out
    assert "The tables are computed for 2026-11-03...2026-11-05." in again.out
    assert due(folder.engine, Days(date(2026, 11, 3), date(2026, 11, 5))) == []

    folder.load_by_api(date(2026, 11, 5), 3)
    assert folder.days() == {date(2026, 11, 3): (1, None), date(2026, 11, 5): (3, None)}
    assert due(folder.engine, Days(date(2026, 11, 3), date(2026, 11, 5))) == [date(2026, 11, 5)]


@pytest.mark.parametrize(
    ("lines", "header", "message"),
    [
        ((CHARGED,), HEADER.replace("User,", ""), "line 1, column User: the column is missing."),
        ((CHARGED,), HEADER.replace("Cost", "Kosten"), "line 1, column Kosten: unknown column; known are Date, User,"),
        ((CHARGED,), HEADER.replace("Cost", "Cost ($)"), "line 1, column Cost ($): unknown column; known are Date, User,"),
        ((HEADER, CHARGED), "sep=,", "line 1: the line only names the separator; delete it."),
        ((CHARGED,), HEADER.replace(",", ";"), "line 1, column Date: the file is separated by semicolons; save it with"),
        ((INCLUDED, CHARGED.replace('"0.25"', '"0,25"')), HEADER, "line 3, column Cost: the amount has a comma;"),
        ((CHARGED.replace('"0.25"', "0,25"),), HEADER, "line 2, column Cost: there are 14 values for 13 columns."),
        ((CHARGED.replace('"300"', '"1,300"'),), HEADER, "line 2, column Cache Read: this is not a whole number without"),
        ((CHARGED.replace("2026-11-03T09:30:00.125Z", "03.11.2026 09:30"),), HEADER, "line 2, column Date: this is not an"),
        ((CHARGED.replace("T09:30", "T29:30"),), HEADER, "line 2, column Date: this is not an instant in UTC"),
        ((CHARGED.replace("Ann@example.com", "Ann Lee"),), HEADER, "line 2, column User: this is not an e-mail."),
        ((CHARGED, CHARGED.replace('"gpt-5"', '"gpt"5')), HEADER, "line 3: a quotation mark is not closed or is not at the"),
        ((CHARGED.replace("On-Demand", ""),), HEADER, "line 2, column Kind: a value is needed."),
        ((CHARGED.replace('"No"', '"Nein"'),), HEADER, "line 2, column Max Mode: this is neither Yes nor No."),
        ((CHARGED.replace("2026-11", "2026-10"),), HEADER, "has calls of 2026-10-03, and the first day is 2026-11-01."),
        ((OPEN_DAY,), HEADER, "has no call of a day that is over. Nothing was written."),
        ((), HEADER, "has no call of a day that is over. Nothing was written."),
        ((), "", "line 1, column Date: the column is missing."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_writes_nothing(
    folder: Folder, lines: tuple[str, ...], header: str, message: str
) -> None:
    folder.write(*lines, header=header)
    done = folder.run()
    assert (done.code, done.out) == (1, "")
    assert done.text.startswith(f"error: {folder.file}")
    assert message in done.text
    assert " written." in done.text
    assert not (folder.path / "ai_usage.duckdb").exists()
    assert "Ann" not in done.text
