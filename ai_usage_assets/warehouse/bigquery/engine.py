"""The BigQuery engine, for production. Rows are staged in a table that expires, then published by one MERGE."""

import copy
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial

import pyarrow as pa
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_assets.days import Days
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.ddl import alterations, create_table, create_view
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import FetchedRows, SpooledRows, spool
from ai_usage_assets.warehouse.bigquery.access import credentials, refuse_dataset
from ai_usage_assets.warehouse.bigquery.fixes import Place
from ai_usage_assets.warehouse.bigquery.jobs import Jobs, Timeouts
from ai_usage_assets.warehouse.bigquery.reads import Reader, storage_client
from ai_usage_assets.warehouse.bigquery.refusals import GoogleError, explained
from ai_usage_assets.warehouse.bigquery.schema import (
    googlesql_type,
    label,
    schema_drift,
    schema_field,
    stored_table,
)
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.schema_drift import SchemaDrift, StoredTable
from ai_usage_assets.warehouse.sql import in_dataset, merge

STAGED_HOURS = 24


class BigQuerySession:
    """The statements of one writer. Each is a job whose id derives from run, step, attempt and order."""

    def __init__(
        self,
        client: bigquery.Client,
        dataset: bigquery.DatasetReference,
        context: WriteContext | None,
        timeouts: Timeouts,
        max_bytes_billed: int | None = None,
        reader: Reader | None = None,
        create_dataset: Callable[[], None] | None = None,
        *,
        has_change_times: bool = True,
    ) -> None:
        self._reader = reader or Reader()
        self._client = client
        self._has_change_times = has_change_times
        self._create_dataset = create_dataset
        self._dataset = dataset
        self._context = context
        self._timeouts = timeouts
        self._max_bytes_billed = max_bytes_billed
        self.jobs = Jobs(client, context, timeouts)

    def execute(self, sql: str) -> None:
        self._ensure_dataset()
        self._query(sql)

    def fetch(self, sql: str) -> pa.Table:
        rows = self._timeouts.call(self._query(sql).result)
        return rows.to_arrow(create_bqstorage_client=False)

    def read(self, sql: str) -> pa.Table:
        job = self._query(sql)
        return self._reader.read(job, self._timeouts.call(job.result), self._timeouts)

    def stage(self, name: str, source: "FetchedRows | str") -> None:
        expires = datetime.now(UTC) + timedelta(hours=STAGED_HOURS)
        if isinstance(source, str):
            self.execute(
                f"CREATE OR REPLACE TABLE `{name}` "
                f"OPTIONS (expiration_timestamp = TIMESTAMP '{expires:%Y-%m-%d %H:%M:%S}+00') AS {source}"
            )
            return
        self._ensure_dataset()
        staged = bigquery.Table(
            self._dataset.table(name), schema=[schema_field(field) for field in source.schema]
        )
        staged.expires = expires
        # no other writer has this name: if the table exists, the response to an earlier request was lost
        self._timeouts.call(self._client.create_table, staged, exists_ok=True)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=staged.schema,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            labels=self._labels,
        )
        # one job after the other appends its file, and nothing reads the table before the last one has ended
        spooled = source if isinstance(source, SpooledRows) else spool(source.schema, [source])
        try:
            for file in spooled.files:
                self.jobs.load(file, staged.reference, config)
        finally:
            if spooled is not source:
                spooled.close()

    def staged_columns(self, name: str) -> dict[str, str]:
        staged = self._timeouts.call(self._client.get_table, self._dataset.table(name))
        return {field.name: googlesql_type(field).split("(")[0] for field in staged.schema}

    def discard(self, name: str) -> None:
        self._timeouts.call(self._client.delete_table, self._dataset.table(name), not_found_ok=True)

    def stored_table(self, name: str) -> StoredTable | None:
        found = self._get_table(name)
        return stored_table(found) if found else None

    def changed_at(self, name: str) -> datetime | None:
        found = self._get_table(name) if self._has_change_times else None
        return found.modified if found else None

    def schema_drift(self, table: Table) -> SchemaDrift:
        found = self._get_table(table.name)
        return schema_drift(table, found) if found else SchemaDrift(is_absent=True)

    def _get_table(self, name: str) -> bigquery.Table | None:
        try:
            found: bigquery.Table = self._timeouts.call(self._client.get_table, self._dataset.table(name))
        except NotFound:
            return None
        return found

    def create_table(self, table: Table, statement: str) -> None:
        # the statement has the descriptions in it
        self.execute(statement)

    def update_definition(self, table: Table, drift: SchemaDrift) -> None:
        # statements and not a new schema, which would need the right to set the policy tags of the columns
        for statement in alterations(
            table, drift.missing_columns, drift.reworded_columns, is_reworded=drift.is_reworded
        ):
            self.execute(statement)

    def create_view(self, table: Table, statement: str) -> None:
        # the statement has the descriptions in it
        self.execute(statement)

    def publish(
        self,
        table: Table,
        staged: str,
        days: Days | None,
        before: str | None = None,
        *,
        kept: Collection[date] = (),
        after: str | None = None,
    ) -> str:
        if before:
            self.execute(before)
        published = self._query(merge(table, staged, days, kept))
        if after:
            self.execute(after)
        return str(published.job_id)

    def _ensure_dataset(self) -> None:
        """Create the dataset before the first change in it. A read creates nothing."""
        if self._create_dataset:
            self._create_dataset()

    @property
    def _labels(self) -> dict[str, str]:
        return {key: label(value) for key, value in self._context.labels.items()} if self._context else {}

    def _query(self, sql: str) -> bigquery.QueryJob:
        config = bigquery.QueryJobConfig(default_dataset=self._dataset, labels=self._labels)
        if self._max_bytes_billed is not None:
            # the client would send None as a word
            config.maximum_bytes_billed = self._max_bytes_billed
        return self.jobs.query(sql, config)


class BigQueryEngine:
    """One dataset of one project. Its jobs may be billed to another project."""

    def __init__(
        self,
        project: str,
        dataset: str = "ai_usage",
        location: str = "US",
        *,
        emulator_host: str | None = None,
        impersonate: str | None = None,
        max_bytes_billed: int | None = None,
        gcp_credentials: str | None = None,
        billing_project: str | None = None,
    ) -> None:
        self._project = project
        self._billing_project = billing_project or project
        self._gcp_credentials = gcp_credentials
        self._location = location
        self._impersonate = impersonate
        self._max_bytes_billed = max_bytes_billed
        self.emulator_host = emulator_host
        self._timeouts = Timeouts()
        # an emulator has no Storage Read API
        own_credentials = partial(credentials, impersonate, gcp_credentials)
        self._reader = Reader(None if emulator_host else partial(storage_client, own_credentials))
        self._dataset = bigquery.DatasetReference(project, dataset)
        self._is_dataset_missing = False

    @property
    def dataset(self) -> str:
        return str(self._dataset.dataset_id)

    def exists(self) -> bool:
        with self.session():
            return not self._is_dataset_missing

    def in_dataset(self, dataset: str) -> "BigQueryEngine":
        other = copy.copy(self)
        other._dataset = bigquery.DatasetReference(self._project, dataset)  # noqa: SLF001 - its own copy
        # a client is created after a look at its dataset, so the copy needs its own
        vars(other).pop("_client", None)
        other._is_dataset_missing = False  # noqa: SLF001 - its own copy
        return other

    def close(self) -> None:
        """Close the client's connections. A later session opens them again."""
        self._reader.close()
        if client := vars(self).pop("_client", None):
            client.close()

    def qualified(self, table: str) -> str:
        return f"{self._project}.{self._dataset.dataset_id}.{table}"

    def quoted_name(self, table: str) -> str:
        return f"`{self.qualified(table)}`"

    def days_at_once(self, select: Select, days: Days) -> int:
        return MAX_DAYS_PER_WRITE

    def create_table(self, table: Table) -> str:
        return create_table(table)

    def create_view(self, table: Table, select: Select) -> str:
        # in a view, a dataset without a project would be one of the project that runs the statement
        dataset = f"{self._project}.{self._dataset.dataset_id}"
        return create_view(table, in_dataset(select.sql, select.inputs, dataset))

    @contextmanager
    def session(self, context: WriteContext | None = None) -> Iterator[BigQuerySession]:
        """Open a session in the dataset, which is created before the first change if it does not exist.

        Raises:
            WarehouseBusyError: others write the same table, and every retry failed.
            WarehouseUnavailableError: there are no credentials, BigQuery does not answer or refuses a statement, or the
                dataset is in another location.
        """
        session: BigQuerySession | None = None
        try:
            session = BigQuerySession(
                self._client,
                self._dataset,
                context,
                self._timeouts,
                self._max_bytes_billed,
                self._reader,
                self._create_dataset,
                # the emulators do not update the time when rows change
                has_change_times=self.emulator_host is None,
            )
            yield session
        except GoogleError as error:
            records = session.jobs.records if session else None
            raise explained(error, self._place, records, self._timeouts.call_seconds) from None
        except AiUsageError:
            raise
        except BaseException as interrupted:
            if session and session.jobs.records.may_have_written:
                interrupted.add_note(session.jobs.records.outcome())
            raise

    @property
    def _place(self) -> Place:
        return Place(
            self._project,
            self._dataset.dataset_id,
            self._location,
            self._billing_project,
            self._impersonate,
        )

    @cached_property
    def _client(self) -> bigquery.Client:
        if self.emulator_host:
            client = bigquery.Client(
                project=self._billing_project,
                credentials=AnonymousCredentials(),
                client_options=ClientOptions(api_endpoint=self.emulator_host),
                location=self._location,
            )
        else:
            client = bigquery.Client(
                project=self._billing_project,
                credentials=credentials(self._impersonate, self._gcp_credentials),
                location=self._location,
            )
        try:
            refuse_dataset(self._timeouts.call(client.get_dataset, self._dataset), self._location)
        except NotFound:
            self._is_dataset_missing = True
        return client

    def _create_dataset(self) -> None:
        """Create the dataset if the first look has not found it."""
        if self._is_dataset_missing:
            new_dataset = bigquery.Dataset(self._dataset)
            new_dataset.location = self._location
            made = self._timeouts.call(self._client.create_dataset, new_dataset, exists_ok=True)
            refuse_dataset(made, self._location)
            self._is_dataset_missing = False
