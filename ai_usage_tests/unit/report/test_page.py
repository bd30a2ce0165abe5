"""The usage report's page from frames written by hand: its figures, what it says of odd months, and what it hides."""

import builtins
import html
import locale
import os
import re
import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.errors import ReportError
from ai_usage_assets.report.drawing import draw
from ai_usage_assets.report.figures import CAUSES
from ai_usage_assets.report.files import NUMBERS_FILE, secret_of, write
from ai_usage_assets.report.layout import Chart
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import Page, build
from ai_usage_assets.report.people import Person, labels
from ai_usage_assets.report.text import UNKNOWN
from ai_usage_tests.support.report_pages import NAMES, OCTOBER, Company, company, read_page

BUILT_AT = datetime(2026, 11, 3, 7, tzinfo=UTC)
MAX_BYTES = 500_000
NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))


def page_of(given: Company, month: Days = OCTOBER, **options: Any) -> Page:
    return build(given.frames(), month, Options(**{"built_at": BUILT_AT, "secret": b"s", **options}))


def plain_page_of(given: Company, month: Days = OCTOBER, **options: Any) -> Page:
    """The page without its charts, which take most of the time."""
    return page_of(given, month, has_charts=False, **options)


def test_names_in_five_scripts_and_with_markup_are_text_on_the_page_and_in_its_charts() -> None:
    given = company(len(NAMES), NAMES)
    given.rows["agg_report_models"][-1]["model"] = "<script>model"
    page = page_of(given, has_names=True)
    found = read_page(page.html)
    people = [row[0] for row in found.tables["Person: cost in US dollars"]]
    assert {"Zoë Ångström", "王 小明", "محمد الأحمد", "Дмитрий Ёлкин", "प्रिया शर्मा"} <= set(people)
    assert '<script>alert(1)</script> "><img src=x onerror=alert(2)>' in people
    assert "evil '; {{7*7}} \\u0041 ]]>" in people
    assert not {tag for tag, _ in found.elements} & {"script", "img", "iframe", "object", "link"}
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.html)
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page.html.replace("xmlns:xlink", ""))
    for svg in page.charts.values():
        assert not re.search(r"<(?!/?(?:svg|g|path|rect|text|line|defs|clipPath)\b)", svg)
    # the whole name would not fit beside its bar
    assert "&lt;script&gt;alert(1)&lt;/s" in page.charts["By person"]
    assert ">王 小明<" in page.charts["By person"]


def test_a_page_runs_and_fetches_nothing_and_its_ids_are_unique() -> None:
    page = page_of(company(12))
    found = read_page(page.html)
    [policy] = [each["content"] for tag, each in found.elements if each.get("http-equiv")]
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'", policy
    )
    ids = [each["id"] for _, each in found.elements if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(each.get("scope") in {"row", "col"} for tag, each in found.elements if tag == "th")
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    drawn = [each for tag, each in found.elements if tag == "svg" and each.get("role") == "img"]
    assert drawn
    assert all(each["aria-label"] for each in drawn)


def test_people_are_numbered_the_same_all_month_and_small_departments_are_folded() -> None:
    early = company(20, days=Days(OCTOBER.first, date(2026, 10, 12)))
    later = company(20)
    later.spend("new@example.com", "900.00", [date(2026, 10, 20)], department="Department 0")
    later.spend("alone@example.com", "5.00", department="Law")
    tables = [read_page(page_of(each).html).tables["Person: cost in US dollars"] for each in (early, later)]
    first, second = ({row[0] for row in rows if row[0].startswith("Department 0 ")} for rows in tables)
    assert len(first) == 10
    assert first < second
    assert all(re.fullmatch(r"Department 0 \d{3,4}", label) for label in second)
    html = page_of(later).html
    for hidden in ("@example.com", "First3", "Last3", "Law"):
        assert hidden not in html
    # whoever knows the e-mails cannot compute the numbers without the folder's secret
    other = build(later.frames(), OCTOBER, Options(built_at=BUILT_AT, secret=b"another"))
    assert {row[0] for row in read_page(other.html).tables["Person: cost in US dollars"]} != second | {
        "other"
    }


def test_of_two_people_with_one_number_whoever_was_there_first_keeps_it() -> None:
    def numbers(count: int) -> dict[str, str]:
        people = {
            f"p{number}@example.com": Person(
                f"p{number}@example.com", date(2026, 10, 1 + number // 300), "P", "Data", "Data", "Data"
            )
            for number in range(count)
        }
        return labels(people, OCTOBER, Options(secret=b"s"))

    early, later = numbers(300), numbers(600)
    assert len(set(later.values())) == 600
    assert early.items() <= later.items()


def test_a_charts_title_and_labels_cannot_end_it() -> None:
    svg = draw(Chart("odd", '"><script>', "bars", ["</text><script>'\\"], {"cursor": [1.0]}, ["<b>"]))
    assert svg is not None
    assert "<script" not in svg
    assert "<b>" not in svg
    assert 'aria-label="&quot;&gt;&lt;script&gt;"' in svg
    assert "&lt;/text&gt;&lt;script&gt;'\\" in svg


def test_one_small_group_takes_another_one_with_it() -> None:
    given = company(20)
    given.spend("alone@example.com", "5.00", department="Law")
    rows = read_page(page_of(given).html).tables["Department: cost in US dollars"]
    # 21 people: with Law alone in `other`, its cost would be read from there
    assert [row[0] for row in rows] == ["Department", "Department 1", "other", "Total"]
    named = read_page(page_of(given, has_names=True).html).tables["Department: cost in US dollars"]
    assert [row[0] for row in named] == ["Department", "Department 1", "Department 0", "Law", "Total"]


def groups_of(
    given: Company, caption: str = "Department: cost in US dollars", **options: Any
) -> list[list[str]]:
    return read_page(page_of(given, **options).html).tables[caption]


def test_a_group_that_had_few_people_in_the_month_before_has_no_figure_then() -> None:
    before = date(2026, 9, 30)
    given = Company().load([before, *OCTOBER])
    for department, now, then in (("Data", 6, 1), ("Engineering", 6, 6), ("Sales", 7, 7)):
        for number in range(max(now, then)):
            days = [OCTOBER.first, *([before] if number < then else [])]
            given.spend(f"{department}{number}@example.com", "10", days, department=department)
    # Data's one person would be the only one in `other`, so Engineering of that month joins
    assert groups_of(given)[1:] == [
        ["Sales", "$70.00", "36.8%", "$70.00"],
        ["Data", "$60.00", "31.6%", UNKNOWN],
        ["Engineering", "$60.00", "31.6%", UNKNOWN],
        ["other", "$0.00", "0.0%", "$70.00"],
        ["Total", "$190.00", "100.0%", "$140.00"],
    ]
    assert "A group that had fewer than 5 people in the month before is in other" in page_of(given).html
    assert groups_of(given, has_names=True)[3] == ["Data", "$60.00", "31.6%", "$10.00"]


def test_a_platform_of_few_people_of_a_group_is_not_told_apart() -> None:
    given = Company().load(OCTOBER)
    for department, anthropic, cursor in (("Data", 5, 1), ("Engineering", 6, 6), ("Sales", 7, 7)):
        for platform, people in (("anthropic", anthropic), ("cursor", cursor)):
            for number in range(people):
                given.spend(
                    f"{department}{number}@example.com", "10", platform=platform, department=department
                )
    for caption in ("Department", "Team", "Cost center"):
        # Data's one person on Cursor could be computed from the total and the others, so Engineering is whole too
        assert groups_of(given, f"{caption}: cost in US dollars") == [
            [caption, "Anthropic API", "Cursor", "Total", "Share"],
            ["Sales", "$70.00", "$70.00", "$140.00", "43.8%"],
            ["Engineering", UNKNOWN, UNKNOWN, "$120.00", "37.5%"],
            ["Data", UNKNOWN, UNKNOWN, "$60.00", "18.8%"],
            ["Total", "$180.00", "$140.00", "$320.00", "100.0%"],
        ]
    page = page_of(given)
    assert "Cost is shown by platform where 5 people or more have cost on each of them." in page.html
    assert "All platforms" in page.html
    assert groups_of(given, has_names=True)[3] == ["Data", "$50.00", "$10.00", "$60.00", "18.8%"]


def test_people_of_other_are_not_told_apart_by_platform() -> None:
    given = Company().load(OCTOBER)
    for number in range(12):
        given.spend(f"e{number}@example.com", "10", platform=("anthropic", "cursor")[number % 2])
    for number in range(5):
        given.spend(f"s{number}@example.com", "1", platform="anthropic", department=f"Small {number}")
    caption = "Person: cost in US dollars"
    assert groups_of(given, caption)[0] == ["Person", "Anthropic API", "Cursor", "Total", "Share"]
    given.spend("s0@example.com", "3", department="Small 0")
    assert groups_of(given, caption)[0] == ["Person", "Cost", "Share"]
    assert groups_of(given, caption)[-2] == ["other", "$8.00", "6.2%"]


def test_few_seats_of_a_platform_are_folded() -> None:
    given = Company().load(OCTOBER).spend("a@example.com", "10")
    for department, seats in (("Law", 1), ("Data", 6), ("Engineering", 7)):
        given.add(
            "agg_adoption",
            week=date(2026, 10, 26),
            platform="cursor",
            department=department,
            seats=seats,
            idle_seats=1,
            idle_seats_usd=Decimal(2),
            active_people=seats - 1,
        )
    caption = "Seats in the week from 26 October 2026"
    assert groups_of(given, caption)[1:-1] == [
        ["Engineering", "Cursor", "7", "6", "1", "$2.00"],
        ["other", "Cursor", "7", "5", "2", "$4.00"],
    ]
    assert len(groups_of(given, caption, has_names=True)) == 5


def test_what_has_no_team_is_named_only_where_it_is_folded() -> None:
    given = company(20)
    for number in range(6):
        given.spend(f"x{number}@example.com", "5.00", department="no team")
    page = page_of(given)
    assert "no team" in [row[0] for row in read_page(page.html).tables["Team: cost in US dollars"]]
    assert "and what has no team" not in page.html
    given = company(20)
    for number in range(4):
        given.spend(f"x{number}@example.com", "5.00", department="no team")
    page = page_of(given)
    assert "no team" not in [row[0] for row in read_page(page.html).tables["Team: cost in US dollars"]]
    assert "other: groups with fewer than 5 people, and what has no team." in page.html
    for number in range(4):
        given.spend(f"y{number}@example.com", "5.00", department="no cost center")
    assert "other: groups with fewer than 5 people, and what has no cost center." in page_of(given).html


def test_a_company_of_one_has_a_page_without_a_name() -> None:
    given = Company().load(OCTOBER).spend("only@example.com", "12.345", name=("Only", "One"))
    page = page_of(given)
    found = read_page(page.html)
    assert found.tiles["Total"][0] == "$12.34"
    assert found.tables["Person: cost in US dollars"][1:-1] == [["other", "$12.34", "100.0%"]]
    assert "Month before" not in page.html
    assert "Only" not in page.html
    assert "only@" not in page.html


def test_a_month_without_data_says_so_and_what_to_do() -> None:
    page = plain_page_of(Company())
    assert "No day of October 2026 is loaded." in page.html
    assert "Materialize the daily assets for these days" in page.html
    assert page.charts == {}
    assert read_page(page.html).tiles == {}


def test_a_month_of_cost_alone_says_what_else_it_does_not_have() -> None:
    page = plain_page_of(Company().load(OCTOBER).spend("only@example.com", "12.345"))
    paragraphs = re.findall(r"<p[^>]*>(.*?)</p>", page.html, re.DOTALL)
    other = "other: groups with fewer than 5 people."
    assert [html.unescape(re.sub("</?bdi>", "", each)) for each in paragraphs] == [
        "The month is over, and it is not closed yet.",
        "The month before has no loaded days.",
        "The cost of the month's own days, as the vendors report it, in US dollars.",
        *[other] * 3,
        "No day left the usual range of a person, key, model or department.",
        "1 person with cost in the month.",
        "People have numbers, which are the same all month.",
        "other: 1 person in departments with fewer than 5 people.",
        "No service or key of a service has cost in this month.",
        "Weeks begin on Monday and are counted in the month of their Monday.",
        "No week of this month has activity.",
        "No list of seats is loaded for this month or the month before.",
        "No suggestion was accepted or rejected in this month.",
        "Claude Code reports no session in this month.",
        "Anthropic reports no input tokens in this month.",
        "All cost has a person.",
        "No invoice is of this month. Add them to identity/invoices.csv.",
        "Cursor has cost in this month and no invoice.",
        "No closed month has changed: neither this one nor one that it books.",
        "No day of this month that is over is missing.",
        "The cost of no day changed after it was first loaded.",
        "Nothing is left open in this month.",
        "Built on 3 November 2026 at 07:00 UTC from the curated tables.",
        "All days are UTC. All amounts are US dollars; figures are rounded to cents here and exact in the tables.",
        "People are not named. AI_USAGE_REPORT_NAMES=true names them.",
    ]


EXPECTED: dict[str, Any] = {
    "days_left": 10,
    "expected_usd": Decimal("59.18"),
    "expected_seats_usd": Decimal(20),
    "forecast_usd": Decimal("257.18"),
}
"""What fct_budget_daily expects of ten days."""
INTERVAL: dict[str, Any] = {"low_usd": Decimal("247.18"), "high_usd": Decimal("267.18")}


def test_a_running_month_says_until_when_and_has_the_forecast_of_its_newest_row() -> None:
    given = Company().load(Days(date(2026, 11, 1), date(2026, 11, 20)))
    given.spend("a@example.com", "178", [date(2026, 11, 20)])
    given.budget(date(2026, 11, 19), "200", "1", **{**EXPECTED, "forecast_usd": Decimal(1)})
    given.budget(date(2026, 11, 20), "250", "178", state="will_exceed", **EXPECTED, **INTERVAL)
    found = read_page(plain_page_of(given, NOVEMBER, built_at=datetime(2026, 11, 21, 7, tzinfo=UTC)).html)
    assert found.tiles["Budget"] == (
        "71.2% spent",
        "$178.00 of $250.00 until 20 November 2026; $72.00 left; the forecast is $7.18 over it",
    )
    assert found.tiles["Forecast for the whole month"] == (
        "$257.18",
        (
            "80 % interval: $247.18 to $267.18. For the 10 days left: $59.18 by the weekday medians of 28 days at the level "
            "of the last 21, and $20.00 for the seats as they are now"
        ),
    )
    [_, *rows] = found.tables["Cost per day in US dollars"]
    assert rows[19] == ["20 November 2026", "$178.00", "$178.00"]
    assert rows[20] == ["21 November 2026", UNKNOWN, UNKNOWN]


def test_budgets_of_people_and_of_few_people_are_counted_and_shown_with_names_alone() -> None:
    given = company(30)
    given.spend("law@example.com", "5", department="Law")
    last = OCTOBER.last
    given.budget(last, "100", "90", state="over_90_percent")
    given.budget(last, "50", "60", scope="department", name="Department 1", state="exceeded")
    given.budget(last, "40", "30", scope="department", name="Law", state="over_75_percent")
    given.budget(last, "10", "30", scope="person", name="law@example.com", state="exceeded")
    given.budget(last, "0", "0", scope="platform", name="cursor")
    page = page_of(given)
    found = read_page(page.html)
    assert found.tables["The month against its budgets, in US dollars"][1:] == [
        ["Company", "$100.00", "$90.00", "90.0%", UNKNOWN, UNKNOWN, "90 % or more spent"],
        ["Department Department 1", "$50.00", "$60.00", "120.0%", UNKNOWN, UNKNOWN, "Exceeded"],
        ["Platform Cursor", "$0.00", "$0.00", UNKNOWN, UNKNOWN, UNKNOWN, "Under 75 % spent"],
    ]
    assert (
        "Not shown: 2 budgets of people, and of groups under 5 people; 1 of them is exceeded or will be."
        in page.html
    )
    for hidden in ("law@", "Law"):
        assert hidden not in page.html
    named = page_of(given, has_names=True)
    rows = read_page(named.html).tables["The month against its budgets, in US dollars"]
    assert {"Department Law", "Person law@example.com"} < {row[0] for row in rows}
    # the chart is kept in Dagster's records
    assert "law@" not in "".join(svg for title, svg in named.charts.items() if title != "By person")
    assert "Against budget" in named.charts


def test_without_a_budget_the_page_says_where_to_add_it_and_has_no_table_of_budgets() -> None:
    given = company(12).budget(OCTOBER.last, None, "90")
    found = read_page(plain_page_of(given).html)
    assert found.tiles["Budget"] == ("None yet", "Add it to identity/budgets.csv.")
    assert "The month against its budgets, in US dollars" not in found.tables


def test_a_month_that_is_over_has_no_forecast_and_names_the_days_that_are_missing() -> None:
    loaded = [*Days(date(2026, 10, 1), date(2026, 10, 28))]
    given = Company().load(loaded).load([date(2026, 10, 29)], ["cursor"])
    given.spend("a@example.com", "10", loaded).spend("a@example.com", "10", loaded, platform="anthropic")
    page = plain_page_of(given)
    assert page.figures.forecast is None
    missing = "3 days are not loaded for every platform: 2026-10-29...2026-10-31."
    assert f"The month is over, and it is not closed yet. {missing}" in page.html
    given.add("closed_months", month=OCTOBER.first, closed_at=BUILT_AT, revision=1, is_current=True)
    assert f"Closed on 3 November 2026, revision 1. {missing}" in plain_page_of(given).html
    # on its last day, the month runs
    given.budget(date(2026, 10, 29), None, "580", **EXPECTED)
    assert plain_page_of(given).figures.forecast is None
    during = plain_page_of(given, built_at=datetime(2026, 10, 31, 7, tzinfo=UTC))
    assert "Running, until 28 October 2026 (UTC)." in during.html
    assert "Forecast for the whole month" in read_page(during.html).tiles


def test_seats_of_a_months_first_days_are_in_the_week_that_began_before_it() -> None:
    given = Company().load([*OCTOBER, NOVEMBER.first]).spend("a@example.com", "10", [NOVEMBER.first])
    assert ">Adjustments</" in plain_page_of(given, NOVEMBER).html
    of_october = (("sales", 6), ("Law", 3), ("Engineering", 8), ("Ops", 4))
    for week, department, seats in (
        (date(2026, 10, 19), "Engineering", 9),
        *((date(2026, 10, 26), name, seats) for name, seats in of_october),
        (date(2026, 11, 30), "Engineering", 7),
    ):
        given.add(
            "agg_adoption",
            week=week,
            platform="cursor",
            department=department,
            seats=seats,
            idle_seats=2,
            idle_seats_usd=Decimal("18.5"),
            active_people=6,
        )
    assert read_page(plain_page_of(given, NOVEMBER).html).tables["Seats in the week from 30 November 2026"]
    del given.rows["agg_adoption"][-1]
    found = read_page(plain_page_of(given, NOVEMBER).html)
    assert found.tiles["Idle seats"] == (
        "8 of 21",
        "Not used in 30 days; $74.00 in the week of 26 October 2026",
    )
    # departments by name, and those with few seats together at the end
    assert found.tables["Seats in the week from 26 October 2026"][-4:] == [
        ["Engineering", "Cursor", "8", "6", "2", "$18.50"],
        ["sales", "Cursor", "6", "6", "2", "$18.50"],
        ["other", "Cursor", "7", "12", "4", "$37.00"],
        ["Total", "", "21", "24", "8", "$74.00"],
    ]


def test_a_few_days_are_not_enough_for_a_forecast() -> None:
    given = (
        Company()
        .load(Days(date(2026, 11, 1), date(2026, 11, 3)))
        .spend("a@example.com", "1", [NOVEMBER.first])
    )
    given.budget(date(2026, 11, 3), "100", "1", days_left=27)
    page = plain_page_of(given, NOVEMBER)
    assert page.figures.forecast is None
    found = read_page(page.html)
    assert found.tiles["Budget"] == ("1.0% spent", "$1.00 of $100.00 until 3 November 2026; $99.00 left")
    assert "Forecast for the whole month" not in found.tiles


def test_platforms_without_a_month_before_or_without_this_one_are_named_and_the_sums_are_those_of_platforms() -> (
    None
):
    # September has 30 days of Anthropic, 10 of Claude, and the gone Cursor; October has a new platform
    given = Company()
    for platform, month, usd, days in (
        ("anthropic", 9, "300", 30),
        ("anthropic", 10, "620", 31),
        ("claude_code", 9, "50", 10),
        ("claude_code", 10, "100", 20),
        ("cursor", 9, "40", 30),
        ("new", 10, "70", 31),
    ):
        loaded = Days(date(2026, month, 1), date(2026, month, days))
        given.load(loaded, [platform]).spend("a@example.com", usd, [loaded.first], platform=platform)
    nothing = dict.fromkeys(CAUSES, Decimal(0))
    for platform, cost, earlier, days_in, earlier_days_in in (
        ("anthropic", 620, 300, 31, 30),
        ("claude_code", 100, 50, 20, 10),
        ("new", 70, None, None, None),
    ):
        change = None if earlier is None else Decimal(cost - earlier)
        given.add(
            "agg_cost_change",
            **{
                **nothing,
                "month": OCTOBER.first,
                "platform": platform,
                "cost_usd": Decimal(cost),
                "earlier_cost_usd": None if earlier is None else Decimal(earlier),
                "change_usd": change,
                "use_usd": change,
                "days_in": days_in,
                "earlier_days_in": earlier_days_in,
            },
        )
    page = plain_page_of(given)
    found = read_page(page.html)
    # a day: 20 of Anthropic and 5 of Claude, before 10 and 5
    assert found.tiles["A day, against September 2026"] == (
        "+66.7%",
        (
            "+$10.00 a day; September 2026 was $390.00. Not compared: Cursor, new (loaded days in one of the months only). "
            "The largest part: use per person, +$370.00."
        ),
    )
    by_platform = found.tables["Platform: cost in US dollars"][-1]
    assert by_platform == ["Total", "$790.00", "100.0%", "$390.00"]
    parts = dict(found.tables["Parts of the change to the month before, in US dollars"][1:])
    assert (parts["Cursor, not compared"], parts["new, not compared"]) == ("−$40.00", "+$70.00")
    assert parts["Change"] == "+$400.00"
    del given.rows["agg_cost_change"][:2]
    assert (
        read_page(plain_page_of(given).html)
        .tiles["Against the month before"][1]
        .startswith(
            "No platform has loaded days in both months. Not compared: Anthropic API, Claude seats, Cursor, new"
        )
    )


def test_a_sheet_is_the_closed_cost_and_the_adjustments_of_earlier_months() -> None:
    given = Company().load(OCTOBER).spend("a@example.com", "100")
    given.add("closed_months", month=OCTOBER.first, closed_at=BUILT_AT, revision=2, is_current=True)
    booked = {"booking_month": OCTOBER.first, "is_booked": True, "platform": "cursor"}
    given.add("agg_adjustments", closed_month=date(2026, 9, 1), cost_usd=Decimal("7.5"), **booked)
    given.add(
        "agg_adjustments",
        closed_month=OCTOBER.first,
        booking_month=NOVEMBER.first,
        is_booked=False,
        platform="cursor",
        cost_usd=Decimal("-3.25"),
    )
    page = plain_page_of(given)
    # the facts say 100 now, so 103.25 was closed
    assert page.figures.total_usd == Decimal("110.75")
    value, detail = read_page(page.html).tiles["Total"]
    assert value == "$110.75"
    assert detail.startswith(
        "−$3.25 since the close is booked later; with +$7.50 adjustments of earlier months;"
    )
    assert "Closed on 3 November 2026, revision 2." in page.html
    assert read_page(page.html).tables["Changes of closed months in US dollars"][1:] == [
        ["September 2026, Cursor", "October 2026", "+$7.50"],
        ["October 2026, Cursor", "November 2026", "−$3.25"],
    ]


def test_a_month_without_a_change_of_closed_months_says_so() -> None:
    page = plain_page_of(Company().load(OCTOBER).spend("a@example.com", "100"))
    assert ">No closed month has changed: neither this one nor one that it books.<" in page.html


def test_the_total_stands_in_the_currency_of_the_books_and_a_rate_that_is_missing_is_named() -> None:
    given = company(6)
    label, usd = "Total in EUR", Decimal("655.65")
    assert label not in read_page(plain_page_of(given).html).tiles
    rate = {"month": OCTOBER.first, "currency": "EUR", "fx_rate": Decimal("0.920000000"), "is_frozen": False}
    given.add("agg_monthly_rates", **rate, file_currency="EUR", file_rate=Decimal("0.920000000"))
    page = plain_page_of(given)
    assert page.figures.total_usd == usd
    assert read_page(page.html).tiles[label] == ("EUR 603.20", "At 0.92 EUR for 1 USD (fx.csv).")

    given.rows["agg_monthly_rates"][0].update(is_frozen=True, file_rate=Decimal("0.95"))
    assert read_page(plain_page_of(given).html).tiles[label] == (
        "EUR 603.20",
        "At 0.92 EUR for 1 USD, as the month was closed. fx.csv has 0.95 EUR now, which changes nothing of a closed month.",
    )

    given.rows["agg_monthly_rates"][0]["month"] = date(2026, 9, 1)
    assert read_page(plain_page_of(given).html).tiles["Total in another currency"] == (
        UNKNOWN,
        "fx.csv has no rate of 2026-10, so amounts are in US dollars alone.",
    )


def test_an_invoice_ties_or_names_what_may_be_the_reason() -> None:
    given = (
        Company()
        .load(OCTOBER)
        .spend("a@example.com", "100")
        .spend("a@example.com", "50", platform="anthropic")
    )
    invoice = {"platform": "cursor", "invoice_id": "C-1", "issued_on": date(2026, 11, 2)}
    period = {"period_start": OCTOBER.first, "period_end": OCTOBER.last}
    for component, amount, more in (
        ("invoiced", "130", period),
        ("usage", "100", period),
        ("tax", "19", {}),
        ("unexplained", "11", {"candidates": "a number of seats"}),
    ):
        given.add(
            "fct_invoice_reconciliation", component=component, amount_usd=Decimal(amount), **invoice, **more
        )
    found = read_page(plain_page_of(given).html)
    assert found.tiles["Invoices"] == (
        "$11.00",
        "unexplained in 1 of 1 invoice, whether too high or too low; no invoice of Anthropic API",
    )
    assert found.tables["Invoices with a period in this month"][1:] == [
        [
            *("Cursor C-1", "$130.00", "$11.00", "Not explained: a number of seats"),
            *("Usage $100.00; Tax $19.00", "2026-10-01 to 2026-10-31"),
        ]
    ]
    given.rows["fct_invoice_reconciliation"][-1]["amount_usd"] = Decimal("0.6")
    assert read_page(plain_page_of(given).html).tiles["Invoices"][0] == "Tie out"


def test_an_invoice_that_is_too_high_does_not_hide_one_that_is_too_low() -> None:
    given = Company().load(OCTOBER).spend("a@example.com", "100")
    period = {"period_start": OCTOBER.first, "period_end": OCTOBER.last, "issued_on": date(2026, 11, 1)}
    for name, unexplained in (("C-1", "40"), ("C-2", "-40"), ("C-3", "0.5")):
        for component, amount in (("invoiced", "500"), ("unexplained", unexplained)):
            given.add(
                "fct_invoice_reconciliation",
                platform="cursor",
                invoice_id=name,
                component=component,
                amount_usd=Decimal(amount),
                **period,
            )
    page = plain_page_of(given)
    assert read_page(page.html).tiles["Invoices"] == (
        "$80.00",
        "unexplained in 2 of 3 invoices, whether too high or too low",
    )
    assert page.figures.tie_out.unexplained_usd == Decimal("80.5")


def test_an_invoice_of_days_to_come_is_not_unexplained_yet() -> None:
    given = Company().load(OCTOBER).spend("a@example.com", "100")
    invoice = {"platform": "cursor", "invoice_id": "S-1", "issued_on": date(2026, 10, 17)}
    for component, amount in (("invoiced", "800"), ("subscription", "400"), ("unexplained", "400")):
        period = {"period_start": date(2026, 10, 17), "period_end": date(2026, 11, 16)}
        given.add(
            "fct_invoice_reconciliation", component=component, amount_usd=Decimal(amount), **invoice, **period
        )
    during = read_page(plain_page_of(given, built_at=datetime(2026, 11, 16, 23, tzinfo=UTC)).html)
    assert during.tiles["Invoices"] == ("None is over", "1 invoice of days to come")
    [row] = during.tables["Invoices with a period in this month"][1:]
    assert row[3] == "Not over before 16 November 2026"
    after = read_page(plain_page_of(given, built_at=datetime(2026, 11, 17, tzinfo=UTC)).html)
    assert after.tiles["Invoices"] == (
        "$400.00",
        "unexplained in 1 of 1 invoice, whether too high or too low",
    )


def test_name_of_a_persons_file_needs_the_secret_to_be_recognized() -> None:
    names = {
        plain_page_of(company(1), person="person0@example.com", secret=secret).file_name
        for secret in (b"one", b"other")
    }
    assert len(names) == 2


def test_ones_own_page_has_the_departments_median_beside_it_and_no_colleague() -> None:
    given = company(7)
    page = page_of(given, person=" Person3@example.com")
    found = read_page(page.html)
    own = Decimal("4.03") * 31
    # person3 is in the middle of seven
    assert found.tables["The month"][1] == ["Cost", f"${own:,.2f}", f"${own:,.2f}"]
    assert page.title == "AI usage and cost of First3 Last3, October 2026"
    assert not [n for n in (0, 1, 2, 4, 5, 6) if f"First{n}" in page.html or f"person{n}@" in page.html]
    assert re.fullmatch(r"2026-10-[0-9a-f]{8}\.html", page.file_name)
    few = read_page(page_of(company(4), person="person3@example.com").html)
    assert few.tables["The month"][1] == ["Cost", f"${own:,.2f}", UNKNOWN]


def test_nobody_of_that_email_has_no_page_and_no_email_is_in_the_message() -> None:
    with pytest.raises(
        ReportError, match=r"the person has no cost in October 2026, so there is no page\."
    ) as error:
        plain_page_of(company(3), person="gone@example.com")
    assert "gone" not in str(error.value)


def test_a_page_of_500_people_is_light() -> None:
    page = page_of(company(500), has_names=True)
    assert page.bytes < MAX_BYTES
    assert len(read_page(page.html).tables["Person: cost in US dollars"]) == 502


def test_without_the_charts_library_the_page_has_the_same_figures_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_charts = page_of(company(12))
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] in {"altair", "vl_convert"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    page = page_of(company(12))
    assert page.charts == {}
    assert read_page(page.html).tables == read_page(with_charts.html).tables
    assert "pip install &#39;ai-usage-assets[charts]&#39;" in page.html
    assert "<svg" not in page.html
    assert "pip install" not in with_charts.html


def test_no_locale_changes_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = page_of(company(12)).html
    monkeypatch.setattr(locale, "localeconv", lambda: {"decimal_point": ",", "thousands_sep": "."})
    assert page_of(company(12)).html == expected


def test_a_page_is_written_in_one_step_and_a_folder_that_cannot_be_written_keeps_the_old_one(
    tmp_path: Path,
) -> None:
    page = plain_page_of(company(3))
    path = write(page, tmp_path / "reports")
    assert path == tmp_path / "reports" / "2026-10.html"
    assert path.read_text(encoding="utf-8") == page.html
    assert [each.name for each in path.parent.iterdir()] == ["2026-10.html"]
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(ReportError) as error:
        write(page, blocked / "reports")
    assert str(error.value) == (
        f"the report's folder {blocked / 'reports'} cannot be used (Not a directory). Nothing was written. Give it to "
        "the user of this process, or set AI_USAGE_REPORT_DIR to a folder that can be written."
    )


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_page_with_names_is_a_file_of_its_own_for_its_owner_alone(
    tmp_path: Path, umask: int, mode: int
) -> None:
    given, before = company(3), os.umask(umask)
    try:
        paths = [
            write(page_of(given, has_charts=False, **options), tmp_path)
            for options in ({}, {"has_names": True}, {"person": "person1@example.com"})
        ]
    finally:
        os.umask(before)
    numbered, named, own = paths
    assert [numbered.name, named.name] == ["2026-10.html", "2026-10-names.html"]
    assert "First1 Last1" not in numbered.read_text(encoding="utf-8")
    assert "First1 Last1" in named.read_text(encoding="utf-8")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (numbered, named, own)] == [mode, 0o600, 0o600]


def test_a_write_that_fails_leaves_the_old_page_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = plain_page_of(company(3))
    write(page, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match="No space left on device"):
        write(plain_page_of(company(4)), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["2026-10.html"]
    assert (tmp_path / "2026-10.html").read_text(encoding="utf-8") == page.html


def test_the_secret_of_a_folder_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    secret = secret_of(tmp_path / "reports")
    assert secret_of(tmp_path / "reports") == secret
    assert len(secret) == 32
    assert stat.S_IMODE((tmp_path / "reports" / NUMBERS_FILE).stat().st_mode) == 0o600
    assert secret_of(tmp_path / "others") != secret
