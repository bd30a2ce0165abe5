"""BigQuery itself, when `BIGQUERY_LIVE_PROJECT` names a project: every test has a throw-away dataset there.

It is deleted when its test ends, however it ends. What a killed run left behind is deleted when the next one starts;
an expiring default would do that too, but the door refuses such a dataset.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from google.cloud import bigquery

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine

LIVE_PROJECT = os.environ.get("BIGQUERY_LIVE_PROJECT")
LIVE_LOCATION = os.environ.get("BIGQUERY_LIVE_LOCATION", "US")
PREFIX = "ai_usage_throw_away_"
LEFT_BEHIND = timedelta(hours=6)


@pytest.fixture(scope="session")
def live_client() -> bigquery.Client:
    client = bigquery.Client(project=LIVE_PROJECT, location=LIVE_LOCATION)
    sweep(client, datetime.now(UTC) - LEFT_BEHIND)
    return client


@pytest.fixture
def live(live_client: bigquery.Client) -> Iterator[BigQueryEngine]:
    with throw_away(live_client) as engine:
        yield engine


@contextmanager
def throw_away(client: bigquery.Client) -> Iterator[BigQueryEngine]:
    name = throw_away_name(datetime.now(UTC))
    with deleted_afterwards(client, name):
        yield BigQueryEngine(client.project, name, LIVE_LOCATION)


def throw_away_name(now: datetime) -> str:
    """Says when it was made, so that nobody has to ask."""
    return f"{PREFIX}{now:%Y%m%d%H%M}_{uuid4().hex[:8]}"


@contextmanager
def deleted_afterwards(client: bigquery.Client, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        client.delete_dataset(name, delete_contents=True, not_found_ok=True)


def sweep(client: bigquery.Client, until: datetime) -> None:
    """Delete the throw-away datasets that were made before `until`, and no others."""
    for found in client.list_datasets():
        if found.dataset_id.startswith(PREFIX) and found.dataset_id < f"{PREFIX}{until:%Y%m%d%H%M}":
            client.delete_dataset(found.reference, delete_contents=True, not_found_ok=True)
