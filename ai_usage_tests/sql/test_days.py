"""Days do not mix: a day has the same rows when it is loaded by itself and when it is one of a month's."""

import pytest

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_tests.support.month_run import CHANGING_COLUMNS, DAYS, MonthRun
from ai_usage_tests.support.rule_cases import in_order

OF_DAYS = [table for table in layer(Layer.CURATED) if table.partition]


@pytest.mark.parametrize("table", OF_DAYS, ids=lambda table: table.name)
def test_a_day_of_the_month_has_the_rows_that_it_has_alone(
    table: Table, month_run_on_duckdb: MonthRun
) -> None:
    month, columns = month_run_on_duckdb, [c for c in table.column_names if c not in CHANGING_COLUMNS]
    for day in (DAYS.first, list(DAYS)[13], DAYS.last):
        alone = for_window(select(table, DAYS.first).sql, Days.one(day))
        kept = month.fetch(
            f"select {names(columns)} from `{table.name}` where {table.partition} = date '{day}'"
        )

        assert kept
        assert in_order(month.fetch(f"select {names(columns)} from ({alone}) as alone")) == in_order(kept)
