"""The analytics assets (beta): what lands if the vendor offers them, and what is said if it does not.

A refusal is no failure: the endpoints are not offered to every organization. What is here stays, and a check warns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import dagster as dg

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.asset_specs import asset
from ai_usage_assets.defs.partitions import days_of
from ai_usage_assets.schema.model import Table
from ai_usage_assets.sources.anthropic.analytics import earliest_day
from ai_usage_assets.sources.columnar import concat
from ai_usage_assets.sources.http.errors import BadRequest, Forbidden, NotFound
from ai_usage_assets.warehouse.chunks import Chunks
from ai_usage_assets.warehouse.engine import Unchanged

if TYPE_CHECKING:
    import pyarrow as pa


R = TypeVar("R")
Outcome: TypeAlias = Iterator[dg.Output[Any] | dg.AssetCheckResult]

CHECK = "is_offered"
REFUSALS = (BadRequest, Forbidden, NotFound)


def fetch(
    table: Table,
    ask: Callable[[Days], Iterable[R]],
    rows: Callable[[Iterable[R], datetime], "pa.Table"],
    days: Days,
    fetched_at: datetime,
) -> "Sequence[pa.Table]":
    """The rows of those days that the vendor can be asked for; without such a day it is not asked."""
    earliest = earliest_day(fetched_at)
    if days.last < earliest:
        return [concat(table, [])]
    return [rows(ask(Days(max(days.first, earliest), days.last)), fetched_at)]


def build(
    table: Table,
    chunks: Callable[[dg.AssetExecutionContext], Chunks],
    kind: str,
    daily: dg.PartitionsDefinition[str],
    clock: Clock,
) -> Any:
    """The asset, with a check of its own on whether the vendor offers the endpoint."""
    spec = dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description="Anthropic answers this endpoint, a beta, for this organization.",
    )

    @asset(table, kind, daily, required_resource_keys={"fetches"}, check_specs=[spec])
    def fetched(context: dg.AssetExecutionContext) -> Outcome:
        earliest, said = earliest_day(clock()), None
        if days_of(context).first < earliest:
            context.log.info(
                f"{table.name}: days before {earliest} are not asked for; Anthropic refuses them."
            )
        found = chunks(context)
        try:
            first = next(found.chunks)
        except REFUSALS as refusal:
            said = f"{table.name} stays as it is, because Anthropic does not offer it to this organization: {refusal}"
            context.log.warning(said)
            yield dg.Output(Unchanged(), metadata={"not_offered": said})
        else:
            yield dg.Output(replace(found, chunks=chain([first], found.chunks)))
        yield dg.AssetCheckResult(
            passed=said is None, check_name=CHECK, severity=dg.AssetCheckSeverity.WARN, description=said
        )

    return fetched
