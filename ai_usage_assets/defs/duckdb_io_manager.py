"""The IO manager on DuckDB.

Nothing here imports dagster_gcp, which takes seconds to load. The write path is imported when a run begins.
"""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.warehouse import DuckDBWarehouse

if TYPE_CHECKING:
    from ai_usage_assets.defs.io_manager import WarehouseIOManager


class DuckDBWarehouseIOManager(dg.ConfigurableIOManagerFactory[dg.IOManager]):
    """Writes assets to the DuckDB warehouse and reads them from it."""

    warehouse: dg.ResourceDependency[DuckDBWarehouse]
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

    def create_io_manager(self, context: dg.InitResourceContext) -> "WarehouseIOManager":
        from ai_usage_assets.defs.io_manager import WarehouseIOManager

        return WarehouseIOManager(
            self.warehouse.engine,
            replace_with_nothing=self.replace_with_nothing,
            pseudonym_key=self.pseudonym_key,
            identity_dir=self.identity_dir,
        )
