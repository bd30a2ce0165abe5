"""Our checks as dbt tests, generated from the declarations of the checks. A test fails if it returns a row.

What belongs here: how a check of ours is said in SQL alone. A few need a log of loads, the vendor's own totals, or Python.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeAlias

from ai_usage_assets.curated.invoices import explained
from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import finance, missing_values, reconciliation, retention, staleness
from ai_usage_assets.defs.checks.metrics import Measure, statement
from ai_usage_assets.defs.checks.reconciliation_rules import RULES
from ai_usage_assets.defs.checks.unexpectedly_empty import WEEKS
from ai_usage_assets.defs.curated import raw_tables_by_fact
from ai_usage_assets.schema.model import Column, Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.invoices import FCT_INVOICE_RECONCILIATION
from ai_usage_assets.warehouse import audit
from ai_usage_assets.warehouse.translations import to_duckdb
from benchmarks.competitors.parameters import SCHEMA
from benchmarks.dbt.staging import STAGING

Test: TypeAlias = tuple[str, str, str]
"""The table, the name of the check, and the SQL."""

WARNS = "{{ config(severity='warn') }}\n"


def tests(days: Days) -> dict[str, str]:
    """The SQL of each test, by the name of the table and of the check."""
    found = (*of_every_table(), *of_facts(days), *of_values(days), *of_days(days))
    return {f"{table}__{check}": sql for table, check, sql in found}


def of_every_table() -> Iterator[Test]:
    for table in TABLES:
        if table.layer is not Layer.CLOSED:
            yield from ((table.name, check, sql) for check, sql in constraints(table))


def of_facts(days: Days) -> Iterator[Test]:
    for fact in dict.fromkeys(rule.fact for rule in RULES):
        rules = [rule for rule in RULES if rule.fact is fact]
        yield fact.name, "sums_equal_source", to_duckdb(reconciliation.statement(fact, rules, days))
    for fact, sources in raw_tables_by_fact().items():
        yield fact.name, staleness.CHECK, to_duckdb(staleness.statement(fact, sources, days))
    for fact, metrics in ((FCT_COST_DAILY, finance.COST_METRICS), (FCT_USAGE_DAILY, finance.USAGE_METRICS)):
        for check in metrics:
            yield fact.name, check.__name__, WARNS + metric(check, days)


def of_values(days: Days) -> Iterator[Test]:
    for expected in missing_values.EXPECTED:
        too_many = " or ".join(
            f"absent_{n} > {missing_values.MAX_SHARE} * records" for n in range(len(expected.absent))
        )
        sql = f"select * from ({missing_values.statement(expected, days)}) as counted where {too_many}"
        yield expected.table.name, "few_values_are_missing", WARNS + to_duckdb(sql)
    view = FCT_INVOICE_RECONCILIATION
    unexplained = f"select * from ({explained(select(view).sql)}) where is_unexplained"
    yield view.name, "invoice_is_explained", WARNS + to_duckdb(unexplained)


def of_days(days: Days) -> Iterator[Test]:
    for table in (each for each in TABLES if each.layer is Layer.RAW and each.name in STAGING):
        yield table.name, "newest_closed_day_is_loaded", newest_day(table, days)
        yield table.name, "no_unexpectedly_empty_day", WARNS + empty_day(table, days)
        if table in retention.TABLES:
            yield table.name, retention.CHECK, WARNS + missing_days(table, days)


def constraints(table: Table) -> Iterator[tuple[str, str]]:
    """The four checks that every table has."""
    yield "columns_as_declared", columns(table)
    duplicates = f"select 1 from `{table.name}` group by {audit.key_sql(table)} having count(*) > 1"
    yield "key_unique", to_duckdb(duplicates) if table.key else "select 1 where false"
    for check, kind in (("not_null", "not_null"), ("valid_values", "rule")):
        broken = [each.violated_if for each in audit.constraints(table, None) if each.kind == kind]
        yield check, to_duckdb(f"select 1 from `{table.name}` where {' or '.join(broken) or 'false'}")


def columns(table: Table) -> str:
    """The declared columns that are absent or have another type. The types of a view are those of its statement."""
    compared = ("column_name",) if table.layer is Layer.VIEW else ("column_name", "data_type")
    declared = ", ".join(f"('{column.name}', '{duckdb_type(column)}')" for column in table.columns)
    names = ", ".join(compared)
    return (
        f"-- depends_on: {{{{ ref('{table.name}') }}}}\n"
        f"select {names} from (values {declared}) as declared(column_name, data_type) "
        f"except select {names} from duckdb_columns() "
        f"where schema_name = '{SCHEMA}' and table_name = '{table.name}'"
    )


def duckdb_type(column: Column) -> str:
    name = to_duckdb(f"select cast(null as {column.type})").removeprefix("SELECT CAST(NULL AS ")[:-1]
    return {"TEXT": "VARCHAR", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(name, name.replace(", ", ","))


class Tolerance:
    """Stands in for the rows of a metric, and keeps how the metric is measured and what it tolerates."""

    measure: Measure
    tolerance: float

    def result(self, measure: Measure, tolerance: float, hint: str) -> None:
        self.measure, self.tolerance = measure, tolerance


def metric(check: finance.Check, days: Days) -> str:
    """The metric's part and whole, if they are not within the tolerance."""
    asked = Tolerance()
    check(asked)  # type: ignore[arg-type]
    limit = asked.tolerance
    fails = {
        Measure.COVERAGE: f"sum(part) < {limit} * sum(whole)",
        Measure.SHARE: f"sum(part) > {limit} * sum(whole)",
        Measure.COUNT: f"sum(part) > {limit}",
        Measure.COUNT_WITH_WORTH: f"sum(part) > {limit}",
        Measure.RELATIVE_DIFFERENCE: f"abs(sum(part) - sum(whole)) > {limit} * abs(sum(whole))",
    }[asked.measure]
    name = check.__name__
    rows = statement([name], days)
    return to_duckdb(
        f"select sum(part) as part, sum(whole) as whole from (\n{rows}\n) as found where metric = '{name}' having {fails}"
    )


def newest_day(table: Table, days: Days) -> str:
    return f"select 1 from {table.name} having coalesce(max({table.partition}) < date '{days.last}', true)"


def empty_day(table: Table, days: Days) -> str:
    """The newest day has no rows, and that weekday had rows in each of the weeks before."""
    before = ", ".join(f"date '{days.last - timedelta(weeks=week)}'" for week in range(1, WEEKS + 1))
    return (
        f"select 1 from {table.name} having count(*) filter ({table.partition} = date '{days.last}') = 0 "
        f"and count(distinct {table.partition}) filter ({table.partition} in ({before})) = {WEEKS}"
    )


def missing_days(table: Table, days: Days) -> str:
    """The oldest days without rows."""
    last = min(days.first + timedelta(days=retention.AT_RISK_DAYS), days.last)
    return (
        f"select unnest(generate_series(date '{days.first}', date '{last}', interval 1 day)) as day "
        f"except select {table.partition} from {table.name}"
    )
