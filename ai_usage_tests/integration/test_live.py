"""The opt-in half: what it leaves behind, and that nobody runs it by accident."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.live_bigquery import deleted_afterwards, sweep, throw_away_name

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


def test_a_throw_away_dataset_is_gone_after_its_test_also_a_failed_one(client: bigquery.Client) -> None:
    name = throw_away_name(NOW)
    with pytest.raises(BadRequest), deleted_afterwards(client, name):
        fill_and_fail(client, name)
    assert name not in datasets(client)


def test_what_a_killed_run_left_behind_is_deleted_and_nothing_else(client: bigquery.Client) -> None:
    left, fresh, ours = throw_away_name(NOW - timedelta(hours=7)), throw_away_name(NOW), "ai_usage"
    for name in (left, fresh, ours):
        client.create_dataset(name)
    sweep(client, NOW - timedelta(hours=6))
    assert {left, fresh, ours} & datasets(client) == {fresh, ours}


@pytest.mark.parametrize(("project", "collected"), [(None, False), ("made-up", True)])
def test_the_live_suite_is_collected_only_for_a_project(project: str | None, collected: bool) -> None:
    env = {name: value for name, value in os.environ.items() if name != "BIGQUERY_LIVE_PROJECT"}
    asked = [
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
        asked,
        env=env | ({"BIGQUERY_LIVE_PROJECT": project} if project else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ("test_live_bigquery.py" in done.stdout) is collected
    assert ("[live" in done.stdout) is collected
