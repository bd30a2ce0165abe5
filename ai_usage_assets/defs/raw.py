"""The raw assets: the daily tables, the registers and the identity files."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs import raw_anthropic_analytics as analytics
from ai_usage_assets.defs.asset_specs import asset, assets_of_one_answer, left_out
from ai_usage_assets.defs.endpoints import ENDPOINTS, Endpoint
from ai_usage_assets.defs.prefetch import Fetches
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.schema.tables import lists as registers
from ai_usage_assets.sources import identity
from ai_usage_assets.sources.anthropic import rows as anthropic
from ai_usage_assets.sources.anthropic import workspaces
from ai_usage_assets.sources.cursor import rows as cursor
from ai_usage_assets.sources.cursor import spend_rows as cursor_spend
from ai_usage_assets.sources.http.errors import Forbidden, NotFound, VendorError
from ai_usage_assets.warehouse.chunks import Chunks
from ai_usage_assets.warehouse.engine import AlreadyWritten, Unchanged

if TYPE_CHECKING:
    import pyarrow as pa


KEY_VARIABLES = {"anthropic": "ANTHROPIC_ADMIN_API_KEY", "cursor": "CURSOR_ADMIN_API_KEY"}

READERS: Mapping[Table, Callable[[Any, datetime], "pa.Table"]] = {
    registers.RAW_ANTHROPIC_USERS: lambda client, at: anthropic.user_rows(client.users(), at),
    registers.RAW_ANTHROPIC_API_KEYS: lambda client, at: anthropic.api_key_rows(client.api_keys(), at),
    registers.RAW_ANTHROPIC_WORKSPACES: lambda client, at: workspaces.fetch(
        client, at, dg.get_dagster_logger().warning
    ),
    registers.RAW_CURSOR_MEMBERS: lambda client, at: cursor.member_rows(client.members(), at),
    registers.RAW_CURSOR_GROUPS: lambda client, at: cursor.group_rows(client.groups(), at),
}
"""The vendors' lists, each read whole."""
OPTIONAL = {registers.RAW_CURSOR_GROUPS}
"""Lists that a vendor does not offer on every plan."""
NOT_OFFERED = "not_offered"
"""Metadata of a materialization that changed nothing: why."""

Partitions = dg.PartitionsDefinition[str]


def build(settings: Settings, storage_kind: str, daily: Partitions, clock: Clock) -> list[Any]:
    """Every raw asset; a vendor without a key is shown and not executable."""
    made: list[Any] = identity_assets(settings.identity_dir, storage_kind, clock)
    for vendor, variable in KEY_VARIABLES.items():
        if vendor in settings.vendors:
            wanted = [e for e in ENDPOINTS if e.vendor == vendor and settings.fetches(e.tables[0])]
            made += [daily_asset(e, storage_kind, daily, clock) for e in wanted]
            made += [register(table, storage_kind, clock) for table in READERS if table.vendor == vendor]
            made += [cursor_totals(storage_kind, clock)] if vendor == "cursor" else []
            absent = [table for table in TABLES if table.vendor == vendor and not settings.fetches(table)]
            made += [left_out(table, storage_kind, daily, f"{table.setting} is not true") for table in absent]
        else:
            absent = [table for table in TABLES if table.vendor == vendor]
            made += [left_out(table, storage_kind, daily, f"{variable} is not set") for table in absent]
    return made


def daily_asset(endpoint: Endpoint, kind: str, daily: Partitions, clock: Clock) -> Any:
    """What one answer of the vendor fills: an asset, or several that are only ever fetched together."""
    first, *others = endpoint.tables

    def chunks(context: dg.AssetExecutionContext) -> Chunks:
        fetches: Fetches = context.resources.fetches
        return fetches.chunks(context, endpoint)

    if first.setting:
        return analytics.build(first, chunks, kind, daily, clock)
    if not others:

        @asset(first, kind, daily, required_resource_keys={"fetches"})
        def fetched(context: dg.AssetExecutionContext) -> Chunks:
            return chunks(context)

        return fetched

    @assets_of_one_answer(endpoint.step, endpoint.tables, kind, daily, required_resource_keys={"fetches"})
    def fetched_together(context: dg.AssetExecutionContext) -> Iterator[dg.Output[Any]]:
        yield dg.Output(chunks(context), first.name)
        for table in others:
            yield dg.Output(AlreadyWritten(), table.name)

    return fetched_together


def register(table: Table, kind: str, clock: Clock) -> Any:
    vendor, read = table.vendor or "", READERS[table]

    @asset(table, kind, None, required_resource_keys={vendor})
    def listed(context: dg.AssetExecutionContext) -> Any:
        try:
            return read(getattr(context.resources, vendor).client, clock())
        except (Forbidden, NotFound) as refusal:
            if table not in OPTIONAL:
                raise
            _not_offered(context, table, refusal)
            return Unchanged()

    return listed


def cursor_totals(kind: str, clock: Clock) -> Any:
    """The cycle's totals and the open day's events, asked for in one step so that both end at one moment."""
    totals, open_day = cursor_spend.TABLES

    @assets_of_one_answer(
        totals.name, cursor_spend.TABLES, kind, None, required_resource_keys={"cursor"}, can_subset=True
    )
    def asked(context: dg.AssetExecutionContext) -> Iterator[dg.Output[Any]]:
        client, asked_at = context.resources.cursor.client, clock()
        chosen = context.op_execution_context.selected_output_names
        try:
            spend = client.spend()
        except Forbidden as refusal:
            for table in (table for table in cursor_spend.TABLES if table.name in chosen):
                _not_offered(context, table, refusal, table.name)
                yield dg.Output(Unchanged(), table.name)
            return
        # before anything is written: one without the other could not be compared
        events = cursor_spend.open_day_rows(client, spend.subscription_cycle_start, asked_at)
        rows = {totals.name: cursor_spend.spend_rows(spend, asked_at), open_day.name: events}
        yield from (dg.Output(rows[name], name) for name in rows if name in chosen)

    return asked


def _not_offered(
    context: dg.AssetExecutionContext, table: Table, refusal: VendorError, output: str | None = None
) -> None:
    said = f"{table.name} stays as it is, because the vendor does not offer it: {refusal}"
    context.log.warning(said)
    context.add_output_metadata({NOT_OFFERED: said}, output_name=output)


def identity_assets(folder: Path, kind: str, clock: Clock) -> list[Any]:
    def landed(table: Table, read: identity.Reader) -> Any:
        @asset(table, kind, None)
        def file() -> Any:
            import pyarrow as pa

            from ai_usage_assets.schema.arrow import arrow_schema

            rows = [{**row, "fetched_at": clock()} for row in read(folder)]
            return pa.Table.from_pylist(rows, schema=arrow_schema(table))

        return file

    return [landed(BY_NAME[name], read) for name, read in identity.READERS.items()]
