"""What holds for every curated `.sql`, whatever it computes."""

from importlib.resources import files

import pytest
from sqlglot import exp, parse_one

from ai_usage_assets.curated.select import PREFIX, select, text
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME, layer
from ai_usage_assets.warehouse.translations import selected_columns
from ai_usage_tests.support.rule_cases import cases
from ai_usage_tests.support.time_zones import without_zone

MAX_LINES: dict[str, int] = {}
FROM_FIRST_DAY = {("fct_cost_daily", "raw_cursor_usage"), ("fct_seats_daily", "raw_cursor_usage")}
"""Who is active after a day, and left before the first list, held a seat on it."""
BOUNDED = "{0} >= DATE_SUB(@first_day, INTERVAL '29' DAY) AND {0} < @end_day"
"""The days before the window on which a seat may have been used last."""
FILES = sorted(
    path.name.removesuffix(".sql")
    for path in files("ai_usage_assets.curated").iterdir()
    if path.name.endswith(".sql")
)
EVERY_FILE = pytest.mark.parametrize("name", FILES)
ELSEWHERE = {
    "fct_budget_daily": ("expected_usd", "forecast_usd", "low_usd", "high_usd"),
    "focus_cost_and_usage": ("BillingAccountName",),
}
"""Columns without a value in the rule cases: a forecast needs weeks of days (test_budgets.py), and a name is never known."""
EVERY_WITH_VIEWS = pytest.mark.parametrize(
    "table", [*layer(Layer.CURATED), *layer(Layer.VIEW)], ids=lambda table: table.name
)
EVERY = pytest.mark.parametrize("table", layer(Layer.CURATED), ids=lambda table: table.name)


@EVERY
def test_it_selects_the_declared_columns_in_their_order(table: Table) -> None:
    assert selected_columns(select(table).sql) == table.column_names


@EVERY_FILE
def test_it_opens_with_what_a_row_is_where_it_is_from_and_a_caveat(name: str) -> None:
    row, source, caveat, rest = text(name).split("\n", 3)

    assert row.startswith("-- One row is ")
    assert source.startswith("-- From ")
    assert caveat.startswith("-- Caveat: ")
    assert not rest.startswith("--")


@EVERY_WITH_VIEWS
def test_the_tables_that_it_is_said_to_read_are_those_that_a_parser_finds(table: Table) -> None:
    statement = select(table)
    tree = parse_one(statement.sql, read="bigquery")
    own = {step.alias for step in tree.find_all(exp.CTE)}

    assert not own & BY_NAME.keys()
    assert {read.name for read in statement.inputs} == {read.name for read in tree.find_all(exp.Table)} - own


def steps(sql: str) -> list[exp.CTE]:
    return list(parse_one(sql, read="bigquery").find_all(exp.CTE))


@EVERY_FILE
def test_it_can_be_read(name: str) -> None:
    lines = text(name).splitlines()

    assert max(map(len, lines)) <= 120
    assert len(lines) <= MAX_LINES.get(name, 110)
    # each step of it fits a screen
    assert (
        max(
            (len(step.sql(dialect="bigquery", pretty=True).splitlines()) for step in steps(text(name))),
            default=0,
        )
        <= 110
    )


@EVERY_FILE
def test_its_days_are_those_of_utc_in_every_project(name: str) -> None:
    assert without_zone(text(name)) == []


@EVERY
def test_it_names_every_column(table: Table) -> None:
    assert not list(parse_one(select(table).sql, read="bigquery").find_all(exp.Star))


@EVERY
def test_every_read_of_a_partitioned_table_names_bare_days(table: Table) -> None:
    """BigQuery prunes by literals on the bare column. A fact reads its window; a dimension, which is written daily, no days."""
    tree = parse_one(select(table, reads_all_days=False).sql, read="bigquery")
    reads = [
        read for read in tree.find_all(exp.Table) if read.name in BY_NAME and BY_NAME[read.name].partition
    ]

    assert bool(reads) is (table.partition is not None)
    for read in reads:
        reading = read.find_ancestor(exp.Select)
        assert reading
        where = reading.args["where"].sql(dialect="bigquery")
        column = ".".join(part for part in (read.alias, BY_NAME[read.name].partition) if part)
        if (table.name, read.name) in FROM_FIRST_DAY:
            assert f"{column} >= @first_day" in where or BOUNDED.format(column) in where
        else:
            assert f"{column} >= @first_day AND {column} < @end_day" in where


def test_every_curated_table_has_its_sql_and_its_rules() -> None:
    names = {table.name for table in (*layer(Layer.CURATED), *layer(Layer.CLOSED))}
    views = {table.name for table in layer(Layer.VIEW)}
    intermediate = {f"{name}.sql" for name in FILES if name.startswith(PREFIX)}
    written = {path.name for path in files("ai_usage_assets.curated").iterdir() if path.name.endswith(".sql")}

    assert {f"{name}.sql" for name in names | views} | intermediate == written
    assert {case.table.name for case in cases()} == names | views


@EVERY_WITH_VIEWS
def test_each_column_has_an_expected_value_in_a_rule_case(table: Table) -> None:
    expected = {
        name
        for case in cases()
        if case.table == table
        for row in case.expected
        for name, value in row.items()
        if value is not None
    }
    assert set(table.column_names) - expected <= {"processed_at", *ELSEWHERE.get(table.name, ())}


COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


def one_by_one(join: exp.Join) -> list[str]:
    """The conditions of a left join for which DuckDB compares each row of one side with each of the other."""
    right, condition = join.this.alias_or_name, join.args["on"]

    def sides(read: exp.Expr) -> set[bool]:
        return {column.table == right for column in read.find_all(exp.Column)}

    slow = []
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        compared = list(part.unnest().iter_expressions()) if isinstance(part.unnest(), COMPARISONS) else []
        is_hashed = (
            sides(part) == {True, False} and compared and all(len(sides(each)) < 2 for each in compared)
        )
        if sides(part) != {True} and not is_hashed:
            slow.append(part.sql())
    return slow


@EVERY_FILE
def test_a_left_join_compares_the_left_side_with_the_right_one(name: str) -> None:
    joins = [
        join for join in parse_one(text(name), read="bigquery").find_all(exp.Join) if join.side == "LEFT"
    ]
    assert [slow for join in joins if join.args.get("on") for slow in one_by_one(join)] == []
