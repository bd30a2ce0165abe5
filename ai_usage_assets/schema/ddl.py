"""A declaration as GoogleSQL DDL. One dialect; engines translate."""

from collections.abc import Sequence

from ai_usage_assets.schema.model import Column, Table


def string(value: str) -> str:
    """A GoogleSQL string literal that nothing can break out of."""
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
    """The whole BigQuery definition: modes, defaults, descriptions, partitioning, clustering."""
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
    """The whole BigQuery definition of a view: descriptions and the SELECT."""
    columns = ",\n".join(
        f"  `{column.name}` OPTIONS (description = {string(column.description)})" for column in table.columns
    )
    return (
        f"CREATE OR REPLACE VIEW `{table.name}` (\n{columns}\n)\n"
        f"OPTIONS (description = {string(table.full_description)})\nAS {select}"
    )


def create_plain_table(table: Table) -> str:
    """The definition without what only BigQuery knows: for the embedded engine."""
    columns = ", ".join(column_ddl(column, options=False) for column in table.columns)
    return f"CREATE TABLE IF NOT EXISTS `{table.name}` ({columns})"


def add_column(table: Table, column: Column) -> list[str]:
    """The statements that add a nullable column: its default counts from now on, so that old rows stay NULL."""
    added = [f"ALTER TABLE `{table.name}` ADD COLUMN `{column.name}` {column.type}"]
    if column.default is not None:
        added.append(f"ALTER TABLE `{table.name}` ALTER COLUMN `{column.name}` SET DEFAULT {column.default}")
    return added


def names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
