"""Rows in other types than the declared ones: a cast that would lose or invent a value is refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Table, numeric
from ai_usage_assets.warehouse.casts import as_declared
from ai_usage_tests.support.sample_tables import MONDAY, PLAYS, play, rows


def arrow(name: str, values: pa.Array) -> pa.Table:
    given = rows(play(MONDAY, "a"))
    return given.set_column(given.schema.get_field_index(name), name, values)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.uint64()])
def test_whole_numbers_of_another_size_are_taken(kind: pa.DataType) -> None:
    assert as_declared(PLAYS, arrow("plays", pa.array([7], kind)))["plays"].to_pylist() == [7]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("plays", pa.array([2**63], pa.uint64())),
        ("plays", pa.array([2**64 - 1], pa.uint64())),
        ("plays", pa.array([1.0])),
        ("plays", pa.array(["7"])),
        ("spent_usd", pa.array([0.5])),
        pytest.param("live", pa.array([1], pa.int64()), id="a-number-for-a-flag"),
        ("day", pa.array(["2026-03-02"])),
        ("played_at", pa.array([1], pa.int64())),
    ],
)
def test_an_arrow_column_that_would_lose_or_invent_a_value_is_refused(name: str, values: pa.Array) -> None:
    with pytest.raises(InvalidRowsError, match=f"column {name} holds values that are not "):
        as_declared(PLAYS, arrow(name, values))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("plays", [1.5]),
        ("plays", [float("inf")]),
        ("plays", [-0.25]),
        ("plays", np.array([2**63], dtype="uint64")),
        ("spent_usd", [Decimal("0.0000000001")]),
        ("played_at", pd.to_datetime(["2026-03-02T12:00:00.000000001Z"])),
    ],
)
def test_a_column_of_a_data_frame_that_would_lose_or_invent_a_value_is_refused(
    name: str, values: Any
) -> None:
    frame = rows(play(MONDAY, "a")).to_pandas().assign(**{name: values})
    with pytest.raises(InvalidRowsError, match=f"column {name} holds values that are not "):
        as_declared(PLAYS, frame)


AMOUNTS = replace(
    PLAYS,
    columns=tuple(replace(c, type=numeric(10, 4)) if c.name == "spent_usd" else c for c in PLAYS.columns),
)


@pytest.mark.parametrize("table", [PLAYS, AMOUNTS], ids=["NUMERIC(38,9)", "NUMERIC(10,4)"])
@pytest.mark.parametrize(
    "values",
    [
        pa.array([7], pa.int64()),
        pa.array([7], pa.uint64()),
        np.array([7], "int32"),
        pd.array([7], dtype="Int64"),
        pd.Series([7], dtype=pd.ArrowDtype(pa.int64())),
        [7],
    ],
)
def test_whole_numbers_are_amounts(table: Table, values: Any) -> None:
    if isinstance(values, pa.Array):
        given: Any = arrow("spent_usd", values)
    else:
        given = rows(play(MONDAY, "a")).to_pandas().assign(spent_usd=values)
    assert as_declared(table, given)["spent_usd"].to_pylist() == [Decimal(7)]


@pytest.mark.parametrize("value", [10**6, 2**63 - 1, -(10**6)])
def test_a_whole_number_with_too_many_digits_is_left_to_the_audit_unchanged(value: int) -> None:
    for given in (
        arrow("spent_usd", pa.array([value], pa.int64())),
        rows(play(MONDAY, "a")).to_pandas().assign(spent_usd=[value]),
    ):
        assert as_declared(AMOUNTS, given)["spent_usd"].to_pylist() == [Decimal(value)]


def test_a_float_is_refused_as_an_amount_with_the_remedy() -> None:
    for given in (
        arrow("spent_usd", pa.array([0.5])),
        rows(play(MONDAY, "a")).to_pandas().assign(spent_usd=[0.5]),
    ):
        with pytest.raises(InvalidRowsError, match=r"spent_usd holds .*give Decimals"):
            as_declared(PLAYS, given)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("day", ["2026-03-02"], "DATE (a datetime is accepted only if it is midnight and has no time zone)"),
        (
            "played_at",
            [7],
            "TIMESTAMP (an instant needs a time zone: use .dt.tz_localize('UTC') if it is UTC)",
        ),
        ("song", [7], "STRING"),
    ],
)
def test_a_column_of_another_type_is_refused_with_the_remedy(
    name: str, values: list[Any], reason: str
) -> None:
    with pytest.raises(InvalidRowsError) as refused:
        as_declared(PLAYS, arrow(name, pa.array(values)))
    reason = f"column {name} holds values that are not {reason}"
    assert str(refused.value) == f"rows for {PLAYS.name} were refused: {reason}. Nothing was written."


def test_a_missing_number_of_a_data_frame_is_null_and_no_number() -> None:
    frame = rows(play(MONDAY, "a"), play(MONDAY, "b", None)).to_pandas()
    assert as_declared(PLAYS, frame)["plays"].to_pylist() == [1, None]
