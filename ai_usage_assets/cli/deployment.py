"""The deployment of the current folder: its `.env`, its settings, and its warehouse to read from."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.days import Clock, Days, month_of
from ai_usage_assets.errors import AiUsageError

if TYPE_CHECKING:
    from ai_usage_assets.settings import Settings
    from ai_usage_assets.warehouse.engine import Engine, Session

MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")


class NothingLoadedError(AiUsageError):
    """There is no warehouse, table or day to read."""

    hint_to_load = "Load days with `ai-usage fetch`, or let `ai-usage up` load them."

    def __init__(self, message: str, hint: str = hint_to_load) -> None:
        super().__init__(message, hint)


class NoKeyError(AiUsageError):
    """No vendor has a key."""

    def __init__(self) -> None:
        from ai_usage_assets.sources.source import SOURCES

        variables = " or ".join(source.key_variable for source in SOURCES)
        super().__init__("No vendor has a key, so nothing can be loaded.", f"Set {variables} in .env.")


class Month(click.ParamType[Days]):
    """A calendar month like 2026-10, as its days."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Days:
        if isinstance(value, Days):
            return value
        if not isinstance(value, str) or not MONTH.fullmatch(value):
            self.fail(f"{str(value)[:40]!r} is not a month like 2026-10.", param, ctx)
        return month_of(date.fromisoformat(f"{value}-01"))


class Day(click.ParamType[date]):
    """A UTC day like 2026-10-31."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{str(value)[:40]!r} is not a day like 2026-10-31.", param, ctx)


def settings(clock: Clock) -> "Settings":
    """The settings, from the environment and from `.env` in the current folder, whose values override it as in Dagster.

    Raises:
        SettingError: a value cannot be used.
    """
    from ai_usage_assets.settings import Settings, environment, export

    export(environment(Path()))
    return Settings.from_env(clock=clock)


def require_key(found: "Settings") -> None:
    """Refuse to load without any vendor's key.

    Raises:
        NoKeyError: it names the variables.
    """
    if not found.vendors:
        raise NoKeyError


def warehouse_to_read(found: "Settings") -> "Engine":
    """The warehouse, if there is one. Nothing is created.

    Raises:
        NothingLoadedError: there is no DuckDB file, or no BigQuery dataset.
        WarehouseUnavailableError: it cannot be used.
    """
    engine = warehouse(found)
    if not engine.exists():
        raise NothingLoadedError(f"There is no warehouse yet: {place(found)} does not exist.")
    return engine


def warehouse(found: "Settings") -> "Engine":
    from ai_usage_assets.defs.resources import warehouse as resource

    return resource(found).engine


def place(found: "Settings") -> str:
    """The warehouse, as a message names it."""
    if found.bigquery_project:
        return f"the BigQuery dataset {found.bigquery_project}.{found.bigquery_dataset}"
    return f"the DuckDB file {found.duckdb_path}"


def require_tables(engine: "Engine", session: "Session", tables: Sequence[str]) -> None:
    """Refuse to read tables that do not exist yet.

    Raises:
        NothingLoadedError: it names the first absent table.
    """
    for table in tables:
        if session.stored_table(table) is None:
            raise NothingLoadedError(f"The table {engine.qualified(table)} does not exist yet.")
