"""Whatever is written into a file, an answer or a setting is data: it reaches the tables as it is, or is refused."""

import csv
from datetime import date

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_tests.support.harness import Harness

DAY = Days.one(date(2026, 11, 18))
HOSTILE = [
    "'; DROP TABLE dim_users; --",
    '"; drop schema ai_usage cascade; --',
    "Robert\\'); DELETE FROM `identity_people` WHERE (1=1",
    "`identity_people`",
    "two\nlines, a comma",
    "@first_day {0} %s ${HOME} $1 ?",
    '=HYPERLINK("http://evil.example","x")',
    "\\",
    "\u202eexe.pdf\u0000",
]


def test_identity_files_full_of_sql_are_loaded_word_for_word_and_change_no_other_table(
    harness: Harness,
) -> None:
    folder = harness.folder / "identity"
    folder.mkdir()
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "first_name", "last_name", "department", "aliases"))
        writer.writerows(
            (f"'p{n}--@x.example", text, text, text, f"`a{n}`@x.example") for n, text in enumerate(HOSTILE)
        )
    with (folder / "api_key_owners.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("api_key_id", "email", "purpose", "valid_from", "valid_to"))
        writer.writerows((text, f"'p{n}--@x.example", text, "", "") for n, text in enumerate(HOSTILE))
    chosen = (
        "identity_people,identity_aliases,identity_api_key_owners,raw_anthropic_users,dim_users,dim_api_keys"
    )
    assert harness.materialize(chosen, DAY).success
    people = harness.fetch("select first_name, department from identity_people order by email")
    owners = harness.rows("identity_api_key_owners", "api_key_id")
    known = harness.rows("dim_users", "first_name", "email like '%--@x.example'")
    assert [row["first_name"] for row in people] == [row["department"] for row in people] == HOSTILE
    assert {row["api_key_id"] for row in owners} == {row["first_name"] for row in known} == set(HOSTILE)


@pytest.mark.parametrize("variable", ["BIGQUERY_PROJECT", "BIGQUERY_DATASET", "BIGQUERY_LOCATION"])
@pytest.mark.parametrize(
    "name",
    ["x`; drop table y; --", 'x" cascade', "a.b/../c", "two words", "a'b", "ä", "x" * 2000, "-", "a\nb"],
)
def test_a_name_that_could_end_a_statement_is_refused_with_its_variable(variable: str, name: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable} is "):
        Settings.from_env({variable: name})


def test_names_of_google_cloud_are_accepted() -> None:
    env = {
        "BIGQUERY_PROJECT": "example.com:my-project-1",
        "BIGQUERY_DATASET": "ai_usage_2",
        "BIGQUERY_LOCATION": "europe-west3",
    }
    given = Settings.from_env(env)
    assert (given.bigquery_project, given.bigquery_dataset, given.bigquery_location) == tuple(env.values())
