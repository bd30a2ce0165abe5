"""BigQuery itself, if `BIGQUERY_LIVE_PROJECT` names a project: every test has a temporary dataset there.

The dataset is deleted when its test ends, even if the test fails. Datasets of a killed run are deleted when the next
run starts. Datasets cannot have a default expiration instead, because the write path refuses such a dataset.
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
MAX_AGE = timedelta(hours=6)


@pytest.fixture(scope="session")
def live_client() -> bigquery.Client:
    client = bigquery.Client(project=LIVE_PROJECT, location=LIVE_LOCATION)
    sweep(client, datetime.now(UTC) - MAX_AGE)
    return client


@pytest.fixture
def live(live_client: bigquery.Client) -> Iterator[BigQueryEngine]:
    with temporary_dataset(live_client) as engine:
        yield engine


@contextmanager
def temporary_dataset(client: bigquery.Client) -> Iterator[BigQueryEngine]:
    name = temporary_name(datetime.now(UTC))
    with deleted_afterwards(client, name):
        yield BigQueryEngine(client.project, name, LIVE_LOCATION)


def temporary_name(now: datetime) -> str:
    """The name has the time of its creation, so that no request is needed to learn it."""
    return f"{PREFIX}{now:%Y%m%d%H%M}_{uuid4().hex[:8]}"


@contextmanager
def deleted_afterwards(client: bigquery.Client, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        client.delete_dataset(name, delete_contents=True, not_found_ok=True)


def sweep(client: bigquery.Client, until: datetime) -> None:
    """Delete the temporary datasets that were created before `until`, and no others."""
    for found in client.list_datasets():
        if found.dataset_id.startswith(PREFIX) and found.dataset_id < f"{PREFIX}{until:%Y%m%d%H%M}":
            client.delete_dataset(found.reference, delete_contents=True, not_found_ok=True)
