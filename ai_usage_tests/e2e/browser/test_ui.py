"""What a person does in Dagster's UI, done in a browser, and what came of it in Dagster's records and the warehouse."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ai_usage_assets.days import Days
from ai_usage_assets.schema.registry import TABLES
from ai_usage_tests.e2e.browser.conftest import TIMEOUT_MS, Keep
from ai_usage_tests.e2e.browser.served import Served

GROUPS = ("identity", "anthropic", "cursor", "lists", "curated", "closed", "report")
BETWEEN_GROUPS = 11
"""The sources feed `curated`, both vendors feed the changes of their lists, `closed` and `curated` feed each other, and
both feed the report."""
SENSORS = ("anthropic_availability", "cursor_availability", "identity_files")
OF_CURSOR = [table.name for table in TABLES if table.vendor == "cursor"]
RUN_OF_A_DAY = """
  query ($asset: AssetKeyInput!, $day: [String!]) {
    assetNodeOrError(assetKey: $asset) { ... on AssetNode {
      assetMaterializations(partitions: $day) { runId timestamp }
    } }
  }
"""


def choose(page: Page, days: str) -> None:
    """Fill the dialog's partitions in, as a person types them."""
    dialog = page.get_by_role("dialog")
    # what is typed before Dagster knows its partitions is lost
    expect(dialog.get_by_text(re.compile(r"Showing (\d+) of \1 partitions"))).to_be_visible()
    partitions = dialog.get_by_placeholder("No matching partitions")
    partitions.fill(days)
    partitions.press("Enter")


def runs(ui: Served, table: str, day: date) -> int:
    """How often Dagster recorded the day of the table."""
    found = ui.query(RUN_OF_A_DAY, asset={"path": [table]}, day=[str(day)])
    return len(found["assetNodeOrError"]["assetMaterializations"])


def lines_added(ui: Served, days: Days) -> tuple[int, int]:
    """In the warehouse, and in truth."""
    truth = sum(day.cursor.total_lines_added for day in ui.harness.sandbox.company.totals(days).values())
    return ui.total("raw_cursor_usage", "total_lines_added", days), truth


def test_the_graph_shows_who_feeds_whom(page: Page, keep: Keep) -> None:
    page.goto("/asset-groups")
    for group in GROUPS:
        expect(page.locator("svg").get_by_text(group, exact=True)).to_be_visible()
    expect(page.locator("svg path[marker-end]")).to_have_count(BETWEEN_GROUPS)
    page.goto("/assets/fct_cost_daily?view=lineage")
    for table in ("raw_anthropic_cost", "raw_cursor_events", "identity_seats", "agg_monthly_finance"):
        expect(page.locator("svg").get_by_text(re.compile(table[:8])).first).to_be_visible()
    expect(page.locator("[class*=Skeleton_skeleton]")).to_have_count(0)
    keep(page, "lineage")


def test_an_asset_says_what_it_holds_where_it_comes_from_and_where_its_code_is(
    page: Page, ui: Served, keep: Keep
) -> None:
    page.goto("/assets/fct_cost_daily?view=overview")
    expect(page.get_by_role("link", name=re.compile("Open fct_cost_daily.sql"))).to_be_visible()
    expect(page.get_by_role("cell", name="US dollars")).to_contain_text("raw_anthropic_cost")
    keep(page, "asset")
    page.get_by_role("button", name="Plots").click()
    for plotted in ("cost_usd", "dagster/row_count"):
        expect(page.get_by_text(plotted, exact=True).last).to_be_visible()
    expect(page.locator("canvas")).not_to_have_count(0)
    page.get_by_text("Metadata", exact=True).evaluate("heading => heading.scrollIntoView()")
    keep(page, "plots")


def test_a_day_is_materialized_from_its_assets_page(page: Page, ui: Served) -> None:
    day = ui.days.first
    ui.delete("raw_cursor_usage", Days.one(day))
    recorded = runs(ui, "raw_cursor_usage", day)
    page.goto("/assets/raw_cursor_usage?view=partitions")
    page.get_by_role("button", name="Materialize").first.click()
    choose(page, str(day))
    page.get_by_role("button", name="Launch 1 run").click()
    expect(page.get_by_text("Launched run")).to_be_visible()
    page.get_by_role("link", name="View", exact=True).click()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    assert runs(ui, "raw_cursor_usage", day) == recorded + 1
    landed, truth = lines_added(ui, Days.one(day))
    assert landed == truth > 0


def test_a_week_of_a_vendor_is_backfilled_from_its_groups_page(page: Page, ui: Served, keep: Keep) -> None:
    week = next(ui.days.chunks(7))
    for table in ("raw_cursor_usage", "raw_cursor_events"):
        ui.delete(table, week)
    recorded = runs(ui, "raw_cursor_events", week.last)
    page.goto("/locations/ai_usage_assets/asset-groups/cursor")
    # in the first hour of a UTC day the last closed day is not loaded yet, so not every asset is 100% filled
    expect(page.get_by_text(re.compile(r"^[0-9]+% filled$")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[0-9]+ / [0-9]+ Passed$")).first).to_be_visible()
    keep(page, "graph")
    page.get_by_role("button", name="Materialize all").click()
    choose(page, f"[{week}]")
    expect(page.get_by_role("dialog").get_by_text("7 partitions")).to_be_visible()
    page.get_by_role("button", name="Launch backfill").click()
    expect(page.get_by_text("Created backfill")).to_be_visible()
    page.get_by_role("link", name="View", exact=True).click()
    # the daemon looks every half minute, and each of its waves is a process more
    expect(page.get_by_text("100% completed")).to_have_count(len(OF_CURSOR), timeout=3 * TIMEOUT_MS)
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()
    keep(page, "backfill")
    landed, truth = lines_added(ui, week)
    assert landed == truth > 0
    calls = ui.harness.sandbox.company.totals(week).values()
    assert ui.total("raw_cursor_events", "output_tokens", week) == sum(d.cursor.output_tokens for d in calls)
    assert runs(ui, "raw_cursor_events", week.last) == recorded + 1


def test_a_check_says_what_it_looked_at_and_that_it_passed(page: Page, ui: Served, keep: Keep) -> None:
    page.goto("/assets/fct_cost_daily?view=checks")
    page.get_by_text("sums_equal_source").first.click()
    expect(
        page.get_by_text("Per day and platform, each sum equals the sum of its raw tables.")
    ).to_be_visible()
    expect(page.get_by_text("Passed", exact=True).first).to_be_visible()
    expect(page.get_by_text("largest_difference").first).to_be_visible()
    keep(page, "checks")


def test_a_months_page_shows_its_charts(page: Page, ui: Served, keep: Keep) -> None:
    page.goto(f"/assets/usage_report?view=partitions&partition={ui.days.last:%Y-%m}")
    page.get_by_text("[Show Markdown]").click()
    images = page.get_by_role("dialog").locator("img")
    expect(images).to_have_count(12)
    assert all(image.evaluate("each => each.naturalWidth") > 300 for image in images.all())
    keep(page, "report-charts")


@pytest.mark.parametrize("sensor", SENSORS)
def test_a_sensor_ticks_by_itself(page: Page, keep: Keep, sensor: str) -> None:
    page.goto("/automation")
    expect(page.get_by_text(sensor).first).to_be_visible()
    expect(page.locator("[class*=Skeleton_skeleton]")).to_have_count(0)
    keep(page, "sensors")
    page.goto(f"/locations/ai_usage_assets/sensors/{sensor}")
    # the daemon starts after the web server, and a sensor ticks every minute
    tick = page.get_by_text(re.compile("runs? requested|skipped", re.IGNORECASE)).first
    expect(tick).to_be_visible(timeout=3 * TIMEOUT_MS)
    if sensor == "anthropic_availability":
        keep(page, "ticks")
