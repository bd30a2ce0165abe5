"""Prefetching: while one window is written, the next one is requested, and those of the run's other endpoints.

Dagster runs the steps of a process one after the other, and a vendor takes its time: without it, each waits for the other.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from threading import Thread
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.partitions import days_of
from ai_usage_assets.defs.window_buffer import WindowBuffer
from ai_usage_assets.sources.endpoint import MAX_RECORDS, Endpoint
from ai_usage_assets.sources.http.errors import TooManyRecordsError
from ai_usage_assets.warehouse.chunks import Chunk, Chunks


class Prefetcher:
    """The fetches of one run. They start with the first step that asks, for every endpoint whose step is planned."""

    def __init__(
        self, vendors: Mapping[str, Any], endpoints: Collection[Endpoint[Any]], clock: Clock
    ) -> None:
        self._vendors, self._endpoints, self._clock = vendors, endpoints, clock
        self._buffers: dict[str, WindowBuffer] = {}
        self._is_started = False

    def chunks(self, context: dg.AssetExecutionContext, client: Any, endpoint: Endpoint[Any]) -> Chunks:
        """The endpoint's rows for the run's days, in the vendor's own windows.

        A step takes its windows with it: one that is retried fetches anew.

        Raises:
            DayNotFinalError: the vendor does not report the last day yet; nothing was requested.
        """
        # pyarrow imports it for the first value that it converts: in a thread, others would see a half of it
        import pandas as pd  # noqa: F401

        days = days_of(context)
        buffer = self._buffers.pop(endpoint.name, None) or self._start(endpoint, client, days)
        if not self._is_started:
            self._is_started = True
            planned = context.get_step_execution_context().execution_plan.step_keys_to_execute
            for other in self._endpoints:
                if other.name in planned and other is not endpoint and other.source in self._vendors:
                    # what keeps another step from its rows is for that step to report
                    with suppress(Exception):
                        client = self._vendors[other.source].client
                        self._buffers[other.name] = self._start(other, client, days)
        return Chunks(self._logged(context, endpoint, buffer), buffer.is_next_ready)

    def close(self) -> None:
        """Start nothing more; what is under way ends with its client."""
        for buffer in self._buffers.values():
            buffer.end()

    def _start(self, endpoint: Endpoint[Any], client: Any, days: Days) -> WindowBuffer:
        if endpoint.require_final:
            endpoint.require_final(days, self._clock())
        buffer = WindowBuffer()
        arguments = (endpoint, client, days, buffer)
        Thread(target=self._fetch, args=arguments, name=endpoint.name, daemon=True).start()
        return buffer

    @staticmethod
    def _logged(
        context: dg.AssetExecutionContext, endpoint: Endpoint[Any], buffer: WindowBuffer
    ) -> Iterator[Chunk]:
        pages = 0
        try:
            for chunk in buffer:
                pages += chunk.pages
                context.log.info(
                    f"{chunk.days} fetched: {chunk.pages} pages, {chunk.row_count} rows; {pages} pages so far"
                )
                yield chunk
        finally:
            # if the step fails halfway, nothing takes what is left
            buffer.end()

    def _fetch(self, endpoint: Endpoint[Any], client: Any, days: Days, buffer: WindowBuffer) -> None:
        try:
            left: Days | None = days
            max_days = endpoint.max_days
            while left and not buffer.is_ended:
                window = next(left.chunks(max_days))
                before = client.requests[endpoint.path]
                try:
                    tables = endpoint.fetch(client, window, self._clock())
                except TooManyRecordsError as answer:
                    max_days = fewer_days(window, answer.count)
                    continue
                rows = dict(zip(endpoint.tables, tables, strict=True))
                chunk = Chunk(window, rows, client.requests[endpoint.path] - before)
                if chunk.row_count > MAX_RECORDS:
                    max_days = fewer_days(window, chunk.row_count)
                buffer.put(chunk)
                left = Days(window.end, days.last) if window.end <= days.last else None
        except BaseException as error:  # noqa: BLE001 - it is raised in the step that takes the windows
            buffer.end(error)
        else:
            buffer.end()


def fewer_days(window: Days, record_count: int) -> int:
    """How many days have at most `MAX_RECORDS` records, if each day has as many; at least one, and less than before."""
    return max(1, min(len(window) - 1, len(window) * MAX_RECORDS // record_count))


Prefetch: TypeAlias = dg.ResourceParam[Prefetcher]
"""How an asset function takes the prefetcher of its run."""


def resource(
    vendors: Collection[str], endpoints: Collection[Endpoint[Any]], clock: Clock
) -> dg.ResourceDefinition:
    """One prefetcher for each run, over the vendors that have a key."""

    @dg.resource(required_resource_keys=set(vendors), description=Prefetcher.__doc__)
    def prefetcher(context: dg.InitResourceContext) -> Iterator[Prefetcher]:
        made = Prefetcher({name: getattr(context.resources, name) for name in vendors}, endpoints, clock)
        try:
            yield made
        finally:
            made.close()

    return prefetcher
