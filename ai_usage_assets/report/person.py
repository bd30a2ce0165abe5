"""One's own page: a person's own figures, with the median of the department beside them."""

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING

from ai_usage_assets.errors import ReportError
from ai_usage_assets.report import daily, text
from ai_usage_assets.report.figures import ZERO, Figures, of, total
from ai_usage_assets.report.folding import MIN_GROUP, is_person
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Section, Table, Tile
from ai_usage_assets.report.people import Person

if TYPE_CHECKING:
    import pandas as pd

COUNTS = {
    "active_days": "Active days",
    "sessions": "Claude Code sessions",
    "commits": "Commits made by Claude Code",
    "pull_requests": "Pull requests made by Claude Code",
    "accepts": "Suggestions accepted",
    "rejects": "Suggestions rejected",
}


def checked(email: str, people: Mapping[str, Person], figures: Figures) -> Person:
    """The person.

    Raises:
        ReportError: there is no cost of this person in the month.
    """
    found = people.get(email.strip().lower())
    if found is None:
        raise ReportError(
            f"the person has no cost in {text.month_name(figures.month.first)}, so there is no page.",
            "Use the main e-mail of dim_users. Usage of a machine is on the company's page.",
        )
    return found


def tiles_and_section(
    frames: Frames, figures: Figures, people: Mapping[str, Person], person: Person
) -> tuple[list[Tile], Section]:
    """The person's key figures, and the section with all of them."""
    month = figures.month
    colleagues = [email for email, each in people.items() if each.department == person.department]
    has_median = len(colleagues) >= MIN_GROUP
    costs = _own_rows(of(frames["agg_report_people"], month))
    activity = _own_rows(of(frames["agg_report_activity"], month))
    usd = {email: total(costs["cost_usd"][costs["user_email"] == email]) for email in colleagues}
    middle = text.usd(median(usd.values())) if has_median else text.UNKNOWN
    counts = {email: _counts(activity[activity["user_email"] == email]) for email in colleagues}
    mine = counts[person.email]
    rows = [("Cost", text.usd(usd[person.email]), middle)]
    for name, label in COUNTS.items():
        of_all = median(each[name] for each in counts.values())
        shown = f"{of_all:,.1f}".removesuffix(".0") if has_median else text.UNKNOWN
        rows.append((label, text.count(mine[name]), shown))
    note = (
        f"The median is of the {len(colleagues)} people with cost in {text.name(person.department)}."
        if has_median
        else f"A median is shown for departments with {MIN_GROUP} or more people with cost."
    )
    table = Table("The month", ("Measure", "You", "Median of the department"), rows)
    own = costs[costs["user_email"] == person.email]
    tiles = [
        Tile("Your cost", text.usd(usd[person.email]), "seats included"),
        Tile("Median of the department", middle, note),
        Tile("Active days", text.count(mine["active_days"]), "of Claude Code or Cursor"),
    ]
    by_day = daily.block(
        own,
        month,
        sorted(set(own["platform"])),
        "Your cost per day in US dollars",
        "Your cost per day, by platform",
        without_row=ZERO,
        axis_format="$,.2f",
    )
    blocks = [Block("Beside the department", [table], notes=[note]), by_day]
    return tiles, Section("own", "Your month", blocks)


def _own_rows(rows: "pd.DataFrame") -> "pd.DataFrame":
    return rows.loc[[is_person(*each) for each in zip(rows["user_email"], rows["actor_type"], strict=True)]]


def _counts(rows: "pd.DataFrame") -> dict[str, int]:
    active = rows[rows["is_active"].isin([True])]
    names = [name for name in COUNTS if name != "active_days"]
    return {
        "active_days": active["day"].nunique(),
        **{name: int(rows[name].dropna().sum()) for name in names},
    }
