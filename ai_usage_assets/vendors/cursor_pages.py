"""Cursor's answers as pages: each endpoint words the same few facts differently, and paging.py wants them alike."""

from msgspec import Struct, field

from ai_usage_assets.vendors.cursor_records import DailyUsage, Member, MemberSpend, UsageEvent
from ai_usage_assets.vendors.wire import Count, EpochMillis


class Members(Struct):
    team_members: list[Member] = field(name="teamMembers")


class _DailyPagination(Struct, rename="camel"):
    page: Count
    total_pages: Count
    total_users: Count
    has_next_page: bool


class DailyUsagePage(Struct, rename="camel"):
    """A page of people, each with all their days; without `pagination` nobody knows whether it is all."""

    data: list[DailyUsage]
    pagination: _DailyPagination

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
    usage_events: list[UsageEvent]
    total_usage_events_count: Count
    pagination: _EventPagination

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
    team_member_spend: list[MemberSpend]
    subscription_cycle_start: EpochMillis
    total_members: Count
    total_pages: Count

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
