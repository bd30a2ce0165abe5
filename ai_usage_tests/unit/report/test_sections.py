"""Whole tables of the page's sections on use and on how sure the figures are, each field with a value of its own."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.report import against_budget
from ai_usage_assets.report.budgets import budgets
from ai_usage_assets.report.layout import Tile
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build
from ai_usage_assets.report.text import UNKNOWN
from ai_usage_tests.support.report_pages import OCTOBER, Company, company, read_page

BUILT_AT, DURING = datetime(2026, 11, 3, 7, tzinfo=UTC), datetime(2026, 10, 20, 7, tzinfo=UTC)
SEPTEMBER = date(2026, 9, 30)
FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 2)


def tables(given: Company, **options: Any) -> dict[str, list[list[str]]]:
    """The rows of each table of the page, by caption."""
    made = Options(**{"built_at": BUILT_AT, "secret": b"s", "has_charts": False, **options})
    return {
        caption: rows[1:]
        for caption, rows in read_page(build(given.frames(), OCTOBER, made).html).tables.items()
    }


def active(given: Company, email: str, day: date, platform: str = "claude_code", **counts: Any) -> None:
    person = {"user_email": email, "actor_type": "person", "is_active": True}
    given.add("agg_report_activity", **{"day": day, "platform": platform, **person, **counts})


def test_ones_own_page_has_each_measure_beside_the_median_of_the_department() -> None:
    given = company(7)
    for number in range(7):
        n = number + 1
        active(
            given,
            f"person{number}@example.com",
            FIRST,
            sessions=n,
            commits=10 * n,
            pull_requests=100 * n,
            accepts=1000 * n,
            rejects=50 * n,
        )
    me = "person1@example.com"
    active(given, me, FIRST, "cursor", accepts=5, rejects=6)
    active(given, me, SECOND, "cursor", accepts=7)
    active(given, me, date(2026, 10, 3), "cursor", is_active=False, rejects=2)
    # of another month, and of a machine
    active(given, me, SEPTEMBER, sessions=999)
    active(given, "person0@example.com", SECOND, actor_type="service", sessions=999)
    found = tables(given, person=me)["The month"]
    assert found[1:] == [
        ["Active days", "2", "1"],
        ["Claude Code sessions", "2", "4"],
        ["Commits made by Claude Code", "20", "40"],
        ["Pull requests made by Claude Code", "200", "400"],
        ["Suggestions accepted", "2,012", "4,000"],
        ["Suggestions rejected", "108", "200"],
    ]
    few = company(5)
    active(few, "person1@example.com", FIRST, sessions=3)
    active(few, "person2@example.com", FIRST, sessions=4)
    rows = tables(few, person="person1@example.com")["The month"]
    assert rows[2] == ["Claude Code sessions", "3", "0"]
    # of four people, no median is shown
    assert tables(company(4), person="person1@example.com")["The month"][1][2] == UNKNOWN


def test_use_is_told_by_week_tool_and_measure() -> None:
    given = company(6)
    for department, n in (("Data", 1), ("Law", 2)):
        given.add(
            "agg_adoption",
            week=date(2026, 10, 5),
            platform="claude_code",
            department=department,
            light_people=n,
            moderate_people=3 * n,
            heavy_people=10 * n,
            days_in=6,
        )
    active(
        given, "person0@example.com", FIRST, sessions=3, commits=5, pull_requests=2, accepts=30, rejects=10
    )
    active(given, "person0@example.com", SECOND, sessions=4, accepts=2)
    active(given, "person1@example.com", SECOND, sessions=1, is_active=False)
    active(given, "bot@example.com", SECOND, actor_type="service", sessions=20)
    active(given, "person2@example.com", SECOND, "cursor", accepts=1, rejects=2)
    found = tables(given)
    assert found["Active people by week"] == [["5 October 2026", "Claude Code", "3", "9", "30", "42", "6"]]
    assert found["Suggestions"] == [["Claude Code", "32", "42", "76.2%"], ["Cursor", "1", "3", "33.3%"]]
    assert found["Claude Code"] == [
        ["People with a session", "1"],
        ["Sessions", "28"],
        ["Commits made by it", "5"],
        ["Pull requests made by it", "2"],
    ]


def test_the_cache_and_the_price_of_a_model_are_of_all_its_tokens() -> None:
    given = company(6)
    of_model = {"platform": "anthropic", "model": "claude-opus-5"}
    given.add(
        "agg_report_tokens", day=FIRST, uncached_input_tokens=100, cache_read_tokens=250, cache_write_tokens=50,
        priced_tokens=500_000, token_cost_usd=Decimal("1.5"), **of_model,
    )  # fmt: skip
    given.add(
        "agg_report_tokens", day=SECOND, uncached_input_tokens=None, cache_read_tokens=100, cache_write_tokens=None,
        priced_tokens=1_500_000, token_cost_usd=None, **of_model,
    )  # fmt: skip
    given.add(
        "agg_report_tokens", day=SEPTEMBER, uncached_input_tokens=1, cache_read_tokens=1, cache_write_tokens=1,
        priced_tokens=1_000_000, token_cost_usd=Decimal(4), **of_model,
    )  # fmt: skip
    given.add(
        "agg_report_tokens", day=FIRST, uncached_input_tokens=7, cache_read_tokens=0, cache_write_tokens=0,
        priced_tokens=0, token_cost_usd=None, platform="anthropic", model="claude-haiku-5",
    )  # fmt: skip
    assert tables(given)["Cache-hit rate and price by model of Anthropic's API"] == [
        ["claude-opus-5", "500", "70.0%", "$0.75", "$4.00"],
        ["claude-haiku-5", "7", "0.0%", UNKNOWN, UNKNOWN],
    ]


def test_machines_are_apart_and_a_share_of_all_cost() -> None:
    given = Company().load(OCTOBER).spend("a@example.com", "75")
    given.spend("bot@example.com", "25", platform="anthropic")
    given.rows["agg_report_people"][-1]["actor_type"] = "service"
    found = tables(given)
    assert found["Cost of services in US dollars"] == [["Anthropic API", "$25.00", "25.0%"]]
    assert found["Person: cost in US dollars"][-1][-2:] == ["$75.00", "100.0%"]


def test_missing_and_restated_days_and_unattributed_cost_are_listed_with_their_sums() -> None:
    given = company(6)
    given.spend("unattributed", "7.5", platform="anthropic")
    for table, day in (
        ("raw_b", FIRST),
        ("raw_b", SECOND),
        ("raw_a", FIRST),
        ("raw_a", SECOND),
        ("raw_c", FIRST),
    ):
        given.add("agg_missing_days", day=day, table_name=table)
    total = {"platform": "cursor", "measure": "cost_usd"}
    for day, first, now, email in (
        (SECOND, "10", "12.5", None),
        (FIRST, "4", "3", None),
        # a person's part is in the total
        (FIRST, "100", "0", "a@example.com"),
    ):
        given.add(
            "fct_restatements",
            day=day,
            first_value=Decimal(first),
            current_value=Decimal(now),
            user_email=email,
            **total,
        )
    given.add(
        "fct_restatements", day=FIRST, platform="cursor", measure="requests", first_value=Decimal(1), current_value=Decimal(2),
    )  # fmt: skip
    found = tables(given)
    assert found["Days that were never loaded"] == [
        ["2026-10-01", "raw_c"],
        ["2026-10-01...2026-10-02", "raw_a, raw_b"],
    ]
    assert found["Days whose cost changed, in US dollars"] == [
        ["1 October 2026", "Cursor", "$4.00", "$3.00", "−$1.00"],
        ["2 October 2026", "Cursor", "$10.00", "$12.50", "+$2.50"],
        ["Total", "", "", "", "+$1.50"],
    ]
    assert found["Reason: cost in US dollars"] == [
        ["Usage without a key", "$0.00", "$7.50", "$7.50", "100.0%"],
        ["Total", "$0.00", "$7.50", "$7.50", "100.0%"],
    ]


@pytest.mark.parametrize(
    ("built_at", "spent", "state", "detail", "mark"),
    [
        # all of it is spent, in a month that is over
        (BUILT_AT, "100", "over_90_percent", "$0.00 left", "good"),
        (BUILT_AT, "110.5", "exceeded", "exceeded by $10.50", "warn"),
        (DURING, "91", "over_90_percent", "$9.00 left", "warn"),
        (DURING, "80", "over_75_percent", "$20.00 left", "good"),
        (DURING, "80", "will_exceed", "$20.00 left; the forecast is $5.25 over it", "warn"),
    ],
)
def test_the_budget_says_what_is_left_and_warns_while_something_can_be_done(
    built_at: datetime, spent: str, state: str, detail: str, mark: str
) -> None:
    given = company(6).budget(
        date(2026, 10, 19),
        "100",
        spent,
        state=state,
        days_left=12,
        expected_usd=Decimal(1),
        expected_seats_usd=Decimal(1),
        forecast_usd=Decimal("105.25"),
    )
    figures = build(
        given.frames(), OCTOBER, Options(built_at=built_at, secret=b"s", has_charts=False)
    ).figures
    assert against_budget.tile(figures) == Tile(
        "Budget",
        f"{Decimal(spent):.1f}% spent",
        f"${Decimal(spent):.2f} of $100.00 until 19 October 2026; {detail}",
        mark,
    )


def test_the_chart_of_budgets_has_shares_and_tells_two_groups_of_one_name_apart() -> None:
    def row(scope: str, name: str, usd: int, spent: int, forecast: int | None) -> dict[str, Any]:
        expected = {
            "expected_usd": Decimal(1),
            "expected_seats_usd": Decimal(1),
            "low_usd": None,
            "high_usd": None,
        }
        return {
            "day": FIRST,
            "scope": scope,
            "name": name,
            "state": "under_75_percent",
            "days_left": 3,
            **expected,
            "budget_usd": Decimal(usd),
            "spent_usd": Decimal(spent),
            "forecast_usd": None if forecast is None else Decimal(forecast),
        }

    found = budgets(
        [
            row("company", "company", 200, 50, 150),
            row("department", "Data", 100, 80, 70),
            row("team", "Data", 50, 10, None),
            row("platform", "cursor", 40, 10, 12),
            row("person", "ann@x.org", 30, 15, 20),
            row("cost_center", "CC-1", 0, 5, 9),
        ],
        None,
    )
    [block] = against_budget.blocks(found)
    assert block.chart
    assert block.chart.labels == ["Company", "Department Data", "Team Data", "Cursor"]
    assert block.chart.parts == {"spent": [0.25, 0.8, 0.2, 0.25], "expected": [0.5, 0.0, 0.0, 0.05]}
    assert block.chart.marks == ["75.0%", "70.0%", "20.0%", "30.0%"]
    assert [row[0] for row in block.tables[0].rows] == [
        *(
            "Company",
            "Department Data",
            "Team Data",
            "Platform Cursor",
            "Person ann@x.org",
            "Cost center CC-1",
        )
    ]
