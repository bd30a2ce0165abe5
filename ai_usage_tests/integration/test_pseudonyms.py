"""With AI_USAGE_PSEUDONYM_KEY: what readers read names nobody, and every figure is what it was."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from ai_usage_assets.cli.main import run
from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
from ai_usage_tests.support.harness import NOW, Harness, close_what_is_loaded, small_company

pytestmark = pytest.mark.slow

WEEK = Days(date(2026, 11, 12), date(2026, 11, 18))
LAST = Days.one(WEEK.last)
KEY, OTHER = "k" * 32, "o" * 32
CURATED = "dim_users,dim_user_history,dim_api_keys,fct_usage_daily,fct_cost_daily,fct_activity_daily,fct_seats_daily"
READERS = [
    table for table in TABLES if table.layer in {Layer.CURATED, Layer.CLOSED, Layer.WRITE_LOG, Layer.VIEW}
]
FIGURES = {
    "departments": "select month, platform, cost_type, department, cost_usd from agg_monthly_finance",
    "days": "select cost_date, platform, count(*) as row_count, count(distinct user_email) as people, sum(cost_usd) as usd "
    "from fct_cost_daily group by all",
    "people": "select usage_date, actor_type, count(distinct user_email) as people, sum(input_tokens) as tokens, "
    "sum(requests) as requests, sum(accepts) as accepts from fct_usage_daily group by all",
    "seats": "select seat_date, platform, sum(seats) as seats, sum(cost_usd) as usd from fct_seats_daily group by all",
    "groups": "select day, dimension, name, cost_usd from agg_report_groups",
    "closed": "select platform, department, team, count(*) as people, sum(cost_usd) as usd from closed_months group by all",
    "adjustments": "select platform, sum(cost_usd) as usd from agg_adjustments group by all",
    "budgets": "select day, scope, budget_usd, spent_usd from fct_budget_daily",
    "active": "select is_active, kind, department, team, count(*) as people from dim_users group by all",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A week that was loaded, and closed in part, before there was a key."""
    with small_company(
        tmp_path_factory.mktemp("pseudonyms"), {"AI_USAGE_START_DATE": str(WEEK.first)}
    ) as found:
        write_identity(found.sandbox.company, found.folder / "identity")
        person = found.sandbox.company.directory.people[0].email
        (found.folder / "identity" / "budgets.csv").write_text(
            f"scope,name,usd_per_month,valid_from,valid_to\nperson,{person},100,,\n"
        )
        assert found.errors("*", WEEK) == {}
        close_what_is_loaded(found)
        yield found


def addresses(harness: Harness) -> dict[str, list[str]]:
    """By table and column that readers may read, what has an e-mail in it."""
    found = {}
    for table in READERS:
        for column in table.columns:
            if column.type.name == "STRING":
                sql = (
                    f"select distinct {column.name} as value from {table.name} where {column.name} like '%@%'"
                )
                if values := [row["value"] for row in harness.fetch(sql)]:
                    found[f"{table.name}.{column.name}"] = values
    return found


def figures(harness: Harness) -> dict[str, list[str]]:
    return {name: sorted(map(repr, harness.fetch(sql))) for name, sql in FIGURES.items()}


@dataclass(frozen=True)
class Seen:
    """What readers see of the warehouse."""

    addresses: dict[str, list[str]]
    figures: dict[str, list[str]]
    named_users: list[dict[str, Any]]
    """People and services with a name, or with a hash of their address."""
    named_people: list[dict[str, Any]]
    """People with a name, or with a hash of their address."""
    named_keys: list[dict[str, Any]]


def seen(harness: Harness) -> Seen:
    is_named = "first_name is not null or last_name is not null or (email like 'p-%' and user_id != to_hex(md5(email)))"
    named = harness.fetch(f"select email, kind from dim_users where {is_named}")
    return Seen(
        addresses(harness),
        figures(harness),
        named,
        [row for row in named if row["kind"] == "person"],
        harness.fetch("select name from dim_api_keys where name is not null"),
    )


@dataclass(frozen=True)
class FirstRun:
    """The warehouse before there was a key, after one table and day were computed with it, and after all tables were."""

    before: Seen
    one_table: Seen
    every_table: Seen


@pytest.fixture(scope="module")
def first_run(loaded: Harness) -> FirstRun:
    before = seen(loaded)
    loaded.env["AI_USAGE_PSEUDONYM_KEY"] = KEY
    assert loaded.errors("fct_activity_daily", LAST) == {}
    one_table = seen(loaded)
    assert loaded.errors("*", LAST) == {}
    return FirstRun(before, one_table, seen(loaded))


@pytest.fixture
def keyed(loaded: Harness, first_run: FirstRun) -> Harness:
    """The warehouse after the first run with a key."""
    return loaded


def test_the_first_run_with_a_key_leaves_no_address_and_changes_no_figure(
    keyed: Harness, first_run: FirstRun
) -> None:
    before, after = first_run.before, first_run.every_table
    assert {
        "fct_cost_daily.user_email",
        "closed_months.user_email",
        "dim_users.email",
    } <= before.addresses.keys()
    assert before.named_people
    assert before.named_keys

    # the tables that are not computed again are given pseudonyms as they are
    assert first_run.one_table.addresses == {}
    assert (first_run.one_table.named_users, first_run.one_table.named_keys) == ([], [])
    assert (after.addresses, after.figures) == ({}, before.figures)
    # a service that is computed again has its name, which names no person
    assert (after.named_people, after.named_keys) == ([], [])
    of = Pseudonyms(KEY.encode()).of
    for table in ("fct_cost_daily", "closed_months"):
        now = {row["user_email"] for row in keyed.fetch(f"select distinct user_email from {table}")}
        assert {each for each in now if each.startswith("p-")} == {
            of(email) for email in before.addresses[f"{table}.user_email"]
        }


def test_pseudonyms_are_the_same_in_the_next_run_and_the_raw_tables_keep_their_addresses(
    keyed: Harness,
) -> None:
    # rows are rounded in the order of their persons, so a ten-thousandth of a dollar may be in another row than before
    sums = "select platform, department, round(sum(cost_usd), 2) as usd from v_cost group by platform, department order by 1, 2"
    rows = "select * except (processed_at) from fct_cost_daily"
    before = keyed.fetch(sums)
    assert keyed.errors(CURATED, WEEK) == {}
    assert keyed.fetch(sums) == before
    computed = sorted(map(repr, keyed.fetch(rows)))
    assert keyed.errors(CURATED, WEEK) == {}
    assert sorted(map(repr, keyed.fetch(rows))) == computed
    assert keyed.fetch("select 1 as one from raw_cursor_usage where email like '%@%' limit 1")


def test_another_key_is_refused_with_what_to_do_and_writes_nothing(keyed: Harness) -> None:
    before = figures(keyed)
    refused = keyed.errors(CURATED, LAST, env={"AI_USAGE_PSEUDONYM_KEY": OTHER})
    assert (
        "AI_USAGE_PSEUDONYM_KEY is another key than the one that the pseudonyms of this warehouse are made with. Nothing "
        "was written. Set the former key again."
    ) in refused["dim_users"]
    assert figures(keyed) == before


def test_a_process_without_the_key_publishes_nothing(keyed: Harness) -> None:
    before = figures(keyed)
    refused = keyed.errors("fct_activity_daily,identity_budgets", LAST, env={"AI_USAGE_PSEUDONYM_KEY": ""})
    assert refused.keys() == {"fct_activity_daily", "identity_budgets"}
    for message in refused.values():
        assert (
            "AI_USAGE_PSEUDONYM_KEY is not set, and the people of this warehouse have pseudonyms." in message
        )
    assert (addresses(keyed), figures(keyed)) == ({}, before)


def test_the_command_finds_a_person_by_the_address_and_the_key_is_written_nowhere(
    keyed: Harness, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(keyed.folder)
    [row] = keyed.fetch(
        "select value from pseudonyms as p join fct_cost_daily as c on c.user_email = p.pseudonym limit 1"
    )
    with patch.dict(os.environ, {**keyed.env, "AI_USAGE_REPORT_DIR": str(keyed.folder / "pages")}):
        keyed.engine.close()
        assert run(["report", "--month", "2026-11", "--person", row["value"].upper()], lambda: NOW) == 0
        page = Path(capfd.readouterr().out.strip()).read_text(encoding="utf-8")
    assert Pseudonyms(KEY.encode()).of(row["value"]) in page
    assert row["value"] not in page
    keyed.engine.close()
    for file in keyed.folder.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_a_key_is_changed_on_purpose_and_taken_away_and_set_again(
    keyed: Harness, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = keyed.copied(tmp_path / "copy")
    monkeypatch.chdir(changed.folder)

    def change(key: str) -> str:
        """What the command prints that gives every table the pseudonyms of this key."""
        changed.env["AI_USAGE_PSEUDONYM_KEY"] = key
        with patch.dict(os.environ, changed.env):
            changed.engine.close()
            assert run(["pseudonyms"], lambda: NOW) == 0
        return capfd.readouterr().out

    def shown() -> set[str]:
        return {row["email"] for row in changed.fetch("select email from dim_users where kind = 'person'")}

    before = figures(changed)
    people = {row["value"].strip().lower() for row in changed.fetch("select value from pseudonyms")}

    text = f"{len(people)} people have the pseudonyms of the key in every published table now.\n"
    assert text in change(OTHER)
    assert shown() <= {Pseudonyms(OTHER.encode()).of(email) for email in people}
    assert figures(changed) == before

    assert f"{len(people)} people have the e-mails in every published table now.\n" in change("")
    assert shown() <= people
    assert figures(changed) == before
    published = {email.strip().lower() for found in addresses(changed).values() for email in found}

    text = f"{len(published)} people have the pseudonyms of the key in every published table now.\n"
    assert text in change(KEY)
    assert shown() <= {Pseudonyms(KEY.encode()).of(email) for email in published}
    assert figures(changed) == before
    assert changed.errors(CURATED, LAST) == {}


def test_a_short_key_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_env({"AI_USAGE_PSEUDONYM_KEY": "short-secret"})
    assert "AI_USAGE_PSEUDONYM_KEY has fewer than 32 characters" in str(refused.value)
    assert "short-secret" not in str(refused.value)
