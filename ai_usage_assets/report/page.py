"""One page: the month's figures and sections, rendered to one HTML file, and its charts by name."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ai_usage_assets.days import Days
from ai_usage_assets.report import spend, summary, text
from ai_usage_assets.report.figures import Figures, figures
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.options import Options


@dataclass(frozen=True)
class Page:
    """A month's page, ready to be written."""

    file_name: str
    """2026-10.html; of a person's own page 2026-10-<8 hexadecimal digits>.html."""
    title: str
    html: str
    charts: Mapping[str, str]
    """By name, each chart as an SVG document for a white background; none without the charts' library."""
    figures: Figures

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return len(self.html.encode("utf-8"))


def build(frames: Frames, month: Days, options: Options | None = None) -> Page:
    """The month's page.

    Args:
        frames: the tables and views of INPUTS, each with the rows of its months.
        month: the days of a calendar month.
        options: names, one person's page, the time.

    Raises:
        ReportError: the person has neither cost nor usage in the month.
    """
    from ai_usage_assets.report.render import render

    chosen = options or Options()
    found = figures(frames, month)
    title = f"AI usage and cost, {text.month_name(month.first)}"
    sections = [spend.section(frames, found)] if found.has_data else []
    html, charts = render(title, found, summary.tiles(found), [summary.why(found)], sections, chosen)
    return Page(file_name(month, chosen), title, html, charts, found)


def file_name(month: Days, options: Options) -> str:
    """The name of the file. A person's e-mail is not in it."""
    whose = (
        f"-{hashlib.md5(options.person.encode(), usedforsecurity=False).hexdigest()[:8]}"
        if options.person
        else ""
    )
    return f"{month.first:%Y-%m}{whose}.html"
