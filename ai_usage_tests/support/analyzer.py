"""Google's own analyzer of GoogleSQL over the declared tables: what it refuses, BigQuery would refuse."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder
from zetasql.core.exceptions import ZetaSQLError
from zetasql.types import (
    AnalyzerOptions,
    LanguageFeature,
    LanguageOptions,
    ProductMode,
    ResolvedNodeKind,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

from ai_usage_assets.schema.columns import text
from ai_usage_assets.schema.model import Column
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.curated import FCT_USAGE_DAILY

KINDS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "BOOLEAN": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "TIMESTAMP": TypeKind.TYPE_TIMESTAMP,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "NUMERIC": TypeKind.TYPE_NUMERIC,
}
OLD, NEW = text("old", "An address."), text("new", "What stands in its place.")
STAGED = {
    **{f"staged_{name}": (OLD,) for name in ("hidden", "mentioned", "named", "people")},
    **{f"staged_{name}": (OLD, NEW) for name in ("forgotten", "notes", "renamed")},
    "staged_combined": FCT_USAGE_DAILY.columns,
}
"""The staged tables that are not of the rows of a table: those of pseudonyms and of forgetting."""


class Gate:
    """Every declared table, and the staged ones beside them, in a catalogue without rows."""

    def __init__(self) -> None:
        language = LanguageOptions.maximum_features()
        # BigQuery's own types and names, without Google's internal ones
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        language.supported_statement_kinds = [
            kind for kind in ResolvedNodeKind if kind.name.endswith("_STMT")
        ]
        language.enabled_language_features.append(LanguageFeature.FEATURE_CREATE_VIEWS_WITH_COLUMN_OPTIONS)
        self._options = AnalyzerOptions(language_options=language)
        self._functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
        self._tables = {
            name: _table(name, table.columns)
            for table in TABLES
            for name in (
                table.name,
                *(f"staged_{table.name}{suffix}" for suffix in ("", "_upserted", "_compared")),
            )
        } | {name: _table(name, columns) for name, columns in STAGED.items()}

    def refusal(self, sql: str) -> str | None:
        """What the analyzer has against a statement."""
        try:
            Analyzer(self._options, self._catalogue(sql)).analyze_statement(sql)
        except ZetaSQLError as refused:
            return str(refused)
        except DecodeError:
            # analysed, and the answer is nested deeper than Python's protobuf reads; a refusal comes another way
            return None
        return None

    def _catalogue(self, sql: str):  # type: ignore[no-untyped-def]
        # it goes to the analyzer byte by byte with every statement, so it holds no table that the statement does not name
        catalogue = CatalogBuilder("declared").with_builtin_functions(self._functions)
        for name, table in self._tables.items():
            if name in sql:
                catalogue.add_table(table)
        return catalogue.build()


def _table(name: str, columns: tuple[Column, ...]):  # type: ignore[no-untyped-def]
    builder = TableBuilder(name)
    for column in columns:
        builder.add_column(column.name, KINDS[column.type.name])
    return builder.build()
