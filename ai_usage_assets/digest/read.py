"""The figures of a digest, read from the warehouse: a few statements, each over the days that it needs."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ai_usage_assets.curated.select import tables_read
from ai_usage_assets.days import ONE_DAY, Days, month_before
from ai_usage_assets.digest import comparisons, statements
from ai_usage_assets.digest.figures import CloseFigures, Invoices, MonthSoFar, Tasks, WeekFigures
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.report.budgets import budgets
from ai_usage_assets.report.currency import rate_of
from ai_usage_assets.report.figures import CAUSES, Change, IdleSeats
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.closed_months import CLOSE_DUE_DAY
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables

RECENT = timedelta(days=62)
"""Two months: of missing days and of invoices."""

Row = dict[str, Any]
Fetch = Callable[[str], list[Row]]


class MonthNotFoundError(AiUsageError):
    """A month that Dagster has as closed is not in closed_months."""


def week_figures(
    engine: Engine, job: WriteContext, week: Days, start_date: date, now: datetime
) -> WeekFigures:
    """The figures of a week, from Monday.

    Args:
        engine: the warehouse.
        job: labels the statements.
        week: the seven days.
        start_date: the first day that there should be.
        now: the present time: whether the month before should be closed.
    """
    month = Days(week.last.replace(day=1), week.last)
    earliest = week.first - comparisons.EARLIER_WEEKS * comparisons.WEEK
    window = Days(min(earliest, month_before(week.last).first), week.last)
    with engine.session(job) as session:
        fetch = fetcher(engine, session)
        costs = fetch(statements.costs(window))
        loaded = {row["day"] for row in fetch(statements.loaded_days(window))}
        seats = fetch(statements.seats(week))
        invoices = fetch(statements.invoices())
        rates = fetch(statements.rates())
        of_budgets = fetch(statements.newest_budgets(month))
        tasks = week_tasks(fetch, week, start_date, now)
    usd, of_week = comparisons.by_day(costs), [row for row in costs if row["day"] in week]
    usual, unusual_day = comparisons.with_usual(usd, loaded, week)
    return WeekFigures(
        week=week,
        days_in=len(loaded & set(week)),
        total_usd=comparisons.total(of_week),
        by_platform=comparisons.amounts(of_week, "platform"),
        compared=comparisons.with_week_before(usd, loaded, week),
        usual=usual,
        unusual_day=unusual_day,
        causes=comparisons.causes_of_week(costs, loaded, week),
        month=MonthSoFar(
            month,
            len(loaded & set(month)),
            comparisons.of_days(usd, month),
            comparisons.with_month_before(usd, loaded, month),
            rate_of(rates, month.first),
        ),
        invoices=summed_invoices(
            row for row in invoices if week.last - RECENT < row["issued_on"] <= week.last
        ),
        unattributed=comparisons.amounts(of_week, "reason"),
        idle_seats=summed_seats(seats, week),
        tasks=tasks,
        budgets=budgets(of_budgets, None),
    )


def close_figures(engine: Engine, job: WriteContext, month: Days) -> CloseFigures:
    """The figures of a month that was closed.

    Raises:
        MonthNotFoundError: the month is not in closed_months.
    """
    earlier = month_before(month.first)
    monday = month.last - ONE_DAY * month.last.weekday()
    week = Days(monday, monday + ONE_DAY * 6)
    with engine.session(job) as session:
        fetch = fetcher(engine, session)
        rows = fetch(statements.closed_months(Days.one(month.first)))
        if not rows:
            raise MonthNotFoundError(
                f"{month.first:%Y-%m} is not in closed_months, so there is no digest of its close.",
                "If it was deleted by hand, close the month again.",
            )
        [change] = fetch(statements.month_change(month.first, earlier.first))
        seats = fetch(statements.seats(week))
        invoices = fetch(statements.invoices())
        unowned_keys = fetch(statements.unowned_keys(month))[0]["unowned_keys"]
        rates = fetch(statements.rates())
        of_budgets = fetch(statements.newest_budgets(month))
    sheet = [row for row in rows if row["is_current"]]
    revision = max(row["revision"] for row in sheet)
    own = [row for row in sheet if row["cost_month"] == month.first]
    former = [row for row in rows if row["revision"] == revision - 1]
    return CloseFigures(
        month=month,
        revision=revision,
        own_usd=comparisons.total(own),
        total_usd=comparisons.total(sheet),
        former_usd=comparisons.total(former) if former else None,
        by_platform=comparisons.amounts(own, "platform"),
        adjustments={
            adjusted: comparisons.total(row for row in sheet if row["cost_month"] == adjusted)
            for adjusted in {row["cost_month"] for row in sheet} - {month.first}
        },
        change=change_of(change),
        invoices=summed_invoices(
            row for row in invoices if row["period_start"] <= month.last and row["period_end"] >= month.first
        ),
        unattributed_usd=comparisons.total(own, "unattributed_usd"),
        idle_seats=summed_seats(seats, week),
        tasks=Tasks(unowned_keys=unowned_keys),
        rate=rate_of(rates, month.first),
        budgets=budgets(of_budgets, None),
    )


def change_of(row: Row) -> Change | None:
    """None if no platform has a month before."""
    if row["change_usd"] is None:
        return None
    return Change(
        row["earlier_usd"],
        row["change_usd"],
        {cause: row[cause] or Decimal() for cause in CAUSES},
    )


def summed_invoices(rows: Iterable[Row]) -> Invoices:
    """Of the invoices whose days are loaded to the last."""
    found = [row for row in rows if row["is_over"]]
    return Invoices(
        invoices=len(found),
        unexplained_invoices=sum(row["is_unexplained"] for row in found),
        invoiced_usd=comparisons.total(found, "invoiced_usd"),
        metered_usd=comparisons.total(found, "metered_usd"),
        unexplained_usd=comparisons.total(found, "unexplained_usd"),
        unexplained_invoices_usd=sum(
            (abs(row["unexplained_usd"]) for row in found if row["is_unexplained"]), Decimal()
        ),
    )


def summed_seats(rows: Iterable[Row], week: Days) -> IdleSeats | None:
    """The seats of each platform on its last loaded day, and the cost of idle ones on all days; None without seats."""
    found = sorted(rows, key=lambda row: row["day"])
    if not found:
        return None
    last = {row["platform"]: row for row in found}.values()
    return IdleSeats(
        week.first,
        sum(row["seats"] for row in last),
        sum(row["idle_seats"] for row in last),
        comparisons.total(found, "idle_usd"),
    )


def week_tasks(fetch: Fetch, week: Days, start_date: date, now: datetime) -> Tasks:
    """What needs a person, but for failing checks."""
    missing: list[Row] = []
    if start_date <= week.last:
        recent = Days(max(start_date, week.last - RECENT), week.last)
        missing = fetch(statements.missing_days(recent))
    last_month = month_before(now.date())
    is_due = now.day >= CLOSE_DUE_DAY and last_month.first >= start_date
    closed = fetch(statements.closed_months(Days.one(last_month.first))) if is_due else []
    return Tasks(
        missing_days=tuple(sorted({row["day"] for row in missing})),
        missing_tables=tuple(sorted({row["table_name"] for row in missing})),
        unowned_keys=fetch(statements.unowned_keys(week))[0]["unowned_keys"],
        open_month=last_month.first if is_due and not closed else None,
    )


def fetcher(engine: Engine, session: Session) -> Fetch:
    """Runs a statement; the tables that it reads are created first if they do not exist."""
    known: set[Table] = set()

    def fetch(sql: str) -> list[Row]:
        tables = [table for table in tables_read(sql) if table not in known]
        ensure_tables(engine, session, tables)
        known.update(tables)
        rows: list[Row] = session.fetch(sql).to_pylist()
        return rows

    return fetch
