"""Forgetting a person who has several addresses: their rows keep different keys, and the vendor may send them again."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.forgotten import Forgotten, add
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.sources.identity import READERS
from ai_usage_assets.warehouse import forget
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.forgotten import cleaned
from ai_usage_assets.warehouse.personal import email_columns, name_columns
from ai_usage_assets.warehouse.write import replace

ADDRESSES = ["ann.lee@x.com", "ann@x.com"]
OTHER = "bo@x.com"
DAY, NOW = date(2026, 10, 1), datetime(2026, 10, 2, tzinfo=UTC)
LOADED = {Layer.RAW, Layer.SNAPSHOT, Layer.TOTALS, Layer.OPEN_DAY}
TABLES_WITH_ADDRESSES_IN_THE_KEY = [
    table
    for table in TABLES
    if table.layer in LOADED and any(name in key for key in table.key for name in email_columns(table))
]


def _row(table: Table, address: str) -> dict[str, object]:
    """A row that differs from another person's in the addresses alone."""
    values = {"STRING": "x", "DATE": DAY, "TIMESTAMP": NOW, "BOOLEAN": True}
    row = {column.name: values.get(column.type.name, 1) for column in table.columns}
    row |= {"user_id": None, "source": None, "actor_type": "user_actor"}
    return row | dict.fromkeys(email_columns(table), address)


@pytest.mark.parametrize("table", TABLES_WITH_ADDRESSES_IN_THE_KEY, ids=lambda table: table.name)
def test_rows_of_two_addresses_stay_two_and_load_again_without_names(tmp_path: Path, table: Table) -> None:
    engine, days = DuckDBEngine(tmp_path / "x.duckdb"), Days.one(DAY) if table.is_daily else None
    given = [_row(table, each) for each in (*ADDRESSES, OTHER)]
    rows = pa.Table.from_pylist(given, schema=arrow_schema(table))
    replace(engine, table, rows, days, WriteContext("first", "first"))
    tokens = add(tmp_path, ADDRESSES, DAY)
    assert forget.forget(engine, tokens) >= 1
    again = cleaned(table, rows, Forgotten.read(tmp_path))
    replace(engine, table, again, days, WriteContext("again", "again"))
    with engine.session() as session:
        for name in email_columns(table):
            found = session.fetch(f"select `{name}` as email from `{table.name}`").column("email").to_pylist()
            assert Counter(found) == Counter(["forgotten-1", "forgotten-1-2", OTHER])
            of_others = f"`{name}` = '{OTHER}'"
            for of_name in name_columns(table):
                kept = session.fetch(
                    f"select {of_others} as is_other from `{table.name}` where `{of_name}` = 'x'"
                )
                assert kept.column("is_other").to_pylist() == [True]


def test_every_table_of_a_vendor_with_an_address_in_its_key_is_tried() -> None:
    assert len(TABLES_WITH_ADDRESSES_IN_THE_KEY) > 4


def test_each_address_of_a_forgotten_person_has_a_name_of_its_own_and_nobody_to_it(tmp_path: Path) -> None:
    assert add(tmp_path, ["a@x.com", "b@x.com"], DAY) == {
        "a@x.com": "forgotten-1",
        "b@x.com": "forgotten-1-2",
    }
    assert add(tmp_path, ["c@x.com"], DAY) == {"c@x.com": "forgotten-2"}
    # an address that is found later, when the command is run again
    assert add(tmp_path, ["A@x.com", "d@x.com"], DAY) == {
        "A@x.com": "forgotten-1",
        "d@x.com": "forgotten-1-3",
    }
    assert READERS["identity_aliases"](tmp_path) == [
        {"alias": f"forgotten-{each}", "email": UNATTRIBUTED} for each in ("1", "1-2", "2", "1-3")
    ]
