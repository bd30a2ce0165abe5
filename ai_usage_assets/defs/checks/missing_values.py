"""Records without a value that they are analyzed by. They are loaded with NULL, so that one of them blocks nothing, and counted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.scope import days_of_run, fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_USERS
from ai_usage_assets.schema.tables.cursor import (
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_GROUPS,
    RAW_CURSOR_MEMBERS,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.warehouse.sql import within

MAX_SHARE = 0.01
"""Of a table's records. If more of them lack a value, the vendor has probably changed a field."""
HINT = (
    "Materialize the days again, because the vendor may have completed them. If the values are still missing, ask the "
    "vendor whether the field has a new name. Records without an e-mail are unattributed until then."
)


@dataclass(frozen=True)
class ExpectedValues:
    """The values that each record of a table should have."""

    table: Table
    absent: Mapping[str, str]
    """For each value, the SQL condition that it is missing."""
    records: str = "true"
    """The SQL condition of the records that count."""


EXPECTED = (
    ExpectedValues(
        RAW_CURSOR_EVENTS,
        {
            "kind": "kind is null",
            "model": "model is null",
            "e-mail": "email is null and service_account_id is null",
        },
    ),
    ExpectedValues(RAW_CURSOR_USAGE, {"e-mail": f"email = '{UNATTRIBUTED}'"}),
    ExpectedValues(RAW_CURSOR_MEMBERS, {"e-mail": "email is null"}, "is_current"),
    ExpectedValues(RAW_CURSOR_GROUPS, {"e-mail": "email is null"}, "is_current"),
    ExpectedValues(RAW_ANTHROPIC_USERS, {"e-mail": "email is null"}, "is_current"),
)


def build() -> list[dg.AssetChecksDefinition]:
    return [few_values_are_missing(expected) for expected in EXPECTED]


def few_values_are_missing(expected: ExpectedValues) -> dg.AssetChecksDefinition:
    """The check `few_values_are_missing` of one table."""
    table = expected.table

    @dg.asset_check(
        asset=table.name,
        name="few_values_are_missing",
        description=f"At most {MAX_SHARE:.0%} of the records have no {' or '.join(expected.absent)}.",
    )
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        sql = statement(expected, days_of_run(context.run.tags))
        (row,) = fetch_rows(context, warehouse.engine, table, "few_values_are_missing", sql)
        return result(expected, row)

    return check


def statement(expected: ExpectedValues, days: Days) -> str:
    """How many records there are, and how many of them lack each value (`absent_0`, `absent_1`, ...)."""
    table = expected.table
    window = within(table.partition, days) if table.partition else "true"
    counts = ", ".join(f"countif({sql}) as absent_{n}" for n, sql in enumerate(expected.absent.values()))
    return f"select count(*) as records, {counts} from `{table.name}` where {window} and {expected.records}"


def result(expected: ExpectedValues, row: Mapping[str, Any]) -> dg.AssetCheckResult:
    """A warning with the count of each value. A table without records has no missing values."""
    # DuckDB returns counts as decimals, and NULL for a table without rows
    records = int(row["records"])
    absent = {name: int(row[f"absent_{n}"] or 0) for n, name in enumerate(expected.absent)}
    too_many = {name: count for name, count in absent.items() if count > MAX_SHARE * records}
    metadata: dict[str, Any] = {"records": records, "tolerance": MAX_SHARE}
    metadata |= {f"without_{name.replace('-', '')}": count for name, count in absent.items()}
    if too_many:
        metadata["hint"] = HINT
    counts = ", ".join(f"{count:,} without {name}" for name, count in too_many.items())
    return dg.AssetCheckResult(
        passed=not too_many,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{expected.table.name}: of {records:,} records {counts}" if too_many else None,
        metadata=metadata,
    )
