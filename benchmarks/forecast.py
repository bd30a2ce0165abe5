"""How far the forecast of the month's end was off, on each day of two years, beside a statistics library.

What belongs here: the companies, the measured figures, and the library's forecast. The forecast itself is the product's
view fct_budget_daily, run over each company. `python -m benchmarks.forecast` prints the table of docs/budgets.md.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from math import inf
from pathlib import Path
from random import Random
from statistics import median

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days, month_of
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.budgets import FCT_BUDGET_DAILY
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import day as date_literal

DAYS = Days(date(2024, 11, 1), date(2026, 10, 31))
MEASURED = (5, 10, 15, 20, 25)
SEEDS = (7, 8, 9)
Costs = Mapping[date, float]
"""US dollars by day."""


@dataclass(frozen=True)
class Made:
    """A forecast, and what the month cost in the end."""

    day: date
    usd: float
    low_usd: float
    high_usd: float
    actual_usd: float

    @property
    def error(self) -> float:
        return abs(self.usd - self.actual_usd) / self.actual_usd

    @property
    def has_interval(self) -> bool:
        return self.high_usd < inf

    @property
    def is_inside(self) -> bool:
        return self.low_usd <= self.actual_usd <= self.high_usd


@dataclass(frozen=True)
class Summary:
    """The forecasts of one day of the month, over companies and months."""

    forecasts: int
    median_error: float
    worst_error: float
    intervals: int
    coverage: float
    """Of the months with an interval, the share that ended in it."""
    median_width: float
    """Of the interval, as a share of what the month cost."""


def months_since(day: date) -> float:
    return (day - DAYS.first).days / 30.4375


def sandbox(seed: int) -> dict[str, Costs]:
    """The sample company, and each platform of it."""
    totals = Company(seed=seed, first_day=DAYS.first).totals(DAYS)
    anthropic = {day: float(total.anthropic.total_cents) / 100 for day, total in totals.items()}
    cursor = {day: float(total.cursor.chargeable_cents) / 100 for day, total in totals.items()}
    return {
        "sample company": {day: anthropic[day] + cursor[day] for day in totals},
        "its platform anthropic": anthropic,
        "its platform cursor (overage alone)": cursor,
    }


def odd(costs: Costs, random: Random) -> dict[str, Costs]:
    """Companies made of the sample company."""
    prices = (1.0, 0.4, 1.3)
    return {
        "growing 8 % a month": {day: usd * 1.08 ** months_since(day) for day, usd in costs.items()},
        "shrinking 7 % a month": {day: usd * 0.93 ** months_since(day) for day, usd in costs.items()},
        "changes models twice": {
            day: usd * prices[(day >= date(2025, 9, 12)) + (day >= date(2026, 4, 20))]
            for day, usd in costs.items()
        },
        "a day in hundred costs 12 times as much": {
            day: usd * (12 if random.random() < 0.01 else 1) for day, usd in costs.items()
        },
        "one person, two days in five": {
            day: usd / 50 * random.lognormvariate(0, 1) * (random.random() < 0.4)
            for day, usd in costs.items()
        },
    }


def companies(seed: int) -> dict[str, Costs]:
    own = sandbox(seed)
    return {**own, **odd(own["sample company"], Random(seed))}


def ours(costs: Costs, folder: Path) -> Iterator[Made]:
    """The product's own view, over the company's days."""
    engine, view = DuckDBEngine(folder / f"{len(list(folder.iterdir()))}.duckdb"), select(FCT_BUDGET_DAILY)
    with engine.session(WriteContext("benchmark", "forecast")) as session:
        ensure_tables(engine, session, view.inputs)
        values = ", ".join(
            f"({date_literal(day)}, 'anthropic', 'unattributed', {usd:.4f}, 'usage')"
            for day, usd in costs.items()
        )
        columns = "cost_date, platform, user_email, cost_usd, cost_type"
        session.execute(f"insert into {BY_NAME['fct_cost_daily'].name} ({columns}) values {values}")
        loads = ", ".join(
            f"('fct_cost_daily', {date_literal(day)}, 1, 'rows', current_timestamp())" for day in costs
        )
        session.execute(f"insert into load_log (table_name, day, `rows`, state, loaded_at) values {loads}")
        found = session.fetch(view.sql).to_pylist()
    for row in found:
        if row["forecast_usd"] is not None:
            low, high = (
                (-inf, inf) if row["low_usd"] is None else (float(row["low_usd"]), float(row["high_usd"]))
            )
            yield Made(row["day"], float(row["forecast_usd"]), low, high, actual(costs, row["day"]))


def actual(costs: Costs, day: date) -> float:
    """What the day's month cost in the end."""
    return sum(costs[each] for each in month_of(day))


def summary(made: list[Made]) -> Summary:
    with_interval = [each for each in made if each.has_interval]
    return Summary(
        forecasts=len(made),
        median_error=median(each.error for each in made),
        worst_error=max(each.error for each in made),
        intervals=len(with_interval),
        coverage=sum(each.is_inside for each in with_interval) / len(with_interval),
        median_width=median((each.high_usd - each.low_usd) / each.actual_usd for each in with_interval),
    )


def measured(
    forecasts: Callable[[Costs], Iterator[Made]], seeds: tuple[int, ...] = SEEDS
) -> dict[str, list[Made]]:
    """By company, the forecasts of all seeds; months that cost nothing are left out."""
    found: dict[str, list[Made]] = {}
    for seed in seeds:
        for name, costs in companies(seed).items():
            found.setdefault(name, []).extend(each for each in forecasts(costs) if each.actual_usd > 0)
    return found


def lines(found: Mapping[str, list[Made]], day: int) -> Iterator[str]:
    """Rows of the table of docs/budgets.md for one day of the month."""
    for name, made in found.items():
        yield row(name, summary([each for each in made if each.day.day == day]))


def row(name: str, of: Summary) -> str:
    return (
        f"| {name} | {of.forecasts} | {of.median_error:.1%} | {of.worst_error:.0%} | {of.coverage:.0%} of {of.intervals} "
        f"| {of.median_width:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description=__doc__)
    parser.add_argument(
        "--library", action="store_true", help="measure statsmodels too, on the 10th (minutes)"
    )
    arguments = parser.parse_args()
    header = "| company | months | median error | worst | in the 80 % interval | its median width |\n|---|--:|--:|--:|--:|--:|"
    with tempfile.TemporaryDirectory() as folder:
        found = measured(lambda costs: ours(costs, Path(folder)))
    print(f"On the 10th\n\n{header}")
    print("\n".join(lines(found, 10)))
    every = [each for made in found.values() for each in made]
    print(f"\nAll companies, by day of the month\n\n{header}")
    for day in MEASURED:
        print(row(f"on day {day}", summary([each for each in every if each.day.day == day])))
    if arguments.library:
        library = import_module("benchmarks.forecast_library").forecasts
        print(f"\nstatsmodels, on the 10th\n\n{header}")
        print("\n".join(lines(measured(library), 10)))


if __name__ == "__main__":
    main()
