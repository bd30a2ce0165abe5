"""The product without Dagster's records: its own assets are called as plain functions, and `replace` gets what they give.

The vendors' clients, the building of rows, the chunks, the audit, the ledger and the SQL are the product's; the run, its
events, its checks and its storage are left out.
"""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.resources import Settings, resources
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.io_manager import chunked
from ai_usage_assets.warehouse.protocol import Engine, Job, View
from ai_usage_assets.warehouse.writing import create_view, replace
from benchmarks.contestants.given import Given, Stopwatch, given
from benchmarks.work import START_DATE

CLIENTS = ("anthropic", "cursor")


def run(asked: Given) -> None:
    """Every asset in the order of the graph, into the warehouse that the environment names."""
    settings = Settings.from_env()
    graph = build_defs(settings).get_repository_def().asset_graph
    done: set[dg.AssetsDefinition] = set()
    with dg.build_resources(resources(settings)) as made:
        for key in graph.toposorted_asset_keys:
            assets = graph.get(key).assets_def
            if assets.is_executable and assets not in done and _wanted(assets, asked):
                done.add(assets)
                _publish(assets, made, asked.days)


def _wanted(assets: dg.AssetsDefinition, asked: Given) -> bool:
    return any(asked.wants(key.path[-1]) for key in assets.keys)


def _publish(assets: dg.AssetsDefinition, made: Any, days: Days) -> None:
    engine: Engine = made.io_manager.engine
    partitioned = assets.partitions_def is not None
    for name, obj in _outputs(assets, made, days if partitioned else None):
        table = BY_NAME[name]
        for part, rows in chunked(obj, days if partitioned else None):
            job = Job("bench", f"{name}-{part.first}" if part else name)
            if isinstance(rows, View):
                create_view(engine, table, rows, job)
            else:
                replace(engine, table, rows, part, job)


def _outputs(assets: dg.AssetsDefinition, made: Any, days: Days | None) -> Iterator[tuple[str, Any]]:
    keys = dg.PartitionKeyRange(str(days.first), str(days.last)) if days else None
    context = dg.build_asset_context(partition_key_range=keys)
    needed = {key: getattr(made, key) for key in CLIENTS if key in assets.required_resource_keys}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        takes_context = assets.op.compute_fn.has_context_arg()  # type: ignore[union-attr]
        answer = assets(context, **needed) if takes_context else assets(**needed)
    if len(assets.keys) == 1:
        yield next(iter(assets.keys)).path[-1], answer
        return
    for output in answer:
        yield output.output_name, output.value


def main() -> None:
    asked = given()
    os.environ.update(asked.environment(START_DATE))
    watch = Stopwatch()
    run(asked)
    watch.done()


if __name__ == "__main__":
    main()


