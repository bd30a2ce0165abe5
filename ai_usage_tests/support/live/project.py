"""The BigQuery project that `BIGQUERY_LIVE_PROJECT` names, and the temporary datasets of the tests in it.

A dataset is deleted when its test ends, even if the test fails. Datasets of a killed run are deleted when the next
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
from ai_usage_tests.support.live.meter import MAX_JOB_BYTES, METER

LIVE_PROJECT = os.environ.get("BIGQUERY_LIVE_PROJECT")
LIVE_LOCATION = os.environ.get("BIGQUERY_LIVE_LOCATION", "US")
LIVE_SERVICE_ACCOUNT = os.environ.get("BIGQUERY_LIVE_SERVICE_ACCOUNT")
PREFIX = "ai_usage_throw_away_"
LABEL = {"ai_usage": "throw_away"}
NOT_ANSWERED = "not answered here"
"""The beginning of the reason of a skipped test of the live suite."""
MAX_AGE = timedelta(hours=6)


@pytest.fixture(scope="session")
def live_client() -> Iterator[bigquery.Client]:
    config = bigquery.QueryJobConfig(maximum_bytes_billed=MAX_JOB_BYTES)
    client = bigquery.Client(LIVE_PROJECT, location=LIVE_LOCATION, default_query_job_config=config)
    sweep(client, datetime.now(UTC) - MAX_AGE)
    with METER.attached(client.project):
        yield client


@pytest.fixture
def live(live_client: bigquery.Client) -> Iterator[BigQueryEngine]:
    with temporary_dataset(live_client) as engine:
        yield engine


@contextmanager
def temporary_dataset(
    client: bigquery.Client, location: str = LIVE_LOCATION, emulator_host: str | None = None
) -> Iterator[BigQueryEngine]:
    """An engine with a dataset of its own, in the project of the client."""
    name = temporary_name(datetime.now(UTC))
    with deleted_afterwards(client, name):
        create_dataset(client, name, location)
        yield BigQueryEngine(
            client.project, name, location, emulator_host=emulator_host, max_bytes_billed=MAX_JOB_BYTES
        )


def temporary_name(now: datetime) -> str:
    """The name has the time of its creation, so that no request is needed to learn it."""
    return f"{PREFIX}{now:%Y%m%d%H%M}_{uuid4().hex[:8]}"


def create_dataset(client: bigquery.Client, name: str, location: str = LIVE_LOCATION) -> None:
    """Create a dataset whose label says that it can be deleted."""
    dataset = bigquery.Dataset(f"{client.project}.{name}")
    dataset.location, dataset.labels = location, LABEL
    client.create_dataset(dataset)


@contextmanager
def deleted_afterwards(client: bigquery.Client, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        client.delete_dataset(name, delete_contents=True, not_found_ok=True)


def sweep(client: bigquery.Client, until: datetime) -> None:
    """Delete the temporary datasets that were created before `until`: name and label have to be ours."""
    for found in client.list_datasets():
        is_old = found.dataset_id.startswith(PREFIX) and found.dataset_id < f"{PREFIX}{until:%Y%m%d%H%M}"
        if is_old and LABEL.items() <= found.labels.items():
            client.delete_dataset(found.reference, delete_contents=True, not_found_ok=True)
