"""What bad input gets: one clear sentence, a failed run, and nothing written."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.warehouse.duckdb import file as duckdb_file
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.errors import WarehouseBusyError
from ai_usage_tests.support.harness import Harness, step_errors

pytestmark = pytest.mark.slow

DAY = Days.one(date(2026, 11, 18))
USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"
EVENTS = "/teams/filtered-usage-events"


# keys


def test_the_tables_of_a_vendor_without_a_key_are_external_assets_and_the_rest_runs(harness: Harness) -> None:
    harness.env["CURSOR_ADMIN_API_KEY"] = ""
    with harness.code_location() as defs:
        graph = defs.resolve_asset_graph()
        external = {key.path[-1] for key in graph.external_asset_keys}
    assert external == {
        *("raw_cursor_usage", "raw_cursor_events", "raw_cursor_members", "raw_cursor_groups"),
        *("raw_cursor_spend", "raw_cursor_open_day"),
        *("raw_list_changes", "load_log"),
        *("raw_anthropic_analytics_cost", "raw_anthropic_analytics_usage"),
        "closed_months",
        "fct_restatements",
        "pseudonyms",
        "seen_values",
    }
    assert harness.materialize("*", DAY).success
    assert len(harness.rows("raw_anthropic_usage")) > 0
    assert len(harness.rows("fct_usage_daily")) > 0


def test_without_any_key_the_code_location_still_loads(harness: Harness) -> None:
    with harness.code_location(env={"CURSOR_ADMIN_API_KEY": "", "ANTHROPIC_ADMIN_API_KEY": ""}) as defs:
        dg.Definitions.validate_loadable(defs)


@pytest.mark.parametrize(
    ("variable", "table", "path"),
    [
        ("ANTHROPIC_ADMIN_API_KEY", "raw_anthropic_usage", USAGE),
        ("CURSOR_ADMIN_API_KEY", "raw_cursor_events", EVENTS),
    ],
)
def test_a_wrong_key_is_named_by_its_variable_and_not_retried(
    harness: Harness, sandbox: Sandbox, variable: str, table: str, path: str
) -> None:
    result = harness.materialize(table, DAY, env={variable: "sk-not-the-key"})
    assert variable in step_errors(result)[table]
    assert "sk-not-the-key" not in str([event.message for event in result.all_events])
    assert harness.sandbox.requests[path] == 1
    assert len(harness.rows(table)) == 0


# settings


def test_a_start_date_in_the_future_is_refused_with_the_newest_day_there_is(harness: Harness) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    with pytest.raises(SettingError, match=r"AI_USAGE_START_DATE is .* newest day that is over is"):
        Settings.from_env({**harness.env, "AI_USAGE_START_DATE": str(tomorrow)})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AI_USAGE_START_DATE", "01.02.2026"),
        ("CURSOR_REQUESTS_PER_MINUTE", "many"),
        ("CURSOR_REQUESTS_PER_MINUTE", "0"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(harness: Harness, variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{variable} is '{re.escape(value)}'"):
        Settings.from_env({**harness.env, variable: value})


def test_a_base_url_that_would_send_the_key_unencrypted_is_refused_before_anything_runs(
    harness: Harness,
) -> None:
    with (
        pytest.raises(SettingError, match="CURSOR_ADMIN_BASE_URL"),
        harness.code_location(env={"CURSOR_ADMIN_BASE_URL": "http://cursor.example"}),
    ):
        pass


# identity


READ_BY = {
    "invoices.csv": "fct_invoice_reconciliation",
    "fx.csv": "agg_monthly_rates",
    "budgets.csv": "fct_budget_daily",
}
"""The view that reads a file which no fact reads."""
MALFORMED = {
    "people.csv": (
        "identity_people",
        "email,name\n",
        r"people\.csv, line 1, column name: unknown column",
    ),
    "api_key_owners.csv": (
        "identity_api_key_owners",
        "api_key_id,email,purpose,valid_from,valid_to,actor_type\nk,a@x.org,,,,robot\n",
        r"api_key_owners\.csv, line 2, column actor_type: this is not one of person, service",
    ),
    "seats.csv": (
        "identity_seats",
        "platform,usd_per_seat_month,seats,billing_day,valid_from,valid_to\nclaude_code,5,3,31,,\n",
        r"seats\.csv, line 2, column billing_day: this is not a day of the month from 1 to 28",
    ),
    "invoices.csv": (
        "identity_invoices",
        (
            "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note\n"
            "copilot,I1,2026-11-01,2026-10-01,2026-10-31,usage,1.00,\n"
        ),
        r"invoices\.csv, line 2, column platform: this is not one of cursor, claude_code, anthropic",
    ),
    "fx.csv": (
        "identity_fx",
        'month,currency,rate\n2026-10,EUR,"0,92"\n',
        r"fx\.csv, line 2, column rate: the comma is read as a decimal separator",
    ),
    "budgets.csv": (
        "identity_budgets",
        "scope,name,usd_per_month,valid_from,valid_to\ndepartment,Enginering,100.00,,\n",
        r"budgets\.csv, line 2, column name: no row of people\.csv has this department",
    ),
    "seat_tiers.csv": (
        "identity_seat_tiers",
        "platform,email,tier,valid_from,valid_to\ncursor,a@x.org,free,,\ncursor,a@x.org,free,2026-01-01,\n",
        r"seat_tiers\.csv, line 3, column valid_from: the period overlaps the one of line 2",
    ),
}


# the tiers of seats are read with the seats, whose refusal comes first
ALONE = ["people.csv", "invoices.csv", "seat_tiers.csv"]


@pytest.mark.parametrize(
    "files",
    [*([name] for name in ALONE), [name for name in MALFORMED if name not in ALONE]],
    ids=[*ALONE, "all others"],
)
def test_a_malformed_identity_file_fails_its_own_asset_and_the_assets_after_it(
    harness: Harness, tmp_path: Path, files: list[str]
) -> None:
    (tmp_path / "identity").mkdir()
    for name in files:
        (tmp_path / "identity" / name).write_text(MALFORMED[name][1], encoding="utf-8")

    result = harness.materialize("*", DAY)

    said = {MALFORMED[name][0]: MALFORMED[name][2] for name in files}
    if "people.csv" in files:
        # both tables of people.csv say the same
        said["identity_aliases"] = said["identity_people"]
    failed = step_errors(result)
    assert failed.keys() == said.keys()
    assert [table for table in failed if not re.search(said[table], failed[table])] == []
    assert [table for table in failed if harness.rows(table)] == []
    # no fact is made of the invoices, only the view that compares them with the cost
    after = {READ_BY.get(name, "fct_cost_daily") for name in files}
    written = {
        event.asset_key.to_user_string()
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert after.isdisjoint(written)
    assert (
        bool(harness.rows("fct_cost_daily")) is ("fct_cost_daily" in written) is (files == ["invoices.csv"])
    )
    assert len(harness.rows("raw_cursor_events")) > 0


# the warehouse


def test_a_duckdb_path_that_cannot_be_written_is_named_with_its_variable(
    harness: Harness, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    path = tmp_path / "file" / "ai_usage.duckdb"
    result = harness.materialize("raw_cursor_members", DAY, env={"AI_USAGE_DUCKDB_PATH": str(path)})
    assert "AI_USAGE_DUCKDB_PATH" in step_errors(result)["raw_cursor_members"]


def test_a_file_that_is_no_duckdb_database_is_named_and_left_as_it_is(
    harness: Harness, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("what somebody wrote down " * 1000, encoding="utf-8")
    result = harness.materialize("raw_cursor_members", DAY, env={"AI_USAGE_DUCKDB_PATH": str(path)})
    assert f"{path} is not a DuckDB database" in step_errors(result)["raw_cursor_members"]
    assert path.read_text(encoding="utf-8").startswith("what somebody wrote down")


HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open until its input ends."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


@contextmanager
def held_until_waited_for(path: Path) -> Iterator[list[float]]:
    """Another process that lets go of the file when this one begins to wait for it; the waits."""
    waits: list[float] = []
    with held(path) as holder:

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if holder.stdin and not holder.stdin.closed:
                holder.stdin.close()
            time.sleep(seconds)

        with patch.object(duckdb_file, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep)):
            yield waits


def test_a_duckdb_file_in_use_by_another_process_is_waited_for(tmp_path: Path) -> None:
    with (
        held_until_waited_for(tmp_path / "w.duckdb") as waits,
        DuckDBEngine(tmp_path / "w.duckdb").session() as session,
    ):
        assert session.fetch("select 1 as one").num_rows == 1
    assert waits


def test_a_duckdb_file_that_stays_open_in_another_process_names_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "MAX_WAIT_SECONDS", 0.3)
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    with (
        held(tmp_path / "w.duckdb") as holder,
        pytest.raises(WarehouseBusyError, match=rf"PID {holder.pid}\)"),
    ):
        engine.session().__enter__()


def test_a_run_waits_for_the_process_that_has_the_file_and_then_succeeds(
    harness: Harness, tmp_path: Path
) -> None:
    with held_until_waited_for(tmp_path / "ai_usage.duckdb") as waits:
        assert harness.materialize("raw_cursor_members", DAY).success
    assert waits
    assert len(harness.rows("raw_cursor_members")) > 0


def test_a_run_that_waited_too_long_names_the_process(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "MAX_WAIT_SECONDS", 0.5)
    with held(tmp_path / "ai_usage.duckdb") as holder:
        said = step_errors(harness.materialize("raw_cursor_members", DAY))["raw_cursor_members"]
    assert f"(PID {holder.pid})" in said
    assert "Wait for that run to end, or stop it, and run this again." in said


def test_a_table_that_differs_from_its_declaration_is_refused_with_the_difference(harness: Harness) -> None:
    harness.execute("create table raw_cursor_members (member_id int64, email string)")
    result = harness.materialize("raw_cursor_members", DAY)
    assert "column member_id is INT64, declared STRING NOT NULL" in step_errors(result)["raw_cursor_members"]
    assert len(harness.rows("raw_cursor_members")) == 0


# broken answers


@pytest.mark.parametrize(
    ("table", "path"),
    [("raw_anthropic_usage", USAGE), ("raw_anthropic_cost", COST), ("raw_cursor_events", EVENTS)],
)
@pytest.mark.parametrize(
    "fault",
    [faults.html(), faults.invalid_json(), faults.more_without_cursor(), faults.repeated_cursor()],
    ids=["HTML with status 200", "invalid JSON", "more without a cursor", "a repeated cursor"],
)
def test_a_broken_response_is_refused_with_its_path_and_the_day_is_unchanged(
    harness: Harness, sandbox: Sandbox, table: str, path: str, fault: faults.Fault
) -> None:
    assert harness.materialize(table, DAY).success
    before = len(harness.rows(table))
    harness.sandbox.faults.next(path, fault, times=5)
    result = harness.materialize(table, DAY)
    assert path in step_errors(result)[table]
    assert len(harness.rows(table)) == before > 0


def test_a_truncated_response_is_requested_again_and_loaded_completely(
    harness: Harness, sandbox: Sandbox
) -> None:
    harness.sandbox.faults.next(EVENTS, faults.cut_off(), times=1)
    assert harness.materialize("raw_cursor_events", DAY).success
    assert (
        len(harness.rows("raw_cursor_events")) == harness.sandbox.company.totals(DAY)[DAY.first].cursor.events
    )
    assert harness.sandbox.requests[EVENTS] >= 2
