"""What every declaration promises, looked at in the warehouse: one step and one pass of SQL a table."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from ai_usage_assets.defs.checks.scope import asking, days_of_run
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse import audit
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.ensure_tables import ensure

KINDS = {
    "key_unique": ("unique", "No two rows share the key."),
    "not_null": ("not_null", "Every NOT NULL column has a value."),
    "ranges": ("rule", "Every value keeps its column's rule."),
}
REMEDY = "The door refuses such rows, so somebody else wrote to the table: materialise the days again to replace them."

COLUMNS_REMEDY = (
    "Somebody changed the table. Change it back, or move it away and backfill it; a new nullable column comes with "
    "the next write by itself."
)


def build() -> list[dg.AssetChecksDefinition]:
    return [checks(table) for table in TABLES]


def checks(table: Table) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            "columns_as_declared",
            asset=table.name,
            description="Columns, types and modes are the declared ones.",
        ),
        *(dg.AssetCheckSpec(name, asset=table.name, description=says) for name, (_, says) in KINDS.items()),
    ]

    @dg.multi_asset_check(name=f"{table.name}_as_declared", specs=specs)
    def as_declared(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        job = asking(context, table, "as_declared")
        with warehouse.engine.session(job) as session:
            found = session.differences(table)
            yield _result(
                table,
                "columns_as_declared",
                [*map(str, found.conflicts), *(f"column {name} is absent" for name in found.missing)],
            )
            if found.conflicts or found.missing or (found.absent and table.layer is Layer.VIEW):
                for name in KINDS:
                    yield _result(table, name, ["not looked at: the columns are not the declared ones"])
                return
            if found.absent:
                ensure(warehouse.engine, session, [table])
            yield from _promises(session, table, context)

    return as_declared


def _promises(
    session: Session, table: Table, context: dg.AssetCheckExecutionContext
) -> Iterator[dg.AssetCheckResult]:
    days = days_of_run(context.run.tags) if table.partition else None
    source = f"({statements.rows_of(table, table.name, days)})"
    verdict = audit.audit(session, table, source, days)
    for name, (kind, _) in KINDS.items():
        broken = tuple(violation for violation in verdict.violations if violation.kind == kind)
        rows = sum(stats.rows for stats in verdict.stats.values())
        yield _result(
            table,
            name,
            audit.describe(session, table, source, broken),
            rows=rows,
            window=str(days or "whole table"),
        )


def _result(table: Table, name: str, problems: Sequence[str], **looked_at: Any) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = dict(looked_at)
    if problems:
        remedy = COLUMNS_REMEDY if name == "columns_as_declared" else REMEDY
        metadata |= {"problems": dg.MetadataValue.md("\n".join(f"- {p}" for p in problems)), "remedy": remedy}
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=dg.AssetKey(table.name),
        check_name=name,
        severity=dg.AssetCheckSeverity.ERROR,
        description=problems[0] if problems else None,
        metadata=metadata,
    )
