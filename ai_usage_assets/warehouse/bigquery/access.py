"""Who asks BigQuery, and which dataset is fit to hold usage."""

import google.auth
from google.auth import impersonated_credentials
from google.auth.credentials import Credentials
from google.cloud import bigquery

from ai_usage_assets.warehouse.errors import WarehouseUnusable

DAY_MS = 86_400_000
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def credentials(impersonate: str | None = None) -> Credentials:
    """Application default credentials (a service-account file, gcloud's, the machine's), acting as another account or not."""
    found, _ = google.auth.default(scopes=SCOPES)
    if impersonate is None:
        return found
    return impersonated_credentials.Credentials(found, target_principal=impersonate, target_scopes=SCOPES)


def refuse_expiring(dataset: bigquery.Dataset) -> None:
    """Refuse a dataset whose default would make days vanish; a single table cannot opt out of it for sure.

    Raises:
        WarehouseUnusable: new tables, or their partitions, expire by default.
    """
    name = f"{dataset.project}.{dataset.dataset_id}"
    for what, milliseconds in (
        ("table", dataset.default_table_expiration_ms),
        ("partition", dataset.default_partition_expiration_ms),
    ):
        if milliseconds:
            raise WarehouseUnusable(
                f"dataset {name} lets every new {what} expire after {milliseconds / DAY_MS:g} days, and usage would "
                f"be lost. Nothing was written. Run: ALTER SCHEMA `{name}` SET OPTIONS "
                f"(default_{what}_expiration_days = NULL); or use another BIGQUERY_DATASET."
            )
