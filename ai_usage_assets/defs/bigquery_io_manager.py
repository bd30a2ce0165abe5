"""The IO manager on BigQuery: dagster-gcp's, with one atomic write in place of delete-then-load."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
from dagster._core.storage.db_io_manager import DbTypeHandler
from dagster_gcp import BigQueryIOManager
from pydantic import Field

from ai_usage_assets.defs.io_manager import WarehouseIOManager
from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.warehouse import BigQueryWarehouse


class BigQueryWarehouseIOManager(BigQueryIOManager):
    """Writes assets to the BigQuery warehouse and reads them from it."""

    project: str = Field(default="", description="Not used: the warehouse names its project.")
    warehouse: dg.ResourceDependency[BigQueryWarehouse]
    partition_guard: dg.ResourceDependency[PartitionGuard]
    replace_with_nothing: bool = Field(
        default=False, description="Whether an empty answer of a vendor replaces the rows of its days."
    )
    identity_dir: str | None = Field(
        default=None, description="The folder with forgotten.csv: whose rows land without the address."
    )
    pseudonym_key: str | None = Field(
        default=None, repr=False, description="With it, curated tables have pseudonyms in place of e-mails."
    )

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        """None: dagster-gcp's handlers delete and then load."""
        return []

    def create_io_manager(self, context: dg.InitResourceContext) -> WarehouseIOManager:  # type: ignore[override]
        warehouse = self.warehouse
        if self.gcp_credentials:
            settings = {name: getattr(warehouse, name) for name in BigQueryWarehouse.model_fields}
            warehouse = BigQueryWarehouse(**{**settings, "gcp_credentials": self.gcp_credentials})
        return WarehouseIOManager(
            warehouse.engine,
            replace_with_nothing=self.replace_with_nothing,
            pseudonym_key=self.pseudonym_key,
            identity_dir=self.identity_dir,
        )
