"""Descriptions in DuckDB: its CREATE statements have none, so each is a statement of its own."""

from collections.abc import Collection

from ai_usage_assets.schema.model import Layer, Table


def comments(table: Table, columns: Collection[str], *, is_reworded: bool = True) -> list[str]:
    """The statements that write the descriptions of columns, and of the table if its own is reworded."""
    kind = "view" if table.layer is Layer.VIEW else "table"
    described = [(f'{kind} "{table.name}"', table.full_description)] if is_reworded else []
    described += [(f'column "{table.name}"."{name}"', table.by_name[name].description) for name in columns]
    # DDL takes no parameters
    return ["comment on {} is '{}'".format(name, text.replace("'", "''")) for name, text in described]
