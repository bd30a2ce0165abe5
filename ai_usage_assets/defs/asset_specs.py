"""A declared table as Dagster shows it: key, description, columns, group, kinds and owners, all from the declaration."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.schema.model import Column, Layer, Table
from ai_usage_assets.schema.registry import BY_NAME

OWNER = "team:ai-usage"
LANGUAGES = {
    Layer.IDENTITY: "csv",
    Layer.RAW: "python",
    Layer.SNAPSHOT: "python",
    Layer.TOTALS: "python",
    Layer.OPEN_DAY: "python",
}

Origins: TypeAlias = Mapping[str, Sequence[str]]
"""Per column, the columns (`table.column`) that its values are made of."""


def column_schema(table: Table, origins: Origins) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.type),
                description=column_description(column, origins.get(column.name, ())),
                constraints=dg.TableColumnConstraints(
                    nullable=not column.is_required,
                    unique=table.key == (column.name,),
                    other=[column.rule.description] if column.rule else None,
                ),
            )
            for column in table.columns
        ]
    )


def column_description(column: Column, origins: Sequence[str]) -> str:
    """The description with the column's origins in words, because the open-source UI draws no column lineage."""
    by_table = groupby(sorted(origins), key=lambda origin: origin.split(".")[0])
    listed = (f"`{table}` ({', '.join(o.split('.')[1] for o in of)})" for table, of in by_table)
    return f"{column.description}\n\nFrom {', '.join(listed)}." if origins else column.description


def column_lineage(origins: Origins) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            name: [
                dg.TableColumnDep(dg.AssetKey(origin.split(".")[0]), origin.split(".")[1]) for origin in of
            ]
            for name, of in origins.items()
        }
    )


def group(table: Table) -> str:
    if table.layer in {Layer.VIEW, Layer.WRITE_LOG}:
        return Layer.CURATED.value
    return table.vendor or table.layer.value


def with_other_repository(*parts: dg.Definitions) -> dg.Definitions:
    """The parts, merged, and what they read of another repository of the code location, in the group that it has there.

    Without its group the UI shows a group `default`, or does not, depending on which repository it reads first.
    """
    assets = [asset for part in parts for asset in part.assets or ()]
    made = [asset for asset in assets if isinstance(asset, dg.AssetsDefinition)]
    read = {key for asset in made for key in asset.dependency_keys}
    known = {key for asset in made for key in asset.keys}
    known |= {asset.key for asset in assets if isinstance(asset, dg.AssetSpec)}
    others = [dg.AssetSpec(key, group_name=group(BY_NAME[key.path[-1]])) for key in sorted(read - known)]
    return dg.Definitions.merge(*parts, dg.Definitions(assets=others))


def describe(table: Table) -> str:
    return f"One row is a {table.grain}.\n\n{table.description}"


def attributes(table: Table, storage_kind: str, origins: Origins | None = None) -> dict[str, Any]:
    """What `@asset` and `AssetSpec` alike take."""
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(table, origins or {})}
    if origins:
        metadata["dagster/column_lineage"] = column_lineage(origins)
    if table.partition:
        # the IO manager replaces partitions by it
        metadata["partition_expr"] = table.partition
    return {
        "key": dg.AssetKey(table.name),
        "description": describe(table),
        "group_name": group(table),
        "kinds": {
            storage_kind,
            LANGUAGES.get(table.layer, "sql"),
        },
        "owners": [OWNER],
        "metadata": metadata,
    }
