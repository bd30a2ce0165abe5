"""How a chart is drawn: its specification, what is left out of the SVG, and what this gets for the page and for a file.

`AI_USAGE_WRITE_DOCUMENTS=1` writes the specifications anew. Read the difference before you keep them, and look at the
charts that `make screenshots` saves.
"""

import json
import os
import re
from pathlib import Path

import pytest

from ai_usage_assets.report import palette
from ai_usage_assets.report.drawing import as_image, labelled, slim, specification
from ai_usage_assets.report.layout import Block, Chart
from ai_usage_assets.report.render import drawings

DRAWN = (
    '<svg class="marks" width="9" height="8" viewBox="0 0 400.5 80" xmlns:xlink="http://x"><defs><clipPath id="clip0">'
    '<path d="M0.123456,0h10.98v2.5"/></clipPath></defs><path class="background" aria-hidden="true" d="" stroke="#eee"/>'
    '<path d="M0,0h0v0h0Z"/><g clip-path="url(#clip0)" role="graphics-object" opacity="1"><use href="#clip0"/>'
    '<text font-family="Roboto" opacity="0.5">3.14159 class="x"</text></g></svg>'
)
SLIM = (
    '<svg width="9" height="8" viewBox="0 0 400.5 80" xmlns:xlink="http://x"><defs><clipPath id="clip0">'
    '<path d="M0.12,0h10.98v2.5"/></clipPath></defs>'
    '<g clip-path="url(#clip0)"><use href="#clip0"/><text opacity="0.5">3.14159 class="x"</text></g></svg>'
)
LABELLED = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="wide" role="img" aria-label="Cost &amp; use" viewBox="0 0 400.5 80">'
    '<defs><clipPath id="daily-wide-clip0"><path d="M0.12,0h10.98v2.5"/></clipPath></defs>'
    '<g clip-path="url(#daily-wide-clip0)"><use href="#daily-wide-clip0"/>'
    '<text opacity="0.5">3.14159 class="x"</text></g></svg>'
)


def test_a_drawing_keeps_what_is_seen_and_gets_a_label_and_ids_of_its_own() -> None:
    assert slim(DRAWN) == SLIM
    assert labelled(SLIM, Chart("daily", "Cost & use", "columns", (), {}), "wide") == LABELLED


def test_a_file_has_the_drawing_on_white_with_room_for_another_font() -> None:
    assert as_image(LABELLED) == LABELLED.replace("<svg ", '<svg width="440.5" height="80" ', 1).replace(
        "0 0 400.5 80", "0 0 440.5 80"
    ).replace('">', '"><rect width="440.5" height="80" fill="#ffffff"/>', 1)


def test_a_wide_block_has_its_chart_in_two_widths_and_another_one_in_the_narrow_one() -> None:
    chart = Chart("a", "Cost", "bars", ["m"], {"usd": [1.0]})
    blocks = [Block("Wide", chart=chart, is_wide=True), Block("Text"), Block("Narrow", chart=chart)]

    found = [
        [variant.split('class="', 1)[1].split('"', 1)[0] for variant in drawn]
        for _, drawn in drawings(blocks)
    ]

    assert found == [["wide", "narrow"], ["narrow"]]


SPECIFICATIONS = Path(__file__).with_name("pages") / "specifications.json"


def test_every_color_is_one_of_its_own() -> None:
    single = (palette.TEXT, palette.MUTED, palette.LINE, palette.NEUTRAL, palette.LIGHT)
    colors = [*single, *palette.PLATFORM_COLORS.values(), *palette.OTHER_COLORS, *palette.LEVELS.values()]
    assert [color for color in colors if not re.fullmatch("#[0-9a-f]{6}", color)] == []
    assert len(set(colors)) == len(colors)


DAYS = [f'{day} "Oct"' for day in range(1, 14)]
CHARTS = [
    Chart("daily", "Days", "columns", DAYS, {"a": [float(day) for day in range(13)], "b": [-0.5] * 13}, colors={"a": "#111111"}),
    Chart("weekly", "Weeks", "columns", DAYS[:12], {"a": [2.0] * 12}, axis_format="~s"),
    Chart(
        "model", "Models", "bars", ["x" * 21, "o'\\</", "y" * 22], {"a": [3.0, 2.0, -1.0], "b": [1.5, -2.5, -4.0]},
        ["$4.50", "$2", "−$5.00"], {"b": "#222222"},
    ),
    Chart("nothing", "Zero", "bars", ["a"], {"a": [0.0]}, ["0"]),
    Chart("rate", "Rates", "rates", ["a", "b"], {"rate": [0.25, 0.5]}, ["25%", "50.0%"], {"rate": "#333333"}, most=1.0),
    Chart("change", "Change", "signed", ["up", "down"], {"change": [30.0, -10.0]}, ["+$30", "−$10.00"]),
    Chart("rise", "Change", "signed", ["up"], {"change": [3.0]}, ["+$3"]),
    Chart("flat", "Change", "signed", ["none"], {"change": [0.0]}, ["$0.00"]),
    Chart("fall", "Change", "signed", ["down"], {"change": [-1.0]}, ["−$" + "1" * 50]),
]  # fmt: skip


def test_every_kind_of_chart_is_drawn_by_its_specification_in_both_widths() -> None:
    alt = pytest.importorskip("altair")
    found = [
        {"chart": chart.name, "wide": is_wide, **specification(alt, chart, is_wide=is_wide)}
        for chart in CHARTS
        for is_wide in (True, False)
    ]
    # all have the same fonts and lines; the version of Vega-Lite is Altair's
    configs = [each.pop("config") for each in found if each.pop("$schema")]
    assert configs == [configs[0]] * len(found)
    found.append(configs[0])
    if os.environ.get("AI_USAGE_WRITE_DOCUMENTS"):
        lines = ",\n".join(json.dumps(each, ensure_ascii=False, sort_keys=True) for each in found)
        SPECIFICATIONS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        pytest.skip("the specifications were written")
    assert found == json.loads(SPECIFICATIONS.read_text(encoding="utf-8"))
