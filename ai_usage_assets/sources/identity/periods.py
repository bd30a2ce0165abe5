"""Periods of validity: both ends are inclusive, an empty end is open, and periods of one subject never overlap."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Hashable
from datetime import date

from ai_usage_assets.sources.identity.cells import Cell, Row, optional_date

PERIOD = ("valid_from", "valid_to")


class Periods:
    """The periods read so far, by their subject, and the columns that they are in."""

    def __init__(self, first: str = PERIOD[0], last: str = PERIOD[1]) -> None:
        self._columns = (first, last)
        self._seen: dict[Hashable, list[tuple[date, date, int]]] = defaultdict(list)

    def read(self, subject: Hashable, row: Row) -> dict[str, date | None]:
        """The row's first and last day, by the columns' names.

        Raises:
            IdentityFileError: the period ends before it begins, or it overlaps another one of the subject.
        """
        first_cell, last_cell = (row[name] for name in self._columns)
        first, last = period(first_cell, last_cell)
        seen, cell = self._seen[subject], first_cell
        # the periods are sorted and do not overlap, so a new one can overlap only its neighbors
        place = bisect(seen, (first, last, cell.line))
        for other_first, other_last, line in seen[max(0, place - 1) : place + 1]:
            if first <= other_last and other_first <= last:
                raise cell.refuse(f"the period overlaps the one of line {line}")
        seen.insert(place, (first, last, cell.line))
        return {name: optional_date(row[name]) for name in self._columns}


def period(first_cell: Cell, last_cell: Cell) -> tuple[date, date]:
    first, last = optional_date(first_cell) or date.min, optional_date(last_cell) or date.max
    if last < first:
        raise last_cell.refuse(f"{last} is before {first_cell.column} {first}")
    return first, last
