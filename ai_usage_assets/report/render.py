"""The page's HTML, made of its sections. Every text is escaped by the template."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from ai_usage_assets.report import summary, text
from ai_usage_assets.report.figures import Figures
from ai_usage_assets.report.layout import Block, Section, Tile
from ai_usage_assets.report.options import Options


def render(
    title: str,
    figures: Figures,
    tiles: Sequence[Tile],
    first: Sequence[Block],
    sections: Sequence[Section],
    options: Options,
) -> tuple[str, dict[str, str]]:
    """The page, and its charts as SVG documents by name."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ai_usage_assets.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files(__package__).joinpath("templates", "page.css").read_text(encoding="utf-8")
    html = environment.get_template("page.html.jinja").render(
        title=title,
        figures=figures,
        period=summary.period(figures),
        tiles=tiles,
        first=first,
        sections=sections,
        options=options,
        text=text,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
        drawings={},
    )
    return html, {}
