"""Departments, teams and cost centers of people.csv that are written in several ways."""

from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.company_names import likely_meant
from ai_usage_tests.support.harness import DAY, Harness, check_metadata

HEADER = "email,first_name,last_name,department,aliases,team,cost_center,valid_from,valid_to\n"


@pytest.mark.parametrize(
    ("people", "meant"),
    [
        (
            {"Engineering": 9, "Enginering": 1, "engineering": 4},
            {"Enginering": "Engineering", "engineering": "Engineering"},
        ),
        (
            {"Engineering": 9, "Enginearing": 1, "Engineerings": 1},
            dict.fromkeys(("Enginearing", "Engineerings"), "Engineering"),
        ),
        ({"R&D": 3, "R & D": 3, "RD": 1}, {"R&D": "R & D", "RD": "R & D"}),
        (
            {"Sales Europe": 5, "Sales Euorpe": 1, "Slaes Europe": 1},
            {"Sales Euorpe": "Sales Europe", "Slaes Europe": "Sales Europe"},
        ),
        # a typing error is made once; these are names of their own
        ({"Engineering": 9, "Enginering": 2}, {}),
        ({"Team A": 5, "Team B": 1, "Sales EU": 5, "Sales US": 1, "CC-4100": 5, "CC-4200": 1}, {}),
        ({"Design": 1, "Desing": 1}, {}),
        ({"Data": 5, "Date": 1, "Legal": 5, "Finance": 1}, {}),
    ],
)
def test_a_name_is_doubtful_if_a_more_common_one_is_nearly_equal(
    people: dict[str, int], meant: dict[str, str]
) -> None:
    assert likely_meant(people) == meant


def test_a_department_that_appears_once_and_nearly_equals_another_is_named(harness: Harness) -> None:
    folder = Path(harness.env["AI_USAGE_IDENTITY_DIR"])
    folder.mkdir()
    lines = [
        "ann@example.com,,,Design,,,CC-1,,2026-11-08",
        "ann@example.com,,,Design,,,CC-1,2026-11-09,",
        "ben@example.com,,,Design,,,cc 1,,",
        "cy@example.com,,,Desing,,,CC-1,,",
        "dee@example.com,,,Finance,,,CC-2,,",
    ]
    (folder / "people.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    result = harness.materialize("identity_people", Days.one(DAY))
    assert result.success
    found = harness.check("names_are_consistent")["identity_people"]
    assert not found.passed
    assert check_metadata(found, "offending_rows") == (
        "- department Desing (1 person): probably Design (2 people)\n"
        "- cost_center cc 1 (1 person): probably CC-1 (2 people)"
    )
    (folder / "people.csv").write_text(HEADER + "\n".join([*lines[:2], lines[4]]) + "\n", encoding="utf-8")
    assert harness.materialize("identity_people", Days.one(DAY)).success
    assert harness.check("names_are_consistent")["identity_people"].passed
