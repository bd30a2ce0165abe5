"""The page's HTML, made of its sections. Every text is escaped by the template."""

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from ai_usage_assets.report import palette
from ai_usage_assets.report.drawing import INSTALL, as_image, draw
from ai_usage_assets.report.layout import Block, Chart

if TYPE_CHECKING:
    from ai_usage_assets.report.page import Content


def render(content: "Content", *, has_charts: bool = True) -> tuple[str, dict[str, str]]:
    """The page, and its charts as SVG documents by title."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    blocks = [*content.first, *(block for section in content.sections for block in section.blocks)]
    drawn = {
        chart.name: variants for chart, variants in drawings(blocks if has_charts else ()) if all(variants)
    }
    environment = Environment(
        loader=PackageLoader("ai_usage_assets.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = stylesheet()
    is_without = has_charts and not drawn and any(block.chart for block in blocks)
    html = environment.get_template("page.html.jinja").render(
        content=content,
        style=Markup(style),  # noqa: S704 our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
        drawings={name: Markup("".join(variants)) for name, variants in drawn.items()},  # noqa: S704 escaped by Vega
        palette=palette,
        missing=INSTALL if is_without else "",
    )
    images = {
        block.title: as_image(drawn[block.chart.name][0])
        for block in blocks
        if block.chart and block.chart.name in drawn
    }
    return html, images


def drawings(blocks: Iterable[Block]) -> Iterable[tuple[Chart, list[str]]]:
    """Each chart in the widths that its block needs."""
    for block in blocks:
        if block.chart:
            widths = (True, False) if block.is_wide else (False,)
            yield block.chart, [svg for wide in widths if (svg := draw(block.chart, is_wide=wide))] or [""]


def stylesheet() -> str:
    """The style sheet, with the colors of the charts' texts and lines."""
    text = files(__package__).joinpath("templates", "page.css").read_text(encoding="utf-8")
    for name in ("TEXT", "MUTED", "LINE"):
        text = text.replace(f"@{name}", getattr(palette, name))
    return text
