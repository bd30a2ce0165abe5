"""The raw assets of every vendor: those that can be fetched, and those that are only shown, with the reason."""

from importlib import import_module
from types import ModuleType
from typing import Any

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs import prefetch
from ai_usage_assets.defs.asset_functions import AssetFunction, Deployment, functions_of
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.endpoint import Endpoint
from ai_usage_assets.sources.source import SOURCES, Source


def module_of(source: Source) -> ModuleType:
    """`defs/raw_<name>.py`: a vendor's asset functions, its `resource(settings)` and its ENDPOINTS."""
    return import_module(f"{__package__}.raw_{source.name}")


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    """The assets of all vendors, the resources of those that have a key, and their prefetcher."""
    deployment = Deployment.of(settings, clock)
    assets: list[Any] = []
    resources: dict[str, Any] = {}
    endpoints: list[Endpoint[Any]] = []
    for source in SOURCES:
        module = module_of(source)
        endpoints += module.ENDPOINTS
        if source.name in settings.vendors:
            resources[source.name] = module.resource(settings)
        for function in functions_of(module):
            why = why_not_fetched(function, source, settings)
            assets += function.external(deployment, why) if why else [function.asset(deployment)]
    resources["prefetcher"] = prefetch.resource(settings.vendors, endpoints, clock)
    return dg.Definitions(assets=assets, resources=resources)


def why_not_fetched(function: AssetFunction, source: Source, settings: Settings) -> str | None:
    """The setting that is missing; None if the tables are fetched."""
    table = function.tables[0]
    if source.name not in settings.vendors:
        return f"{source.key_variable} is not set"
    return None if settings.fetches(table) else f"{table.enabling_variable} is not true"
