"""The credentials for BigQuery, and the refusal of datasets that cannot be used."""

import base64
import json
import os

import google.auth
from google.auth import impersonated_credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import bigquery
from google.oauth2 import service_account

from ai_usage_assets.warehouse.bigquery.fixes import LOG_IN
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError

DAY_MS = 86_400_000
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def credentials(impersonate: str | None = None, key: str | None = None) -> Credentials:
    """Application default credentials, which impersonate another service account if one is given.

    They come from a service-account file, from gcloud, or from the machine.

    Raises:
        WarehouseUnavailableError: a file with credentials cannot be read, or does not hold any.
    """
    found = _of_key(key) if key else _of_machine()
    if impersonate is None:
        return found
    return impersonated_credentials.Credentials(found, target_principal=impersonate, target_scopes=SCOPES)


def _of_machine() -> Credentials:
    try:
        found: Credentials = google.auth.default(scopes=SCOPES)[0]
    except OSError as unreadable:
        raise WarehouseUnavailableError(
            f"the file of Google credentials {unreadable.filename} cannot be read by the user id {os.getuid()}: "
            f"{unreadable.strerror}. Nothing was written.",
            "Let this user read the file with chown or chmod (for a container, see docs/deploy.md), or set "
            "GOOGLE_APPLICATION_CREDENTIALS to another file. If it is a directory, Docker made it because the file to "
            "mount did not exist.",
        ) from None
    except DefaultCredentialsError as unusable:
        raise _no_credentials(str(unusable.args[0])) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        # google-auth expects an object with certain fields; the cause may quote the file
        file = "the file that GOOGLE_APPLICATION_CREDENTIALS names, or gcloud's, is not a file of credentials"
        raise _no_credentials(file) from None
    return found


def _no_credentials(reason: str) -> WarehouseUnavailableError:
    return WarehouseUnavailableError(
        f"Google's libraries find no credentials for the user id {os.getuid()}: {reason.rstrip('.')}. "
        "Nothing was written.",
        f"{LOG_IN}.",
    )


def _of_key(key: str) -> Credentials:
    """The credentials of a service account's key file, base64-encoded."""
    try:
        found: Credentials = service_account.Credentials.from_service_account_info(
            json.loads(base64.b64decode(key)), scopes=SCOPES
        )
    except ValueError:
        # the cause may quote the key
        raise WarehouseUnavailableError(
            "gcp_credentials is not a service account's key file in base64. Nothing was written. "
            "Run `base64 key.json` and use what it prints."
        ) from None
    return found


def refuse_dataset(found: bigquery.Dataset, location: str) -> None:
    """Refuse a dataset in another location, or one whose tables or partitions expire by default.

    A single table cannot reliably opt out of its dataset's expiration.

    Raises:
        WarehouseUnavailableError: the message says what to change.
    """
    name = f"{found.project}.{found.dataset_id}"
    if found.location and found.location.upper() != location.upper():
        raise WarehouseUnavailableError(
            f"dataset {name} is in {found.location}, and BIGQUERY_LOCATION is {location}. Nothing was written.",
            f"Set BIGQUERY_LOCATION to {found.location}, or use another BIGQUERY_DATASET.",
        )
    for what, milliseconds in (
        ("table", found.default_table_expiration_ms),
        ("partition", found.default_partition_expiration_ms),
    ):
        if milliseconds:
            raise WarehouseUnavailableError(
                f"dataset {name} lets every new {what} expire after {milliseconds / DAY_MS:g} days, and usage would "
                f"be lost. Nothing was written.",
                f"Run: ALTER SCHEMA `{name}` SET OPTIONS (default_{what}_expiration_days = NULL); "
                "or use another BIGQUERY_DATASET.",
            )
