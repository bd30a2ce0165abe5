"""What a vendor does not offer to this key or on this plan: its table stays as it is, and the run says so."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.partitions import days_of
from ai_usage_assets.schema.model import Table
from ai_usage_assets.sources.anthropic.analytics import earliest_day
from ai_usage_assets.sources.http.errors import REFUSALS, VendorError
from ai_usage_assets.warehouse.chunks import Chunks
from ai_usage_assets.warehouse.engine import Unchanged

Outcome: TypeAlias = Iterator[dg.Output[Any] | dg.AssetCheckResult]

NOT_OFFERED = "not_offered"
"""Metadata of a materialization that changed nothing: why."""
CHECK = "is_offered"


def unchanged(
    context: dg.AssetExecutionContext, table: Table, refusal: VendorError, output: str | None = None
) -> Unchanged:
    """The output of a table that is not offered."""
    reason = f"{table.name} stays as it is, because the vendor does not offer it: {refusal}"
    context.log.warning(reason)
    context.add_output_metadata({NOT_OFFERED: reason}, output_name=output)
    return Unchanged()


def is_offered(table: Table) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description="Anthropic answers this endpoint, a beta, for this organization.",
    )


def if_offered(context: dg.AssetExecutionContext, table: Table, chunks: Chunks, clock: Clock) -> Outcome:
    """The chunks, or the table as it stands if Anthropic refuses the beta; and the result of `is_offered`."""
    earliest, reason = earliest_day(clock()), None
    if days_of(context).first < earliest:
        context.log.info(
            f"{table.name}: days before {earliest} are not requested, because Anthropic refuses them."
        )
    try:
        first = next(chunks.chunks)
    except REFUSALS as refusal:
        reason = f"{table.name} stays as it is, because Anthropic does not offer it to this organization: {refusal}"
        context.log.warning(reason)
        yield dg.Output(Unchanged(), metadata={NOT_OFFERED: reason})
    else:
        yield dg.Output(replace(chunks, chunks=chain([first], chunks.chunks)))
    yield dg.AssetCheckResult(
        passed=reason is None, check_name=CHECK, severity=dg.AssetCheckSeverity.WARN, description=reason
    )
