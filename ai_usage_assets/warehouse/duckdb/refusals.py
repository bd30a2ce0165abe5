"""What DuckDB's errors may say: a message can quote a row."""

import duckdb

SAFE_ERRORS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.ParserException,
)
"""Errors about statements and files, whose messages have no data. Messages of other errors may quote a row."""


def safe_message(refused: duckdb.Error) -> str:
    """The first line of DuckDB's message if it cannot quote a value, else the name of the error."""
    lines = str(refused).splitlines()
    return lines[0] if lines and isinstance(refused, SAFE_ERRORS) else type(refused).__name__
