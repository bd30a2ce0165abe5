"""A declaration as Dagster shows it: key, description, columns, group, kinds, owners. Nothing is typed twice."""

import warnings
from collections.abc import Sequence
from typing import Any

import dagster as dg

from ai_usage_assets.freshness import policy
from ai_usage_assets.schema.model import Layer, Table

OWNER = "team:ai-usage"
LANGUAGES = {Layer.IDENTITY: "csv", Layer.RAW: "python", Layer.REGISTER: "python"}

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range is one run with the fewest vendor requests; the command line's range form wants it on every asset."""


def column_schema(table: Table) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.type),
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=not column.required,
                    unique=table.key == (column.name,),
                    other=[column.rule.says] if column.rule else None,
                ),
            )
            for column in table.columns
        ]
    )


def group(table: Table) -> str:
    if table.layer in {Layer.VIEW, Layer.LEDGER}:
        return Layer.CURATED.value
    return table.vendor or table.layer.value


def describe(table: Table) -> str:
    return f"One row is a {table.grain}.\n\n{table.description}"


def attributes(table: Table, storage_kind: str) -> dict[str, Any]:
    """What `@asset` and `AssetSpec` alike take."""
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(table)}
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
    table: Table, storage_kind: str, partitions_def: dg.PartitionsDefinition[str] | None, **more: Any
) -> Any:
    """`@asset` for a declared table; daily if the table has a partition column."""
    with warnings.catch_warnings():
        # backfill_policy is beta, and the minor version is pinned
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            **attributes(table, storage_kind),
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
    partitions_def: dg.PartitionsDefinition[str],
    **more: Any,
) -> Any:
    """`@multi_asset` for daily tables that one answer of the vendor holds; they are fetched, and fail, as one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.multi_asset(
            name=name,
            outs={
                table.name: dg.AssetOut.from_spec(
                    dg.AssetSpec(**attributes(table, storage_kind), freshness_policy=policy(table))
                )
                for table in tables
            },
            partitions_def=partitions_def,
            backfill_policy=SINGLE_RUN,
            pool=tables[0].vendor,
            **more,
        )


def left_out(
    table: Table, storage_kind: str, partitions_def: dg.PartitionsDefinition[str], variable: str
) -> dg.AssetSpec:
    """The asset of a vendor without a key: shown with its lineage, not executable."""
    given = attributes(table, storage_kind)
    given["description"] += f"\n\nNot fetched: {variable} is not set."
    return dg.AssetSpec(**given, partitions_def=partitions_def if table.partition else None)
