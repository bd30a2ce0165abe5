"""The product without Dagster's event records: its assets are called as functions, and `replace` writes their results.

Clients, rows, chunks, audit, restatements and SQL are those of the product. The run, its events, its checks and its
storage are not used.
"""

import inspect
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg

from ai_usage_assets.days import Days, utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.curated import History
from ai_usage_assets.defs.identity import IdentityFiles
from ai_usage_assets.defs.prefetch import Prefetcher
from ai_usage_assets.defs.raw_anthropic import AnthropicResource
from ai_usage_assets.defs.raw_cursor import CursorResource
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.anthropic import endpoints as anthropic_endpoints
from ai_usage_assets.sources.cursor import endpoints as cursor_endpoints
from ai_usage_assets.sources.cursor import spend_rows as cursor_spend
from ai_usage_assets.warehouse.chunks import in_chunks
from ai_usage_assets.warehouse.engine import AlreadyWritten, Engine, View, WriteContext
from ai_usage_assets.warehouse.write import create_view, replace
from benchmarks.competitors.parameters import Parameters, Stopwatch, read_parameters

ENDPOINTS = (*anthropic_endpoints.ENDPOINTS, *cursor_endpoints.ENDPOINTS)
NOT_REPEATABLE = {table.name for table in cursor_spend.TABLES}
"""Tables whose window ends at the time of the request. Two competitors would not send the same request."""


class Context:
    """The parts of a run's context that the assets use, for a run of all assets."""

    def __init__(self, days: Days | None) -> None:
        self.log = logging.getLogger("benchmarks")
        if days:
            self.partition_key_range = dg.PartitionKeyRange(str(days.first), str(days.last))

    def get_step_execution_context(self) -> Any:
        # no competitor loads a table that a setting must turn on
        planned = [endpoint.name for endpoint in ENDPOINTS if endpoint.tables[0].enabling_variable is None]
        return SimpleNamespace(execution_plan=SimpleNamespace(step_keys_to_execute=planned))


def clients(parameters: Parameters, settings: Settings) -> dict[str, Any]:
    """The resources with the vendors' clients, created here because Dagster would create an instance to do it."""
    anthropic = AnthropicResource(
        api_key=parameters.anthropic_key, base_url=settings.sources["anthropic"].base_url
    )
    cursor = CursorResource(
        api_key=parameters.cursor_key,
        base_url=settings.sources["cursor"].base_url,
        requests_per_minute=settings.cursor_requests_per_minute,
    )
    vendors = {"anthropic": anthropic, "cursor": cursor}
    return {
        **vendors,
        "prefetcher": Prefetcher(vendors, ENDPOINTS, utc_now),
        "identity_files": IdentityFiles(folder=str(settings.identity_dir)),
        "history": History(start_date=settings.start_date.isoformat()),
        "now": utc_now,
    }


def run(parameters: Parameters, settings: Settings, defs: dg.Definitions) -> None:
    """Write every asset, in the order of the graph, to the warehouse of the settings."""
    graph = defs.get_repository_def().asset_graph
    engine = warehouse(settings).engine
    made = clients(parameters, settings)
    done: set[dg.AssetsDefinition] = set()
    try:
        for key in graph.toposorted_asset_keys:
            assets = graph.get(key).assets_def
            if assets.is_executable and assets not in done and _is_included(assets, parameters):
                done.add(assets)
                _publish(assets, made, engine, parameters.days)
    finally:
        made["prefetcher"].close()
        for vendor in settings.vendors:
            made[vendor].close()


def _is_included(assets: dg.AssetsDefinition, parameters: Parameters) -> bool:
    return any(
        parameters.includes(key.path[-1]) and key.path[-1] not in NOT_REPEATABLE for key in assets.keys
    )


def _publish(assets: dg.AssetsDefinition, made: dict[str, Any], engine: Engine, days: Days) -> None:
    partitioned = assets.partitions_def is not None
    for name, obj in _outputs(assets, made, days if partitioned else None):
        if isinstance(obj, AlreadyWritten):
            continue
        for chunk in in_chunks(BY_NAME[name], obj, days if partitioned else None, engine):
            for table, rows in chunk.tables.items():
                step = f"{table.name}-{chunk.days.first}" if chunk.days else table.name
                context = WriteContext("bench", step)
                if isinstance(rows, View):
                    create_view(engine, table, rows, context)
                else:
                    replace(engine, table, rows, chunk.days, context)


def _outputs(
    assets: dg.AssetsDefinition, made: dict[str, Any], days: Days | None
) -> Iterator[tuple[str, Any]]:
    function: Any = assets.op.compute_fn
    # not Dagster's direct invocation, which creates an instance with its tables for each call
    values = {"context": Context(days), **made}
    wanted = inspect.signature(function.decorated_fn).parameters
    answer = function.decorated_fn(**{name: values[name] for name in wanted})
    if len(list(assets.keys)) == 1:
        yield next(iter(assets.keys)).path[-1], answer
        return
    for output in answer:
        yield output.output_name, output.value


def main() -> None:
    parameters = read_parameters()
    settings = Settings.from_env()
    defs = build_defs(settings)
    watch = Stopwatch()
    run(parameters, settings, defs)
    watch.done()


if __name__ == "__main__":
    main()
