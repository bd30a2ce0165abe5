"""The raw assets: the daily tables, the registers and the identity files."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa

from ai_usage_assets import identity
from ai_usage_assets.days import Clock
from ai_usage_assets.partitions import days_of
from ai_usage_assets.raw import anthropic as anthropic_rows
from ai_usage_assets.raw import claude_code
from ai_usage_assets.raw import cursor as cursor_rows
from ai_usage_assets.raw.chunks import fetched, fetched_together
from ai_usage_assets.resources import AnthropicResource, CursorResource, Settings
from ai_usage_assets.schema import raw, registers
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.specs import asset, assets_of_one_answer, left_out
from ai_usage_assets.vendors.anthropic import AnthropicAdmin
from ai_usage_assets.vendors.cursor import CursorAdmin
from ai_usage_assets.warehouse.protocol import Beside, Chunks

KEY_VARIABLES = {"anthropic": "ANTHROPIC_ADMIN_API_KEY", "cursor": "CURSOR_ADMIN_API_KEY"}

Partitions = dg.PartitionsDefinition[str]


def build(settings: Settings, storage_kind: str, daily: Partitions, clock: Clock) -> list[Any]:
    """Every raw asset; a vendor without a key is shown and not executable."""
    makers = {
        "anthropic": anthropic_assets if settings.anthropic else None,
        "cursor": cursor_assets if settings.cursor else None,
    }
    made: list[Any] = identity_assets(settings.identity_dir, storage_kind, clock)
    for vendor, make in makers.items():
        if make:
            made += make(storage_kind, daily, clock)
        else:
            made += [
                left_out(table, storage_kind, daily, KEY_VARIABLES[vendor])
                for table in TABLES
                if table.vendor == vendor
            ]
    return made


def anthropic_assets(kind: str, daily: Partitions, clock: Clock) -> list[Any]:
    @asset(raw.RAW_ANTHROPIC_USAGE, kind, daily)
    def raw_anthropic_usage(context: dg.AssetExecutionContext, anthropic: AnthropicResource) -> Chunks:
        return fetched(
            context,
            anthropic.client.requests,
            AnthropicAdmin.MAX_DAYS,
            lambda days: anthropic_rows.usage_rows(anthropic.client.messages_usage(days), clock()),
        )

    @asset(raw.RAW_ANTHROPIC_COST, kind, daily)
    def raw_anthropic_cost(context: dg.AssetExecutionContext, anthropic: AnthropicResource) -> Chunks:
        return fetched(
            context,
            anthropic.client.requests,
            AnthropicAdmin.MAX_DAYS,
            lambda days: anthropic_rows.cost_rows(anthropic.client.cost_report(days), clock()),
        )

    @assets_of_one_answer("raw_claude_code", claude_code.TABLES, kind, daily)
    def raw_claude_code(
        context: dg.AssetExecutionContext, anthropic: AnthropicResource
    ) -> Iterator[dg.Output[Any]]:
        claude_code.refuse_withheld(days_of(context), clock())
        first, *others = claude_code.TABLES
        chunks = fetched_together(
            context,
            anthropic.client.requests,
            claude_code.MOST_DAYS,
            lambda days: claude_code.fetch(anthropic.client.claude_code, days, clock()),
            others,
        )
        yield dg.Output(chunks, first.name)
        for table in others:
            yield dg.Output(Beside(), table.name)

    readers: dict[Table, Callable[[AnthropicAdmin, datetime], pa.Table]] = {
        registers.RAW_ANTHROPIC_USERS: lambda client, at: anthropic_rows.user_rows(client.users(), at),
        registers.RAW_ANTHROPIC_API_KEYS: lambda client, at: anthropic_rows.api_key_rows(
            client.api_keys(), at
        ),
        registers.RAW_ANTHROPIC_WORKSPACES: lambda client, at: anthropic_rows.workspace_rows(
            client.workspaces(), at
        ),
    }

    def register(table: Table, read: Callable[[AnthropicAdmin, datetime], pa.Table]) -> Any:
        @asset(table, kind, None)
        def listed(anthropic: AnthropicResource) -> pa.Table:
            return read(anthropic.client, clock())

        return listed

    daily_tables = [raw_anthropic_usage, raw_anthropic_cost, raw_claude_code]
    return [*daily_tables, *(register(table, read) for table, read in readers.items())]


def cursor_assets(kind: str, daily: Partitions, clock: Clock) -> list[Any]:
    @asset(raw.RAW_CURSOR_USAGE, kind, daily)
    def raw_cursor_usage(context: dg.AssetExecutionContext, cursor: CursorResource) -> Chunks:
        return fetched(
            context,
            cursor.client.requests,
            CursorAdmin.MAX_DAYS,
            lambda days: cursor_rows.daily_usage_rows(cursor.client.daily_usage(days), clock()),
        )

    @asset(raw.RAW_CURSOR_EVENTS, kind, daily)
    def raw_cursor_events(context: dg.AssetExecutionContext, cursor: CursorResource) -> Chunks:
        return fetched(
            context,
            cursor.client.requests,
            CursorAdmin.MAX_DAYS,
            lambda days: cursor_rows.event_rows(cursor.client.usage_events(days), clock()),
        )

    @asset(registers.RAW_CURSOR_MEMBERS, kind, None)
    def raw_cursor_members(cursor: CursorResource) -> pa.Table:
        return cursor_rows.member_rows(cursor.client.members(), clock())

    return [raw_cursor_usage, raw_cursor_events, raw_cursor_members]


def identity_assets(folder: Path, kind: str, clock: Clock) -> list[Any]:
    def landed(table: Table, read: identity.Reader) -> Any:
        @asset(table, kind, None)
        def file() -> pa.Table:
            rows = [{**row, "fetched_at": clock()} for row in read(folder)]
            return pa.Table.from_pylist(rows, schema=arrow_schema(table))

        return file

    return [landed(BY_NAME[name], read) for name, read in identity.READERS.items()]
