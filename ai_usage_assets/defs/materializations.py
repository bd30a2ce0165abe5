"""The materialization events of a write, for many partitions at a time.

Dagster's own functions take one partition: `add_asset_metadata` lists the run's days and copies what it knows at each call, which is
quadratic in a range, and `log_event` stores each event by itself.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import dagster as dg
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, generate_event_batch_id
from dagster._core.execution.context.metadata_logging import AssetMetadataHandle, OutputMetadataAccumulator

from ai_usage_assets.warehouse.engine import Kept

MAX_UNRECORDED_SECONDS = 10.0
"""A killed process loses the records of at most so many seconds and one write; the next run replaces these days by the same
rows."""

KEPT, KEPT_BECAUSE, ANSWER_ROWS = "kept", "kept_because", "answer_rows"
"""Metadata of a day that kept the rows of an earlier write."""

ByPartition: TypeAlias = Mapping[str | None, Mapping[str, Any]]
"""Metadata per partition key; None for a table without partitions."""


def kept(why: Kept | None) -> dict[str, Any]:
    """Metadata of a day that kept its rows; nothing for one that was written."""
    return {KEPT: True, KEPT_BECAUSE: why.reason, ANSWER_ROWS: why.answer_rows} if why else {}


def remember(context: dg.OutputContext, asset: dg.AssetKey, details: ByPartition) -> None:
    """Have the events at the step's end carry these details."""
    step: Any = context.step_context
    new: dict[Any, Mapping[str, Any]] = {
        AssetMetadataHandle(asset_key=asset, partition_key=key): metadata for key, metadata in details.items()
    }
    known = step._metadata_accumulator.per_output_metadata  # noqa: SLF001
    step._metadata_accumulator = OutputMetadataAccumulator(per_output_metadata={**known, **new})  # noqa: SLF001


class Unrecorded:
    """What a step published and Dagster records at the step's end, or before if a failure could take it back."""

    def __init__(self, context: dg.OutputContext) -> None:
        self._context = context
        self._details: list[tuple[dg.AssetKey, ByPartition]] = []
        self._recorded_at = time.monotonic()

    def add(self, asset: dg.AssetKey, details: ByPartition) -> None:
        self._details.append((asset, details))
        remember(self._context, asset, details)

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._recorded_at > MAX_UNRECORDED_SECONDS

    def store(self) -> list[DagsterEvent]:
        """Store an event a partition now, so that nothing takes it back; the events are for whoever follows the run."""
        details, self._details = self._details, []
        events = [event for asset, of in details for event in _stored(self._context, asset, of)]
        self._recorded_at = time.monotonic()
        return events


def _stored(context: dg.OutputContext, asset: dg.AssetKey, details: ByPartition) -> Iterator[DagsterEvent]:
    batch = generate_event_batch_id()
    for number, (key, metadata) in enumerate(details.items(), 1):
        yield DagsterEvent.asset_materialization(
            context.step_context,
            dg.AssetMaterialization(asset, partition=key, metadata=metadata),
            DagsterEventBatchMetadata(batch, is_end=number == len(details)),
        )
