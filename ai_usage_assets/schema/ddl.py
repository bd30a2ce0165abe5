"""A declaration as GoogleSQL DDL. The DuckDB engine translates it."""

from collections.abc import Sequence
from dataclasses import replace

from ai_usage_assets.schema.model import Column, Table


def string(value: str) -> str:
    """A text as a GoogleSQL string literal, with every special character escaped."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def column_ddl(column: Column, *, options: bool = True) -> str:
    parts = [f"`{column.name}`", str(column.type)]
    if column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.is_required:
        parts.append("NOT NULL")
    if options:
        parts.append(f"OPTIONS (description = {string(column.description)})")
    return " ".join(parts)


def create_table(table: Table) -> str:
    """The full BigQuery definition: modes, defaults, descriptions, partitions and clusters."""
    return "\n".join(
        [
            f"CREATE TABLE IF NOT EXISTS `{table.name}` (",
            ",\n".join(f"  {column_ddl(column)}" for column in table.columns),
            ")",
            *([f"PARTITION BY `{table.partition}`"] if table.partition else []),
            *([f"CLUSTER BY {names(table.cluster)}"] if table.cluster else []),
            f"OPTIONS (description = {string(table.full_description)})",
        ]
    )


def create_view(table: Table, select: str) -> str:
    """The full BigQuery definition of a view: descriptions and the SELECT."""
    columns = ",\n".join(
        f"  `{column.name}` OPTIONS (description = {string(column.description)})" for column in table.columns
    )
    return (
        f"CREATE OR REPLACE VIEW `{table.name}` (\n{columns}\n)\n"
        f"OPTIONS (description = {string(table.full_description)})\nAS {select}"
    )


def create_plain_table(table: Table) -> str:
    """The definition for DuckDB, without what only BigQuery has."""
    columns = ", ".join(column_ddl(column, options=False) for column in table.columns)
    return f"CREATE TABLE IF NOT EXISTS `{table.name}` ({columns})"


def add_columns(table: Table, columns: Sequence[Column], *, options: bool = True) -> str:
    """The statement that adds nullable columns. One that exists is skipped, because another writer may have added it."""
    added = (
        f"ADD COLUMN IF NOT EXISTS {column_ddl(replace(column, default=None), options=options)}"
        for column in columns
    )
    return f"ALTER TABLE `{table.name}` {', '.join(added)}"


def set_default(table: Table, column: Column) -> str:
    """The statement that sets a column's default. It applies to new rows only: rows that exist keep their values."""
    return f"ALTER TABLE `{table.name}` ALTER COLUMN `{column.name}` SET DEFAULT {column.default}"


def alterations(
    table: Table, added: Sequence[str], reworded: Sequence[str], *, is_reworded: bool
) -> list[str]:
    """The statements that add columns and set descriptions, and change nothing else of the table.

    Args:
        table: the declaration.
        added: columns that the table does not have.
        reworded: columns whose descriptions differ.
        is_reworded: whether the table's own description differs.
    """
    statements = []
    if added:
        columns = [table.by_name[name] for name in added]
        statements.append(add_columns(table, columns))
        statements += [set_default(table, column) for column in columns if column.default is not None]
    if reworded:
        described = (
            f"ALTER COLUMN `{name}` SET OPTIONS (description = {string(table.by_name[name].description)})"
            for name in reworded
        )
        statements.append(f"ALTER TABLE `{table.name}` {', '.join(described)}")
    if is_reworded:
        statements.append(
            f"ALTER TABLE `{table.name}` SET OPTIONS (description = {string(table.full_description)})"
        )
    return statements


def names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
