"""The base of every error that a user may read: what happened, where, and a hint what to do. No secret, no person."""


class AiUsageError(Exception):
    """A failure that is explained.

    Attributes:
        message: what happened and where.
        hint: what to do about it; empty if the message says it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.message, self.hint = message, hint


class InvalidRowsError(AiUsageError):
    """Rows that are not what their table declares."""

    def __init__(self, table: str, reasons: list[str]) -> None:
        super().__init__(f"rows for {table} were refused: {'; '.join(reasons)}. Nothing was written.")


class AssetTableError(AiUsageError):
    """An asset's key or metadata names no table, column or partition that can be used."""


class UnsupportedTypeError(AiUsageError):
    """An asset returns, or reads an input as, a type that the IO manager does not know."""

    def __init__(self, asset: str, found: type, verb: str) -> None:
        super().__init__(
            f"asset {asset} {verb} a value of type {found.__name__}. Nothing was written.",
            "Use a pandas.DataFrame or a pyarrow.Table.",
        )


class ReportError(AiUsageError):
    """A page that cannot be built or written. Nothing was written."""
