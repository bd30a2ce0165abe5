"""Values of every declared type: loaded from Parquet and read back."""

import secrets
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    STRING,
    TIMESTAMP,
    Column,
    Layer,
    Table,
    Type,
)
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.bigquery.uploads import MULTIPART_BYTES
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.live.target import Target

DECIMALS = sorted({c.type for table in TABLES for c in table.columns if c.type.name == "NUMERIC"}, key=str)
TYPES: dict[str, Type] = {
    "words": STRING,
    "number": INT64,
    "fraction": FLOAT64,
    "is_true": BOOLEAN,
    "day": DATE,
    "at": TIMESTAMP,
    **{f"decimal_{n}": type_ for n, type_ in enumerate(DECIMALS)},
}
SAMPLES = Table(
    name="samples",
    layer=Layer.CURATED,
    grain="id",
    description="A value of every type.",
    columns=(
        Column("id", INT64, "The id.", is_required=True),
        *(Column(name, type_, "A value.") for name, type_ in TYPES.items()),
    ),
    key=("id",),
)
ORDINARY = {
    "words": "Ä 'quoted' \\ \n 日本",
    "number": 2**63 - 1,
    "fraction": 0.1,
    "is_true": False,
    "day": date(1970, 1, 1),
    "at": datetime(2026, 3, 2, 23, 59, 59, 999_999, tzinfo=UTC),
}
SMALLEST = {
    "words": "",
    "number": -(2**63),
    "fraction": -1.5e300,
    "is_true": True,
    "day": date(1, 1, 1),
    "at": datetime(1, 1, 1, tzinfo=UTC),
}


def decimals(sign: int) -> dict[str, Decimal]:
    """The largest or smallest value of each declared NUMERIC."""
    values = {}
    for n, type_ in enumerate(DECIMALS):
        precision, scale = type_.precision or 38, type_.scale or 0
        values[f"decimal_{n}"] = Decimal((int(sign < 0), (9,) * precision, -scale))
    return values


def write(target: Target, *given: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table after it was replaced by the given rows."""
    rows = pa.Table.from_pylist(list(given), schema=arrow_schema(SAMPLES))
    replace(target.engine, SAMPLES, rows, None, WriteContext("live", secrets.token_hex(4)))
    with target.engine.session() as session:
        found: list[dict[str, Any]] = session.fetch("select * from samples order by id").to_pylist()
    return found


def test_every_declared_type_has_a_column() -> None:
    declared = {column.type for table in TABLES for column in table.columns}
    assert declared <= set(TYPES.values())


@pytest.mark.parametrize("name", ["largest", "smallest", "null"])
def test_a_value_comes_back_as_it_was(target: Target, name: str) -> None:
    values: dict[str, Any] = {
        "largest": ORDINARY | decimals(1),
        "smallest": SMALLEST | decimals(-1),
        "null": dict.fromkeys(TYPES),
    }[name]
    assert write(target, {"id": 1} | values) == [{"id": 1} | values]


def test_no_rows_empty_the_table(target: Target) -> None:
    write(target, {"id": 1})
    assert write(target) == []


def test_rows_over_4_mb_are_uploaded_in_parts(target: Target, record_property: Any) -> None:
    number = 4_000
    given = [{"id": n, "words": secrets.token_hex(2_000)} for n in range(number)]
    with recording() as calls:
        found = write(target, *given)
    assert [(row["id"], row["words"]) for row in found] == [(row["id"], row["words"]) for row in given]
    parts = sum(call.method == "PUT" for call in calls)
    assert parts > 0
    record_property("figure", f"over {MULTIPART_BYTES / 1e6:.0f} MB of Parquet in {parts} PUT requests")
