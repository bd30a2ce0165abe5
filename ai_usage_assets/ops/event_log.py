"""Dagster's event log on sqlite, without its price for a long range: set in `dagster.yaml`, and nothing else of ours.

Dagster records two events per asset and partition, and its sqlite storage opens an engine, a connection and a
transaction for each of them, twice: in the run's file and in the index. Here a connection is kept a file, and a batch of
events is one transaction a file. The rows are written by Dagster's own code, so they are the ones it would write.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Any

import sqlalchemy as db
from dagster import EventLogEntry, Field, StringSource
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData, serialize_value

from ai_usage_assets.settings import export_default

EVENTS_PER_BATCH = "1000"
MOST_FILES = 8
"""Open at once: the UI looks into one run after the other."""


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _: object) -> None:
    """Let a commit end before the disk has it.

    With the write-ahead log, which Dagster turns on, a killed process loses nothing. A machine that loses power may lose the
    last events, and the file stays usable.
    """
    connection.execute("pragma synchronous = normal")


class BatchingSqliteEventLogStorage(SqliteEventLogStorage):
    """Dagster's own storage, in the same files; a DAGSTER_HOME may change between the two at any time."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, db.Engine] = OrderedDict()
        self._held: dict[str, db.Connection] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)
        # a batch is stored from within it, event by event
        self._db_lock = RLock()  # type: ignore[assignment]

    @classmethod
    def config_type(cls) -> Any:
        return {"dagster_home": Field(StringSource, description="Where DAGSTER_HOME is.")}

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, str]
    ) -> "BatchingSqliteEventLogStorage":
        # Dagster hands events on one by one unless this is set
        export_default("DAGSTER_EVENT_BATCH_SIZE", EVENTS_PER_BATCH)
        return cls(str(Path(config_value["dagster_home"]).expanduser() / "history" / "runs"), inst_data)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events of one run, all of them or none."""
        newest: dict[tuple[str, str], tuple[EventLogEntry, int]] = {}
        with self._db_lock, self._holding(events[0].run_id), self._holding(INDEX_SHARD_NAME):
            index = self._held[INDEX_SHARD_NAME]
            for are_of_assets, found in groupby(
                events, lambda event: event.dagster_event_type in ASSET_EVENTS
            ):
                alike = list(found)
                if not are_of_assets:
                    super().store_event_batch(alike)
                    continue
                for event, event_id in zip(alike, self._insert(alike), strict=True):
                    dagster_event = event.get_dagster_event()
                    # an asset has one row here, and each event of a kind overwrites what the one before it said
                    newest[str(dagster_event.asset_key), dagster_event.event_type_value] = event, event_id
            for event, event_id in sorted(newest.values(), key=lambda stored: stored[1]):
                self._store_asset_event(index, event, event_id)

    def _insert(self, events: Sequence[EventLogEntry]) -> range:
        """Insert events of assets of one run; their ids in the index."""
        index, rows = self._held[INDEX_SHARD_NAME], [self._event_to_row(event) for event in events]
        for connection in (self._held[events[0].run_id], index):
            connection.execute(SqlEventLogStorageTable.insert(), rows)
        # no other connection writes to the file before the transaction ends
        last = index.execute(db.select(db.func.max(SqlEventLogStorageTable.c.id))).scalar_one()
        ids = range(last - len(rows) + 1, last + 1)
        self._store_asset_event_tags(index, events, ids)
        return ids

    def _store_asset_check_evaluation_planned(self, event: EventLogEntry, event_id: int | None) -> None:
        # Dagster's rows, a check and partition each, but the event is written out once and the statement compiled once
        planned: Any = event.get_dagster_event().event_specific_data
        row = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
            "evaluation_event": serialize_value(event),
            "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
            "evaluation_event_storage_id": event_id,
        }
        keys = planned.partitions_subset.get_partition_keys() if planned.partitions_subset else [None]
        with self.index_connection() as connection:
            connection.execute(
                AssetCheckExecutionsTable.insert(), [{**row, "partition": key} for key in keys]
            )

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @contextmanager
    def _holding(self, shard: str) -> Iterator[None]:
        with self._connect(shard) as connection:
            self._held[shard] = connection
            try:
                yield
            finally:
                del self._held[shard]

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            if shard in self._held:
                yield self._held[shard]
                return
            with self._engine(shard).begin() as connection:
                yield connection

    def _engine(self, shard: str) -> db.Engine:
        if shard not in self._engines:
            engine = db.create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            db.event.listen(engine, "connect", _without_waiting_for_the_disk)
            self._engines[shard] = engine
            self._initdb(engine)
        self._engines.move_to_end(shard)
        while len(self._engines) > MOST_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        self._close()
        super().wipe()

    def dispose(self) -> None:
        self._close()
        super().dispose()

    def _close(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()
