"""The product without Dagster's records: its own assets are called as plain functions, and `replace` gets what they give.

The vendors' clients, the building of rows, the chunks, the audit, the ledger and the SQL are the product's; the run, its
events, its checks and its storage are left out.
"""

import logging
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg

from ai_usage_assets.days import Days, utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.endpoints import ENDPOINTS
from ai_usage_assets.defs.prefetch import Fetches
from ai_usage_assets.defs.resources import AnthropicResource, CursorResource, Settings, close, io_manager
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.sources.cursor import spend_rows as cursor_spend
from ai_usage_assets.warehouse.chunks import chunked
from ai_usage_assets.warehouse.engine import Beside, Engine, Job, View
from ai_usage_assets.warehouse.write import create_view, replace
from benchmarks.contestants.given import Given, Stopwatch, given
from benchmarks.work import START_DATE

AT_A_MOMENT = {table.name for table in cursor_spend.TABLES}
"""What ends at the moment of asking: no two contestants ask the same, so it is left out here and in the floor."""


class Context:
    """As much of a run's context as an asset of ours looks at: a run of everything."""

    def __init__(self, days: Days | None, made: dict[str, Any]) -> None:
        self.log = logging.getLogger("benchmarks")
        self.resources = SimpleNamespace(**made)
        if days:
            self.partition_key_range = dg.PartitionKeyRange(str(days.first), str(days.last))

    def get_step_execution_context(self) -> Any:
        # what a setting has to ask for is in no contestant's run
        planned = [endpoint.step for endpoint in ENDPOINTS if endpoint.tables[0].setting is None]
        return SimpleNamespace(execution_plan=SimpleNamespace(step_keys_to_execute=planned))


def clients(asked: Given, settings: Settings) -> dict[str, Any]:
    """The resources that hold the vendors' clients; made by hand, because Dagster makes an instance to fill them in."""
    anthropic = AnthropicResource(api_key=asked.anthropic_key, base_url=settings.anthropic_base_url)
    cursor = CursorResource(
        api_key=asked.cursor_key,
        base_url=settings.cursor_base_url,
        requests_per_minute=settings.cursor_requests_per_minute,
    )
    vendors = {"anthropic": anthropic, "cursor": cursor}
    return {**vendors, "fetches": Fetches(vendors, utc_now)}


def run(asked: Given, settings: Settings, defs: dg.Definitions) -> None:
    """Every asset in the order of the graph, into the warehouse that the settings name."""
    graph = defs.get_repository_def().asset_graph
    engine: Engine = io_manager(settings).engine
    made = clients(asked, settings)
    done: set[dg.AssetsDefinition] = set()
    try:
        for key in graph.toposorted_asset_keys:
            assets = graph.get(key).assets_def
            if assets.is_executable and assets not in done and _wanted(assets, asked):
                done.add(assets)
                _publish(assets, made, engine, asked.days)
    finally:
        made["fetches"].close()
        for vendor in settings.vendors:
            close(made[vendor])


def _wanted(assets: dg.AssetsDefinition, asked: Given) -> bool:
    return any(asked.wants(key.path[-1]) and key.path[-1] not in AT_A_MOMENT for key in assets.keys)


def _publish(assets: dg.AssetsDefinition, made: dict[str, Any], engine: Engine, days: Days) -> None:
    partitioned = assets.partitions_def is not None
    for name, obj in _outputs(assets, made, days if partitioned else None):
        if isinstance(obj, Beside):
            continue
        for part, rows, beside in chunked(obj, days if partitioned else None):
            for table, its_rows in ((BY_NAME[name], rows), *beside):
                job = Job("bench", f"{table.name}-{part.first}" if part else table.name)
                if isinstance(its_rows, View):
                    create_view(engine, table, its_rows, job)
                else:
                    replace(engine, table, its_rows, part, job)


def _outputs(
    assets: dg.AssetsDefinition, made: dict[str, Any], days: Days | None
) -> Iterator[tuple[str, Any]]:
    function: Any = assets.op.compute_fn
    # not through Dagster's direct invocation, which makes an instance with its tables for each call
    context = [Context(days, made)] if function.has_context_arg() else []
    answer = function.decorated_fn(*context)
    if len(list(assets.keys)) == 1:
        yield next(iter(assets.keys)).path[-1], answer
        return
    for output in answer:
        yield output.output_name, output.value


def main() -> None:
    asked = given()
    os.environ.update(asked.environment(START_DATE))
    settings = Settings.from_env()
    defs = build_defs(settings)
    watch = Stopwatch()
    run(asked, settings, defs)
    watch.done()


if __name__ == "__main__":
    main()
