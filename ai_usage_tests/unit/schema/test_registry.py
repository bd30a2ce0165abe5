"""Rules for the declaration of every table."""

import pytest
from sqlglot import exp, parse_one

from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.ddl import create_table
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES, layer

every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@every_table
def test_table_has_a_grain_and_descriptions(table: Table) -> None:
    assert table.grain
    assert table.description
    assert [column.name for column in table.columns if not column.description.endswith(".")] == []


@every_table
def test_column_is_declared_once(table: Table) -> None:
    assert len(set(table.column_names)) == len(table.columns)


@every_table
def test_key_partition_cluster_and_totals_are_declared_columns(table: Table) -> None:
    plain = [part for part in table.key if "(" not in part]
    named = [*plain, *table.cluster, *table.total_columns, *([table.partition] if table.partition else [])]
    assert [name for name in named if name not in table.by_name] == []


@every_table
def test_the_partition_is_a_required_date(table: Table) -> None:
    if table.partition:
        column = table.by_name[table.partition]
        assert (str(column.type), column.is_required) == ("DATE", True)


@every_table
def test_money_is_exact_and_named_in_dollars(table: Table) -> None:
    money = [column for column in table.columns if "usd" in column.name]
    # one name is given: it is a column of seats.csv
    assert {c.name for c in money if not c.name.endswith("_usd")} <= {"usd_per_seat_month", "usd_per_month"}
    assert {str(column.type) for column in money} <= {"NUMERIC(38,9)", "NUMERIC(10,4)"}


@every_table
def test_ddl_is_googlesql_with_every_column(table: Table) -> None:
    tree = parse_one(create_table(table), read="bigquery")
    assert [column.name for column in tree.find_all(exp.ColumnDef)] == list(table.column_names)


@every_table
def test_arrow_schema_has_the_declared_columns_in_order(table: Table) -> None:
    assert arrow_schema(table).names == list(table.column_names)


def test_raw_columns_of_one_name_have_one_type() -> None:
    types: dict[str, set[str]] = {}
    for table in (*layer(Layer.RAW), *layer(Layer.SNAPSHOT)):
        for column in table.columns:
            types.setdefault(column.name, set()).add(str(column.type))
    assert {name: found for name, found in types.items() if len(found) > 1} == {}
