"""The SVG of a chart, after the drawing library: what is left out of it, and what it gets for the page and for a file."""

from ai_usage_assets.report.drawing import as_image, labelled, slim
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
