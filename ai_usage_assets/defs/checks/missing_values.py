"""Records that lack what they are analyzed by: they land with NULL, so that one of them holds nothing back, and are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from ai_usage_assets.defs.checks.scope import asking, days_of_run
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.lists import RAW_ANTHROPIC_USERS, RAW_CURSOR_GROUPS, RAW_CURSOR_MEMBERS
from ai_usage_assets.schema.tables.raw import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.sources.identity import UNATTRIBUTED
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.sql import within

CHECK = "few_values_are_missing"
MAX_SHARE = 0.01
"""Of a table's records: beyond it the vendor has changed something."""
FIX = (
    "Materialize the days again, since the vendor may have completed them. If it stays so, ask the vendor whether the "
    "field has a new name; what has no e-mail is unattributed until then."
)


@dataclass(frozen=True)
class Expected:
    """A table's records, and by what each of them should be known: a name and the condition of its absence."""

    table: Table
    absent: Mapping[str, str]
    records: str = "true"


EXPECTED = (
    Expected(
        RAW_CURSOR_EVENTS,
        {
            "kind": "kind is null",
            "model": "model is null",
            "e-mail": "email is null and service_account_id is null",
        },
    ),
    Expected(RAW_CURSOR_USAGE, {"e-mail": f"email = '{UNATTRIBUTED}'"}),
    Expected(RAW_CURSOR_MEMBERS, {"e-mail": "email is null"}, "is_current"),
    Expected(RAW_CURSOR_GROUPS, {"e-mail": "email is null"}, "is_current"),
    Expected(RAW_ANTHROPIC_USERS, {"e-mail": "email is null"}, "is_current"),
)


def build() -> list[dg.AssetChecksDefinition]:
    return [check(expected) for expected in EXPECTED]


def check(expected: Expected) -> dg.AssetChecksDefinition:
    table, names = expected.table, " or ".join(expected.absent)

    @dg.asset_check(
        asset=table.name,
        name=CHECK,
        description=f"At most {MAX_SHARE:.0%} of the records have no {names}.",
    )
    def few_values_are_missing(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        days = days_of_run(context.run.tags)
        window = within(table.partition, days) if table.partition else "true"
        counts = ", ".join(f"countif({sql}) as absent_{n}" for n, sql in enumerate(expected.absent.values()))
        engine = warehouse.engine
        with engine.session(asking(context, table, CHECK)) as session:
            ensure(engine, session, [table])
            (row,) = session.fetch(
                f"select count(*) as records, {counts} from `{table.name}` where {window} and {expected.records}"
            ).to_pylist()
        return result(expected, row)

    return few_values_are_missing


def result(expected: Expected, row: Mapping[str, Any]) -> dg.AssetCheckResult:
    """A warning with the figures of each value; a table without records has nothing missing."""
    # DuckDB counts with a decimal, and counts nothing as NULL
    records = int(row["records"])
    absent = {name: int(row[f"absent_{n}"] or 0) for n, name in enumerate(expected.absent)}
    many = {name: count for name, count in absent.items() if count > MAX_SHARE * records}
    metadata: dict[str, Any] = {"records": records, "tolerance": MAX_SHARE}
    metadata |= {f"without_{name.replace('-', '')}": count for name, count in absent.items()}
    if many:
        metadata["remedy"] = FIX
    said = ", ".join(f"{count:,} without {name}" for name, count in many.items())
    return dg.AssetCheckResult(
        passed=not many,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{expected.table.name}: of {records:,} records {said}" if many else None,
        metadata=metadata,
    )
