"""What the verbs of `ai-usage` answer to bad input: a sentence, an exit code, and nothing half-written."""

from pathlib import Path

import pytest

from ai_usage_assets.cli import owners
from ai_usage_assets.cli.spend import DIMENSIONS
from ai_usage_assets.cli.spend_rows import statement
from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.sql import day
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.command import ai_usage
from ai_usage_tests.support.harness import DAY, Harness

NO_KEY = "error: No vendor has a key, so nothing can be loaded. Set ANTHROPIC_ADMIN_API_KEY or CURSOR_ADMIN_API_KEY in .env.\n"
NO_WAREHOUSE = "error: There is no warehouse yet: the DuckDB file .local/ai_usage.duckdb does not exist."


@pytest.mark.parametrize(
    ("line", "env", "code", "said"),
    [
        ("fetch --from 2026-11-01", {}, 1, NO_KEY),
        ("doctor --shapes", {}, 1, NO_KEY),
        ("fetch --from yesterday", {}, 2, "'yesterday' is not a day like 2026-10-31."),
        ("fetch --from 2026-11-02 --to 2026-11-01", {"CURSOR_ADMIN_API_KEY": "key_0001"}, 2, "is before the first, 2026-11-02."),
        ("fetch --from 2026-11-20 --to 2026-11-20", {"CURSOR_ADMIN_API_KEY": "key_0001"}, 1, "2026-11-20 is not over"),
        ("fetch --from 2024-11-20", {"CURSOR_ADMIN_API_KEY": "key_0001"}, 1, "the first day is 2025-01-01"),
        ("fetch --from 2026-11-01", {"AI_USAGE_START_DATE": "soon"}, 1, "AI_USAGE_START_DATE is 'soon', which is not a date"),
        ("fetch --from 2026-11-01", {"CURSOR_ADMIN_API_KEY": "key_0001", "DAGSTER_HOME": "/etc/hostname/x"}, 1, "cannot be kept in /etc/hostname/x"),
        ("close 2026-11", {}, 1, "2026-11 is not over"),
        ("close 2024-11", {}, 1, "2024-11 begins before the first whole month there is"),
        ("close 2026-10", {}, 1, NO_WAREHOUSE),
        ("close october", {}, 2, "'october' is not a month like 2026-10."),
        ("keys", {}, 2, "Missing option '--unowned'"),
        ("keys --unowned", {}, 1, NO_WAREHOUSE),
        ("report", {}, 1, NO_WAREHOUSE),
        ("report --month 2026-12", {}, 1, "2026-12 has not begun."),
        ("report --month 2026-10", {"AI_USAGE_DUCKDB_PATH": "/etc/hostname/x.duckdb"}, 1, "cannot be opened for writing"),
        ("spend --by team", {"AI_USAGE_REPORT_NAMES": "maybe"}, 1, "AI_USAGE_REPORT_NAMES is 'maybe', which is neither true nor false"),
        ("up --port 0", {}, 2, "0 is not in the range"),
        ("lunch", {}, 2, "No such command 'lunch'"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_and_writes_nothing(
    tmp_path: Path, line: str, env: dict[str, str], code: int, said: str
) -> None:
    done = ai_usage(line, tmp_path, env)
    assert (done.code, done.out) == (code, "")
    assert said in done.text
    assert "Traceback" not in done.text
    assert list(tmp_path.iterdir()) == []


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


def test_every_statement_is_what_bigquery_accepts() -> None:
    gate = Gate()
    statements = [statement(by, Days.one(DAY)) for by in DIMENSIONS]
    for sql in (*statements, owners.KEYS.format(since=day(DAY)), owners.EARLIER, owners.PEOPLE):
        assert gate.refusal(sql) is None
