"""Fetching ahead: while one window is written, the vendors are asked for the next, and for the run's other endpoints.

Dagster runs a process's steps one after the other, and a vendor takes its time: alone, each would wait for the other.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Thread
from typing import Any

import dagster as dg

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.endpoints import ENDPOINTS, Endpoint
from ai_usage_assets.defs.partitions import days_of
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.window_buffer import Waiting
from ai_usage_assets.warehouse.chunks import Chunk, Chunks


class Fetches:
    """A run's fetches. They begin with the first step that asks, for every endpoint whose step the run has planned."""

    def __init__(self, vendors: Mapping[str, Any], clock: Clock) -> None:
        self._vendors, self._clock = vendors, clock
        self._feeds: dict[str, Waiting] = {}

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
        for waiting in self._feeds.values():
            waiting.end()

    def _begin(self, endpoint: Endpoint, days: Days) -> None:
        if endpoint.step in self._feeds:
            return
        if endpoint.refuse:
            endpoint.refuse(days, self._clock())
        client = self._vendors[endpoint.vendor].client
        waiting = Waiting()
        Thread(
            target=self._fetch, args=(endpoint, client, days, waiting), name=endpoint.step, daemon=True
        ).start()
        # not before: nobody would ever fill what a thread that could not start was to fill
        self._feeds[endpoint.step] = waiting

    def _logged(self, context: dg.AssetExecutionContext, endpoint: Endpoint) -> Iterator[Chunk]:
        pages = 0
        for chunk in self._feeds[endpoint.step]:
            pages += chunk.pages
            context.log.info(
                f"{chunk.days} fetched: {chunk.pages} pages, {chunk.row_count} rows; {pages} pages so far"
            )
            yield chunk

    def _fetch(self, endpoint: Endpoint, client: Any, days: Days, waiting: Waiting) -> None:
        try:
            for window in days.chunks(endpoint.most_days):
                if waiting.over:
                    return
                before = client.requests[endpoint.path]
                tables = endpoint.fetch(client, window, self._clock())
                rows = dict(zip(endpoint.tables, tables, strict=True))
                waiting.put(Chunk(window, rows, client.requests[endpoint.path] - before))
        except BaseException as broken:  # noqa: BLE001 - it belongs to the step that waits for it
            waiting.end(broken)
        else:
            waiting.end()


def resource(settings: Settings, clock: Clock) -> dg.ResourceDefinition:
    """One for each run, of the vendors that have a key."""

    @dg.resource(required_resource_keys=set(settings.vendors))
    def fetches(context: dg.InitResourceContext) -> Iterator[Fetches]:
        asked = {vendor: getattr(context.resources, vendor) for vendor in settings.vendors}
        begun = Fetches(asked, clock)
        try:
            yield begun
        finally:
            begun.close()

    return fetches
