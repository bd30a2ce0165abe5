"""DuckDB behind Dagster. Nothing on this path imports dagster_gcp, which costs seconds."""

from pathlib import Path

import dagster as dg
from dagster._core.storage.db_io_manager import DbIOManager

from ai_usage_assets.warehouse.duckdb import DuckDBEngine
from ai_usage_assets.warehouse.io_manager import WarehouseIOManager


class DuckDBWarehouseIOManager(dg.ConfigurableIOManagerFactory[DbIOManager]):
    """One file, one schema named like the dataset."""

    path: str
    dataset: str = "ai_usage"

    @property
    def engine(self) -> DuckDBEngine:
        return DuckDBEngine(Path(self.path), self.dataset)

    def create_io_manager(self, context: object) -> DbIOManager:
        return WarehouseIOManager(self.engine, Path(self.path).name, self.dataset)
