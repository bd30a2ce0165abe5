"""What the verbs of `ai-usage` answer to bad input: a sentence, an exit code, and nothing half-written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ai_usage_assets.cli import owners
from ai_usage_assets.cli.spend import DIMENSIONS
from ai_usage_assets.cli.spend_rows import statement
from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.sql import day
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.command import ai_usage
from ai_usage_tests.support.harness import DAY, Harness

KEY = {"CURSOR_ADMIN_API_KEY": "key_0001"}
NO_KEY = "error: No vendor has a key, so nothing can be loaded. Set ANTHROPIC_ADMIN_API_KEY or CURSOR_ADMIN_API_KEY in .env."
LOAD = "Load days with `ai-usage fetch`, or let `ai-usage up` load them."
NO_WAREHOUSE = (
    f"error: There is no warehouse yet: the DuckDB file .local/ai_usage.duckdb does not exist. {LOAD}"
)
OVER = "Nothing was asked or written"
NO_RETENTION = (
    "error: AI_USAGE_PERSONAL_RETENTION_DAYS is not set, so no address is too old. "
    "Set AI_USAGE_PERSONAL_RETENTION_DAYS=400 in .env."
)
PSEUDONYM_KEY = {"AI_USAGE_PSEUDONYM_KEY": "x" * 32}


def of(option: str, said: str) -> str:
    return f"Error: Invalid value for '{option}': {said}"


@pytest.mark.parametrize(
    ("line", "env", "code", "said"),
    [
        ("fetch --from 2026-11-01", {}, 1, NO_KEY),
        ("doctor --shapes", {}, 1, NO_KEY),
        ("fetch --from yesterday", {}, 2, of("--from", "'yesterday' is not a day like 2026-10-31.")),
        ("fetch --from 2026-02-01 --to 2026-02-30", {}, 2, of("--to", "'2026-02-30' is not a day like 2026-10-31.")),
        (f"fetch --from {'x' * 50}", {}, 2, of("--from", f"'{'x' * 40}' is not a day like 2026-10-31.")),
        ("fetch --from 2026-11-02 --to 2026-11-01", KEY, 2, "Error: The last day, 2026-11-01, is before the first, 2026-11-02."),
        ("fetch --from 2026-11-20", KEY, 2, "Error: The last day, 2026-11-19, is before the first, 2026-11-20."),
        ("fetch --from 2026-11-20 --to 2026-11-20", KEY, 1, f"error: 2026-11-20 cannot be fetched: 2026-11-20 is not over, and the last closed day is 2026-11-19 (UTC). {OVER}; end the range there."),
        ("fetch --from 2024-11-20", KEY, 1, f"error: 2024-11-20...2026-11-19 cannot be fetched: the first day is 2025-01-01. {OVER}; begin there, or set AI_USAGE_START_DATE to an earlier day."),
        ("fetch --from 2026-11-01", {"AI_USAGE_START_DATE": "soon"}, 1, "error: AI_USAGE_START_DATE is 'soon', which is not a date like 2025-01-01"),
        ("fetch --from 2026-11-01", {**KEY, "DAGSTER_HOME": "/etc/hostname/x"}, 1, "error: Dagster's records cannot be kept in /etc/hostname/x: Not a directory. Set DAGSTER_HOME to a folder that this user may write."),
        ("import cursor-csv none.csv", {}, 2, of("FILE", "File 'none.csv' does not exist.")),
        ("close 2026-11", {}, 1, "error: 2026-11 is not over: it ends on 2026-11-30 (UTC), and the newest month that is over is 2026-10. Nothing was written."),
        ("close 2024-11", {}, 1, "error: 2024-11 begins before the first whole month there is, 2025-01. Nothing was written; set AI_USAGE_START_DATE to an earlier day, and load the days first."),
        ("close 2026-10", {}, 1, NO_WAREHOUSE),
        ("close october", {}, 2, of("MONTH", "'october' is not a month like 2026-10.")),
        (f"close {'x' * 50}", {}, 2, of("MONTH", f"'{'x' * 40}' is not a month like 2026-10.")),
        ("spend --by team --month 1899-12", {}, 2, of("--month", "'1899-12' is not a month like 2026-10.")),
        ("spend --by team --month 2026-13", {}, 2, of("--month", "'2026-13' is not a month like 2026-10.")),
        ("spend --by team --csv --json", {}, 2, "Error: Use --csv or --json, not both."),
        ("spend --by team", {}, 1, NO_WAREHOUSE),
        ("spend --by team", {"AI_USAGE_REPORT_NAMES": "maybe"}, 1, "error: AI_USAGE_REPORT_NAMES is 'maybe', which is neither true nor false"),
        ("budget", {}, 1, NO_WAREHOUSE),
        ("budget --check --propose", {}, 2, "Error: Use --check or --propose, not both."),
        ("keys", {}, 2, "Error: Missing option '--unowned'."),
        ("keys --unowned", {}, 1, NO_WAREHOUSE),
        ("report", {}, 1, NO_WAREHOUSE),
        ("report --month 2026-12", {}, 1, "error: 2026-12 has not begun. Give an earlier month."),
        ("report --month 2026-10", {"AI_USAGE_DUCKDB_PATH": "/etc/hostname/x.duckdb"}, 1, "error: the DuckDB file /etc/hostname/x.duckdb cannot be opened for writing. Check the folder's rights, or set AI_USAGE_DUCKDB_PATH to a file that can be written."),
        ("export focus", {}, 1, NO_WAREHOUSE),
        ("export focus --focus-version 1.1", {}, 2, of("--focus-version", "'1.1' is not one of '1.3', '1.2'.")),
        ("export focus --format xml", {}, 2, of("--format", "'xml' is not one of 'csv', 'parquet'.")),
        ("forget ann", {}, 2, "Error: EMAIL is not an e-mail address."),
        ("forget @x", {}, 2, "Error: EMAIL is not an e-mail address."),
        ("forget a@", {}, 2, "Error: EMAIL is not an e-mail address."),
        ("forget a@b@c", {}, 2, "Error: EMAIL is not an e-mail address."),
        ("pseudonyms", {}, 1, NO_WAREHOUSE),
        ("pseudonyms --clear-old", {}, 1, NO_RETENTION),
        ("pseudonyms --clear-old", PSEUDONYM_KEY, 1, NO_RETENTION),
        ("pseudonyms --clear-old", {**PSEUDONYM_KEY, "AI_USAGE_PERSONAL_RETENTION_DAYS": "400"}, 1, NO_WAREHOUSE),
        ("up --port 0", {}, 2, of("--port", "0 is not in the range 1<=x<=65535.")),
        ("lunch", {}, 2, "Error: No such command 'lunch'."),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_and_writes_nothing(
    tmp_path: Path, line: str, env: dict[str, str], code: int, said: str
) -> None:
    done = ai_usage(line, tmp_path, env)
    assert (done.code, done.out) == (code, "")
    *usage, last = done.text.splitlines()
    assert last == said
    # click names the verb and its help
    assert len(usage) == (3 if code == 2 else 0)
    assert list(tmp_path.iterdir()) == []


def test_the_last_day_is_one_that_is_final_at_every_vendor(tmp_path: Path) -> None:
    for hour, last in ((0, "2026-11-18"), (1, "2026-11-19")):
        done = ai_usage("fetch --from 2026-11-20", tmp_path, KEY, datetime(2026, 11, 20, hour, tzinfo=UTC))
        assert f"Error: The last day, {last}, is before the first, 2026-11-20.\n" in done.text


def test_tables_that_do_not_exist_yet_are_named(tmp_path: Path) -> None:
    DuckDBEngine(tmp_path / "w.duckdb").close()
    with DuckDBEngine(tmp_path / "w.duckdb").session() as session:
        session.execute("create table load_log (day date)")
    env = {"AI_USAGE_DUCKDB_PATH": "w.duckdb"}
    for line, table in (
        *(("spend --by team --names", "v_cost"), ("spend --by team", "agg_report_people")),
        *(("export focus", "focus_cost_and_usage"), ("keys --unowned", "dim_api_keys")),
        *(("budget", "fct_cost_daily"), ("budget --propose", "fct_cost_daily")),
    ):
        done = ai_usage(line, tmp_path, env)
        assert (done.code, done.text) == (
            1,
            f"error: The table ai_usage.{table} does not exist yet. {LOAD}\n",
        )


def test_a_file_of_owners_in_another_encoding_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "identity").mkdir()
    file = tmp_path / "identity" / "api_key_owners.csv"
    file.write_text("api_key_id,email,purpose,valid_from,valid_to\nk,a@x.org,Büro,,\n", encoding="latin-1")
    done = ai_usage("keys --unowned", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "api_key_owners.csv, line 2: the file is not UTF-8 text; save it as UTF-8." in done.text


def test_a_wrong_key_is_said_once_a_table_and_the_rest_is_loaded(harness: Harness) -> None:
    done = ai_usage(
        f"fetch --from {DAY} --to {DAY}", harness.folder, {**harness.env, "CURSOR_ADMIN_API_KEY": "key_0001"}
    )
    assert done.code == 1
    assert (
        "error: raw_cursor_usage: Cursor refused the key (/teams/daily-usage-data, HTTP 401): check that "
        "CURSOR_ADMIN_API_KEY holds a current team key; the Read-only scope is enough.\n"
    ) in done.text
    assert f"Not loaded for all of {DAY}: raw_cursor_events, " in done.text
    assert "Written days are kept." in done.text
    assert harness.rows("raw_anthropic_usage", "distinct ingest_date") == [{"ingest_date": DAY}]


def test_every_statement_is_what_bigquery_accepts(gate: Gate) -> None:
    statements = [statement(by, Days.one(DAY)) for by in DIMENSIONS]
    for sql in (*statements, owners.KEYS.format(since=day(DAY)), owners.EARLIER, owners.PEOPLE):
        assert gate.refusal(sql) is None
