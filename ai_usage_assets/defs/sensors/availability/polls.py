"""What every poll of a vendor has in common: its result, and the comparison with what was materialized.

A vendor's answer is turned into rows by the code that loads it, and summed like the metadata of its materialization,
so that both sides of the comparison mean the same. The poll of a vendor is in `poll_<name>.py`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from ai_usage_assets.days import Days
from ai_usage_assets.defs.records import Materialization
from ai_usage_assets.schema.model import INT64, Table
from ai_usage_assets.warehouse.retention_guard import figures

if TYPE_CHECKING:
    import pyarrow as pa

HALF_OF_FOUR_DECIMALS = Decimal("0.00005")
"""Amounts that differ by less are the same at four decimals."""
FETCHED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""Rows of a poll are not loaded, so any instant will do."""

Recorded: TypeAlias = Callable[[str], Mapping[date, Materialization]]
"""By asset, what was recorded of the days that are compared."""
Totals: TypeAlias = Mapping[str, Decimal]
Digests: TypeAlias = dict[date, str]


@dataclass(frozen=True)
class PollResult:
    """What one poll found."""

    days_with_data: frozenset[date]
    """The polled days for which the vendor has data."""
    restated: dict[str, Digests]
    """Of each polled table, the materialized days whose sums differ now, with a digest of the new sums."""


Poll: TypeAlias = Callable[[Any, Days, Recorded, int], PollResult]
"""Polls with a client for some days; the number says how many polls were answered before."""


def sums(table: Table, rows: "pa.Table") -> dict[date, Totals]:
    """The totals of each day that has rows; of a table with a rolling history, of each day that has figures."""
    measures = [column.name for column in figures(table)] if table.has_rolling_history else []
    grouped = rows.group_by("ingest_date").aggregate(
        [*((name, "sum") for name in table.total_columns), *((name, "max") for name in measures)]
    )
    return {
        row["ingest_date"]: {name: Decimal(row[f"{name}_sum"] or 0) for name in table.total_columns}
        for row in grouped.to_pylist()
        if not measures or any(row[f"{name}_max"] for name in measures)
    }


def unreported(
    table: Table, reported: Mapping[date, Totals], recorded: Mapping[date, Materialization]
) -> frozenset[date]:
    """The days that were materialized with figures, and for which the vendor reports nothing now."""
    return frozenset(
        day
        for day, materialization in recorded.items()
        if day not in reported and any(materialization.totals.get(name) for name in table.total_columns)
    )


def days_with_data(reported: Mapping[date, Totals]) -> frozenset[date]:
    return frozenset(day for day, totals in reported.items() if any(totals.values()))


def restated(
    table: Table, reported: Mapping[date, Totals], recorded: Mapping[date, Materialization]
) -> Digests:
    """The days whose totals differ from the recorded ones; a day that the vendor leaves empty has zeros.

    Of a table with a rolling history, a day with rows that the vendor leaves empty is not restated: it keeps its rows.
    """
    nothing = dict.fromkeys(table.total_columns, Decimal(0))
    return {
        day: digest(*reported.get(day, nothing).values())
        for day, materialization in recorded.items()
        if materialization.rows is not None
        and not (table.has_rolling_history and materialization.rows and day not in reported)
        and any(
            is_different(table, name, value, materialization.totals.get(name, 0.0))
            for name, value in reported.get(day, nothing).items()
        )
    }


def is_different(table: Table, name: str, reported: Decimal, recorded: float) -> bool:
    """Counts are compared exactly, and money at four decimals, because its recorded sum is a float."""
    if table.by_name[name].type == INT64:
        return reported != round(recorded)
    return abs(reported - Decimal(recorded)) >= HALF_OF_FOUR_DECIMALS


def digest(*values: object) -> str:
    return hashlib.sha256("|".join(str(value) for value in values).encode()).hexdigest()[:12]
