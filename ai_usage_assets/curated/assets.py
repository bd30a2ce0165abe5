"""The curated assets. Their dependencies are read off their SQL, so that lineage cannot disagree with it."""

from importlib.resources import files
from typing import Any

import dagster as dg

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME, layer
from ai_usage_assets.specs import asset
from ai_usage_assets.warehouse.dialect import tables_read
from ai_usage_assets.warehouse.protocol import Select


def select(table: Table) -> Select:
    """The statement of a curated table, with the declared tables that it reads."""
    sql = files(__package__).joinpath(f"{table.name}.sql").read_text(encoding="utf-8")
    return Select(sql, tuple(BY_NAME[name] for name in sorted(tables_read(sql))))


def build(storage_kind: str, daily: dg.PartitionsDefinition[str]) -> list[Any]:
    return [curated(table, storage_kind, daily) for table in layer(Layer.CURATED)]


def curated(table: Table, storage_kind: str, daily: dg.PartitionsDefinition[str]) -> Any:
    statement = select(table)

    @asset(
        table,
        storage_kind,
        daily,
        # a dimension reads its own past, to keep created_at
        deps=[dg.AssetKey(read.name) for read in statement.inputs if read is not table],
    )
    def rows() -> Select:
        return statement

    return rows
