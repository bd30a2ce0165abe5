"""Rows in other types than the declared ones: a cast that would lose or invent a value is refused."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.errors import InvalidRowsError
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
        ("spent_usd", pa.array([1], pa.int64())),
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


def test_a_missing_number_of_a_data_frame_is_null_and_no_number() -> None:
    frame = rows(play(MONDAY, "a"), play(MONDAY, "b", None)).to_pandas()
    assert as_declared(PLAYS, frame)["plays"].to_pylist() == [1, None]
