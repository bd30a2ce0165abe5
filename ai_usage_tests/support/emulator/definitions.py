"""Runs inside `.venv-emulator`: makes the server take what BigQuery takes in an `ALTER TABLE`.

The server's own parser reads one action on a column, and it drops the options of an added column.
"""

from collections.abc import Callable
from typing import Any

from local_bigquery.catalog import ddl
from local_bigquery.sql.dialect import AlterColumnOptions, BigQueryDialect
from sqlglot import exp

alteration: Callable[..., dict[str, Any]] = ddl._alteration


def alteration_with_options(stored: Any, action: exp.Expression, *more: Any) -> dict[str, Any]:
    """What an action changes in the stored definition."""
    options = action.find(exp.Properties) if isinstance(action, exp.ColumnDef) else None
    if options:
        action = AlterColumnOptions(this=action.this.copy(), expressions=options.expressions)
    return alteration(stored, action, *more)


def use() -> None:
    ddl._alteration = alteration_with_options
    BigQueryDialect.Parser.ALTER_TABLE_MIXED_ACTIONS = True
