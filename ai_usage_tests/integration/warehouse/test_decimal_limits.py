"""Decimals beyond their declared precision or scale are refused with the row, on both engines; nothing is rounded."""

import hashlib
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.columns import person
from ai_usage_assets.schema.model import STRING, Column, Layer, Table, numeric
from ai_usage_assets.warehouse.engine import Engine, Rows, Select
from ai_usage_tests.integration.warehouse.test_contract import fetch, write
from ai_usage_tests.support.engines import without_emulator

PRICES = Table(
    name="prices",
    layer=Layer.CURATED,
    grain="listener and song",
    description="What songs cost.",
    columns=(
        person("listener", "The listener."),
        Column("song", STRING, "The song."),
        Column("usd", numeric(6, 2), "US dollars."),
        Column("share", numeric(4, 4), "A share below 1."),
        Column("points", numeric(31, 2), "Points: all digits of a NUMERIC before the point."),
        Column("units", numeric(38, 9), "Every NUMERIC."),
    ),
    key=("listener", "song"),
)
LIMITS = {
    "usd": "usd is between -10,000 and 10,000 and has at most 2 decimals, as NUMERIC(6,2)",
    "share": "share is between -1 and 1 and has at most 4 decimals, as NUMERIC(4,4)",
    "points": "points has at most 2 decimals, as NUMERIC(31,2)",
}


def price(**values: str) -> dict[str, Any]:
    given = {"usd": "9999.99", "share": "-0.9999", "points": "1" * 29 + ".25", "units": "1.000000001"}
    return {"listener": "ann@example.com", "song": "a"} | {
        name: Decimal(value) for name, value in (given | values).items()
    }


def prices_as(kind: str, row: dict[str, Any]) -> Rows:
    """The same row, as an answer of Python and as one that the warehouse computes."""
    if kind == "frame":
        return pd.DataFrame([row])
    if kind == "arrow":
        return pa.table({name: [value] for name, value in row.items()})
    columns = ", ".join(
        f"numeric '{value}' as {name}" if isinstance(value, Decimal) else f"'{value}' as {name}"
        for name, value in row.items()
    )
    return Select(f"select {columns}")


@without_emulator("shared_engine")
@pytest.mark.parametrize("kind", ["select", "arrow", "frame"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("usd", "10000"),
        ("usd", "-10000.00"),
        ("usd", "123456789012345678901234567"),
        ("usd", "0.001"),
        ("share", "1"),
        ("points", "0.005"),
    ],
)
def test_decimal_beyond_its_declared_digits_is_refused_with_its_row(
    shared_engine: Engine, kind: str, column: str, value: str
) -> None:
    refused(shared_engine, kind, column, value)


@pytest.mark.parametrize("kind", ["select", "arrow", "frame"])
def test_a_decimal_too_many_is_refused_with_its_row(shared_engine: Engine, kind: str) -> None:
    refused(shared_engine, kind, "share", "0.00005")


def refused(engine: Engine, kind: str, column: str, value: str) -> None:
    """A row with this value is refused, and the row that was there stays."""
    write(engine, PRICES, prices_as("arrow", price()), None)
    with pytest.raises(InvalidRowsError) as error:
        write(engine, PRICES, prices_as(kind, price(**{column: value})), None)
    hashed = hashlib.md5(b"ann@example.com").hexdigest()
    assert f"{LIMITS[column]}: 1 row violates this (such as {hashed}/a)" in str(error.value)
    assert "ann@" not in str(error.value)
    assert fetch(engine, "select usd from prices") == [{"usd": Decimal("9999.99")}]


def test_whole_number_beyond_the_declared_digits_is_refused_with_its_row(shared_engine: Engine) -> None:
    row = price() | {"usd": 10_000}
    with pytest.raises(
        InvalidRowsError, match=r"usd is between .*: 1 row violates this \(such as \w{32}/a\)"
    ):
        write(shared_engine, PRICES, pd.DataFrame([row]), None)


@pytest.mark.parametrize("kind", ["select", "arrow", "frame"])
def test_decimal_with_all_its_declared_digits_is_kept(shared_engine: Engine, kind: str) -> None:
    given = price(usd="-9999.99", share="0.9999", points="-" + "9" * 28 + ".99", units="-0.000000001")
    write(shared_engine, PRICES, prices_as(kind, given), None)
    assert fetch(shared_engine, "select * from prices") == [given]
