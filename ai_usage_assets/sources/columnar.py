"""Columns of values to Arrow tables, and the conversions that all builders of rows share."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import FetchedRows, bounded

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")

NANO_DOLLAR = Decimal("1e-9")
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
LARGEST = Decimal(10) ** 28


def build(table: Table, columns: Mapping[str, Sequence[Any]]) -> "pa.Table":
    """An Arrow table with the declared columns in the declared order, from the values of each column by its name.

    Raises:
        InvalidRowsError: a value does not fit its column.
    """
    import pyarrow as pa

    from ai_usage_assets.schema.arrow import arrow_schema

    schema = arrow_schema(table)
    return pa.table([_column(table, field, columns[field.name]) for field in schema], schema=schema)


def _column(table: Table, field: "pa.Field", values: Sequence[Any]) -> "pa.Array":
    import pyarrow as pa

    try:
        return pa.array(values, type=field.type)
    except (ValueError, OverflowError):
        # a sum may not fit, although each of its parts does
        declared = table.by_name[field.name].type
        raise InvalidRowsError(table.name, [f"column {field.name} holds a value beyond {declared}"]) from None


def group_by_key(records: Iterable[tuple[tuple[Hashable, ...], R]]) -> dict[tuple[Hashable, ...], list[R]]:
    """The records with the same key together, from pairs of key and record, in the order of the first ones."""
    groups: dict[tuple[Hashable, ...], list[R]] = defaultdict(list)
    for key, record in records:
        groups[key].append(record)
    return groups


def key_columns(
    names: Sequence[str], keys: Collection[tuple[Hashable, ...]]
) -> dict[str, Sequence[Hashable]]:
    """The parts of the keys as columns; `names` are the columns of the parts, in their order."""
    if not keys:
        return dict.fromkeys(names, ())
    return dict(zip(names, zip(*keys, strict=True), strict=True))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; the default context of `decimal` would round it to 28 digits."""
    return reduce(EXACT.add, amounts, Decimal(0))


def known_sum(counts: Iterable[int | None]) -> int | None:
    """The sum of the known counts; NULL if none is known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def known_dollars(cents: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the known amounts of cents, in dollars; NULL if none is known."""
    known = [amount for amount in cents if amount is not None]
    return dollars(total(known)) if known else None


def concat(table: Table, parts: "Iterable[pa.Table]") -> "FetchedRows":
    """The parts as rows of the table: in memory, or in files if they are many."""
    from ai_usage_assets.schema.arrow import arrow_schema

    return bounded(arrow_schema(table), parts)


def nano(value: Decimal | None) -> Decimal | None:
    """A decimal with the nine decimals of NUMERIC(38,9), rounded half-even: vendors send the noise of floats.

    Raises:
        ValueError: the value does not fit.
    """
    if value is None:
        return None
    try:
        rounded = EXACT.quantize(value, NANO_DOLLAR)
    except InvalidOperation:
        rounded = LARGEST
    if abs(rounded) >= LARGEST:
        raise ValueError(f"a value of about 1e{value.adjusted()} does not fit NUMERIC(38,9)")
    return rounded


def dollars(cents: Decimal | None) -> Decimal | None:
    """Cents, as the vendors send them, in dollars.

    Raises:
        ValueError: the amount does not fit NUMERIC(38,9).
    """
    return None if cents is None else nano(EXACT.scaleb(cents, -2))


def snapshot_columns(fetched_at: datetime, rows: int) -> dict[str, Sequence[Any]]:
    """The columns that every snapshot table has; the write keeps the first `first_seen_at` of a row."""
    times = [fetched_at] * rows
    return {
        "fetched_at": times,
        "first_seen_at": times,
        "last_seen_at": times,
        "is_current": [True] * rows,
    }
