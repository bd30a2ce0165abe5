"""The raw assets: the daily tables, the registers and the identity files."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa

from ai_usage_assets import identity
from ai_usage_assets.raw import anthropic as anthropic_rows
from ai_usage_assets.raw import cursor as cursor_rows
from ai_usage_assets.raw.chunks import fetched
from ai_usage_assets.resources import AnthropicResource, CursorResource, Settings
from ai_usage_assets.schema import raw, registers
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.specs import asset, left_out
from ai_usage_assets.vendors.anthropic import AnthropicAdmin
from ai_usage_assets.vendors.cursor import CursorAdmin
from ai_usage_assets.warehouse.protocol import Chunks

KEY_VARIABLES = {"anthropic": "ANTHROPIC_ADMIN_API_KEY", "cursor": "CURSOR_ADMIN_API_KEY"}

Partitions = dg.PartitionsDefinition[str]


def build(settings: Settings, storage_kind: str, daily: Partitions) -> list[Any]:
    """Every raw asset; a vendor without a key is shown and not executable."""
    makers = {
        "anthropic": anthropic_assets if settings.anthropic else None,
        "cursor": cursor_assets if settings.cursor else None,
    }
    made: list[Any] = identity_assets(settings.identity_dir, storage_kind)
    for vendor, make in makers.items():
        if make:
            made += make(storage_kind, daily)
        else:
            made += [
                left_out(table, storage_kind, daily, KEY_VARIABLES[vendor])
                for table in TABLES
                if table.vendor == vendor
            ]
    return made


def anthropic_assets(kind: str, daily: Partitions) -> list[Any]:
    @asset(raw.RAW_ANTHROPIC_USAGE, kind, daily)
    def raw_anthropic_usage(context: dg.AssetExecutionContext, anthropic: AnthropicResource) -> Chunks:
        return fetched(
            context,
            AnthropicAdmin.MAX_DAYS,
            lambda days: anthropic_rows.usage_rows(anthropic.client.messages_usage(days), now()),
        )

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
            return read(anthropic.client, now())

        return listed

    return [raw_anthropic_usage, *(register(table, read) for table, read in readers.items())]


def cursor_assets(kind: str, daily: Partitions) -> list[Any]:
    @asset(raw.RAW_CURSOR_USAGE, kind, daily)
    def raw_cursor_usage(context: dg.AssetExecutionContext, cursor: CursorResource) -> Chunks:
        return fetched(
            context,
            CursorAdmin.MAX_DAYS,
            lambda days: cursor_rows.daily_usage_rows(cursor.client.daily_usage(days), now()),
        )

    @asset(raw.RAW_CURSOR_EVENTS, kind, daily)
    def raw_cursor_events(context: dg.AssetExecutionContext, cursor: CursorResource) -> Chunks:
        return fetched(
            context,
            CursorAdmin.MAX_DAYS,
            lambda days: cursor_rows.event_rows(cursor.client.usage_events(days), now()),
        )

    @asset(registers.RAW_CURSOR_MEMBERS, kind, None)
    def raw_cursor_members(cursor: CursorResource) -> pa.Table:
        return cursor_rows.member_rows(cursor.client.members(), now())

    return [raw_cursor_usage, raw_cursor_events, raw_cursor_members]


def identity_assets(folder: Path, kind: str) -> list[Any]:
    def landed(table: Table, read: identity.Reader) -> Any:
        @asset(table, kind, None)
        def file() -> pa.Table:
            rows = [{**row, "fetched_at": now()} for row in read(folder)]
            return pa.Table.from_pylist(rows, schema=arrow_schema(table))

        return file

    return [landed(BY_NAME[name], read) for name, read in identity.READERS.items()]


def now() -> datetime:
    return datetime.now(UTC)
