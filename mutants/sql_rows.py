"""The rows of the rule cases, loaded once into DuckDB in memory: a changed statement runs over them in milliseconds."""

import duckdb

from ai_usage_assets.curated.select import tables_read
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_assets.warehouse.translations import to_duckdb
from ai_usage_tests.support.rule_cases import Case, Row, written_out


class LoadedCases:
    """One schema for each case that was loaded."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'")
        self._schemas: dict[Case, str] = {}

    def load(self, case: Case) -> None:
        """Make the schema of the case, with each table that its statement reads as the product has it."""
        if case in self._schemas:
            return
        name = f"case_{len(self._schemas)}"
        self._connection.execute(f"create schema {name}")
        given = case.given
        for table in {*given, *tables_read(case.select.sql)}:
            rows = to_duckdb(written_out(table, given.get(table, [])))
            self._connection.execute(f"create table {name}.{table.name} as {rows}")
        self._schemas[case] = name

    def answer(self, case: Case, sql: str) -> list[Row]:
        """The rows of a statement of a loaded case's table. The write path, and what it refuses, is left out."""
        self._connection.execute(f"set search_path = '{self._schemas[case]}'")
        statement = to_duckdb(for_window(sql, case.days))
        rows: list[Row] = self._connection.execute(statement).to_arrow_table().to_pylist()
        return rows
