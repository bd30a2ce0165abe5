"""The warehouse as a Dagster resource, with one class for each engine.

Checks, sensors, the demo and the IO manager take it as a typed parameter and use its `engine`. What an engine does
belongs in the package `warehouse`. An engine's module is imported when its engine is first used, because Google's
libraries take seconds to load.
"""

from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import dagster as dg
from pydantic import Field

from ai_usage_assets.warehouse.engine import Engine

_engines: WeakValueDictionary[Hashable, Engine] = WeakValueDictionary()
"""The engines that this process uses. Dagster copies a resource for every resource that depends on it; all copies
share one engine, and with it one open file or one client."""


def shared_engine(make: Callable[..., Engine], **settings: Hashable) -> Engine:
    """The engine that this process uses with these settings, or a new one."""
    key = (make, frozenset(settings.items()))
    engine = _engines.get(key)
    if engine is None:
        engine = _engines[key] = make(**settings)
    return engine


class WarehouseResource(dg.ConfigurableResource[Any]):
    """One dataset of one engine: the place where the tables are."""

    dataset: str = Field(
        default="ai_usage", description="The BigQuery dataset or DuckDB schema of the tables."
    )

    @property
    def engine(self) -> Engine:
        """What runs statements and replaces rows."""
        raise NotImplementedError


class DuckDBWarehouse(WarehouseResource):
    """A DuckDB file with one schema, named like the dataset."""

    path: str = Field(description="The file. It is created if it does not exist.")

    @cached_property
    def engine(self) -> Engine:
        from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine

        return shared_engine(DuckDBEngine, path=Path(self.path), dataset=self.dataset)


class BigQueryWarehouse(WarehouseResource):
    """A dataset of a Google Cloud project."""

    project: str = Field(description="The project that holds the dataset.")
    billing_project: str | None = Field(
        default=None, description="The project that runs the jobs and pays for them; by default, `project`."
    )
    location: str = Field(default="US", description="The location of the dataset and of all jobs.")
    emulator_host: str | None = Field(default=None, description="The URL of a BigQuery emulator, for tests.")
    impersonate: str | None = Field(default=None, description="The service account to act as.")
    gcp_credentials: str | None = Field(
        default=None,
        description="A service account's key file, base64-encoded. By default Google's libraries find one.",
    )
    max_bytes_billed: int | None = Field(
        default=None, description="BigQuery refuses a statement that would be billed for more bytes."
    )

    @cached_property
    def engine(self) -> Engine:
        from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine

        return shared_engine(
            BigQueryEngine,
            project=self.project,
            dataset=self.dataset,
            location=self.location,
            emulator_host=self.emulator_host,
            impersonate=self.impersonate,
            max_bytes_billed=self.max_bytes_billed,
            gcp_credentials=self.gcp_credentials,
            billing_project=self.billing_project,
        )
