"""The registry: every table that a module of `schema/tables/` declares, in the order of the asset graph."""

from importlib import import_module
from pkgutil import iter_modules

from ai_usage_assets.schema import tables
from ai_usage_assets.schema.model import Layer, Table


def declared() -> tuple[Table, ...]:
    """The tables by layer; within a layer in the order of the modules' names, and of each module."""
    modules = [import_module(f"{tables.__name__}.{found.name}") for found in iter_modules(tables.__path__)]
    found = {
        value.name: value for module in modules for value in vars(module).values() if isinstance(value, Table)
    }
    return tuple(table for layer in ORDER for table in found.values() if table.layer is layer)


ORDER = (
    Layer.IDENTITY,
    Layer.SNAPSHOT,
    Layer.LIST_LOG,
    Layer.RAW,
    Layer.TOTALS,
    Layer.OPEN_DAY,
    Layer.CURATED,
    Layer.WRITE_LOG,
    Layer.CLOSED,
    Layer.VIEW,
)
TABLES: tuple[Table, ...] = declared()
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
DAILY: tuple[Table, ...] = tuple(table for table in TABLES if table.is_daily)
"""The tables that have a partition for each UTC day."""


def layer(wanted: Layer) -> tuple[Table, ...]:
    return tuple(table for table in TABLES if table.layer is wanted)
