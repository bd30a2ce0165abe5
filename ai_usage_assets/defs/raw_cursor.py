"""Cursor's raw assets, each a function of its own name: what is requested, and which rows it becomes."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import dagster as dg

from ai_usage_assets.defs.asset_functions import Context, Now, asset_of
from ai_usage_assets.defs.not_offered import unchanged
from ai_usage_assets.defs.prefetch import Prefetch
from ai_usage_assets.defs.resources import VendorResource
from ai_usage_assets.schema.tables.cursor import (
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_GROUPS,
    RAW_CURSOR_MEMBERS,
    RAW_CURSOR_OPEN_DAY,
    RAW_CURSOR_SPEND,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.cursor import endpoints, rows, spend_rows
from ai_usage_assets.sources.http.errors import ForbiddenError, NotFoundError
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.sources.source import CURSOR
from ai_usage_assets.warehouse.chunks import Chunks

if TYPE_CHECKING:
    from ai_usage_assets.sources.cursor.client import CursorAdmin

ENDPOINTS = endpoints.ENDPOINTS


class CursorResource(VendorResource):
    """Cursor's Admin API."""

    source = CURSOR

    requests_per_minute: int | None = None

    @cached_property
    def client(self) -> "CursorAdmin":
        return self.open_client()

    def open_client(self, retry: Retry | None = None) -> "CursorAdmin":
        from ai_usage_assets.sources.cursor.client import CursorAdmin

        return CursorAdmin(
            self.api_key, base_url=self.base_url, requests_per_minute=self.requests_per_minute, retry=retry
        )


def resource(settings: Settings) -> CursorResource:
    return CursorResource(
        api_key=dg.EnvVar(CURSOR.key_variable),
        base_url=settings.sources[CURSOR.name].base_url,
        requests_per_minute=settings.cursor_requests_per_minute,
    )


@asset_of(RAW_CURSOR_USAGE)
def raw_cursor_usage(context: Context, cursor: CursorResource, prefetcher: Prefetch) -> Chunks:
    """What each member did each day (`teams/daily-usage-data`): 30 days a request."""
    return prefetcher.chunks(context, cursor.client, endpoints.DAILY_USAGE)


@asset_of(RAW_CURSOR_EVENTS)
def raw_cursor_events(context: Context, cursor: CursorResource, prefetcher: Prefetch) -> Chunks:
    """Single calls with tokens and cost (`teams/filtered-usage-events`): 30 days a window, page by page."""
    return prefetcher.chunks(context, cursor.client, endpoints.EVENTS)


@asset_of(RAW_CURSOR_MEMBERS)
def raw_cursor_members(cursor: CursorResource, now: Now) -> Any:
    """Members of the team (`teams/members`)."""
    return rows.member_rows(cursor.client.members(), now())


@asset_of(RAW_CURSOR_GROUPS)
def raw_cursor_groups(context: Context, cursor: CursorResource, now: Now) -> Any:
    """Billing groups and their members (`groups`), which not every plan has."""
    try:
        return rows.group_rows(cursor.client.groups(), now())
    except (ForbiddenError, NotFoundError) as refusal:
        return unchanged(context, RAW_CURSOR_GROUPS, refusal)


@asset_of(RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY, can_subset=True)
def raw_cursor_spend(context: Context, cursor: CursorResource, now: Now) -> Iterator[dg.Output[Any]]:
    """The billing cycle's totals (`teams/spend`) and, as raw_cursor_open_day, the events of the day that is not over:
    requested in one step, so that both end at one moment.
    """
    asked_at, chosen = now(), context.op_execution_context.selected_output_names
    try:
        spend = cursor.client.spend()
    except ForbiddenError as refusal:
        for table in (table for table in (RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY) if table.name in chosen):
            yield dg.Output(unchanged(context, table, refusal, table.name), table.name)
        return
    # before anything is written: one without the other could not be compared
    open_day = spend_rows.open_day_rows(cursor.client, spend.subscription_cycle_start, asked_at)
    filled = {
        RAW_CURSOR_SPEND.name: spend_rows.spend_rows(spend, asked_at),
        RAW_CURSOR_OPEN_DAY.name: open_day,
    }
    yield from (dg.Output(filled[name], name) for name in filled if name in chosen)
