"""The usage that a seat of Cursor includes, and the one rule that decides which calls are charged.

A seat includes usage of some dollars in each billing cycle. A call is within the plan if the member's earlier calls of
the cycle have not used that amount; after that, every call is charged on top of the plan until the next cycle begins.
A call is decided when it is made, so a day that the vendor revises later does not change which calls were charged.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ai_usage_assets.days import ONE_DAY
from ai_usage_assets.demo.sandbox.company import people
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.totals import charged
from ai_usage_assets.demo.sandbox.cursor.calls import DAY_MS, IsIncluded, midnight_ms, of_person
from ai_usage_assets.demo.sandbox.cursor.cycle import cycle_start, milliseconds

INCLUDED_CENTS = {"standard": Decimal(2_000), "premium": Decimal(6_000)}
"""The usage that a seat includes in a billing cycle, by tier."""


def tier(person: Person, day: date) -> str:
    is_premium = person.number in people.PREMIUM_HOLDERS and day >= people.PREMIUM_SINCE
    return "premium" if is_premium else "standard"


@dataclass
class _Cycle:
    """What is known of a member's billing cycle: everything before `next_day`."""

    starts_at: int
    next_day: date
    limit_cents: Decimal
    used_cents: Decimal = Decimal(0)
    charged_from: int | None = None
    """The time of the first call that is charged (milliseconds)."""

    def includes(self, at: int) -> bool:
        return self.charged_from is None or at < self.charged_from


class Allowances:
    """By member and billing cycle, when the allowance was used up."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._cycles: dict[tuple[int, int], _Cycle] = {}

    def of(self, person: Person, day: date) -> IsIncluded:
        """Whether the person's calls of a day are included. On an anniversary, two cycles have a part of the day."""
        start = midnight_ms(day)
        first, last = self._cycle(person, start, day), self._cycle(person, start + DAY_MS - 1, day)
        return lambda at: (last if at >= last.starts_at else first).includes(at)

    def _cycle(self, person: Person, at: int, day: date) -> _Cycle:
        """The cycle at a time, known to the end of the day."""
        began = cycle_start(datetime.fromtimestamp(at // 1000, UTC))
        starts_at = milliseconds(began)
        key = person.number, starts_at
        if key not in self._cycles:
            limit = INCLUDED_CENTS[tier(person, began.date())]
            self._cycles[key] = _Cycle(starts_at, began.date(), limit)
        cycle = self._cycles[key]
        while cycle.charged_from is None and cycle.next_day <= day:
            self._use(cycle, person)
            cycle.next_day += ONE_DAY
        return cycle

    def _use(self, cycle: _Cycle, person: Person) -> None:
        """Count the next day's calls until the allowance is used up."""
        for call in of_person(self._directory, person, cycle.next_day, 1.0, lambda _: True):
            if call.at < cycle.starts_at:
                continue
            if cycle.used_cents >= cycle.limit_cents:
                cycle.charged_from = call.at
                return
            cycle.used_cents += charged(call.event) or 0
