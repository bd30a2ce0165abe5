"""budgets.csv: what is read of it, and what is refused by line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from ai_usage_assets.sources.identity.budgets import budgets
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.people import people

HEADER = "scope,name,usd_per_month,valid_from,valid_to\n"
PEOPLE = (
    "email,first_name,last_name,department,team,cost_center,aliases\n"
    "ann@example.com,Ann,A,Data,Pipelines,CC-1,ann@old.example\n"
)


def write(folder: Path, lines: str) -> Path:
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "budgets.csv").write_text(HEADER + lines, encoding="utf-8")
    return folder


def test_no_file_is_no_budget(tmp_path: Path) -> None:
    assert budgets(tmp_path) == []


def test_every_scope_is_read_and_an_alias_is_its_person(tmp_path: Path) -> None:
    lines = (
        "company,,5000,,2026-09-30\ncompany,company,5500.5,2026-10-01,9999-12-31\nplatform,cursor,0,,\n"
        "department,Data,1,,\nteam,Pipelines,2,,\ncost_center,CC-1,3,,\nperson,Ann@Old.example,4,,\n"
    )
    found = budgets(write(tmp_path, lines))
    assert [(row["scope"], row["name"]) for row in found] == [
        ("company", "company"),
        ("company", "company"),
        ("platform", "cursor"),
        ("department", "Data"),
        ("team", "Pipelines"),
        ("cost_center", "CC-1"),
        ("person", "ann@example.com"),
    ]
    assert [found[1][name] for name in ("usd_per_month", "valid_from", "valid_to")] == [
        Decimal("5500.5"),
        date(2026, 10, 1),
        date.max,
    ]


@pytest.mark.parametrize(("of_people", "of_budget"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_name_is_known_in_both_forms_of_unicode(
    tmp_path: Path, of_people: Literal["NFC", "NFD"], of_budget: Literal["NFC", "NFD"]
) -> None:
    folder = write(tmp_path, normalize(of_budget, "department,Qualität,1,,\n"))
    (folder / "people.csv").write_text(
        normalize(of_people, PEOPLE.replace("Data", "Qualität")), encoding="utf-8"
    )
    assert (
        [row["name"] for row in budgets(folder)]
        == [row["department"] for row in people(folder)]
        == ["Qualität"]
    )


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        ("division,Data,1,,\n", "line 2, column scope", "not one of company, platform, department, team"),
        ("company,Tidewater,1,,\n", "line 2, column name", "there is one company; leave the name"),
        ("platform,copilot,1,,\n", "line 2, column name", "not one of cursor, claude_code, anthropic"),
        ("platform,,1,,\n", "line 2, column name", "a value is needed"),
        ("department,Date,1,,\n", "line 2, column name", "has this department; Data is similar"),
        ("team,Data,1,,\n", "line 2, column name", r"no row of people\.csv has this team\."),
        ("person,Ann,1,,\n", "line 2, column name", "this is not an e-mail"),
        ("company,,,,\n", "line 2, column usd_per_month", "not an amount like 40.00"),
        ('company,,"1.000,50",,\n', "line 2, column usd_per_month", "not an amount like 40.00"),
        ("company,,-5,,\n", "line 2, column usd_per_month", "not negative"),
        ("company,,5,2026-10-02,\n", "line 2, column valid_from", "2026-10-02 is not the first day of one"),
        ("company,,5,,2026-09-29\n", "line 2, column valid_to", "2026-09-29 is not the last day of one"),
        (
            "company,,5,,\ncompany,company,6,2026-10-01,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
        # an alias is the same person
        (
            "person,ann@example.com,5,,\nperson,ann@old.example,6,,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
    ],
)
def test_a_malformed_budgets_file_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    with pytest.raises(IdentityFileError, match=why) as refused:
        budgets(write(tmp_path, lines))
    assert f"budgets.csv, {where}" in str(refused.value)


def test_without_people_no_group_is_known(tmp_path: Path) -> None:
    (tmp_path / "budgets.csv").write_text(HEADER + "department,Data,1,,\n", encoding="utf-8")
    with pytest.raises(IdentityFileError, match=r"no row of people\.csv has this department\."):
        budgets(tmp_path)
