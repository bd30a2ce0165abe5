"""Cost per day and platform, as a block: a column and a row for each day of the month."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.report import text
from ai_usage_assets.report.figures import ZERO, total
from ai_usage_assets.report.layout import Block, Chart, Table
from ai_usage_assets.report.palette import platform_color

if TYPE_CHECKING:
    import pandas as pd


def block(
    rows: "pd.DataFrame",
    month: Days,
    platforms: list[str],
    title: str,
    chart_title: str,
    *,
    without_row: Decimal | None = None,
    axis_format: str = Chart.axis_format,
) -> Block:
    """The cost of each day of the month, by platform.

    Args:
        rows: days, platforms and costs of the month.
        month: the days.
        platforms: the platforms, in their order.
        title: the table's caption.
        chart_title: the chart's title.
        without_row: the cost where there is no row; None if it is not known.
        axis_format: how the chart's axis is written.
    """
    costs: dict[tuple[date, str], Decimal] = {}
    for day, platform, cost in zip(rows["day"], rows["platform"], rows["cost_usd"], strict=True):
        costs[day, platform] = costs.get((day, platform), ZERO) + cost
    days, with_rows = list(month), set(rows["day"])
    sums = {
        day: total(costs.get((day, each)) for each in platforms) if day in with_rows else without_row
        for day in days
    }
    table = Table(
        title,
        ("Day (UTC)", *map(text.platform, platforms), "Total"),
        [
            (
                text.day_name(day),
                *(text.usd(costs.get((day, each), without_row)) for each in platforms),
                text.usd(sums[day]),
            )
            for day in days
        ],
        foot=(
            "Total",
            *(text.usd(total(costs.get((day, each)) for day in days)) for each in platforms),
            text.usd(total(sums.values())),
        ),
    )
    chart = Chart(
        "days",
        chart_title,
        "columns",
        [str(day.day) for day in days],
        {each: [float(costs.get((day, each), ZERO)) for day in days] for each in platforms},
        colors={each: platform_color(each) for each in platforms},
        legend={each: text.platform(each) for each in platforms},
        axis_format=axis_format,
    )
    return Block("By day", [table], chart if platforms else None, is_wide=True)
