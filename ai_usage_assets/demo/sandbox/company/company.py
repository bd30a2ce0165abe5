"""The sample company: its lists, and the records of each day at both vendors, the same for every caller.

It knows neither the time nor HTTP. What a vendor withholds or formats in its own way belongs to the routes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.anthropic import claude_code, cost, usage
from ai_usage_assets.demo.sandbox.anthropic.claude_code_shapes import Activity
from ai_usage_assets.demo.sandbox.anthropic.cost import Cost
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import Usage
from ai_usage_assets.demo.sandbox.company import totals
from ai_usage_assets.demo.sandbox.company.cache import BoundedCache
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.cursor import daily as cursor_daily
from ai_usage_assets.demo.sandbox.cursor import events as cursor_events
from ai_usage_assets.demo.sandbox.cursor.allowance import Allowances
from ai_usage_assets.demo.sandbox.cursor.shapes import Call, DailyUsage
from ai_usage_assets.demo.sandbox.cursor.withheld import Part, calls_left, daily_left

Vendor = Literal["anthropic", "cursor"]
FIRST_DAY = date(2024, 11, 1)


@dataclass(frozen=True)
class AnthropicDay:
    usage: list[Usage]
    cost: list[Cost]
    claude_code: list[Activity]

    def __len__(self) -> int:
        return len(self.usage) + len(self.cost) + len(self.claude_code)


@dataclass(frozen=True)
class CursorDay:
    calls: list[Call]
    daily: list[DailyUsage]

    def __len__(self) -> int:
        return len(self.calls) + len(self.daily)


class Company:
    def __init__(self, people: int = 24, seed: int = 7, first_day: date = FIRST_DAY) -> None:
        self.directory = Directory(people, seed, first_day)
        self.first_day = first_day
        self._allowances = Allowances(self.directory)
        self._factors: dict[tuple[date, Vendor], float] = {}
        self._deleted: set[tuple[date, Vendor]] = set()
        self._withheld: dict[date, frozenset[Part]] = {}
        self._revisions: dict[tuple[date, Vendor], int] = defaultdict(int)
        self._anthropic_days: BoundedCache[AnthropicDay] = BoundedCache(30_000, len)
        self._cursor_days: BoundedCache[CursorDay] = BoundedCache(60_000, len)

    def anthropic(self, day: date) -> AnthropicDay:
        return self._anthropic_days.get((day, self.revision(day, "anthropic")), lambda: self._anthropic(day))

    def cursor(self, day: date) -> CursorDay:
        return self._cursor_days.get((day, self.revision(day, "cursor")), lambda: self._cursor(day))

    def cursor_until(self, day: date, ms: int) -> CursorDay:
        """A day that has not ended: the calls up to a time, and the daily rows that follow from them."""
        if (day, "cursor") in self._deleted:
            return CursorDay([], [])
        calls = [call for call in self.cursor(day).calls if call.at <= ms]
        return CursorDay(calls, cursor_daily.daily(self.directory, day, calls, self._factor(day, "cursor")))

    def totals(self, days: Days) -> dict[date, DayTotals]:
        """The totals of each complete day."""
        return {day: self._totals(day) for day in days}

    def restate(self, day: date, vendor: Vendor, factor: float) -> None:
        """The vendor revises a day: tokens, lines and money change, and the number of records stays."""
        self._factors[day, vendor] = self._factor(day, vendor) * factor
        self._revisions[day, vendor] += 1

    def empty(self, day: date, vendor: Vendor) -> None:
        """The vendor deletes all records of a day."""
        self._deleted.add((day, vendor))
        self._revisions[day, vendor] += 1

    def withhold(self, day: date, *parts: Part) -> None:
        """From now on Cursor omits these parts of a day. Without parts it returns the complete day again."""
        self._withheld[day] = frozenset(parts)
        self._revisions[day, "cursor"] += 1

    def revision(self, day: date, vendor: Vendor) -> int:
        """The number of changes to a day, as a key for caches."""
        return self._revisions.get((day, vendor), 0)

    def _factor(self, day: date, vendor: Vendor) -> float:
        return self._factors.get((day, vendor), 1.0)

    def _anthropic(self, day: date) -> AnthropicDay:
        if (day, "anthropic") in self._deleted:
            return AnthropicDay([], [], [])
        factor = self._factor(day, "anthropic")
        activities = claude_code.claude_code(self.directory, day, factor)
        rows = usage.usage(
            self.directory, day, claude_code.api_usage(self.directory, day, activities), factor
        )
        return AnthropicDay(rows, cost.cost(self.directory, day, rows), activities)

    def _cursor(self, day: date) -> CursorDay:
        if (day, "cursor") in self._deleted:
            return CursorDay([], [])
        factor = self._factor(day, "cursor")
        calls = cursor_events.calls(self.directory, self._allowances, day, factor)
        daily = cursor_daily.daily(self.directory, day, calls, factor)
        if parts := self._withheld.get(day):
            return CursorDay(calls_left(calls, parts), daily_left(daily, parts))
        return CursorDay(calls, daily)

    def _totals(self, day: date) -> DayTotals:
        anthropic, cursor_day = self.anthropic(day), self.cursor(day)
        return DayTotals(
            day,
            totals.anthropic_totals(anthropic.usage, anthropic.cost),
            totals.claude_code_totals(activity.record for activity in anthropic.claude_code),
            totals.cursor_totals((call.event for call in cursor_day.calls), cursor_day.daily),
        )
