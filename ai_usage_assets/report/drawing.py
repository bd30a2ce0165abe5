"""Charts as SVG, drawn with Altair and vl-convert: no browser, no script, nothing from the network.

Both libraries are optional. A chart's labels and marks are texts of the page; its colors are those of `palette.py`.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ai_usage_assets.report.layout import Chart
from ai_usage_assets.report.palette import LINE, MUTED, NEUTRAL, TEXT

INSTALL = "To see charts, install the extra `charts`: pip install 'ai-usage-assets[charts]'."
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
WIDE, NARROW = 980, 430
"""The width of a chart over the whole page, and of one in a column or on a phone."""
BAR_STEP = 29
FONT_SIZE = 13
MAX_LABEL, LABEL_WIDTH = 21, 152
"""Characters and width of a bar's label. Fonts differ, so both are estimates on the safe side."""
CHARACTER_WIDTH = 8.0
OPENING = re.compile(r"\A<svg [^>]*viewBox=\"([^\"]+)\"[^>]*>")
ID = re.compile(r"""(\bid="|url\(#|href="#)([\w-]+)""")
UNUSED = re.compile(
    r'\s(?:class|role|aria-[a-z]+|pointer-events|font-family|stroke-miterlimit|opacity="1")(?:="[^"]*")?'
)
TAG = re.compile(r"<[^<>]+>")
EMPTY = re.compile(r'<path(?: [a-z-]+="[^"]*")* d=""[^>]*/>|<path d="M0,0h0v0h0Z"/>')
LONG_NUMBER = re.compile(r"(\d\.\d\d)\d+")
BACKGROUND = "#ffffff"
MARGIN = 40


def draw(chart: Chart, *, is_wide: bool = False) -> str | None:
    """The chart as an SVG element with a label for screen readers; None if the library is not installed."""
    try:
        import altair as alt
        import vl_convert
    except ImportError:
        return None
    svg = vl_convert.vegalite_to_svg(specification(alt, chart, is_wide=is_wide), allowed_base_urls=[])
    return labelled(slim(svg), chart, "wide" if is_wide else "narrow")


def specification(alt: Any, chart: Chart, *, is_wide: bool) -> dict[str, Any]:
    """The chart in Vega-Lite, made with Altair's module."""
    kinds = {"columns": _columns, "bars": _bars, "signed": _signed, "rates": _bars}
    made = kinds[chart.kind](alt, chart, WIDE if is_wide else NARROW)
    found: dict[str, Any] = made.configure(**_config()).to_dict(validate=False)
    return found


def slim(svg: str) -> str:
    """The SVG without what only Vega's own scripts and readers of single bars use, and with shorter numbers."""
    # only within tags: a text has no < or >, which are escaped
    shorter = TAG.sub(lambda tag: LONG_NUMBER.sub(r"\1", UNUSED.sub("", tag[0])), svg)
    return EMPTY.sub("", shorter)


def labelled(svg: str, chart: Chart, variant: str) -> str:
    """The SVG as one image with the chart's title, and with ids that no other chart of the page has."""
    prefix = f"{chart.name}-{variant}-"
    unique = ID.sub(lambda found: f"{found[1]}{prefix}{found[2]}", svg)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="{variant}" role="img" aria-label="{escape(chart.title)}"'
    return OPENING.sub(lambda found: f'{opening} viewBox="{found[1]}">', unique, count=1)


def as_image(svg: str) -> str:
    """The chart as a document by itself, on white."""
    found = re.search(r'viewBox="([\d. -]+)"', svg)
    assert found
    left, top, inner, height = found[1].split()
    # another font may be wider than the one that was measured
    width = float(inner) + MARGIN
    svg = svg.replace(found[0], f'viewBox="{left} {top} {width} {height}"', 1)
    sized = svg.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    return sized.replace(">", f'><rect width="{width}" height="{height}" fill="{BACKGROUND}"/>', 1)


def _config() -> dict[str, Any]:
    return {
        "aria": False,
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": MUTED,
            "labelFontSize": FONT_SIZE,
            "domainColor": LINE,
            "gridColor": LINE,
            "tickColor": LINE,
            "labelPadding": 6,
            "title": None,
        },
        "padding": 2,
        "legend": {"disable": True},
    }


def _rows(chart: Chart) -> list[dict[str, Any]]:
    """A row for each label and part. A label is identified by its place, because two may be equal."""
    return [
        {"place": place, "label": label, "part": part, "order": order, "value": values[place]}
        for order, (part, values) in enumerate(chart.parts.items())
        for place, label in enumerate(chart.labels)
    ]


def _data(alt: Any, rows: Sequence[Mapping[str, Any]]) -> Any:
    return alt.Data(values=list(rows))


def _color(alt: Any, chart: Chart) -> Any:
    parts = list(chart.parts)
    colors = [chart.colors.get(part, NEUTRAL) for part in parts]
    return alt.Color("part:N", scale=alt.Scale(domain=parts, range=colors))


def _columns(alt: Any, chart: Chart, width: int) -> Any:
    """Bars over time, the parts on top of each other."""
    labels = list(chart.labels)
    every = 1 if width == WIDE or len(labels) <= 12 else 5
    shown = [place for place in range(len(labels)) if place % every == 0]
    names = "[" + ",".join(repr(label) for label in labels) + "]"
    return (
        alt.Chart(_data(alt, _rows(chart)))
        .mark_bar()
        .encode(
            x=alt.X(
                "place:O",
                axis=alt.Axis(
                    values=shown, labelAngle=0, labelExpr=f"{names}[datum.value]", ticks=False, domain=True
                ),
                scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1),
            ),
            y=alt.Y(
                "value:Q",
                stack="zero",
                axis=alt.Axis(format=chart.axis_format, tickCount=5, domain=False, ticks=False),
            ),
            color=_color(alt, chart),
            order=alt.Order("order:Q"),
        )
        .properties(width=width - 70, height=230 if width == WIDE else 200)
    )


def _frame(alt: Any, chart: Chart) -> tuple[Any, int]:
    """The label axis of horizontal bars, and the height."""
    names = "[" + ",".join(_literal(_cut(label)) for label in chart.labels) + "]"
    axis = alt.Axis(
        labelExpr=f"{names}[datum.value]",
        labelLimit=0,
        minExtent=LABEL_WIDTH,
        maxExtent=LABEL_WIDTH,
        labelColor=TEXT,
        ticks=False,
        domain=False,
    )
    y = alt.Y("place:O", axis=axis, scale=alt.Scale(paddingInner=0.35, paddingOuter=0.15))
    return y, BAR_STEP * len(chart.labels)


def _cut(label: str) -> str:
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _literal(text: str) -> str:
    """A text as a literal of Vega's expressions, which cannot end it."""
    return (
        "'"
        + "".join(
            f"\\u{ord(each):04x}" if ord(each) < 0x10000 and not each.isalnum() and each != " " else each
            for each in text
        )
        + "'"
    )


def _bars(alt: Any, chart: Chart, width: int) -> Any:
    """Horizontal bars with the text at their ends."""
    y, height = _frame(alt, chart)
    sums = [
        sum(max(values[place], 0.0) for values in chart.parts.values()) for place in range(len(chart.labels))
    ]
    most = chart.most or max(sums, default=0.0) or 1.0
    x = alt.X(
        "value:Q",
        stack="zero",
        axis=None,
        scale=alt.Scale(domain=[min(0.0, *_lows(chart)), most * 1.02], nice=False),
    )
    bars = (
        alt.Chart(_data(alt, _rows(chart)))
        .mark_bar()
        .encode(y=y, x=x, color=_color(alt, chart), order=alt.Order("order:Q"))
    )
    ends = [{"place": place, "value": sums[place], "mark": mark} for place, mark in enumerate(chart.marks)]
    marks = (
        alt.Chart(_data(alt, ends))
        .mark_text(align="left", baseline="middle", dx=5, fontSize=FONT_SIZE, color=TEXT)
        .encode(y=y, x=alt.X("value:Q"), text=alt.Text("mark:N"))
    )
    longest = max((len(mark) for mark in chart.marks), default=0)
    return alt.layer(bars, marks).properties(
        width=width - LABEL_WIDTH - 20 - CHARACTER_WIDTH * longest, height=height
    )


def _lows(chart: Chart) -> list[float]:
    return [
        sum(min(values[place], 0.0) for values in chart.parts.values()) for place in range(len(chart.labels))
    ]


def _signed(alt: Any, chart: Chart, width: int) -> Any:
    """Bars to both sides of zero, with the text beyond their ends."""
    y, height = _frame(alt, chart)
    (values,) = chart.parts.values()
    longest = 8 + CHARACTER_WIDTH * max((len(mark) for mark in chart.marks), default=0)
    inner = width - LABEL_WIDTH - 24
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1.0
    # room for the texts on the sides where there are bars
    sides = (longest if low < 0 else 0.0, longest)
    scale = span / max(inner - sum(sides), 60)
    x_scale = alt.Scale(domain=[low - sides[0] * scale, high + sides[1] * scale], nice=False)
    base = alt.Chart(
        _data(
            alt,
            [
                {"place": place, "value": value, "mark": chart.marks[place], "part": "change"}
                for place, value in enumerate(values)
            ],
        )
    )
    x = alt.X("value:Q", axis=None, scale=x_scale)
    bars = base.mark_bar(color=NEUTRAL).encode(y=y, x=x)
    texts = [
        base.transform_filter(test)
        .mark_text(align=align, baseline="middle", dx=shift, fontSize=FONT_SIZE, color=TEXT)
        .encode(y=y, x=x, text=alt.Text("mark:N"))
        for test, align, shift in (("datum.value >= 0", "left", 5), ("datum.value < 0", "right", -5))
    ]
    zero = alt.Chart(_data(alt, [{"value": 0}])).mark_rule(color=MUTED, strokeWidth=1).encode(x=x)
    return alt.layer(bars, zero, *texts).properties(width=inner, height=height)
