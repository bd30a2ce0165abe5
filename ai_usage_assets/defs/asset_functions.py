"""Functions that fill declared tables, and how they become Dagster assets once a deployment's settings are known.

`@asset_of(TABLE)` marks a function. What Dagster shows of the asset (key, description, columns, group, owners) comes
from the declaration; the function says what is read and which rows come of it.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.asset_specs import Origins, attributes
from ai_usage_assets.defs.code_links import linked
from ai_usage_assets.defs.freshness import policy
from ai_usage_assets.defs.partitions import daily, monthly
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.settings import Settings

Context: TypeAlias = dg.AssetExecutionContext
Now: TypeAlias = dg.ResourceParam[Clock]
"""How an asset function takes the clock: its rows say when they were fetched."""

Options: TypeAlias = Mapping[str, Any]

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range is one run with the fewest vendor requests; the command line's range form needs it on every asset."""


@dataclass(frozen=True)
class Deployment:
    """What all assets of a code location share."""

    settings: Settings
    days: dg.DailyPartitionsDefinition
    months: dg.MonthlyPartitionsDefinition

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "Deployment":
        return cls(settings, daily(settings.start_date, clock), monthly(settings.start_date, clock))

    def partitions_of(self, table: Table) -> dg.TimeWindowPartitionsDefinition | None:
        """The partitions of a table: days, or the months that are closed; None if it has none."""
        if table.layer is Layer.CLOSED:
            return self.months
        return self.days if table.partition else None

    @property
    def storage_kind(self) -> str:
        return "bigquery" if self.settings.bigquery_project else "duckdb"


@dataclass(frozen=True)
class AssetFunction:
    """A function that fills one declared table, or several that are only ever fetched together."""

    tables: tuple[Table, ...]
    function: Callable[..., Any]
    options: Options = field(default_factory=dict)
    """More arguments of `@asset` or `@multi_asset`."""

    def asset(
        self, deployment: Deployment, origins: Origins | None = None, **options: Any
    ) -> dg.AssetsDefinition:
        """The asset, with the partitions of its table."""
        with warnings.catch_warnings():
            # backfill_policy is beta, and the minor version is pinned
            warnings.simplefilter("ignore", dg.BetaWarning)
            made = self._decorator(deployment, origins, {**self.options, **options})(self.function)
        return linked(made, deployment.settings.code_url)

    def external(self, deployment: Deployment, why: str) -> list[dg.AssetSpec]:
        """The tables as external assets: shown with their lineage and the reason, not executable."""
        specs = []
        for table in self.tables:
            shown = attributes(table, deployment.storage_kind)
            shown["description"] += f"\n\nNot fetched: {why}."
            specs.append(dg.AssetSpec(**shown, partitions_def=deployment.partitions_of(table)))
        return specs

    def _decorator(self, deployment: Deployment, origins: Origins | None, options: Options) -> Any:
        table, *others = self.tables
        shared = {
            "partitions_def": deployment.partitions_of(table),
            "backfill_policy": SINGLE_RUN,
            # one pool a vendor: its runs come one after the other where the instance sets limits
            "pool": table.vendor,
            **options,
        }
        if not others:
            shown = attributes(table, deployment.storage_kind, origins)
            return dg.asset(**shown, freshness_policy=policy(table), **shared)
        outs = {
            each.name: dg.AssetOut.from_spec(
                dg.AssetSpec(**attributes(each, deployment.storage_kind), freshness_policy=policy(each)),
                is_required=not options.get("can_subset", False),
            )
            for each in self.tables
        }
        return dg.multi_asset(name=self.function.__name__, outs=outs, **shared)


def asset_of(*tables: Table, **options: Any) -> Callable[[Callable[..., Any]], AssetFunction]:
    """Mark a function as the one that fills these declared tables."""

    def mark(function: Callable[..., Any]) -> AssetFunction:
        return AssetFunction(tables, function, options)

    return mark


def functions_of(module: ModuleType) -> Iterable[AssetFunction]:
    """The marked functions of a module, in their order."""
    return [value for value in vars(module).values() if isinstance(value, AssetFunction)]
