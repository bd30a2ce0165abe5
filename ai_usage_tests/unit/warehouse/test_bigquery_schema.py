"""Arrow columns as fields of staged tables in BigQuery."""

import pyarrow as pa
import pytest

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.warehouse.bigquery.schema import schema_field


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (pa.int64(), "INT64"),
        (pa.int32(), "INT64"),
        (pa.uint8(), "INT64"),
        (pa.float64(), "FLOAT64"),
        (pa.float32(), "FLOAT64"),
        (pa.bool_(), "BOOLEAN"),
        (pa.string(), "STRING"),
        (pa.large_string(), "STRING"),
        (pa.dictionary(pa.int32(), pa.string()), "STRING"),
        (pa.date32(), "DATE"),
        (pa.date64(), "DATE"),
        (pa.timestamp("us", tz="UTC"), "TIMESTAMP"),
        (pa.decimal128(10, 4), "NUMERIC"),
        (pa.decimal128(38, 9), "NUMERIC"),
    ],
    ids=str,
)
def test_arrow_type_has_its_type_in_bigquery(found: pa.DataType, name: str) -> None:
    field = schema_field(pa.field("a", found))
    assert field.field_type == name
    if name == "NUMERIC":
        assert (field.precision, field.scale) == (found.precision, found.scale)


@pytest.mark.parametrize(
    "found",
    [
        pa.timestamp("us"),
        pa.time64("us"),
        pa.duration("s"),
        pa.binary(),
        pa.list_(pa.int64()),
        pa.struct({"a": pa.int64()}),
        pa.decimal128(38, 10),
        pa.null(),
    ],
    ids=str,
)
def test_other_arrow_type_is_refused_by_name(found: pa.DataType) -> None:
    with pytest.raises(InvalidRowsError, match="column tempo is") as refused:
        schema_field(pa.field("tempo", found))
    assert str(found) in str(refused.value)
