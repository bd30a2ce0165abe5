"""DuckDB behind Dagster. Nothing on this path imports dagster_gcp, which costs seconds; the engine is imported
when it is opened, and not to say where its file is.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.db_io_manager import DbIOManager

if TYPE_CHECKING:
    from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine


class DuckDBWarehouseIOManager(dg.ConfigurableIOManagerFactory[DbIOManager]):
    """One file, one schema named like the dataset."""

    path: str
    dataset: str = "ai_usage"
    replace_with_nothing: bool = False

    @property
    def engine(self) -> "DuckDBEngine":
        from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine

        return DuckDBEngine(Path(self.path), self.dataset)

    def create_io_manager(self, context: object) -> DbIOManager:
        from ai_usage_assets.defs.io_manager import WarehouseIOManager

        return WarehouseIOManager(
            self.engine, Path(self.path).name, self.dataset, replace_with_nothing=self.replace_with_nothing
        )
