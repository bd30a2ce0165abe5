"""Credentials, billing limits and labels, and the datasets that are refused; on the emulator or without a network."""

import base64
import json
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth import impersonated_credentials
from google.cloud import bigquery
from google.oauth2 import service_account

from ai_usage_assets.days import utc_now
from ai_usage_assets.defs.bigquery_io_manager import BigQueryWarehouseIOManager
from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.defs.warehouse import BigQueryWarehouse
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.warehouse.bigquery.access import credentials
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.schema import label
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import SchemaDriftError, WarehouseUnavailableError
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.sample_tables import PLAYS

WRITER = "writer@made-up.iam.gserviceaccount.com"
READER = "other@made-up.iam.gserviceaccount.com"


@pytest.fixture
def service_account_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service-account file with a new key, in the place where google-auth looks."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    written = tmp_path / "key.json"
    written.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": "made-up",
                "private_key_id": "1",
                "private_key": pem,
                "client_email": WRITER,
                "client_id": "1",
                "token_uri": "https://oauth2.googleapis.com/token",
            }
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(written))
    return written


def test_service_account_file_gives_the_credentials(service_account_file: Path) -> None:
    found = credentials()
    assert isinstance(found, service_account.Credentials)
    assert found.service_account_email == WRITER


def test_named_service_account_is_impersonated(service_account_file: Path) -> None:
    found = credentials(READER)
    assert isinstance(found, impersonated_credentials.Credentials)
    assert found.service_account_email == READER
    assert found._source_credentials.service_account_email == WRITER


def test_credentials_of_the_io_manager_reach_the_engine(
    service_account_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    key = base64.b64encode(service_account_file.read_bytes()).decode()
    where = BigQueryWarehouse(project="my-project")
    guard = PartitionGuard(start_date="2026-01-01", clock=utc_now)
    manager = BigQueryWarehouseIOManager(warehouse=where, partition_guard=guard, gcp_credentials=key)
    engine = manager.create_io_manager(dg.build_init_resource_context()).engine
    assert isinstance(engine, BigQueryEngine)
    found = credentials(key=engine._gcp_credentials)
    assert isinstance(found, service_account.Credentials)
    assert found.service_account_email == WRITER
    with pytest.raises(WarehouseUnavailableError, match="gcp_credentials is not a service account's key"):
        credentials(key="bm90IGEga2V5")


def test_environment_settings_reach_the_engine() -> None:
    given = {
        "BIGQUERY_PROJECT": "my-project",
        "BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT": READER,
        "BIGQUERY_MAXIMUM_BYTES_BILLED": "1000000000",
    }
    engine = warehouse(Settings.from_env(given)).engine
    assert isinstance(engine, BigQueryEngine)
    assert (engine._impersonate, engine._max_bytes_billed) == (READER, 10**9)
    with pytest.raises(SettingError, match="BIGQUERY_MAXIMUM_BYTES_BILLED is '1 GB'"):
        Settings.from_env(given | {"BIGQUERY_MAXIMUM_BYTES_BILLED": "1 GB"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-10-01...2026-10-31", "2026-10-01_2026-10-31"),
        ("Raw Table", "raw_table"),
        ("x" * 99, "x" * 63),
    ],
)
def test_label_has_only_characters_that_bigquery_accepts(given: str, kept: str) -> None:
    assert label(given) == kept


def test_statement_has_maximum_bytes_billed_and_labels(emulator: str) -> None:
    name = f"ai_usage_{uuid4().hex[:12]}"
    engine = BigQueryEngine("local", name, emulator_host=emulator, max_bytes_billed=10**9)
    job = WriteContext("Run 1", "step", labels={"asset": "plays", "run": "Run 1"})
    with recording() as calls, engine.session(job) as session:
        session.fetch("select 1 as one")
    (sent,) = [call.configuration for call in calls if call.configuration]
    assert sent["query"]["maximumBytesBilled"] == "1000000000"
    assert sent["labels"] == {"asset": "plays", "run": "run_1"}


def test_new_dataset_has_the_location_and_no_expiration(emulator: str) -> None:
    name = f"ai_usage_{uuid4().hex[:12]}"
    for location in ("US", "EU"):
        engine = BigQueryEngine("local", f"{name}_{location}", location, emulator_host=emulator)
        made = engine._client.get_dataset(f"local.{name}_{location}")
        assert made.location == location
        assert (made.default_table_expiration_ms, made.default_partition_expiration_ms) == (None, None)
        assert made.default_encryption_configuration is None


def test_dataset_in_another_location_is_refused(emulator: str) -> None:
    engine = emulated(emulator)
    there = engine.qualified("t").split(".")[1]
    assert engine._client.get_dataset(f"local.{there}").location == "US"
    with (
        pytest.raises(WarehouseUnavailableError, match=f"{there} is in US, and BIGQUERY_LOCATION is EU"),
        BigQueryEngine("local", there, "EU", emulator_host=emulator).session(),
    ):
        pass


@pytest.mark.parametrize("what", ["table", "partition"])
def test_dataset_with_expiration_is_refused_with_the_fix(emulator: str, what: str) -> None:
    engine = emulated(emulator)
    known = engine._client
    name = engine.qualified("t").removesuffix(".t")
    forgetful = bigquery.Dataset(f"{name}_{what}")
    setattr(forgetful, f"default_{what}_expiration_ms", 60 * 86_400_000)
    known.create_dataset(forgetful)
    says = rf"expire after 60 days.*ALTER SCHEMA `{name}_{what}` SET OPTIONS \(default_{what}_expiration_days = NULL\)"
    with (
        pytest.raises(WarehouseUnavailableError, match=says),
        BigQueryEngine("local", forgetful.dataset_id, emulator_host=emulator).session(),
    ):
        pass


def test_table_with_expiration_is_refused(emulator: str) -> None:
    engine = emulated(emulator)
    with engine.session() as session:
        session.execute(
            "create table plays (day date not null) partition by day "
            "options (expiration_timestamp = timestamp '2099-01-01 00:00:00+00')"
        )
        with pytest.raises(SchemaDriftError, match="it expires at 2099-01-01 00:00 UTC"):
            ensure_tables(engine, session, [PLAYS])
