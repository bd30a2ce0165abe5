"""The product's DDL and SQL, translated to DuckDB in advance, so that competitors spend no time on the translation."""

import json
from pathlib import Path

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import create_plain_table
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_assets.warehouse.engine import Select, View
from ai_usage_assets.warehouse.sql import day, for_window
from ai_usage_assets.warehouse.translations import to_duckdb


def write(folder: Path, days: Days) -> Path:
    """Write a file of `create` and `select` statements, in the order of the asset graph."""
    made = {
        "first": to_duckdb(f"select {day(days.first)}").removeprefix("SELECT "),
        "end": to_duckdb(f"select {day(days.end)}").removeprefix("SELECT "),
        "create": {
            table.name: to_duckdb(create_plain_table(table))
            for table in TABLES
            if table.layer is not Layer.VIEW
        },
        "select": {table.name: _filled(select(table), days) for table in layer(Layer.CURATED)},
        "views": {table.name: _filled(select(table), None) for table in layer(Layer.VIEW)},
    }
    path = folder / "statements.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def _filled(statement: Select | View, days: Days | None) -> str:
    return to_duckdb(for_window(statement.sql, days))
