"""AI_USAGE_PERSONAL_RETENTION_DAYS: old raw days name nobody, and computed again they have the facts that they had."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from ai_usage_assets.cli.main import run
from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.alerts.message import text
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.warehouse.personal import SOURCES
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
from ai_usage_tests.support.harness import Harness, Rows, small_company

pytestmark = pytest.mark.slow

DAYS = Days(date(2026, 11, 16), date(2026, 11, 18))
FIRST_KEPT = date(2026, 11, 17)
KEPT_DAYS = 62
NIGHT = datetime(2026, 11, 17, 3, 30, tzinfo=UTC) + timedelta(days=KEPT_DAYS)
KEY, OTHER = "k" * 32, "o" * 32
FACTS = {table.name: table for table in TABLES if table.layer is Layer.CURATED}
RAW = [
    (table, column.name)
    for table in TABLES
    if table.layer is Layer.RAW
    for column in table.columns
    if column.is_personal
]
LOADED = ",".join(
    table.name
    for table in TABLES
    if table.layer in SOURCES - {Layer.LIST_LOG} and "analytics" not in table.name
)
LEFT, LAST_SEEN = "left@example.com", "timestamp '2026-11-13 00:00:00+00'"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """Some days with a key. A person has another address at Cursor, and somebody left on an old day."""
    env = {"AI_USAGE_START_DATE": str(DAYS.first), "AI_USAGE_PSEUDONYM_KEY": KEY}
    with small_company(tmp_path_factory.mktemp("retention"), env) as found:
        write_identity(found.sandbox.company, found.folder / "identity")
        assert found.errors(LOADED, DAYS) == {}
        [left, *_] = found.fetch(
            "select u.user_id, u.email from raw_anthropic_users as u join raw_claude_code_usage as c "
            f"on c.actor_email = u.email where c.ingest_date < date '{FIRST_KEPT}' order by u.user_id"
        )
        for table in ("raw_claude_code_usage", "raw_claude_code_models"):
            found.execute(
                f"update {table} set actor_email = '{LEFT}' where actor_email = '{left['email']}' "
                f"and ingest_date < date '{FIRST_KEPT}'"
            )
        found.execute(
            f"update raw_anthropic_users set is_current = false, email = '{LEFT}', last_seen_at = {LAST_SEEN} "
            f"where user_id = '{left['user_id']}'"
        )
        found.execute(
            "insert into raw_list_changes (table_name, entry_id, attribute, old_value, new_value, valid_from, listed_at) "
            f"values ('raw_anthropic_users', '{left['user_id']}', 'is_current', 'true', 'false', date '2026-11-15', "
            f"{LAST_SEEN}), ('raw_anthropic_users', '{left['user_id']}', 'email', '{left['email']}', '{LEFT}', "
            f"date '2026-11-13', {LAST_SEEN})"
        )
        found.execute(
            f"insert into raw_cursor_spend (cycle_start, member_id, email, name, fetched_at) values "
            f"(timestamp '2026-09-01 00:00:00+00', '{LEFT}', '{LEFT}', 'Lee Left', {LAST_SEEN})"
        )
        assert found.errors(",".join(FACTS), DAYS) == {}
        yield found


def facts(harness: Harness) -> dict[str, list[str]]:
    """All rows of all curated tables, but for when they were computed."""
    found = {}
    for name, table in FACTS.items():
        columns = ", ".join(
            each for each in table.column_names if each not in {"processed_at", "updated_at", "created_at"}
        )
        found[name] = sorted(map(repr, harness.fetch(f"select {columns} from {name}")))
    return found


def addresses(harness: Harness, where: str) -> dict[str, int]:
    """By table and column of the raw tables, how many rows have an address, on the days of a condition."""
    counts = {}
    for table, name in RAW:
        if harness.rows(table.name, "1 as one", f"{name} like '%@%' and ingest_date {where} limit 1"):
            [row] = harness.fetch(
                f"select count(*) as n from {table.name} where {name} like '%@%' and ingest_date {where}"
            )
            counts[f"{table.name}.{name}"] = row["n"]
    return counts


def clear(harness: Harness) -> int:
    harness.engine.close()
    env = {**harness.env, "AI_USAGE_PERSONAL_RETENTION_DAYS": str(KEPT_DAYS)}
    with patch.dict(os.environ, env):
        return run(["pseudonyms", "--clear-old"], lambda: NIGHT)


@dataclass(frozen=True)
class State:
    """What the warehouse has of people, and what it says in all."""

    old_addresses: dict[str, int]
    young_addresses: dict[str, int]
    facts: dict[str, list[str]]
    seen_leaver: Rows
    """What the seen values have of the person who left."""


def state(harness: Harness) -> State:
    return State(
        addresses(harness, f"< date '{FIRST_KEPT}'"),
        addresses(harness, f">= date '{FIRST_KEPT}'"),
        facts(harness),
        harness.fetch(f"select 1 as one from seen_values where '{LEFT}' in (value, detail)"),
    )


@dataclass(frozen=True)
class Cleared:
    before: State
    after: State
    alias: str
    """The address at Cursor of a person who has another main address."""


@pytest.fixture(scope="module")
def cleared(loaded: Harness) -> Cleared:
    """The old days are cleared by the schedule's job, and all facts are computed again."""
    before = state(loaded)
    [alias] = loaded.fetch(
        "select distinct e.email from raw_cursor_events as e join identity_aliases as a on a.alias = e.email"
    )
    with loaded.code_location(NIGHT, {"AI_USAGE_PERSONAL_RETENTION_DAYS": str(KEPT_DAYS)}) as defs:
        schedule = defs.get_repository_def().get_schedule_def("personal_retention")
        job = defs.get_repository_def().get_job(schedule.job_name)
        assert job.execute_in_process(instance=loaded.instance).success
    assert loaded.errors(",".join(FACTS), DAYS) == {}
    return Cleared(before, state(loaded), alias["email"])


def test_old_days_have_no_address_and_the_same_facts(loaded: Harness, cleared: Cleared) -> None:
    before, after = cleared.before, cleared.after
    assert {"raw_cursor_events.email", "raw_cursor_usage.email", "raw_claude_code_usage.actor_email"} <= (
        before.old_addresses.keys() & before.young_addresses.keys()
    )
    assert after.old_addresses == {}
    assert after.young_addresses == before.young_addresses
    assert before.seen_leaver != []
    assert after.seen_leaver == []
    assert after.facts == before.facts
    assert loaded.fetch(
        "select 1 as one from fct_cost_daily as c join dim_users as u on u.email = c.user_email "
        f"where cost_date < date '{FIRST_KEPT}' and u.department is not null and platform = 'cursor' limit 1"
    )


def test_people_of_old_days_are_pseudonyms_and_lists_forget_those_who_left(
    loaded: Harness, cleared: Cleared
) -> None:
    of = Pseudonyms(KEY.encode()).of
    events = f"select email from raw_cursor_events where ingest_date < date '{FIRST_KEPT}'"
    assert of(cleared.alias) in {row["email"] for row in loaded.fetch(events)}
    entry = "select email, name from raw_anthropic_users where not is_current"
    assert loaded.fetch(entry) == [{"email": of(LEFT), "name": None}]
    assert loaded.fetch("select email from raw_anthropic_users where is_current and name is null") == []
    spend = "select member_id, email, name from raw_cursor_spend where cycle_start < timestamp '2026-10-01 00:00:00+00'"
    assert loaded.fetch(spend) == [{"member_id": of(LEFT), "email": of(LEFT), "name": None}]
    assert loaded.fetch("select 1 as one from raw_list_changes where new_value like '%@%'") == []
    known = {row["value"] for row in loaded.fetch("select value from pseudonyms")}
    assert LEFT not in known
    assert cleared.alias in known


@pytest.mark.usefixtures("cleared")
def test_clearing_again_changes_nothing_and_the_file_has_no_old_address(
    loaded: Harness, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loaded.folder)
    raw = [table.name for table in TABLES if table.layer in {Layer.RAW, Layer.SNAPSHOT, Layer.TOTALS}]
    before = {name: sorted(map(repr, loaded.rows(name))) for name in raw}
    assert clear(loaded) == 0
    assert capfd.readouterr().out.strip() == f"No address or name is older than {FIRST_KEPT}."
    assert {name: sorted(map(repr, loaded.rows(name))) for name in raw} == before
    loaded.engine.close()
    assert not re.search(LEFT.encode(), (loaded.folder / "ai_usage.duckdb").read_bytes())


@pytest.mark.usefixtures("cleared")
def test_a_key_is_changed_on_cleared_days_too(
    loaded: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = loaded.copied(tmp_path / "copy", AI_USAGE_PSEUDONYM_KEY=OTHER)
    monkeypatch.chdir(changed.folder)
    with patch.dict(os.environ, changed.env):
        assert run(["pseudonyms"]) == 0
    users = "select user_email, sum(requests) as requests from fct_usage_daily group by 1 order by 1"
    before = changed.fetch(users)
    assert before != loaded.fetch(users)
    assert changed.errors("fct_usage_daily", DAYS) == {}
    assert changed.fetch(users) == before


def test_with_another_key_the_run_fails_and_says_what_to_do(loaded: Harness) -> None:
    env = {"AI_USAGE_PERSONAL_RETENTION_DAYS": str(KEPT_DAYS), "AI_USAGE_PSEUDONYM_KEY": "x" * 32}
    with loaded.code_location(NIGHT, env) as defs:
        job = defs.get_job_def("clear_old_addresses")
        done = job.execute_in_process(instance=loaded.instance, raise_on_error=False)
    assert text(done.dagster_run, done.all_events, lambda step: [step], None) == (
        "*replace_old_addresses* failed: AI_USAGE_PSEUDONYM_KEY is another key than the one that the pseudonyms of this "
        "warehouse are made with. Nothing was written. Set the former key again. To change it for good, run `ai-usage "
        "pseudonyms`, which gives every published row its new pseudonym.\n"
        "What was cleared stays so. Fix the cause; the run of the next night does the rest.\n"
        f"Run {done.run_id}"
    )


def test_without_the_setting_nothing_is_too_old(
    loaded: Harness, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loaded.folder)
    with patch.dict(os.environ, loaded.env):
        assert run(["pseudonyms", "--clear-old"], lambda: NIGHT) == 1
    assert "AI_USAGE_PERSONAL_RETENTION_DAYS is not set, so no address is too old." in capfd.readouterr().err


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (
            {"AI_USAGE_PERSONAL_RETENTION_DAYS": "400"},
            "is 400, and AI_USAGE_PSEUDONYM_KEY is not set: without pseudonyms",
        ),
        (
            {"AI_USAGE_PERSONAL_RETENTION_DAYS": "61", "AI_USAGE_PSEUDONYM_KEY": KEY},
            "is 61, and addresses are needed for 62 days at least",
        ),
        ({"AI_USAGE_PERSONAL_RETENTION_DAYS": "a year"}, "is 'a year', which is not a whole number above 0"),
    ],
    ids=["no key", "too short", "no number"],
)
def test_a_retention_that_cannot_be_kept_is_refused(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError, match=f"AI_USAGE_PERSONAL_RETENTION_DAYS {re.escape(sentence)}"):
        Settings.from_env(env)
