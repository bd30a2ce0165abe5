"""One page: the month's figures and sections, rendered to one HTML file, and its charts by name."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ai_usage_assets.days import Days
from ai_usage_assets.report import text
from ai_usage_assets.report.figures import Figures, budgets_of, figures, of
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Section, Tile
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.people import people_of


@dataclass(frozen=True)
class Page:
    """A month's page, ready to be written."""

    file_name: str
    """2026-10.html; with names 2026-10-names.html; of a person's own page 2026-10-<8 hexadecimal digits>.html."""
    title: str
    html: str
    charts: Mapping[str, str]
    """By title, each chart as an SVG document on white; none without the charts' library."""
    figures: Figures
    is_personal: bool
    """Whether it names people."""

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return len(self.html.encode("utf-8"))


@dataclass(frozen=True)
class Content:
    """What a page says, before it is rendered."""

    title: str
    period: str
    tiles: Sequence[Tile]
    first: Sequence[Block]
    """What the first screen has beside the key figures."""
    sections: Sequence[Section]
    footnotes: Sequence[str]


def build(frames: Frames, month: Days, options: Options | None = None) -> Page:
    """The month's page.

    Args:
        frames: the tables and views of INPUTS, each with the rows of its months.
        month: the days of a calendar month.
        options: names, one person's page, the time.

    Raises:
        ReportError: the person has no cost in the month.
    """
    from ai_usage_assets.report.render import render

    chosen = options or Options()
    found = figures(frames, month, chosen.built_at.date())
    content = contents(frames, found, chosen)
    html, charts = render(content, has_charts=chosen.has_charts)
    is_personal = chosen.has_names or chosen.person is not None
    return Page(file_name(month, chosen), content.title, html, charts, found, is_personal)


def contents(frames: Frames, found: Figures, options: Options) -> Content:
    """What the page says."""
    from ai_usage_assets.report import against_budget, person, quality, spend, summary, usage

    month = text.month_name(found.month.first)
    people = people_of(of(frames["agg_report_people"], found.month))
    footnotes = [
        f"Built on {text.day_name(options.built_at.date())} at {options.built_at:%H:%M} UTC from the curated tables.",
        "All days are UTC. All amounts are US dollars; figures are rounded to cents here and exact in the tables.",
    ]
    period = summary.period(found)
    if options.person is not None:
        who = person.checked(options.person, people, found)
        tiles, own = person.tiles_and_section(frames, found, people, who)
        title = f"AI usage and cost of {text.name(who.name)}, {month}"
        return Content(title, period, tiles, [], [own], footnotes)
    title = f"AI usage and cost, {month}"
    footnotes.append(summary.who_is_named(options))
    if not found.has_data:
        return Content(title, period, [], [summary.empty(found)], [], footnotes)
    sections = [
        spend.section(frames, found, people, options),
        usage.people_section(frames, found, people, options),
        usage.adoption_section(frames, found, options),
        quality.section(frames, found),
    ]
    budgets = budgets_of(frames, found.month, has_names=options.has_names)
    first = [*against_budget.blocks(budgets), summary.why(found)]
    return Content(title, period, summary.tiles(found), first, sections, footnotes)


def file_name(month: Days, options: Options) -> str:
    """The name of the file. Only the secret shows whose page it is.

    A page with names has a name of its own, so that it never takes the place of the one that may be published.
    """
    if options.person is None:
        return f"{month.first:%Y-%m}{'-names' if options.has_names else ''}.html"
    whose = hmac.new(options.secret, options.person.strip().lower().encode(), "sha256").hexdigest()[:8]
    return f"{month.first:%Y-%m}-{whose}.html"
