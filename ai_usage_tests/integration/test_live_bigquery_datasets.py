"""The tests on a BigQuery project: they delete their datasets, and they run only if a project is named."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.live_bigquery import deleted_afterwards, sweep, temporary_name

pytestmark = pytest.mark.slow

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
    for name in (old, fresh, ours):
        client.create_dataset(name)
    sweep(client, NOW - timedelta(hours=6))
    assert {old, fresh, ours} & datasets(client) == {fresh, ours}


@pytest.mark.parametrize(("project", "collected"), [(None, False), ("made-up", True)])
def test_the_live_suite_is_collected_only_for_a_project(project: str | None, collected: bool) -> None:
    env = {name: value for name, value in os.environ.items() if name != "BIGQUERY_LIVE_PROJECT"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "ai_usage_tests/integration/warehouse",
        "-k",
        "live or empties",
    ]
    done = subprocess.run(
        command,
        env=env | ({"BIGQUERY_LIVE_PROJECT": project} if project else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ("test_live_bigquery.py" in done.stdout) is collected
    assert ("[live" in done.stdout) is collected
