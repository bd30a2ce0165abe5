"""Fetching ahead: while one window is written, the vendors are asked for the next, and for the run's other endpoints.

Dagster runs a process's steps one after the other, and a vendor takes its time: alone, each would wait for the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, TypeAlias

import dagster as dg
import pyarrow as pa

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.partitions import days_of
from ai_usage_assets.raw.endpoints import ENDPOINTS, Endpoint
from ai_usage_assets.warehouse.protocol import Chunk, Chunks

AHEAD = 1
"""Windows that wait for each endpoint, beside the one being fetched: memory is flat in the range."""

Window: TypeAlias = tuple[Days, Sequence[pa.Table], int]
"""Days, the rows of each table, and the pages it took."""


class Fetches:
    """A run's fetches. They begin with the first step that asks, for every endpoint whose step the run has planned."""

    def __init__(self, vendors: Mapping[str, Any], clock: Clock) -> None:
        self._vendors, self._clock = vendors, clock
        self._feeds: dict[str, Iterator[Window]] = {}
        self._begun: set[str] = set()
        self._stopped = Event()

    def chunks(self, context: dg.AssetExecutionContext, endpoint: Endpoint) -> Chunks:
        """The endpoint's rows for the run's days, in the vendor's own windows.

        Raises:
            StillWithheld: the vendor does not tell the last day yet; nothing was asked.
        """
        days = days_of(context)
        self._begin(endpoint, days)
        planned = context.get_step_execution_context().execution_plan.step_keys_to_execute
        for other in ENDPOINTS:
            if other.step in planned and other.vendor in self._vendors:
                # what keeps another step from its answer is for that step to say
                with suppress(Exception):
                    self._begin(other, days)
        return Chunks(self._logged(context, endpoint))

    def close(self) -> None:
        """Begin nothing more; what is under way ends with its client."""
        self._stopped.set()

    def _begin(self, endpoint: Endpoint, days: Days) -> None:
        if endpoint.step in self._begun:
            return
        if endpoint.refuse:
            endpoint.refuse(days, self._clock())
        client = self._vendors[endpoint.vendor].client
        self._begun.add(endpoint.step)
        self._feeds[endpoint.step] = self._feed(endpoint, client, days)

    def _logged(self, context: dg.AssetExecutionContext, endpoint: Endpoint) -> Iterator[Chunk]:
        pages = 0
        for window, tables, asked in self._feeds.pop(endpoint.step):
            pages += asked
            rows = sum(table.num_rows for table in tables)
            context.log.info(f"{window} fetched: {asked} pages, {rows} rows; {pages} pages so far")
            first, *others = tables
            yield Chunk(window, first, tuple(zip(endpoint.tables[1:], others, strict=True)))

    def _feed(self, endpoint: Endpoint, client: Any, days: Days) -> Iterator[Window]:
        """Start fetching; the windows come in order, and what broke the fetch is raised in its place."""
        waiting: Queue[Window | BaseException | None] = Queue(AHEAD)

        def put(item: Window | BaseException | None) -> None:
            while not self._stopped.is_set():
                try:
                    waiting.put(item, timeout=0.2)
                    return
                except Full:
                    continue

        def fetch() -> None:
            try:
                for window in days.chunks(endpoint.most_days):
                    if self._stopped.is_set():
                        return
                    before = client.requests[endpoint.path]
                    tables = endpoint.fetch(client, window, self._clock())
                    put((window, tables, client.requests[endpoint.path] - before))
            except BaseException as broken:  # noqa: BLE001 - it belongs to the step that waits for it
                put(broken)
            else:
                put(None)

        Thread(target=fetch, name=endpoint.step, daemon=True).start()
        return received(waiting)


def received(waiting: "Queue[Window | BaseException | None]") -> Iterator[Window]:
    while (item := waiting.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


def resource(vendors: Sequence[str], clock: Clock) -> dg.ResourceDefinition:
    """One for each run, of the vendors that have a key."""

    @dg.resource(required_resource_keys=set(vendors))
    def fetches(context: dg.InitResourceContext) -> Iterator[Fetches]:
        begun = Fetches({vendor: getattr(context.resources, vendor) for vendor in vendors}, clock)
        try:
            yield begun
        finally:
            begun.close()

    return fetches
