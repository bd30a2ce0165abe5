"""Cursor's answers as pages. Each endpoint has other names for the same facts, and `numbered_pages.py` reads one set.

An answer without records may have no list, no pagination and no total, and may even be `{}`. It counts as empty only if
all its fields agree with that: no unknown field, no total above 0, and no other page.
"""

from typing import Annotated, Any, ClassVar, Self

from msgspec import Meta, Struct

from ai_usage_assets.sources.cursor.records import (
    BillingCycle,
    DailyUsage,
    Group,
    Member,
    MemberSpend,
    UsageEvent,
)
from ai_usage_assets.sources.http.decode import Count, EpochMillis

NoRecords = Annotated[list[Any], Meta(max_length=0)]
Zero = Annotated[int, Meta(ge=0, le=0)]
AtMostOne = Annotated[int, Meta(ge=0, le=1)]


class Empty(Struct, rename="camel", forbid_unknown_fields=True):
    """All fields that an answer without records may have."""


class _NoPagination(Empty):
    page: Count | None = None
    current_page: Count | None = None
    page_size: Count | None = None
    total_pages: AtMostOne | None = None
    num_pages: AtMostOne | None = None
    total_users: Zero | None = None
    has_next_page: bool | None = None
    has_previous_page: bool | None = None

    def __post_init__(self) -> None:
        if self.has_next_page:
            raise ValueError("hasNextPage is true")


class _NoMembers(Empty):
    team_members: NoRecords | None = None


class _NoGroups(Empty):
    groups: NoRecords | None = None
    unassigned_group: Any = None
    billing_cycle: BillingCycle | None = None


class _NoDailyUsage(Empty):
    data: NoRecords | None = None
    period: dict[str, Any] | None = None
    pagination: _NoPagination | None = None


class _NoUsageEvents(Empty):
    usage_events: NoRecords | None = None
    total_usage_events_count: Zero | None = None
    period: dict[str, Any] | None = None
    pagination: _NoPagination | None = None


class _NoSpend(Empty):
    """The cycle is required, because a spend of 0 is the spend of a cycle; so `{}` is refused here."""

    subscription_cycle_start: EpochMillis
    team_member_spend: NoRecords | None = None
    total_members: Zero | None = None
    total_pages: AtMostOne | None = None


class Members(Struct, rename="camel"):
    EMPTY: ClassVar[type[Struct]] = _NoMembers

    team_members: list[Member]

    @classmethod
    def empty(cls, _: _NoMembers) -> Self:
        return cls(team_members=[])


class Groups(Struct, rename="camel"):
    EMPTY: ClassVar[type[Struct]] = _NoGroups

    groups: list[Group]
    billing_cycle: BillingCycle | None = None
    """The billing cycle of the members' spend."""

    @classmethod
    def empty(cls, found: _NoGroups) -> Self:
        return cls([], found.billing_cycle)


class _DailyPagination(Struct, rename="camel"):
    page: Count
    total_pages: Count
    total_users: Count
    has_next_page: bool


class DailyUsagePage(Struct, rename="camel"):
    """A page of people, each with all their days. `pagination` is required: it shows whether there are more pages."""

    EMPTY: ClassVar[type[Struct]] = _NoDailyUsage

    data: list[DailyUsage]
    pagination: _DailyPagination

    @classmethod
    def empty(cls, _: _NoDailyUsage) -> Self:
        return cls(data=[], pagination=_DailyPagination(1, 0, 0, has_next_page=False))

    @property
    def records(self) -> list[DailyUsage]:
        return self.data

    @property
    def number(self) -> int | None:
        return self.pagination.page

    @property
    def has_next(self) -> bool | None:
        return self.pagination.has_next_page

    @property
    def pages(self) -> int:
        return self.pagination.total_pages

    @property
    def fixed(self) -> tuple[object, ...]:
        return self.pagination.total_pages, self.pagination.total_users

    @property
    def total(self) -> int | None:
        return None  # it counts people, and a record is a person's day


class _EventPagination(Struct, rename="camel"):
    current_page: Count
    num_pages: Count
    has_next_page: bool


class UsageEventsPage(Struct, rename="camel"):
    EMPTY: ClassVar[type[Struct]] = _NoUsageEvents

    usage_events: list[UsageEvent]
    total_usage_events_count: Count
    pagination: _EventPagination

    @classmethod
    def empty(cls, _: _NoUsageEvents) -> Self:
        return cls([], 0, _EventPagination(1, 0, has_next_page=False))

    @property
    def records(self) -> list[UsageEvent]:
        return self.usage_events

    @property
    def number(self) -> int | None:
        return self.pagination.current_page

    @property
    def has_next(self) -> bool | None:
        return self.pagination.has_next_page

    @property
    def pages(self) -> int:
        return self.pagination.num_pages

    @property
    def fixed(self) -> tuple[object, ...]:
        return self.pagination.num_pages, self.total_usage_events_count

    @property
    def total(self) -> int | None:
        return self.total_usage_events_count


class SpendPage(Struct, rename="camel"):
    EMPTY: ClassVar[type[Struct]] = _NoSpend

    team_member_spend: list[MemberSpend]
    subscription_cycle_start: EpochMillis
    total_members: Count
    total_pages: Count

    @classmethod
    def empty(cls, found: _NoSpend) -> Self:
        return cls([], found.subscription_cycle_start, 0, 0)

    @property
    def records(self) -> list[MemberSpend]:
        return self.team_member_spend

    @property
    def number(self) -> int | None:
        return None

    @property
    def has_next(self) -> bool | None:
        return None

    @property
    def pages(self) -> int:
        return self.total_pages

    @property
    def fixed(self) -> tuple[object, ...]:
        return self.total_pages, self.total_members, self.subscription_cycle_start

    @property
    def total(self) -> int | None:
        return self.total_members
