"""Materializes assets in this process, in one run that Dagster's UI shows too, and hands on its events as they come."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from ai_usage_assets.settings import DagsterSettings

EventHandler: TypeAlias = Callable[[dg.DagsterEvent], None]

OVERRIDES = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}
"""The steps print nothing. To capture it, Dagster would start two processes for each of them, which a Ctrl-C ends noisily."""


class _Events(logging.Handler):
    """Hands on Dagster's events, and drops every other line of the log."""

    def __init__(self, on_event: EventHandler) -> None:
        super().__init__()
        self._on_event = on_event

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_event", None)
        if event is not None:
            self._on_event(event)


def materialize(
    defs: dg.Definitions,
    tags: Mapping[str, str],
    on_event: EventHandler,
    assets: Collection[str] | None = None,
) -> dg.ExecuteInProcessResult:
    """One run over the partitions that the tags name. A failed step does not raise. DAGSTER_HOME must be set.

    Args:
        defs: the definitions of one repository.
        tags: the tags of the run.
        on_event: takes each event, also those of the run.
        assets: the names of the assets; None for all that can be materialized.
    """

    @dg.logger
    def events(_: Any) -> logging.Logger:
        log = logging.Logger("events", logging.DEBUG)
        log.addHandler(_Events(on_event))
        return log

    job = dg.Definitions.merge(
        defs, dg.Definitions(loggers={"events": events})
    ).resolve_implicit_global_asset_job_def()
    home = DagsterSettings.read().home
    assert home
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=OVERRIDES)) as instance:
        return job.execute_in_process(
            instance=instance,
            tags=dict(tags),
            run_config={"loggers": {"events": {}}},
            raise_on_error=False,
            asset_selection=None if assets is None else [dg.AssetKey(name) for name in sorted(assets)],
        )
