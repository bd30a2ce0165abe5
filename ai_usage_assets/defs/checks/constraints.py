"""Checks that every table keeps its declaration. All of a table's checks are one step and one pass of SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.scope import check_job, days_of_run, days_text
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse import audit
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.schema_drift import SchemaDrift

ROWS_HINT = (
    "A write of this project refuses such rows, so something else wrote to the table. Materialize the days again to "
    "replace them."
)
COLUMNS_HINT = (
    "The table was changed outside this project. Change it back, or rename it and backfill it. A new nullable column "
    "is added by the next write."
)
PROBLEMS = ("unique", "not_null", "rule")
"""The audit's kinds of violation."""
NOT_CHECKED = "not checked: the columns do not match the declaration"


def build() -> list[dg.AssetChecksDefinition]:
    return [constraints(table) for table in TABLES if table.layer is not Layer.CLOSED]


def constraints(table: Table) -> dg.AssetChecksDefinition:
    """The checks `columns_as_declared`, `key_unique`, `not_null` and `valid_values` of one table."""

    @dg.multi_asset_check(
        name=f"{table.name}_constraints",
        specs=[
            dg.AssetCheckSpec(check.__name__, asset=table.name, description=check.__doc__)
            for check in (columns_as_declared, *ROW_CHECKS)
        ],
    )
    def check_constraints(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        with warehouse.engine.session(check_job(context, table, "constraints")) as session:
            drift = session.schema_drift(table)
            yield columns_as_declared(table, drift)
            if drift.conflicts or drift.missing_columns or (drift.is_absent and table.layer is Layer.VIEW):
                for check in ROW_CHECKS:
                    yield failed(table, check.__name__, [NOT_CHECKED], ROWS_HINT)
                return
            if drift.is_absent:
                ensure_tables(warehouse.engine, session, [table])
            audited = audited_by_run(context, table) or audit_rows(
                session, table, days_of_run(context.run.tags) if table.partition else None
            )
            for check in ROW_CHECKS:
                yield check(audited)

    return check_constraints


def columns_as_declared(table: Table, drift: SchemaDrift) -> dg.AssetCheckResult:
    """Columns, types and modes are the declared ones."""
    problems = [*map(str, drift.conflicts), *(f"column {name} is absent" for name in drift.missing_columns)]
    if problems:
        return failed(table, "columns_as_declared", problems, COLUMNS_HINT)
    return dg.AssetCheckResult(
        passed=True, asset_key=dg.AssetKey(table.name), check_name="columns_as_declared"
    )


@dataclass(frozen=True)
class AuditedRows:
    """A table's rows after one pass of SQL over them: how many there are, and sentences on those that break a rule."""

    table: Table
    window: str
    row_count: int
    problems: Mapping[str, Sequence[str]]
    """By the kind of violation."""

    def result(self, check_name: str, problems: Sequence[str]) -> dg.AssetCheckResult:
        looked_at: dict[str, Any] = {
            "rows": self.row_count,
            "window": self.window,
        }
        if problems:
            return failed(self.table, check_name, problems, ROWS_HINT, **looked_at)
        return dg.AssetCheckResult(
            passed=True, asset_key=dg.AssetKey(self.table.name), check_name=check_name, metadata=looked_at
        )


def key_unique(audited: AuditedRows) -> dg.AssetCheckResult:
    """No two rows have the same key."""
    return audited.result("key_unique", audited.problems["unique"])


def not_null(audited: AuditedRows) -> dg.AssetCheckResult:
    """Every NOT NULL column has a value."""
    return audited.result("not_null", audited.problems["not_null"])


def valid_values(audited: AuditedRows) -> dg.AssetCheckResult:
    """Every value follows its column's rule."""
    return audited.result("valid_values", audited.problems["rule"])


ROW_CHECKS = (key_unique, not_null, valid_values)


def audited_by_run(context: dg.AssetCheckExecutionContext, table: Table) -> AuditedRows | None:
    """What the creation of a view found, if the run of the check created it after all tables that the view reads."""
    if table.layer is not Layer.VIEW:
        return None
    event = context.instance.get_latest_materialization_event(dg.AssetKey(table.name))
    created = event.asset_materialization if event and event.run_id == context.run.run_id else None
    if created is None or not isinstance(row_count := created.metadata["dagster/row_count"].value, int):
        return None
    return AuditedRows(
        table, "whole table, when the run created the view", row_count, dict.fromkeys(PROBLEMS, ())
    )


def audit_rows(session: Session, table: Table, days: Days | None) -> AuditedRows:
    """Audit the days of a table, or the whole table if it has no partitions."""
    source = f"({statements.rows_of(table, table.name, days)})"
    found = audit.audit(session, table, source, days)
    problems = {
        kind: audit.describe(session, table, source, tuple(v for v in found.violations if v.kind == kind))
        for kind in PROBLEMS
    }
    row_count = sum(stats.rows for stats in found.stats.values())
    return AuditedRows(table, days_text(days) if days else "whole table", row_count, problems)


def failed(
    table: Table, check_name: str, problems: Sequence[str], hint: str, **looked_at: str | int
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=False,
        asset_key=dg.AssetKey(table.name),
        check_name=check_name,
        severity=dg.AssetCheckSeverity.ERROR,
        description=problems[0],
        metadata={
            **looked_at,
            "problems": dg.MetadataValue.md("\n".join(f"- {problem}" for problem in problems)),
            "hint": hint,
        },
    )
