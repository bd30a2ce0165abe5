"""Records to Arrow, column by column, in the declared order; and the few conversions that all builders share."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Table

if TYPE_CHECKING:
    import pyarrow as pa


R = TypeVar("R")

NANO_DOLLAR = Decimal("1e-9")
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
LARGEST = Decimal(10) ** 28


def build(table: Table, records: Sequence[R], columns: Mapping[str, Callable[[R], Any]]) -> "pa.Table":
    """One column per declared column; `columns` says how each is read off a record.

    Raises:
        InvalidRowsError: a value does not fit its column.
    """
    return of_columns(table, {name: list(map(read, records)) for name, read in columns.items()})


def of_columns(table: Table, columns: Mapping[str, Sequence[Any]]) -> "pa.Table":
    """The declared columns of their values, which stand there by name.

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
        # what each part held, their sum may not
        declared = table.by_name[field.name].type
        raise InvalidRowsError(table.name, [f"column {field.name} holds a value beyond {declared}"]) from None


def summed(
    table: Table,
    records: Iterable[R],
    *,
    dimensions: Mapping[str, Callable[[R], Hashable]],
    measures: Mapping[str, Callable[[Sequence[R]], Any]],
    fetched_at: datetime,
) -> "pa.Table":
    """One row for all records alike in every dimension; a measure is read off all of them together."""
    alike: dict[tuple[Hashable, ...], list[R]] = defaultdict(list)
    for record in records:
        alike[tuple(read(record) for read in dimensions.values())].append(record)
    return build(
        table,
        list(alike.values()),
        {
            **{name: _of_first(read) for name, read in dimensions.items()},
            **measures,
            "fetched_at": always(fetched_at),
        },
    )


def _of_first(read: Callable[[R], Any]) -> Callable[[Sequence[R]], Any]:
    return lambda records: read(records[0])


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; the default context would round at 28 digits."""
    return reduce(EXACT.add, amounts, Decimal(0))


def known_sum(read: Callable[[Any], int | None]) -> Callable[[Iterable[Any]], int | None]:
    """The sum of what the records say; NULL if none of them says anything."""

    def added(records: Iterable[Any]) -> int | None:
        known = [value for record in records if (value := read(record)) is not None]
        return sum(known) if known else None

    return added


def concat(table: Table, parts: "Iterable[pa.Table]") -> "pa.Table":
    """The parts as one table; no parts are an empty table, not nothing."""
    import pyarrow as pa

    from ai_usage_assets.schema.arrow import arrow_schema

    return pa.concat_tables([arrow_schema(table).empty_table(), *parts])


def nano(value: Decimal | None) -> Decimal | None:
    """A decimal as NUMERIC(38,9) keeps it: half-even to nine decimals, since vendors send floats' noise.

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
    """Cents as the vendors send them, in dollars.

    Raises:
        ValueError: the amount does not fit NUMERIC(38,9).
    """
    return None if cents is None else nano(EXACT.scaleb(cents, -2))


def always(value: object) -> Callable[[Any], Any]:
    return lambda _: value


def seen(fetched_at: datetime) -> dict[str, Callable[[Any], Any]]:
    """What every register says of a listing; the door keeps the first first_seen_at."""
    return {
        "fetched_at": always(fetched_at),
        "first_seen_at": always(fetched_at),
        "last_seen_at": always(fetched_at),
        "is_current": always(value=True),
    }
