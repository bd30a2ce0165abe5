"""Costs by a value and platform, as a block: a bar and a row for each value, beside the month before."""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from ai_usage_assets.report import text
from ai_usage_assets.report.figures import ZERO, total
from ai_usage_assets.report.layout import Block, Chart, Table
from ai_usage_assets.report.palette import NEUTRAL, platform_color

if TYPE_CHECKING:
    import pandas as pd

Costs: TypeAlias = dict[str, dict[str, Decimal]]
"""By value, the dollars of each platform."""

MAX_BARS = 15
"""A chart has no more bars; its table has every row."""
OTHER = "other"
ALL = "all"
"""In place of the platforms of a value whose cost is not shown by platform."""


def costs_by(frame: "pd.DataFrame", column: str) -> Costs:
    """The exact sums by the values of a column."""
    found: Costs = {}
    for key, platform, cost in zip(frame[column], frame["platform"], frame["cost_usd"], strict=True):
        of_key = found.setdefault(key, {})
        of_key[platform] = of_key.get(platform, ZERO) + cost
    return found


def renamed(costs: Costs, names: Callable[[str], str]) -> Costs:
    """The same under other names; what gets one name is added."""
    found: Costs = {}
    for key, amounts in costs.items():
        of_name = found.setdefault(names(key), {})
        for platform, cost in amounts.items():
            of_name[platform] = of_name.get(platform, ZERO) + cost
    return found


def block(
    title: str,
    name: str,
    first: str,
    now: Costs,
    before: Costs,
    platforms: Collection[str],
    *,
    label: Callable[[str], str] = text.name,
    notes: Iterable[str] = (),
    whole: Collection[str] = (),
    unknown_before: Collection[str] = (),
) -> Block:
    """A bar for each value, with a part for each platform, and a row with the share and, if it is known, the month before.

    Args:
        title: the heading.
        name: the chart's name, unique on the page.
        first: what the values are, as the table's first heading.
        now: the costs of the month.
        before: the costs of the month before; empty if they are not known, and then there is no column of them.
        platforms: the platforms that have cost in the month, in their order.
        label: how a value is written.
        notes: sentences below the chart.
        whole: the values whose cost is not shown by platform.
        unknown_before: the values whose month before is not shown.
    """
    empty: Mapping[str, Decimal] = {}
    sums = {key: total(now.get(key, empty).values()) for key in {*now, *before}}
    sums_before = {key: total(before.get(key, empty).values()) for key in sums}
    keys = [key for key in sums if sums[key] or sums_before[key]]
    keys.sort(key=lambda key: (key == OTHER, -sums[key], -sums_before[key], key))
    sum_of_all, sum_before = total(sums.values()), total(sums_before.values())
    shows_parts = len(platforms) > 1 and name != "platforms" and not set(now) <= set(whole)
    is_split = shows_parts or len(platforms) == 1 or name == "platforms"
    shown_platforms = list(platforms) if shows_parts else []

    def row(
        head: str, amounts: Mapping[str, Decimal] | None, sum_: Decimal, earlier: Decimal | None
    ) -> tuple[str, ...]:
        return (
            head,
            *(text.usd(None if amounts is None else amounts.get(each, ZERO)) for each in shown_platforms),
            text.usd(sum_),
            text.percent(sum_, sum_of_all),
            *([text.usd(earlier)] if before else []),
        )

    table = Table(
        f"{first}: cost in US dollars",
        (
            first,
            *map(text.platform, shown_platforms),
            "Total" if shows_parts else "Cost",
            "Share",
            *(["Month before"] if before else []),
        ),
        [
            row(
                label(key),
                None if key in whole else now.get(key, empty),
                sums[key],
                None if key in unknown_before else sums_before[key],
            )
            for key in keys
        ],
        foot=row(
            "Total",
            {each: total(amounts.get(each) for amounts in now.values()) for each in shown_platforms},
            sum_of_all,
            sum_before,
        ),
    )
    shown = [key for key in keys if sums[key]][:MAX_BARS]
    merged = set(shown) & set(whole) if len(platforms) > 1 else set()
    more = len([key for key in keys if sums[key]]) - len(shown)
    parts = {
        each: [float(now.get(key, empty).get(each, ZERO)) if key not in merged else 0.0 for key in shown]
        for each in (platforms if is_split else ())
    }
    if merged:
        parts[ALL] = [float(sums[key]) if key in merged else 0.0 for key in shown]
    chart = Chart(
        name,
        f"{title}: cost in US dollars, {text.plural(len(shown), 'bar')}",
        "bars",
        [label(key) for key in shown],
        parts,
        [text.usd(sums[key]) for key in shown],
        {each: NEUTRAL if each == ALL else platform_color(each) for each in parts},
        {each: "All platforms" if each == ALL else text.platform(each) for each in parts}
        if shows_parts
        else {},
    )
    cut = [f"The chart shows the {len(shown)} largest; the table has all."] if more > 0 else []
    return Block(title, [table] if keys else [], chart if shown else None, [*notes, *cut])
