"""The usage report of the month run: the asset in Dagster, its figures against the tables, and the page in a browser."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from ai_usage_assets.cli.main import run
from ai_usage_assets.days import Days, month_of
from ai_usage_assets.defs.report import read
from ai_usage_assets.report.frames import INPUTS
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.harness import Harness, step_errors
from ai_usage_tests.support.month_run import DAYS, MonthRun
from ai_usage_tests.support.report_pages import NAMES, company, read_page

NOVEMBER = month_of(DAYS.last)
BUILT_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
OF_NOVEMBER = f"cost_date >= date '{NOVEMBER.first}' and cost_date <= date '{NOVEMBER.last}'"
MAX_BYTES = 500_000


@contextmanager
def reports_in(harness: Harness, folder: Path) -> Iterator[None]:
    harness.env["AI_USAGE_REPORT_DIR"] = str(folder)
    try:
        yield
    finally:
        del harness.env["AI_USAGE_REPORT_DIR"]


def usd(value: Decimal) -> str:
    return f"{'−' if round(value, 2) < 0 else ''}${abs(value):,.2f}"


def sums(month_run: MonthRun, sql: str) -> dict[Any, Any]:
    """The rows of two columns as a mapping."""
    return {row["key"]: row["value"] for row in month_run.fetch(sql)}


def test_figures_on_the_page_are_those_of_the_tables(month_run: MonthRun) -> None:
    page = build(read(month_run.engine, NOVEMBER), NOVEMBER, Options(has_names=True, built_at=BUILT_AT))
    found = read_page(page.html)
    cost = f"from fct_cost_daily where {OF_NOVEMBER}"
    [whole] = month_run.fetch(f"select sum(cost_usd) as usd {cost}")
    assert found.tiles["Total"][0] == usd(whole["usd"])
    by_day = sums(month_run, f"select cost_date as key, sum(cost_usd) as value {cost} group by 1")
    [_, *days, foot] = found.tables["Cost per day in US dollars"]
    assert [row[-1] for row in days[:19]] == [usd(by_day[day]) for day in Days(NOVEMBER.first, DAYS.last)]
    assert foot[-1] == usd(whole["usd"])
    for caption, sql in {
        "Platform: cost in US dollars": f"select platform as key, sum(cost_usd) as value {cost} group by 1",
        "Department: cost in US dollars": "select department as key, sum(cost_usd) as value from v_cost "
        f"where {OF_NOVEMBER} group by 1",
        "Team: cost in US dollars": "select coalesce(team, 'no team') as key, sum(cost_usd) as value from v_cost "
        f"where {OF_NOVEMBER} group by 1",
        "Cost center: cost in US dollars": "select coalesce(cost_center, 'no cost center') as key, "
        f"sum(cost_usd) as value from v_cost where {OF_NOVEMBER} group by 1",
        "Person: cost in US dollars": "select coalesce(nullif(trim(concat(coalesce(first_name, ''), ' ', "
        "coalesce(last_name, ''))), ''), user_email) as key, sum(cost_usd) as value from v_cost "
        f"where {OF_NOVEMBER} and actor_type != 'service' and user_email != 'unattributed' group by 1",
    }.items():
        names = {"Anthropic API": "anthropic", "Cursor": "cursor", "Claude seats": "claude_code"}
        place = found.tables[caption][0].index("Share") - 1
        shown = {names.get(row[0], row[0]): row[place] for row in found.tables[caption][1:-1]}
        expected = {key: usd(value) for key, value in sums(month_run, sql).items() if value}
        assert {key: cell for key, cell in shown.items() if cell != "$0.00" or key in expected} == expected, (
            caption
        )
    [unattributed] = month_run.fetch(f"select sum(cost_usd) as usd {cost} and user_email = 'unattributed'")
    assert found.tiles["Unattributed"][0] == usd(unattributed["usd"])
    assert found.tables["Reason: cost in US dollars"][-1][-2] == usd(unattributed["usd"])
    [change] = month_run.fetch(
        f"select sum(change_usd) as usd, sum(use_usd) as use_usd from agg_cost_change where month = date '{NOVEMBER.first}'"
    )
    parts = dict(found.tables["Parts of the change to the month before, in US dollars"][1:])
    assert parts["Use per person"].lstrip("+") == usd(change["use_usd"])
    assert parts["Change"].lstrip("+") == usd(change["usd"])
    activity = f"from fct_activity_daily where usage_date >= date '{NOVEMBER.first}' and usage_date < date '2026-12-01'"
    [code] = month_run.fetch(
        f"select sum(accepts) as a, sum(rejects) as r, sum(commits) as c {activity} and platform = 'claude_code'"
    )
    [row] = [row for row in found.tables["Suggestions"] if row[0] == "Claude Code"]
    assert row[1:3] == [f"{code['a']:,}", f"{code['a'] + code['r']:,}"]
    assert ["Commits made by it", f"{code['c']:,}"] in found.tables["Claude Code"]
    assert page.bytes < MAX_BYTES


def test_views_are_read_by_the_days_of_two_months_alone(month_run_on_bigquery: MonthRun) -> None:
    with recording() as calls:
        read(month_run_on_bigquery.engine, NOVEMBER)
    said = [call.sql for call in calls if call.sql and call.sql.startswith("select ")]
    for name in INPUTS:
        [sql] = [sql for sql in said if re.search(rf"from `{name}`", sql)]
        if INPUTS[name].day:
            first = "2026-10-01" if INPUTS[name].months_before else "2026-11-01"
            day = INPUTS[name].day
            assert f"where `{day}` >= DATE '{first}' and `{day}` < DATE '2026-12-01'" in sql


def test_a_months_asset_writes_the_page_and_shows_its_total_file_and_charts(
    month_run_on_duckdb: MonthRun, tmp_path: Path
) -> None:
    with reports_in(month_run_on_duckdb, tmp_path / "reports"):
        result = month_run_on_duckdb.page("2026-11")
    assert step_errors(result) == {}
    [event] = result.asset_materializations_for_node("usage_report")
    path = tmp_path / "reports" / "2026-11.html"
    html = path.read_text(encoding="utf-8")
    assert event.metadata["path"].value == str(path)
    assert event.metadata["bytes"].value == path.stat().st_size
    assert event.metadata["total_usd"].value == pytest.approx(
        float(read_page(html).tiles["Total"][0].strip("$").replace(",", "")), abs=0.005
    )
    assert str(event.metadata["charts"].value).count("](data:image/svg+xml;base64,") >= 10
    assert "By person" not in str(event.metadata["charts"].value)
    people = month_run_on_duckdb.fetch("select email, last_name from dim_users where kind = 'person'")
    assert not [each for each in people if each["email"] in html or f" {each['last_name']}<" in html]


def test_the_command_prints_the_path_of_the_page_and_says_if_no_browser_opens_it(
    month_run_on_duckdb: MonthRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[str] = []

    def ai_usage(*options: str, code: int) -> tuple[str, str]:
        def launch(url: str) -> int:
            opened.append(url)
            return code

        monkeypatch.setattr(click, "launch", launch)
        month_run_on_duckdb.engine.close()
        assert run(["report", "--month", "2026-11", *options], lambda: BUILT_AT) == 0
        said = capsys.readouterr()
        return said.out, said.err

    with reports_in(month_run_on_duckdb, tmp_path), patch.dict(os.environ, month_run_on_duckdb.env):
        path = tmp_path / "2026-11.html"
        assert ai_usage(code=1) == (f"{path}\n", "")
        assert opened == []
        assert ai_usage("--open", code=0) == (f"{path}\n", "")
        assert ai_usage("--open", code=1) == (f"{path}\n", "warning: No browser could be opened.\n")
        assert opened == [path.as_uri()] * 2


def test_a_folder_that_cannot_be_written_fails_the_asset_with_what_to_do(
    month_run_on_duckdb: MonthRun, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with reports_in(month_run_on_duckdb, tmp_path / "file"):
        result = month_run_on_duckdb.page("2026-11")
    [said] = step_errors(result).values()
    assert "cannot be used (File exists). Nothing was written. Give it to the user of this process" in said


@pytest.fixture
def pages(month_run_on_duckdb: MonthRun) -> dict[str, str]:
    """A real page, and one with names that could break it."""
    given = read(month_run_on_duckdb.engine, NOVEMBER)
    return {
        "month": build(given, NOVEMBER, Options(built_at=BUILT_AT)).html,
        "names": build(
            company(40, NAMES).frames(),
            month_of(datetime(2026, 10, 1, tzinfo=UTC).date()),
            Options(has_names=True),
        ).html,
    }


def keep_text(said: list[str], event: Any) -> None:
    """What a page said on its console or in a dialog."""
    said.append(str(getattr(event, "text", None) or event.message))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_does_not_scroll_sideways(
    chromium: str, pages: dict[str, str], tmp_path: Path, scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for name, html in pages.items():
            (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
            context = browser.new_context(
                color_scheme=scheme, viewport={"width": 390, "height": 844}, bypass_csp=True
            )
            page = context.new_page()
            said: list[str] = []
            page.on("console", partial(keep_text, said))
            page.on("dialog", partial(keep_text, said))
            page.goto((tmp_path / f"{name}.html").as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found = Axe().run(page).response["violations"]
            assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            assert said == []
        browser.close()
