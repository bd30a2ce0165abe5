"""The tests on a BigQuery project: they delete their datasets, and they run only if a project is named."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.live.project import create_dataset, deleted_afterwards, sweep, temporary_name

pytestmark = pytest.mark.slow

LIVE_TESTS = (
    "test_replaced_days.py::test_replacing_one_day_bills_that_day_only[live]",
    "test_rules.py::test_the_write_path_of_bigquery_answers_what_duckdb_answers_in_every_column[live-",
    "test_rules.py::test_live_bigquery_answers_what_duckdb_answers_in_every_column[live-",
    "test_thirty_days.py::test_every_step_and_every_check_succeeds[live]",
)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fill_and_fail(client: bigquery.Client, name: str) -> None:
    client.create_dataset(name)
    client.create_table(bigquery.Table(f"swept.{name}.t", [bigquery.SchemaField("a", "STRING")]))
    client.query_and_wait("no statement")


@pytest.fixture
def client(emulator: str) -> bigquery.Client:
    options = {"api_endpoint": emulator}
    return bigquery.Client(project="swept", credentials=AnonymousCredentials(), client_options=options)


def datasets(client: bigquery.Client) -> set[str]:
    return {found.dataset_id for found in client.list_datasets()}


def test_a_temporary_dataset_is_deleted_after_its_test_even_if_the_test_fails(
    client: bigquery.Client,
) -> None:
    name = temporary_name(NOW)
    with pytest.raises(BadRequest), deleted_afterwards(client, name):
        fill_and_fail(client, name)
    assert name not in datasets(client)


def test_datasets_of_a_killed_run_are_deleted_and_no_others(client: bigquery.Client) -> None:
    old, fresh, ours = temporary_name(NOW - timedelta(hours=7)), temporary_name(NOW), "ai_usage"
    unlabeled = f"{old}_of_somebody"
    for name in (old, fresh, ours):
        create_dataset(client, name, "US")
    client.create_dataset(unlabeled)
    sweep(client, NOW - timedelta(hours=6))
    assert {old, fresh, ours, unlabeled} & datasets(client) == {fresh, ours, unlabeled}


@pytest.mark.parametrize(("project", "collected"), [(None, False), ("made-up", True)])
def test_the_live_suite_is_collected_only_for_a_project(project: str | None, collected: bool) -> None:
    env = {name: value for name, value in os.environ.items() if name != "BIGQUERY_LIVE_PROJECT"}
    paths = ("ai_usage_tests/live", "ai_usage_tests/sql", "ai_usage_tests/integration/test_thirty_days.py")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *paths, "-m", "live"]
    done = subprocess.run(
        command,
        env=env | ({"BIGQUERY_LIVE_PROJECT": project} if project else {}),
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    for test in LIVE_TESTS:
        assert (test in done.stdout) is collected
