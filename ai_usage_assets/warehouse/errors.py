"""What the door refuses, each in one sentence: what, where, what to do. Nothing was written when one is raised.

WarehouseError
├── TableDiffers      the table in the warehouse is not what is declared
├── EmptyListError    the vendor's list came back without anybody on it
├── TableOwnedError   the table belongs to another asset
├── WarehouseBusy     another process holds the warehouse
└── WarehouseUnusable the warehouse cannot be opened or does not answer
"""

from ai_usage_assets.errors import AiUsageError


class WarehouseError(AiUsageError):
    """Base of everything that the warehouse raises on purpose."""


class TableDiffers(WarehouseError):
    def __init__(self, table: str, differences: list[str], remedy: str) -> None:
        super().__init__(
            f"table {table} in the warehouse differs from its declaration: {'; '.join(differences)}. "
            f"Nothing was written. {remedy}"
        )


class EmptyListError(WarehouseError):
    pass


class TableOwnedError(WarehouseError):
    def __init__(self, table: str, asset: str, owner: str) -> None:
        super().__init__(
            f"asset {asset} would replace rows of the table {table}, which the asset {owner} writes. Nothing was written.",
            "Give one of them another key, or another dataset with the metadata `schema`. If the asset was renamed, "
            "change the table's description.",
        )


class WarehouseBusy(WarehouseError):
    pass


class WarehouseUnusable(WarehouseError):
    pass
