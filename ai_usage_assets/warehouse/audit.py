"""The audit: one pass of SQL that tests rows against the constraints of their declaration.

It runs over staged rows before they are published, and over published rows in an asset check. Offending rows are named
by their key. A person in a key is shown as a hash only.
"""

from dataclasses import dataclass
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import MONEY_DIGITS, MONEY_SCALE, Column, Layer, Rule, Table
from ai_usage_assets.warehouse.engine import DayStats, Session
from ai_usage_assets.warehouse.sql import displayed, logical_bytes, within

MAX_OFFENDING_ROWS = 5


@dataclass(frozen=True)
class Constraint:
    """A constraint that a single row can violate."""

    kind: str
    """not_null, rule or window."""
    column: str
    description: str
    violated_if: str
    """The SQL condition of a row that violates it."""


@dataclass(frozen=True)
class Violation:
    """A constraint that some rows violate."""

    kind: str
    """not_null, rule, window or unique."""
    column: str
    description: str
    count: int
    where: str
    """The SQL condition of the rows that violate it; empty for duplicates."""

    def __str__(self) -> str:
        verb = "violates" if self.count == 1 else "violate"
        return f"{self.description}: {self.count} row{'s' if self.count != 1 else ''} {verb} this"


@dataclass(frozen=True)
class Audit:
    """The result: statistics per day (None for a table without days), and the violated constraints."""

    stats: dict[date | None, DayStats]
    violations: tuple[Violation, ...]


def constraints(table: Table, days: Days | None) -> list[Constraint]:
    """The constraints of a table that a single row can violate."""
    found = [
        Constraint("not_null", column.name, f"{column.name} is never NULL", f"`{column.name}` is null")
        for column in table.columns
        if column.is_required
    ]
    found += [
        Constraint(
            "rule",
            column.name,
            f"{column.name} {column.rule.description}",
            f"not ({column.rule.sql.format(f'`{column.name}`')})",
        )
        for column in table.columns
        if column.rule
    ]
    found += [
        Constraint("rule", column.name, f"{column.name} {limit.description}", f"not ({limit.sql})")
        for column in table.columns
        if (limit := decimal_limit(column))
    ]
    if table.partition and days:
        found.append(
            Constraint(
                "window",
                table.partition,
                f"{table.partition} lies in {days}",
                f"not ({within(table.partition, days)})",
            )
        )
    return found


def decimal_limit(column: Column) -> Rule | None:
    """What the declared precision and scale allow; None if it is every NUMERIC.

    The warehouse would refuse larger values without naming the row, and round more decimals without a word.
    """
    precision, scale = column.type.precision, column.type.scale
    if precision is None or scale is None:
        return None
    name, digits = f"`{column.name}`", precision - scale
    conditions, said = [], []
    if digits < MONEY_DIGITS:
        conditions.append(f"abs({name}) < numeric '{10**digits}'")
        said.append(f"is between -{10**digits:,} and {10**digits:,}")
    if scale < MONEY_SCALE:
        conditions.append(f"{name} = round({name}, {scale})")
        said.append(f"has at most {scale} decimals")
    description = f"{' and '.join(said)}, as {column.type}"
    return Rule(description, " and ".join(conditions)) if conditions else None


def key_sql(table: Table) -> str:
    return ", ".join(part if "(" in part else names([part]) for part in table.key)


def statement(table: Table, source: str, days: Days | None) -> str:
    """The statement of the audit. One row per day: rows, bytes, totals, and how many rows violate each constraint."""
    # a view's query is long, and DuckDB runs what is named once for both of its uses
    is_view = table.layer is Layer.VIEW
    rows = "audited" if is_view else source
    measures = ["count(*) as row_count"]
    measures.append(f"sum({' + '.join(logical_bytes(column) for column in table.columns)}) as byte_count")
    measures += [f"sum(`{name}`) as total_{n}" for n, name in enumerate(table.total_columns)]
    measures += [
        f"countif({constraint.violated_if}) as broken_{n}"
        for n, constraint in enumerate(constraints(table, days))
    ]
    measures.append(
        "0 as duplicates"
        if not table.key
        else f"(select coalesce(sum(copies - 1), 0) from (select count(*) as copies from {rows} "
        f"group by {key_sql(table)} having count(*) > 1)) as duplicates"
    )
    day = f"`{table.partition}`" if table.partition else "cast(null as date)"
    counted = f"select {day} as day, {', '.join(measures)} from {rows} group by 1"
    return f"with {rows} as {source} {counted}" if is_view else counted


def audit(session: Session, table: Table, source: str, days: Days | None) -> Audit:
    """Run the audit over a staged name or a query in parentheses."""
    rows = session.fetch(statement(table, source, days)).to_pylist()
    stats = {
        row["day"]: DayStats(
            rows=row["row_count"],
            bytes=int(row["byte_count"] or 0),
            totals={
                name: float(row[f"total_{n}"])
                for n, name in enumerate(table.total_columns)
                if row[f"total_{n}"] is not None
            },
        )
        for row in rows
    }
    violations = [
        Violation(
            constraint.kind, constraint.column, constraint.description, count, where=constraint.violated_if
        )
        for n, constraint in enumerate(constraints(table, days))
        if (count := sum(int(row[f"broken_{n}"] or 0) for row in rows))
    ]
    if rows and (copies := int(rows[0]["duplicates"])):
        key = key_sql(table)
        violations.append(Violation("unique", key, f"({key.replace('`', '')}) is unique", copies, where=""))
    return Audit(stats, tuple(violations))


def offending_rows(session: Session, table: Table, source: str, violation: Violation) -> list[str]:
    """The keys of up to five rows that violate a constraint."""
    displayed_key = ", ".join(
        f"any_value({displayed(part, table)}) as key_{n}" for n, part in enumerate(table.key)
    )
    where, having = (f"where {violation.where}", "") if violation.where else ("", "having count(*) > 1")
    rows = session.fetch(
        f"select {displayed_key} from {source} {where} group by {key_sql(table)} {having} "
        f"limit {MAX_OFFENDING_ROWS}"
    ).to_pylist()
    return ["/".join("NULL" if value is None else str(value) for value in row.values()) for row in rows]


def describe(session: Session, table: Table, source: str, violations: tuple[Violation, ...]) -> list[str]:
    """One sentence for each violation, with the keys of its offending rows if the table has a key."""
    if not table.key:
        return [str(violation) for violation in violations]
    return [
        f"{violation} (such as {', '.join(offending_rows(session, table, source, violation))})"
        for violation in violations
    ]
