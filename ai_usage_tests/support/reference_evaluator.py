"""Google's own reference implementation of GoogleSQL. It has no storage, and it defines what a SELECT means."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zetasql.api import CatalogBuilder, PreparedQuery
from zetasql.types import AnalyzerOptions, LanguageOptions, ZetaSQLBuiltinFunctionOptions

from ai_usage_assets.schema.model import Table
from ai_usage_tests.support.rule_cases import Row

TO_PYTHON: dict[str, Callable[[Any], Any]] = {
    "INT64": int,
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
    "NUMERIC": Decimal,
    "FLOAT64": float,
}


class Reference:
    def __init__(self) -> None:
        language = LanguageOptions.maximum_features()
        functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
        self._catalog = CatalogBuilder("reference").with_builtin_functions(functions).build()
        self._options = AnalyzerOptions(language_options=language)

    def answer(self, sql: str, table: Table) -> list[Row]:
        """The rows of a SELECT that reads no table but its own."""
        as_json = f"select to_json_string(answer) from ({sql}) as answer"
        builder = PreparedQuery.builder().set_sql(as_json)
        with builder.set_analyzer_options(self._options).set_catalog(self._catalog).prepare() as query:
            table_data = query.execute().content.table_data
            # no rows come as no table at all
            rows = table_data.row if table_data else []
        return [_row(json.loads(row.cell[0].string_value, parse_float=str), table) for row in rows]


def _row(values: dict[str, Any], table: Table) -> Row:
    return {name: _value(table.by_name[name].type.name, value) for name, value in values.items()}


def _value(type_name: str, value: Any) -> Any:
    return TO_PYTHON[type_name](value) if value is not None and type_name in TO_PYTHON else value
