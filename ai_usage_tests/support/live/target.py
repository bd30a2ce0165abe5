"""The `target` fixture: a dataset on the emulator, or in the live project, and a client of its own for questions about it.

The live suite is one code for both. What the emulator cannot answer is named with `Target.not_answered`, which the report
lists; it counts neither as passed nor as failed.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.support.engines import ON_BIGQUERY
from ai_usage_tests.support.live.meter import MAX_JOB_BYTES, METER, Job
from ai_usage_tests.support.live.project import NOT_ANSWERED, temporary_dataset


@dataclass(frozen=True)
class Target:
    """A dataset of the live suite. The tests of one module share it."""

    engine: BigQueryEngine
    client: bigquery.Client

    @property
    def is_emulator(self) -> bool:
        return is_emulated(self.engine)

    @property
    def location(self) -> str:
        return self.engine._location

    def needs_bigquery(self, reason: str) -> None:
        """End a test that the emulator cannot answer. `reason` says what the emulator lacks."""
        if self.is_emulator:
            not_answered(reason)

    def another(
        self, dataset: str | None = None, location: str | None = None, **options: Any
    ) -> BigQueryEngine:
        """An engine with a client of its own; by default in the same dataset."""
        return BigQueryEngine(
            self.client.project,
            dataset or self.engine.dataset,
            location or self.location,
            **{"emulator_host": self.engine.emulator_host, "max_bytes_billed": MAX_JOB_BYTES, **options},
        )

    def run(self, sql: str, location: str | None = None, *, dry_run: bool = False) -> bigquery.QueryJob:
        """Run a statement or a script and wait for it; a dry run only tells the bytes that it would process."""
        config = bigquery.QueryJobConfig(
            default_dataset=self.engine._dataset,
            use_query_cache=False,
            maximum_bytes_billed=MAX_JOB_BYTES,
            dry_run=dry_run,
        )
        job = self.client.query(sql, job_config=config, location=location)
        if not dry_run:
            job.result()
        return job

    def job(self, job_id: str) -> Job:
        """A job of this process that has ended."""
        return METER.jobs[job_id]


def is_emulated(engine: Engine) -> bool:
    return isinstance(engine, BigQueryEngine) and engine.emulator_host is not None


def not_answered(reason: str) -> NoReturn:
    """End a test, and list it in the report as not answered."""
    pytest.skip(f"{NOT_ANSWERED}: {reason}")


@pytest.fixture(scope="module", params=ON_BIGQUERY)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A dataset for the tests of a module."""
    with ExitStack() as stack:
        if request.param == "live":
            client: bigquery.Client = request.getfixturevalue("live_client")
            engine = stack.enter_context(temporary_dataset(client))
        else:
            url = request.getfixturevalue("emulator")
            options = {"api_endpoint": url}
            client = bigquery.Client("local", AnonymousCredentials(), client_options=options, location="US")
            engine = stack.enter_context(temporary_dataset(client, "US", url))
            stack.enter_context(METER.attached(client.project))
        yield Target(engine, client)
