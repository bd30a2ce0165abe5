"""BigQuery behind Dagster: dagster-gcp's IO manager with our engine in place of delete-then-load."""

from collections.abc import Sequence
from typing import Any

from dagster._core.storage.db_io_manager import DbIOManager, DbTypeHandler
from dagster_gcp import BigQueryIOManager

from ai_usage_assets.defs.io_manager import WarehouseIOManager
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine


class BigQueryWarehouseIOManager(BigQueryIOManager):
    """dagster-gcp's configuration (project, dataset, location, gcp_credentials); our writes."""

    dataset: str | None = "ai_usage"
    location: str | None = "US"
    emulator_host: str | None = None
    impersonate: str | None = None
    most_bytes_billed: int | None = None
    replace_with_nothing: bool = False

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        # the handlers need the engine, which create_io_manager makes
        return []

    @property
    def engine(self) -> BigQueryEngine:
        return BigQueryEngine(
            self.project,
            self.dataset or "ai_usage",
            self.location or "US",
            emulator_host=self.emulator_host,
            impersonate=self.impersonate,
            most_bytes_billed=self.most_bytes_billed,
        )

    def create_io_manager(self, context: object) -> DbIOManager:
        return WarehouseIOManager(
            self.engine,
            self.project,
            self.dataset or "ai_usage",
            replace_with_nothing=self.replace_with_nothing,
        )
