"""Periods of validity: both ends are inclusive, an empty end is open, and periods of one subject never overlap."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Hashable
from datetime import date

from ai_usage_assets.sources.identity.cells import Cell, Row, optional_date

PERIOD = ("valid_from", "valid_to")


class Periods:
    """The periods read so far, by their subject."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, list[tuple[date, date, int]]] = defaultdict(list)

    def read(self, subject: Hashable, row: Row) -> dict[str, date | None]:
        """The row's `valid_from` and `valid_to`.

        Raises:
            IdentityFileError: the period ends before it begins, or it overlaps another one of the subject.
        """
        first, last = period(row["valid_from"], row["valid_to"])
        seen, cell = self._seen[subject], row["valid_from"]
        # the periods are sorted and do not overlap, so a new one can overlap only its neighbors
        place = bisect(seen, (first, last, cell.line))
        for other_first, other_last, line in seen[max(0, place - 1) : place + 1]:
            if first <= other_last and other_first <= last:
                raise cell.refuse(f"the period overlaps the one of line {line}")
        seen.insert(place, (first, last, cell.line))
        return {name: optional_date(row[name]) for name in PERIOD}


def period(valid_from: Cell, valid_to: Cell) -> tuple[date, date]:
    first, last = optional_date(valid_from) or date.min, optional_date(valid_to) or date.max
    if last < first:
        raise valid_to.refuse(f"{last} is before valid_from {first}")
    return first, last
