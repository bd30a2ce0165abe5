"""Credentials, billing limits and labels, and the datasets that are refused; on the emulator or without a network."""

import base64
import os
import re
import traceback
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from google.auth import impersonated_credentials
from google.cloud import bigquery
from google.oauth2 import service_account

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import utc_now
from ai_usage_assets.defs.bigquery_io_manager import BigQueryWarehouseIOManager
from ai_usage_assets.defs.partition_guard import PartitionGuard
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.defs.warehouse import BigQueryWarehouse
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.warehouse.bigquery.access import credentials
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.schema import label
from ai_usage_assets.warehouse.engine import View, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import SchemaDriftError, WarehouseUnavailableError
from ai_usage_assets.warehouse.write import create_view
from ai_usage_assets.warehouse.write import replace as write
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.sample_tables import PLAYS, SONGS, rows
from ai_usage_tests.unit.warehouse.conftest import WRITER

JOBS = re.compile(r"/(jobs|queries)\b")
READER = "other@made-up.iam.gserviceaccount.com"


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "File {} was not found"),
        ("", "File {} is not a valid json file"),
        ("{}", "The file {} does not have a valid type"),
        ('{"type": "service_account", "private_key": "s3cret"}', "service account credentials from {}"),
        (
            "[]",
            "the file that GOOGLE_APPLICATION_CREDENTIALS names, or gcloud's, is not a file of credentials",
        ),
    ],
    ids=["missing", "empty", "no type", "no account", "a list"],
)
def test_unusable_credentials_file_is_named_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, reason: str
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(WarehouseUnavailableError) as found, BigQueryEngine("a-project").session():
        pass
    start = f"Google's libraries find no credentials for the user id {os.getuid()}: "
    assert found.value.message.startswith(start)
    assert reason.format(file) in found.value.message
    assert found.value.message.endswith(". Nothing was written.")
    assert "s3cret" not in "".join(traceback.format_exception(found.value))
    assert found.value.hint.startswith("Run `gcloud auth application-default login`")


def test_directory_in_place_of_the_credentials_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    with pytest.raises(WarehouseUnavailableError) as found, BigQueryEngine("a-project").session():
        pass
    assert found.value.message == (
        f"the file of Google credentials {tmp_path} cannot be read by the user id {os.getuid()}: Is a directory. "
        "Nothing was written."
    )
    assert "Docker made it" in found.value.hint


def test_unreadable_credentials_file_is_named_with_the_user(
    service_account_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user does not own the mounted file; the superuser of a test could read it."""

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(service_account_file))

    monkeypatch.setattr("io.open", denied)
    with pytest.raises(WarehouseUnavailableError) as found:
        credentials()
    assert found.value.message == (
        f"the file of Google credentials {service_account_file} cannot be read by the user id {os.getuid()}: "
        "Permission denied. Nothing was written."
    )
    assert "chown or chmod" in found.value.hint


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


def test_limit_that_would_refuse_a_curated_statement_is_refused_with_the_lowest_one() -> None:
    curated = [select(table) for table in (*layer(Layer.CURATED), *layer(Layer.VIEW))]
    # no view reads a view, so the inputs are the tables that BigQuery bills
    assert not [read for found in curated for read in found.inputs if read.layer is Layer.VIEW]
    floor = 10 * 1024**2 * max(len(found.inputs) for found in curated)

    def resource(limit: int) -> object:
        given = {"BIGQUERY_PROJECT": "my-project", "BIGQUERY_MAXIMUM_BYTES_BILLED": str(limit)}
        return warehouse(Settings.from_env(given))

    assert resource(floor)
    says = (
        rf"BIGQUERY_MAXIMUM_BYTES_BILLED is {floor - 1}, .* {floor} for fct_\w+, .* Set it to {floor} or more"
    )
    with pytest.raises(SettingError, match=says):
        resource(floor - 1)
    example = Path(__file__).parents[3] / ".env.example"
    assert f"about {floor // 1024**2} MiB ({floor})" in example.read_text(encoding="utf-8")


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
        with engine.session() as session:
            session.execute("select 1")
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


def test_dataset_is_created_by_the_first_change_and_not_by_a_read(emulator: str) -> None:
    engine = BigQueryEngine("local", f"ai_usage_{uuid4().hex[:12]}", emulator_host=emulator)
    with recording() as calls:
        with engine.session() as session:
            assert session.stored_table("plays") is None
            assert session.schema_drift(PLAYS).is_absent
        assert {call.method for call in calls} == {"GET"}
        with engine.session(WriteContext("run", "step")) as session:
            ensure_tables(engine, session, [PLAYS])
    assert sum(call.endpoint == "POST /bigquery/v2/projects/*/datasets" for call in calls) == 1


def test_jobs_run_in_the_billing_project_and_tables_stay_in_theirs(emulator: str) -> None:
    data = emulated(emulator)
    given = {
        "BIGQUERY_PROJECT": "local",
        "BIGQUERY_BILLING_PROJECT": "billing",
        "BIGQUERY_DATASET": data.dataset,
        "BIGQUERY_EMULATOR_HOST": emulator,
    }
    engine = warehouse(Settings.from_env(given)).engine
    songs = replace(SONGS, name="loud_songs", layer=Layer.VIEW)
    view = View("select song, artist from songs", inputs=(SONGS,))
    job = WriteContext("run", "step")
    with recording() as calls:
        write(engine, SONGS, rows({"song": "a", "artist": "x"}, table=SONGS), None, job)
        create_view(engine, songs, view, job.part("view"))
        with engine.session() as session:
            assert session.fetch("select song from loud_songs").to_pylist() == [{"song": "a"}]
    jobs = {call.url.split("/projects/")[1].split("/")[0] for call in calls if JOBS.search(call.url)}
    others = {call.url.split("/projects/")[1].split("/")[0] for call in calls if not JOBS.search(call.url)}
    assert (jobs, others) == ({"billing"}, {"local"})
    home = {"projectId": "local", "datasetId": data.dataset}
    started = [call.configuration for call in calls if call.configuration]
    assert all(sent["query"]["defaultDataset"] == home for sent in started if "query" in sent)
    [loaded] = [sent["load"]["destinationTable"] for sent in started if "load" in sent]
    assert home.items() <= loaded.items()
    assert f"from `local.{data.dataset}`.songs" in "".join(call.sql or "" for call in calls)
    # what other engines find is where it was without a billing project
    with data.session() as session:
        assert session.fetch("select song from loud_songs").to_pylist() == [{"song": "a"}]


def test_billing_project_is_the_project_unless_it_is_set() -> None:
    engine = warehouse(Settings.from_env({"BIGQUERY_PROJECT": "my-project"})).engine
    assert isinstance(engine, BigQueryEngine)
    assert engine._billing_project == "my-project"
    with pytest.raises(SettingError, match="BIGQUERY_BILLING_PROJECT is 'x y', which cannot be the name"):
        Settings.from_env({"BIGQUERY_PROJECT": "p-1", "BIGQUERY_BILLING_PROJECT": "x y"})


@pytest.mark.parametrize("what", ["table", "partition"])
def test_dataset_with_expiration_is_refused_with_the_fix(emulator: str, what: str) -> None:
    engine = emulated(emulator)
    known = engine._client
    name = engine.qualified("t").removesuffix(".t")
    forgetful = bigquery.Dataset(f"{name}_{what}")
    setattr(forgetful, f"default_{what}_expiration_ms", 60 * 86_400_000)
    known.create_dataset(forgetful)
    says = rf"lets every new {what} expire after 60 days, and usage would be lost\. Nothing was written\. Run: ALTER SCHEMA `{name}_{what}` SET OPTIONS \(default_{what}_expiration_days = NULL\)"
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
