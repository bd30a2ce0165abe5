"""Spend by day, platform, cost center, department, team and model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days, month_before
from ai_usage_assets.report import daily, text
from ai_usage_assets.report.anomalies import unusual
from ai_usage_assets.report.costs import OTHER, Costs, block, costs_by, renamed
from ai_usage_assets.report.figures import Figures, of
from ai_usage_assets.report.folding import MIN_GROUP, kept_groups, members, merged, people_in, without_split
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Section
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.people import Person

if TYPE_CHECKING:
    import pandas as pd

COST_TYPES = {
    "subscription": "Seats",
    "web_search": "Web searches",
    "code_execution": "Code execution",
    "session_usage": "Session usage",
    "credit": "Credits",
}
"""How charges without a model are named."""


DIMENSIONS = {"cost_center": "Cost center", "department": "Department", "team": "Team"}


def section(frames: Frames, figures: Figures, people: Mapping[str, Person], options: Options) -> Section:
    groups = [by_group(frames, figures, dimension, options) for dimension in DIMENSIONS]
    return Section(
        "spend",
        "Where the money went",
        [
            by_day(frames["agg_report_days"], figures),
            by_platform(frames["agg_report_days"], figures),
            by_model(frames["agg_report_models"], figures),
            *groups,
            unusual(frames, figures, people, options),
        ],
        "The cost of the month's own days, as the vendors report it, in US dollars.",
    )


def before(frame: "pd.DataFrame", month: Days) -> "pd.DataFrame":
    """The rows of the month before."""
    return of(frame, month_before(month.first))


def by_day(frame: "pd.DataFrame", figures: Figures) -> Block:
    """The cost of each day of the month, by platform. A day that is not loaded has no figure."""
    return daily.block(
        of(frame, figures.month),
        figures.month,
        list(figures.by_platform),
        "Cost per day in US dollars",
        f"Cost per day of {text.month_name(figures.month.first)}, by platform",
    )


def by_platform(frame: "pd.DataFrame", figures: Figures) -> Block:
    """The cost of each platform, beside the month before."""
    return block(
        "By platform",
        "platforms",
        "Platform",
        costs_by(of(frame, figures.month), "platform"),
        costs_by(before(frame, figures.month), "platform"),
        list(figures.by_platform),
        label=text.platform,
    )


def by_model(frame: "pd.DataFrame", figures: Figures) -> Block:
    """The cost of each model; charges without one by their kind."""

    def costs(rows: "pd.DataFrame") -> Costs:
        kinds = rows["cost_type"].map(lambda kind: COST_TYPES.get(kind, f"{text.name(kind)}, no model"))
        return renamed(
            costs_by(rows.assign(shown=rows["model"].where(rows["model"].notna(), kinds)), "shown"), text.name
        )

    month = figures.month
    return block(
        "By model",
        "models",
        "Model",
        costs(of(frame, month)),
        costs(before(frame, month)),
        list(figures.by_platform),
    )


def by_group(frames: Frames, figures: Figures, dimension: str, options: Options) -> Block:
    """The cost of each cost center, department or team. Without names, what is of few people is folded or merged."""
    rows, people = frames["agg_report_groups"], frames["agg_report_people"]
    rows, first = rows[rows["dimension"] == dimension], DIMENSIONS[dimension]
    now = costs_by(of(rows, figures.month), "name")
    earlier = costs_by(before(rows, figures.month), "name")
    title, name, platforms = f"By {first.lower()}", dimension.replace("_", "-"), list(figures.by_platform)
    if options.has_names:
        return block(title, name, first, now, earlier, platforms)
    now_in = members(of(people, figures.month), dimension)
    earlier_in = people_in(members(before(people, figures.month), dimension))
    kept = kept_groups(people_in(now_in))
    # a group that had few people then has no figure then: that would be theirs
    kept_earlier = kept_groups(earlier_in, kept)
    whole = without_split(merged(now_in, lambda group: group if group in kept else OTHER))
    shown = renamed(now, lambda group: group if group in kept else OTHER)
    unknown_before = {group for group in kept - kept_earlier if earlier.get(group)}
    without = f"no {dimension.replace('_', ' ')}"
    notes = []
    if OTHER in shown:
        and_without = f", and what has {without}" if without in now and without not in kept else ""
        notes.append(f"{OTHER}: groups with fewer than {MIN_GROUP} people{and_without}.")
    if whole and len(platforms) > 1:
        notes.append(f"Cost is shown by platform where {MIN_GROUP} people or more have cost on each of them.")
    if unknown_before:
        notes.append(
            f"A group that had fewer than {MIN_GROUP} people in the month before is in {OTHER} in that month."
        )
    return block(
        title,
        name,
        first,
        shown,
        renamed(earlier, lambda group: group if group in kept_earlier else OTHER),
        platforms,
        notes=notes,
        whole=whole,
        unknown_before=unknown_before,
    )
