"""A headless Chromium of the system, and the UI it looks at; without Chromium the tests are skipped, in CI they fail."""

import os
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ai_usage_tests.e2e.browser.served import Served, served
from ai_usage_tests.support.dagster_processes import ROOT

TIMEOUT_MS = 90_000
IMAGES = ROOT / "docs" / "images"

Keep: TypeAlias = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def browser(chromium: str, ui: Served) -> Iterator[Browser]:
    # after the UI: Playwright runs a loop in this thread, and a run of Dagster's wants one of its own
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        # as root, which CI is, Chromium has no sandbox of its own; what it opens is ours
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ui(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The UI. After the last test, Dagster must have warned of nothing while it loaded and ran the code location."""
    with served(tmp_path_factory.mktemp("ui")) as found:
        yield found
        said = found.log.read_text(encoding="utf-8").splitlines()
    # the command's own, about itself
    own = "Function `dev_command` is superseded"
    warnings = [line for line in said if re.search(r"\bWARNING\b|Warning", line) and own not in line]
    assert warnings == [], "Dagster warned"


@pytest.fixture
def page(browser: Browser, ui: Served) -> Iterator[Page]:
    context = browser.new_context(
        base_url=ui.url, viewport={"width": 1600, "height": 1000}, reduced_motion="reduce", timezone_id="UTC"
    )
    context.set_default_timeout(TIMEOUT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def keep() -> Keep:
    """Keep what a page shows as an image of the README, if that was asked for."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("AI_USAGE_SCREENSHOTS"):
            page.wait_for_load_state("networkidle")
            IMAGES.mkdir(exist_ok=True)
            page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    return keep
