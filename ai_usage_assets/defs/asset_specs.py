"""A declaration as Dagster shows it: key, description, columns, group, kinds, owners. Nothing is typed twice."""

import warnings
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.defs.freshness import policy
from ai_usage_assets.schema.model import Column, Layer, Table

OWNER = "team:ai-usage"
LANGUAGES = {
    Layer.IDENTITY: "csv",
    Layer.RAW: "python",
    Layer.REGISTER: "python",
    Layer.TOTALS: "python",
    Layer.OPEN_DAY: "python",
}

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range is one run with the fewest vendor requests; the command line's range form wants it on every asset."""

Origins: TypeAlias = Mapping[str, Sequence[str]]
"""Per column, the columns (`table.column`) that its values are made of."""


def column_schema(table: Table, origins: Origins) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.type),
                description=told(column, origins.get(column.name, ())),
                constraints=dg.TableColumnConstraints(
                    nullable=not column.required,
                    unique=table.key == (column.name,),
                    other=[column.rule.says] if column.rule else None,
                ),
            )
            for column in table.columns
        ]
    )


def told(column: Column, origins: Sequence[str]) -> str:
    """The open-source UI draws no column lineage, so the list of columns says it in words."""
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
    if table.layer in {Layer.VIEW, Layer.LEDGER}:
        return Layer.CURATED.value
    return table.vendor or table.layer.value


def describe(table: Table) -> str:
    return f"One row is a {table.grain}.\n\n{table.description}"


def attributes(table: Table, storage_kind: str, origins: Origins | None = None) -> dict[str, Any]:
    """What `@asset` and `AssetSpec` alike take."""
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(table, origins or {})}
    if origins:
        metadata["dagster/column_lineage"] = column_lineage(origins)
    if table.partition:
        # DbIOManager insists on it
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


def asset(
    table: Table,
    storage_kind: str,
    partitions_def: dg.PartitionsDefinition[str] | None,
    origins: Origins | None = None,
    **more: Any,
) -> Any:
    """`@asset` for a declared table; daily if the table has a partition column."""
    with warnings.catch_warnings():
        # backfill_policy is beta, and the minor version is pinned
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            **attributes(table, storage_kind, origins),
            partitions_def=partitions_def if table.partition else None,
            backfill_policy=SINGLE_RUN,
            # one pool a vendor: its runs come one after the other where the instance sets limits
            pool=table.vendor,
            freshness_policy=policy(table),
            **more,
        )


def assets_of_one_answer(
    name: str,
    tables: Sequence[Table],
    storage_kind: str,
    partitions_def: dg.PartitionsDefinition[str] | None,
    **more: Any,
) -> Any:
    """`@multi_asset` for tables that one step fills; they are fetched, and fail, as one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.multi_asset(
            name=name,
            outs={
                table.name: dg.AssetOut.from_spec(
                    dg.AssetSpec(**attributes(table, storage_kind), freshness_policy=policy(table)),
                    is_required=not more.get("can_subset", False),
                )
                for table in tables
            },
            partitions_def=partitions_def,
            backfill_policy=SINGLE_RUN,
            pool=tables[0].vendor,
            **more,
        )


def left_out(
    table: Table, storage_kind: str, partitions_def: dg.PartitionsDefinition[str], why: str
) -> dg.AssetSpec:
    """A table that is not fetched, and why: shown with its lineage, not executable."""
    given = attributes(table, storage_kind)
    given["description"] += f"\n\nNot fetched: {why}."
    return dg.AssetSpec(**given, partitions_def=partitions_def if table.partition else None)
