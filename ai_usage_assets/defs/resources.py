"""The only reader of the environment: each setting once, typed, with its default; and the resources built of them.

The variables are listed, with comments, in `.env.example`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from ai_usage_assets.days import Clock, last_closed, utc_now
from ai_usage_assets.defs.duckdb_io_manager import DuckDBWarehouseIOManager
from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.sensors.alerts import webhook as alerts
from ai_usage_assets.defs.warehouse import BigQueryWarehouse, DuckDBWarehouse, WarehouseResource
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.urls import SAFE_URL, is_safe

if TYPE_CHECKING:
    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
    from ai_usage_assets.sources.cursor.client import CursorAdmin

NAMES = {
    "BIGQUERY_PROJECT": r"[a-z][a-z0-9.:-]{1,61}[a-z0-9]",
    "BIGQUERY_DATASET": r"[A-Za-z0-9_]{1,1024}",
    "BIGQUERY_LOCATION": r"[A-Za-z0-9-]{2,40}",
}
"""They are written into statements and table names, so they hold nothing that could end one."""

SECRETS = ("ANTHROPIC_ADMIN_API_KEY", "CURSOR_ADMIN_API_KEY", "AI_USAGE_ALERT_WEBHOOK_URL")


class SettingRefused(AiUsageError, ValueError):
    """A variable of the environment that cannot be used: which one, why, and what to do."""

    def __init__(self, variable: str, why: str) -> None:
        super().__init__(f"{variable} {why}")


@dataclass(frozen=True)
class Settings:
    """What the environment says; secrets are left in it, and only named here."""

    anthropic: bool
    anthropic_analytics: bool
    cursor: bool
    anthropic_base_url: str
    cursor_base_url: str
    cursor_requests_per_minute: int | None
    cursor_retention_days: int
    bigquery_project: str | None
    bigquery_dataset: str
    bigquery_location: str
    bigquery_emulator_host: str | None
    bigquery_impersonate: str | None
    bigquery_max_bytes_billed: int | None
    duckdb_path: Path
    start_date: date
    replace_with_nothing: bool
    identity_dir: Path
    alerts: bool
    ui_url: str | None
    code_url: str | None

    @property
    def vendors(self) -> tuple[str, ...]:
        """Those that have a key."""
        return tuple(vendor for vendor in ("anthropic", "cursor") if getattr(self, vendor))

    def fetches(self, table: Table) -> bool:
        """Whether the table's vendor has a key, and the table is wanted if it has to be asked for."""
        return table.vendor in self.vendors and (table.enabling_variable is None or self.anthropic_analytics)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment.

        Raises:
            SettingRefused: a value cannot be used.
        """
        given = {
            name: value.strip()
            for name, value in (os.environ if env is None else env).items()
            if value.strip()
        }
        return cls(
            anthropic="ANTHROPIC_ADMIN_API_KEY" in given,
            anthropic_analytics=_flag("ANTHROPIC_ANALYTICS", given),
            cursor="CURSOR_ADMIN_API_KEY" in given,
            anthropic_base_url=_url("ANTHROPIC_ADMIN_BASE_URL", "https://api.anthropic.com", given),
            cursor_base_url=_url("CURSOR_ADMIN_BASE_URL", "https://api.cursor.com", given),
            cursor_requests_per_minute=_number("CURSOR_REQUESTS_PER_MINUTE", given),
            cursor_retention_days=_number("CURSOR_RETENTION_DAYS", given) or 90,
            bigquery_project=_name("BIGQUERY_PROJECT", given),
            bigquery_dataset=_name("BIGQUERY_DATASET", given) or "ai_usage",
            bigquery_location=_name("BIGQUERY_LOCATION", given) or "US",
            bigquery_emulator_host=given.get("BIGQUERY_EMULATOR_HOST"),
            bigquery_impersonate=given.get("BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT"),
            bigquery_max_bytes_billed=_number("BIGQUERY_MAXIMUM_BYTES_BILLED", given),
            duckdb_path=Path(given.get("AI_USAGE_DUCKDB_PATH", ".local/ai_usage.duckdb")),
            start_date=_start_date(given),
            replace_with_nothing=_flag("AI_USAGE_REPLACE_WITH_NOTHING", given),
            identity_dir=Path(given.get("AI_USAGE_IDENTITY_DIR", "identity")),
            alerts=_webhook(given),
            ui_url=given.get("AI_USAGE_UI_URL", "").rstrip("/") or None,
            code_url=given.get("AI_USAGE_CODE_URL"),
        )


def _url(variable: str, default: str, given: Mapping[str, str]) -> str:
    url = given.get(variable, default)
    if not is_safe(url):
        # the value is not shown: it may hold a password
        raise SettingRefused(variable, f"cannot be asked: {SAFE_URL}. Write it like {default}")
    return url


def _name(variable: str, given: Mapping[str, str]) -> str | None:
    name = given.get(variable)
    if name is not None and not re.fullmatch(NAMES[variable], name, re.ASCII):
        raise SettingRefused(
            variable, f"is {name[:80]!r}, which no {variable.lower().replace('_', ' ')} is called"
        )
    return name


def _number(variable: str, given: Mapping[str, str]) -> int | None:
    text = given.get(variable)
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise SettingRefused(variable, f"is {text!r}, which is not a whole number above 0")
    return int(text)


def _flag(variable: str, given: Mapping[str, str]) -> bool:
    text = given.get(variable, "false").lower()
    if text not in ("true", "false"):
        raise SettingRefused(variable, f"is {text[:80]!r}, which is neither true nor false")
    return text == "true"


def _webhook(given: Mapping[str, str]) -> bool:
    url = given.get("AI_USAGE_ALERT_WEBHOOK_URL")
    if url is not None and not alerts.acceptable(url):
        raise SettingRefused(
            "AI_USAGE_ALERT_WEBHOOK_URL",
            "is not an https address, nor an http one of loopback: nothing goes there",
        )
    return url is not None


def _start_date(given: Mapping[str, str]) -> date:
    text = given.get("AI_USAGE_START_DATE", "2025-01-01")
    try:
        start = date.fromisoformat(text)
    except ValueError:
        raise SettingRefused(
            "AI_USAGE_START_DATE", f"is {text!r}, which is not a date like 2025-01-01"
        ) from None
    newest = last_closed(datetime.now(UTC))
    if start > newest:
        raise SettingRefused(
            "AI_USAGE_START_DATE",
            f"is {start}, and the newest day that is over is {newest} (UTC): no day could be fetched. "
            "Set it to the first day that you want.",
        )
    return start


class AnthropicResource(dg.ConfigurableResource[Any]):
    """Anthropic's Admin API; the key is read from the environment at launch and is in no run config."""

    api_key: str = Field(repr=False)
    base_url: str

    @cached_property
    def client(self) -> "AnthropicAdmin":
        return self.open_client()

    def open_client(self, retry: Retry | None = None) -> "AnthropicAdmin":
        """A client of the caller's own, to be closed by it."""
        from ai_usage_assets.sources.anthropic.client import AnthropicAdmin

        return AnthropicAdmin(self.api_key, base_url=self.base_url, retry=retry)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        say_who_limits(context, "anthropic")

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        close(self)


class CursorResource(dg.ConfigurableResource[Any]):
    """Cursor's Admin API; the key is read from the environment at launch and is in no run config."""

    api_key: str = Field(repr=False)
    base_url: str
    requests_per_minute: int | None = None

    @cached_property
    def client(self) -> "CursorAdmin":
        return self.open_client()

    def open_client(self, retry: Retry | None = None) -> "CursorAdmin":
        """A client of the caller's own, to be closed by it."""
        from ai_usage_assets.sources.cursor.client import CursorAdmin

        return CursorAdmin(
            self.api_key, base_url=self.base_url, requests_per_minute=self.requests_per_minute, retry=retry
        )

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        say_who_limits(context, "cursor")

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        close(self)


class AlertResource(dg.ConfigurableResource[Any]):
    """Whom to tell; the webhook is read from the environment when it is used and is in no config."""

    webhook_url: str = Field(repr=False)

    def send(self, text: str) -> None:
        """Send it without anything secret.

        Raises:
            AlertNotSent: the webhook did not take it.
        """
        alerts.post(
            self.webhook_url,
            alerts.scrubbed(text, [os.environ[name] for name in SECRETS if os.environ.get(name)]),
        )


def close(resource: AnthropicResource | CursorResource) -> None:
    """Close the client if it was ever used."""
    if "client" in vars(resource):
        resource.client.close()


def is_pool_limited(instance: dg.DagsterInstance, pool: str) -> bool:
    """Whether this instance limits the pool. Without a dagster.yaml that sets a limit, pools limit nothing."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return False
    by_default = storage.get_pool_config().default_pool_limit is not None
    return by_default or any(limit.name == pool for limit in storage.get_pool_limits())


def say_who_limits(context: dg.InitResourceContext, pool: str) -> None:
    """Say once a run that no pool keeps other runs from the vendor, if that is so."""
    if context.run and context.instance and context.log and not is_pool_limited(context.instance, pool):
        context.log.info(
            f"No limit is set for the pool {pool}: what keeps to the vendor's rate limit is this run's own client, "
            "which does not see other runs. deploy/dagster.yaml sets one."
        )


def warehouse(settings: Settings) -> WarehouseResource:
    """BigQuery if a project is set, else DuckDB."""
    if settings.bigquery_project:
        return BigQueryWarehouse(
            project=settings.bigquery_project,
            dataset=settings.bigquery_dataset,
            location=settings.bigquery_location,
            emulator_host=settings.bigquery_emulator_host,
            impersonate=settings.bigquery_impersonate,
            max_bytes_billed=settings.bigquery_max_bytes_billed,
        )
    return DuckDBWarehouse(path=str(settings.duckdb_path), dataset=settings.bigquery_dataset)


def io_manager(settings: Settings, where: WarehouseResource, guard: PartitionGuard) -> Any:
    """The IO manager of the warehouse; dagster-gcp is imported only for BigQuery."""
    given: dict[str, Any] = {
        "warehouse": where,
        "partition_guard": guard,
        "replace_with_nothing": settings.replace_with_nothing,
    }
    if isinstance(where, BigQueryWarehouse):
        from ai_usage_assets.defs.bigquery_io_manager import BigQueryWarehouseIOManager

        return BigQueryWarehouseIOManager(**given)
    return DuckDBWarehouseIOManager(**given)


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    """The resources that several parts share."""
    return dg.Definitions(
        resources={**resources(settings, clock), "now": dg.ResourceDefinition.hardcoded_resource(clock)}
    )


def resources(settings: Settings, clock: Clock = utc_now) -> dict[str, Any]:
    """Every resource that the assets at hand need, by name."""
    where = warehouse(settings)
    guard = PartitionGuard(start_date=str(settings.start_date), clock=clock)
    made: dict[str, Any] = {
        "warehouse": where,
        "partition_guard": guard,
        "io_manager": io_manager(settings, where, guard),
    }
    made["alerts"] = AlertResource(webhook_url=dg.EnvVar("AI_USAGE_ALERT_WEBHOOK_URL"))
    if settings.anthropic:
        made["anthropic"] = AnthropicResource(
            api_key=dg.EnvVar("ANTHROPIC_ADMIN_API_KEY"), base_url=settings.anthropic_base_url
        )
    if settings.cursor:
        made["cursor"] = CursorResource(
            api_key=dg.EnvVar("CURSOR_ADMIN_API_KEY"),
            base_url=settings.cursor_base_url,
            requests_per_minute=settings.cursor_requests_per_minute,
        )
    return made
