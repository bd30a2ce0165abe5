"""The curated assets. Their dependencies are read off their SQL, so that lineage cannot disagree with it.

One is added: the facts come after the dimensions whose keys they carry, so that every row of a fact joins.
"""

import hashlib
from typing import Any

import dagster as dg

from ai_usage_assets.curated.column_lineage import lineage
from ai_usage_assets.curated.select import select
from ai_usage_assets.defs import automation
from ai_usage_assets.defs.asset_specs import Origins, asset, attributes
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_assets.schema.tables.curated import DIM_API_KEYS, DIM_USERS
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS


def build(storage_kind: str, daily: dg.DailyPartitionsDefinition) -> list[Any]:
    origins = lineage()
    tables = [
        curated(table, storage_kind, daily, origins.get(table.name, {}))
        for table in (*layer(Layer.CURATED), *layer(Layer.VIEW))
    ]
    kept = (*layer(Layer.LEDGER), *layer(Layer.LOG))
    return [*tables, *(kept_by_writes(table, storage_kind) for table in kept)]


def kept_by_writes(table: Table, storage_kind: str) -> dg.AssetSpec:
    """Kept by the writes of other tables, so it is shown and not executed."""
    writers = {
        FCT_RESTATEMENTS: [fact for fact in TABLES if fact.restated],
        RAW_LIST_CHANGES: layer(Layer.REGISTER),
        LOAD_LOG: [daily for daily in TABLES if daily.partition],
    }
    return dg.AssetSpec(**attributes(table, storage_kind), deps=[writer.name for writer in writers[table]])


def raw_tables_by_fact() -> dict[Table, list[Table]]:
    """The daily tables that each fact's day is made of."""
    facts = (table for table in layer(Layer.CURATED) if table.partition)
    return {fact: [read for read in select(fact).inputs if read.layer is Layer.RAW] for fact in facts}


def condition(table: Table) -> dg.AutomationCondition[Any]:
    if table.layer is Layer.VIEW:
        return automation.VIEW
    return automation.FACT if table.partition else automation.DIMENSION


def curated(table: Table, storage_kind: str, daily: dg.DailyPartitionsDefinition, origins: Origins) -> Any:
    statement = select(table, daily.start.date())
    before = (DIM_USERS, DIM_API_KEYS) if table.partition else ()

    @asset(
        table,
        storage_kind,
        daily,
        origins,
        # a dimension reads its own past, to keep created_at
        deps=[dg.AssetKey(read.name) for read in (*statement.inputs, *before) if read is not table],
        automation_condition=condition(table),
        code_version=hashlib.sha256(statement.sql.encode()).hexdigest()[:12],
    )
    def rows():  # type: ignore[no-untyped-def]  # noqa: ANN202 - Select or View; Dagster would check for one of them
        return statement

    return rows
