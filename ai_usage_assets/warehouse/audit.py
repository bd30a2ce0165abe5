"""Are these rows what the declaration says? One pass of SQL over staged rows before they are published,
and over published rows when a check asks. A culprit is named by its key, a person only by user_id.
"""

from dataclasses import dataclass
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import DayStats, Session
from ai_usage_assets.warehouse.sql import logical_bytes, shown, within

MOST_CULPRITS = 5


@dataclass(frozen=True)
class Violation:
    """One broken promise: `kind` is not_null, rule, unique or window."""

    kind: str
    column: str
    says: str
    count: int
    where: str

    def __str__(self) -> str:
        return f"{self.says}: {self.count} row{'s do' if self.count != 1 else ' does'} not hold it"


@dataclass(frozen=True)
class Audit:
    stats: dict[date | None, DayStats]
    violations: tuple[Violation, ...]


def promises(table: Table, days: Days | None) -> list[tuple[str, str, str, str]]:
    """(kind, column, sentence, condition that breaks it) for each promise that one row can break."""
    broken = [
        ("not_null", column.name, f"{column.name} is never NULL", f"`{column.name}` is null")
        for column in table.columns
        if column.required
    ]
    broken += [
        (
            "rule",
            column.name,
            f"{column.name} {column.rule.says}",
            f"not ({column.rule.sql.format(f'`{column.name}`')})",
        )
        for column in table.columns
        if column.rule
    ]
    if table.partition and days:
        broken.append(
            (
                "window",
                table.partition,
                f"{table.partition} lies in {days}",
                f"not ({within(table.partition, days)})",
            )
        )
    return broken


def key_sql(table: Table) -> str:
    return ", ".join(part if "(" in part else names([part]) for part in table.key)


def statement(table: Table, source: str, days: Days | None) -> str:
    """One pass: per day the rows, bytes and totals, and how many rows break each promise."""
    measures = ["count(*) as row_count"]
    measures.append(f"sum({' + '.join(logical_bytes(column) for column in table.columns)}) as byte_count")
    measures += [f"sum(`{name}`) as total_{n}" for n, name in enumerate(table.totals)]
    measures += [f"countif({where}) as broken_{n}" for n, (*_, where) in enumerate(promises(table, days))]
    measures.append(
        "0 as duplicates"
        if not table.key
        else f"(select coalesce(sum(copies - 1), 0) from (select count(*) as copies from {source} "
        f"group by {key_sql(table)} having count(*) > 1)) as duplicates"
    )
    day = f"`{table.partition}`" if table.partition else "cast(null as date)"
    return f"select {day} as day, {', '.join(measures)} from {source} group by 1"


def audit(session: Session, table: Table, source: str, days: Days | None) -> Audit:
    """Run the pass over a staged name or a parenthesised query."""
    rows = session.fetch(statement(table, source, days)).to_pylist()
    stats = {
        row["day"]: DayStats(
            rows=row["row_count"],
            bytes=int(row["byte_count"] or 0),
            totals={
                name: float(row[f"total_{n}"])
                for n, name in enumerate(table.totals)
                if row[f"total_{n}"] is not None
            },
        )
        for row in rows
    }
    violations = [
        Violation(kind, column, says, count, where)
        for n, (kind, column, says, where) in enumerate(promises(table, days))
        if (count := sum(int(row[f"broken_{n}"] or 0) for row in rows))
    ]
    if rows and (copies := int(rows[0]["duplicates"])):
        violations.append(
            Violation("unique", key_sql(table), f"({key_sql(table).replace('`', '')}) is unique", copies, "")
        )
    return Audit(stats, tuple(violations))


def culprits(session: Session, table: Table, source: str, violation: Violation) -> list[str]:
    """Up to five keys of rows that break a promise."""
    shown_key = ", ".join(f"any_value({shown(part, table)}) as key_{n}" for n, part in enumerate(table.key))
    where, having = (f"where {violation.where}", "") if violation.where else ("", "having count(*) > 1")
    rows = session.fetch(
        f"select {shown_key} from {source} {where} group by {key_sql(table)} {having} limit {MOST_CULPRITS}"
    ).to_pylist()
    return ["/".join("NULL" if value is None else str(value) for value in row.values()) for row in rows]


def describe(session: Session, table: Table, source: str, found: tuple[Violation, ...]) -> list[str]:
    """Each violation with its culprits, as sentences."""
    if not table.key:
        return [str(violation) for violation in found]
    return [
        f"{violation} (such as {', '.join(culprits(session, table, source, violation))})"
        for violation in found
    ]
