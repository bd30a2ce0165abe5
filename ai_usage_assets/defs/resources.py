"""The resources that assets, checks and sensors take, built from the settings; a vendor's own are in `raw_<name>.py`."""

from functools import cached_property
from typing import Any, ClassVar

import dagster as dg
from pydantic import Field

from ai_usage_assets.curated.select import MIN_BYTES_BILLED, min_bytes_billed
from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.defs.duckdb_io_manager import DuckDBWarehouseIOManager
from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.sensors.alerts import webhook as alerts
from ai_usage_assets.defs.warehouse import BigQueryWarehouse, DuckDBWarehouse, WarehouseResource
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import PSEUDONYM_KEY, SettingError, Settings, secret_values
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.sources.source import Source


class VendorResource(dg.ConfigurableResource[Any]):
    """A vendor's Admin API. The key is read from the environment at launch, and is in no run config."""

    source: ClassVar[Source]

    api_key: str = Field(repr=False)
    base_url: str

    @cached_property
    def client(self) -> Any:
        """The client of the run's steps; it is closed with the resource."""
        return self.open_client()

    def open_client(self, retry: Retry | None = None) -> Any:
        """A client that the caller closes."""
        raise NotImplementedError

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        log_missing_pool_limit(context, self.source.name)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        self.close()

    def close(self) -> None:
        """Close the client if it was used."""
        if "client" in vars(self):
            self.client.close()


class AlertResource(dg.ConfigurableResource[Any]):
    """The receiver of alerts. The webhook is read from the environment when it is used, and is in no run config."""

    webhook_url: str = Field(repr=False)

    def send(self, text: str) -> None:
        """Send a text, without any secret in it.

        Raises:
            AlertNotSentError: the webhook did not accept it.
        """
        alerts.post(self.webhook_url, alerts.redacted(text, secret_values()))


def is_pool_limited(instance: dg.DagsterInstance, pool: str) -> bool:
    """Whether this instance limits the pool. Without a dagster.yaml that sets a limit, pools limit nothing."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return False
    by_default = storage.get_pool_config().default_pool_limit is not None
    return by_default or any(limit.name == pool for limit in storage.get_pool_limits())


def log_missing_pool_limit(context: dg.InitResourceContext, pool: str) -> None:
    """Log once per run that no pool limits the runs of this vendor, if that is so."""
    if context.run and context.instance and context.log and not is_pool_limited(context.instance, pool):
        context.log.info(
            f"No limit is set for the pool {pool}. This run's client keeps to the vendor's rate limit, but does not see "
            "the requests of other runs. ai_usage_assets/ops/dagster.yaml sets a limit."
        )


def refuse_low_limit(limit: int | None, *, has_pseudonyms: bool = False) -> None:
    """Refuse a limit of billed bytes that is below what BigQuery bills at least for the largest curated statement."""
    if limit is None:
        return
    largest = max((*layer(Layer.CURATED), *layer(Layer.VIEW)), key=min_bytes_billed)
    # with pseudonyms, each statement reads their table too
    floor = min_bytes_billed(largest) + (MIN_BYTES_BILLED if has_pseudonyms else 0)
    if limit < floor:
        raise SettingError(
            "BIGQUERY_MAXIMUM_BYTES_BILLED",
            f"is {limit}, and BigQuery bills at least {MIN_BYTES_BILLED} bytes for each table that a statement reads: "
            f"{floor} for {largest.name}, so it would refuse that statement.",
            f"Set it to {floor} or more, or do not set it.",
        )


def warehouse(settings: Settings) -> WarehouseResource:
    """BigQuery if a project is set, else DuckDB.

    Raises:
        SettingError: the limit of billed bytes would refuse a curated statement, even over empty tables.
    """
    if settings.bigquery_project:
        refuse_low_limit(settings.bigquery_max_bytes_billed, has_pseudonyms=settings.has_pseudonym_key)
        return BigQueryWarehouse(
            project=settings.bigquery_project,
            billing_project=settings.bigquery_billing_project,
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
        "identity_dir": str(settings.identity_dir),
    }
    if settings.has_pseudonym_key:
        given["pseudonym_key"] = dg.EnvVar(PSEUDONYM_KEY)
    if isinstance(where, BigQueryWarehouse):
        from ai_usage_assets.defs.bigquery_io_manager import BigQueryWarehouseIOManager

        return BigQueryWarehouseIOManager(**given)
    return DuckDBWarehouseIOManager(**given)


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    """The resources that several parts share."""
    return dg.Definitions(resources=resources(settings, clock))


def resources(settings: Settings, clock: Clock = utc_now) -> dict[str, Any]:
    """Them by name, for the definitions of another code location."""
    where = warehouse(settings)
    guard = PartitionGuard(start_date=str(settings.start_date), clock=clock)
    return {
        "warehouse": where,
        "partition_guard": guard,
        "io_manager": io_manager(settings, where, guard),
        "alerts": AlertResource(webhook_url=dg.EnvVar("AI_USAGE_ALERT_WEBHOOK_URL")),
        "now": dg.ResourceDefinition.hardcoded_resource(clock),
    }
