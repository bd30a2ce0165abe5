"""`ai-usage forget`: no byte of the installation has the address afterwards, and every total is what it was."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.harness import NOW, Harness, close_what_is_loaded
from ai_usage_tests.support.own_translations import translations_in

pytestmark = pytest.mark.slow

WEEK = Days(date(2026, 11, 12), date(2026, 11, 18))
LAST = Days.one(WEEK.last)
TOTALS = {
    "cost": "select cost_date, platform, cost_type, sum(cost_usd) as usd from fct_cost_daily group by all",
    "usage": "select usage_date, platform, model, sum(input_tokens) as tokens, sum(requests) as requests, sum(accepts) as "
    "accepts, sum(loc_added) as lines from fct_usage_daily group by all",
    "seats": "select seat_date, platform, tier, sum(seats) as seats, sum(cost_usd) as usd from fct_seats_daily group by all",
    "activity": "select usage_date, platform, sum(sessions) as sessions, sum(accepts) as accepts from fct_activity_daily "
    "group by all",
    "raw": "select ingest_date, count(*) as row_count, sum(charged_usd) as usd from raw_cursor_events group by all",
    "closed": "select month, department, team, platform, revision, sum(cost_usd) as usd from closed_months group by all",
    "adjusted": "select platform, sum(cost_usd) as usd from agg_adjustments group by all having sum(cost_usd) != 0",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """An installation in one folder: a week, a closed month, pages with names, Dagster's records, and a cache."""
    folder = tmp_path_factory.mktemp("forget")
    env = {
        "AI_USAGE_START_DATE": str(WEEK.first),
        "AI_USAGE_REPORT_DIR": str(folder / "reports"),
        "DAGSTER_HOME": str(folder / "dagster"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    (folder / "dagster").mkdir()
    with (
        running(Company(people=12), now=NOW) as sandbox,
        dg.DagsterInstance.local_temp(str(folder / "dagster")) as instance,
        patch.dict(os.environ, env),
        translations_in(folder / "cache"),
    ):
        found = Harness(sandbox, folder, instance=instance, env=env)
        write_identity(sandbox.company, folder / "identity")
        assert found.errors("*", WEEK) == {}
        close_what_is_loaded(found)
        yield found


@pytest.fixture(scope="module")
def addresses(loaded: Harness) -> list[str]:
    """Of a person with cost and another e-mail: the main one and the other one."""
    [row, *_] = loaded.fetch(
        "select a.alias, a.email from identity_aliases as a join fct_cost_daily as c on c.user_email = a.email limit 1"
    )
    return [row["email"], row["alias"]]


def files_with(folder: Path, texts: list[str]) -> set[str]:
    pattern = re.compile(b"|".join(re.escape(text.encode()) for text in texts), re.IGNORECASE)
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and pattern.search(path.read_bytes())
    }


def totals(harness: Harness) -> dict[str, list[str]]:
    return {name: sorted(map(repr, harness.fetch(sql))) for name, sql in TOTALS.items()}


@dataclass(frozen=True)
class State:
    """What the installation has of the person, and what it says in all."""

    files: set[str]
    """Those that have an address of the person."""
    totals: dict[str, list[str]]
    person_usd: Decimal
    unattributed_usd: Decimal
    pages: set[Path]


def state(harness: Harness, addresses: list[str]) -> State:
    money = "select coalesce(sum(cost_usd), 0) as usd from fct_cost_daily where user_email = '{}'"
    [theirs], [nobodys] = (harness.fetch(money.format(each)) for each in (addresses[0], UNATTRIBUTED))
    found = totals(harness)
    harness.engine.close()
    pages = set((harness.folder / "reports").glob("[!.]*"))
    return State(files_with(harness.folder, addresses), found, theirs["usd"], nobodys["usd"], pages)


@dataclass(frozen=True)
class Forgotten:
    before: State
    after: State
    done: Done


@pytest.fixture(scope="module")
def forgotten(loaded: Harness, addresses: list[str]) -> Forgotten:
    """The person is forgotten, after pages and files with names were written."""

    def command(line: str) -> Done:
        loaded.engine.close()
        return ai_usage(line, loaded.folder, loaded.env)

    for line in (
        *("report --month 2026-11 --names", f"report --month 2026-11 --person {addresses[0]}"),
        *(f"export focus --month 2026-11 --names --format {form}" for form in ("csv", "parquet")),
    ):
        assert command(line).code == 0
    before = state(loaded, addresses)
    # by the other e-mail, in other letters
    done = command(f"forget {addresses[1].upper()} --yes")
    return Forgotten(before, state(loaded, addresses), done)


def test_no_byte_has_the_address_and_every_total_is_what_it_was(
    loaded: Harness, forgotten: Forgotten, addresses: list[str]
) -> None:
    before, after, done = forgotten.before, forgotten.after, forgotten.done
    assert before.person_usd > 0
    assert {"ai_usage.duckdb", "identity/people.csv"} <= before.files
    assert len(before.pages) == 4
    # what is searched has the translations, too
    assert [*(loaded.folder / "cache").rglob("*.duckdb")] != []

    assert done.code == 0, done.text
    assert "the address is in none of them." in done.out
    assert addresses[0] not in done.text

    assert after.files == set()
    assert after.totals == before.totals
    assert after.person_usd == 0
    assert after.unattributed_usd == before.unattributed_usd + before.person_usd
    assert after.pages == set()


def test_a_person_who_comes_back_is_not_stored_again(
    loaded: Harness, addresses: list[str], forgotten: Forgotten, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loaded.folder)
    # the seat of a forgotten person is a standard one, and two accounts of one person are two seats from now on
    cost = "select cost_date, sum(cost_usd) as usd from fct_cost_daily where cost_type != 'subscription' group by 1 order by 1"
    before = totals(loaded)
    published = loaded.fetch(cost)
    assert loaded.errors("*", WEEK) == {}
    assert loaded.fetch("select 1 as one from raw_cursor_usage where email like 'forgotten-1%' limit 1")
    loaded.engine.close()
    assert files_with(loaded.folder, addresses) == set()
    assert loaded.fetch(cost) == published
    assert {name: totals(loaded)[name] for name in ("raw", "usage", "closed")} == {
        name: before[name] for name in ("raw", "usage", "closed")
    }


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("people.csv", "{},A,B,Data,\n"),
        ("people.csv", "new@example.com,A,B,Data,{}\n"),
        ("api_key_owners.csv", "apikey_1,{},,,\n"),
    ],
    ids=["person", "alias", "owner"],
)
def test_a_file_that_names_a_forgotten_person_is_refused_by_its_line(
    loaded: Harness, addresses: list[str], forgotten: Forgotten, name: str, line: str
) -> None:
    headers = {
        "people.csv": "email,first_name,last_name,department,aliases\n",
        "api_key_owners.csv": "api_key_id,email,purpose,valid_from,valid_to\n",
    }
    path = loaded.folder / "identity" / name
    kept = path.read_text(encoding="utf-8")
    path.write_text(headers[name] + line.format(addresses[1]))
    table = "identity_people" if name == "people.csv" else "identity_api_key_owners"
    try:
        [refused] = loaded.errors(table, LAST).values()
    finally:
        path.write_text(kept, encoding="utf-8")
    assert f"{name}, line 2, column " in refused
    assert "this person was forgotten on 2026-11-20 (forgotten.csv), so no file may name them" in refused
    assert addresses[1] not in refused
