"""What the finance checks share: the statement of all metrics of a fact, and how a metric's rows become a result.

A metric's rows come from `sql/<metric>.sql`: day, subject, part and whole. A `subject` is what a row is about, such as
an API key; it never holds an e-mail address, and is NULL for rows that are only counted. `<metric>_by_month.sql`, where
there is one, has the same columns and gives the trend.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import HEADER, in_window, with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.scope import days_text
from ai_usage_assets.warehouse.sql import day, for_window

MAX_LISTED = 20
TREND_DAYS = timedelta(days=190)
"""The trend reaches back at least so far from the last day of the run."""
TREND_MONTHS = 6
BILLING_MONTH = timedelta(days=30)
"""How far the other days of a billing month can be from one of its days."""


@dataclass(frozen=True)
class MetricRow:
    """A part of a metric's figure: one day and one subject."""

    metric: str
    day: date
    subject: str | None
    part: Decimal
    whole: Decimal


class Measure(Enum):
    """How a figure is made of its rows, and when it is good enough. The value is shown in the check's metadata."""

    COVERAGE = "part / whole, at least the tolerance"
    SHARE = "part / whole, at most the tolerance"
    COUNT = "part, at most the tolerance"
    COUNT_WITH_WORTH = "part, at most the tolerance; whole is what these are worth in dollars"
    RELATIVE_DIFFERENCE = "|part - whole| / |whole|, at most the tolerance"

    def figure(self, rows: Sequence[MetricRow]) -> float | None:
        """The figure of these rows; None if there is nothing to compare."""
        part, whole = sum(float(row.part) for row in rows), sum(float(row.whole) for row in rows)
        if self in (Measure.COUNT, Measure.COUNT_WITH_WORTH):
            return part
        if not whole:
            return None
        return abs(part - whole) / abs(whole) if self is Measure.RELATIVE_DIFFERENCE else part / whole

    def passes(self, figure: float | None, tolerance: float) -> bool:
        if figure is None:
            return True
        return figure >= tolerance if self is Measure.COVERAGE else figure <= tolerance

    def offending(self, rows: Sequence[MetricRow]) -> list[str]:
        """The subjects with their amounts and days, the largest first."""
        amounts: dict[str, float] = defaultdict(float)
        worth_usd: dict[str, float] = defaultdict(float)
        days: dict[str, set[date]] = defaultdict(set)
        for row in rows:
            if row.subject is not None:
                missing = self in (Measure.COVERAGE, Measure.RELATIVE_DIFFERENCE)
                amounts[row.subject] += float(row.whole - row.part if missing else row.part)
                worth_usd[row.subject] += float(row.whole)
                days[row.subject].add(row.day)
        has_worth = self is Measure.COUNT_WITH_WORTH
        order = worth_usd if has_worth else amounts
        return [
            f"{subject}: {amounts[subject]:,.4f}"
            + (f" worth {worth_usd[subject]:,.4f} USD" if has_worth else "")
            + f" on {len(days[subject])} day(s), {min(days[subject])} to {max(days[subject])}"
            for subject in sorted(order, key=lambda name: (-abs(order[name]), name))
        ]


@dataclass(frozen=True)
class MetricRows:
    """The rows of one metric over the days of a run."""

    fact: str
    metric: str
    days: Days
    rows: Sequence[MetricRow]
    by_month: Sequence[MetricRow] = ()

    def result(self, measure: Measure, tolerance: float, hint: str) -> dg.AssetCheckResult:
        """A warning if the figure is not within the tolerance. Without anything to compare, the check passes."""
        figure = measure.figure(self.rows)
        passed = measure.passes(figure, tolerance)
        metadata: dict[str, Any] = {
            "window": days_text(self.days),
            "figure": "nothing to compare" if figure is None else round(figure, 6),
            "tolerance": tolerance,
            "meaning": measure.value,
            "part": float(sum(row.part for row in self.rows)),
            "whole": float(sum(row.whole for row in self.rows)),
        }
        if self.by_month:
            metadata["trend"] = _markdown(self._months(measure))
        if offending := measure.offending(self.rows):
            metadata["offending_rows"] = _markdown(offending[:MAX_LISTED])
        if not passed:
            metadata["hint"] = hint
        return dg.AssetCheckResult(
            passed=passed,
            asset_key=dg.AssetKey(self.fact),
            check_name=self.metric,
            severity=dg.AssetCheckSeverity.WARN,
            metadata=metadata,
        )

    def _months(self, measure: Measure) -> Iterator[str]:
        for month in sorted({row.day for row in self.by_month})[-TREND_MONTHS:]:
            figure = measure.figure([row for row in self.by_month if row.day == month])
            yield f"{month:%Y-%m}: {'nothing' if figure is None else f'{figure:.1%}'}"


def metric_rows(fact: str, metric: str, days: Days, rows: Sequence[MetricRow]) -> MetricRows:
    """The rows of one metric, out of those of all metrics of its fact."""
    return MetricRows(
        fact,
        metric,
        days,
        [row for row in rows if row.metric == metric],
        [row for row in rows if row.metric == f"{metric}_by_month"],
    )


def statement(metrics: Sequence[str], days: Days) -> str:
    """One statement for these metrics, with the columns of MetricRow."""
    names = [name for metric in metrics for name in (metric, f"{metric}_by_month") if _has_sql(name)]
    sql = "\nunion all\n".join(
        f"select '{name}' as metric, cast(day as date) as day, subject, cast(coalesce(part, 0) as numeric) as part, "
        f"cast(coalesce(whole, 0) as numeric) as whole\nfrom (\n{sql_of(name)}\n) as metric_rows"
        for name in names
    )
    first, last = days.first, days.last
    more_days = {
        "@trend_first_day": day(min(first, last - TREND_DAYS)),
        "@billing_first_day": day(first - BILLING_MONTH),
        "@billing_end_day": day(days.end + BILLING_MONTH),
    }
    return for_window(in_window(with_intermediates(sql), more_days), days)


@cache
def sql_of(name: str) -> str:
    """The query in `sql/<name>.sql`, without its header."""
    text = files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return HEADER.sub("", text).rstrip("\n")


def _has_sql(name: str) -> bool:
    return files(__package__).joinpath("sql", f"{name}.sql").is_file()


def _markdown(lines: Iterator[str] | Sequence[str]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))
