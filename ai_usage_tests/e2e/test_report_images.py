"""The images of docs/report.md, taken from the page of a sample month."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from ai_usage_assets.days import month_of
from ai_usage_assets.defs.report import read
from ai_usage_assets.demo.__main__ import sample_days
from ai_usage_assets.demo.sandbox.company import invoices
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.company.sample_invoices import sample_invoices
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build
from ai_usage_tests.support.dagster_processes import ROOT
from ai_usage_tests.support.harness import NOW, Harness

IMAGES = ROOT / "docs" / "images"
PRINTED = "report-print"
VIEWS: dict[str, dict[str, Any]] = {
    "report": {"viewport": {"width": 1200, "height": 900}},
    "report-dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "report-phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True},
    # a sheet of A4
    PRINTED: {"viewport": {"width": 794, "height": 1123}},
}

pytestmark = pytest.mark.skipif(
    not os.environ.get("AI_USAGE_SCREENSHOTS"), reason="takes the images of docs/report.md: make screenshots"
)


def test_take_the_images_of_the_page(chromium: str, tmp_path: Path) -> None:
    days = sample_days(NOW)
    month = month_of(days.first)
    month = month_of(month.end)
    with running(now=NOW) as sandbox:
        write_identity(sandbox.company, tmp_path / "identity")
        sample = sample_invoices(sandbox.company, days, month)
        invoices.write(sample.lines, tmp_path / "identity" / "invoices.csv")
        harness = Harness(sandbox, tmp_path, env={"AI_USAGE_START_DATE": str(days.first)})
        assert harness.errors("*", days) == {}
    page = build(read(harness.engine, month), month, Options(built_at=NOW, secret=b"images"))
    (tmp_path / page.file_name).write_text(page.html, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for name, options in VIEWS.items():
            shown = browser.new_context(**options).new_page()
            shown.emulate_media(media="print" if name == PRINTED else "screen")
            shown.goto((tmp_path / page.file_name).as_uri())
            shown.screenshot(path=IMAGES / f"{name}.png")
        browser.close()
