"""The errors of the warehouse. Each says what happened, where, and what to do; nothing was written unless it says so.

WarehouseError
├── SchemaDriftError           a table in the warehouse differs from its declaration
├── EmptyListError             a vendor's list has no current entry, and the table has some
├── PseudonymKeyError          the pseudonyms are made with another key
├── TableOwnedError            another asset writes the table
├── WarehouseBusyError         another process or run uses the warehouse
└── WarehouseUnavailableError  the warehouse cannot be opened, does not answer, or refuses a statement

`InvalidRowsError`, for rows that differ from the declaration of their table, is in `ai_usage_assets.errors`.
"""

from collections.abc import Iterable

from ai_usage_assets.errors import AiUsageError


class WarehouseError(AiUsageError):
    """The base of the errors that the warehouse raises."""


class SchemaDriftError(WarehouseError):
    """A table in the warehouse differs from its declaration in a way that only a person can decide about."""

    def __init__(self, table: str, differences: Iterable[str], hint: str) -> None:
        super().__init__(
            f"table {table} in the warehouse differs from its declaration: {'; '.join(differences)}. "
            "Nothing was written.",
            hint,
        )


class EmptyListError(WarehouseError):
    """A vendor's list has no current entry, and the table has some."""


class PseudonymKeyError(WarehouseError):
    """The pseudonyms of the warehouse are made with another key."""


class TableOwnedError(WarehouseError):
    """Another asset writes the table."""

    def __init__(self, table: str, asset: str, owner: str) -> None:
        super().__init__(
            f"asset {asset} would replace rows of the table {table}, which the asset {owner} writes. Nothing was written.",
            "Give one of them another key, or another dataset with the metadata `schema`. If the asset was renamed, "
            "change the table's description.",
        )


class WarehouseBusyError(WarehouseError):
    """Another process or run uses the warehouse, and did not finish in time."""


class WarehouseUnavailableError(WarehouseError):
    """The warehouse cannot be opened, does not answer, or refuses a statement."""
