"""What the APIs leave open, on the page: a row for each topic and platform, without figures of few people."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.report.coverage import TOPICS
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build
from ai_usage_assets.report.text import UNKNOWN
from ai_usage_assets.schema.tables.coverage import TOPICS as DECLARED
from ai_usage_tests.support.report_pages import OCTOBER, company, read_page


def rows_of(*topics: dict[str, Any]) -> list[list[str]]:
    found = company(20)
    for each in topics:
        found.add("agg_coverage", **{"month": OCTOBER.first, "platform": "anthropic", **each})
    page = build(found.frames(), OCTOBER, Options(has_charts=False))
    return read_page(page.html).tables.get("What the APIs leave open in this month", [])[1:]


def test_topics_are_rows_with_their_count_cost_days_and_what_decides_them() -> None:
    days = {"first_day": date(2026, 10, 2), "last_day": date(2026, 10, 9)}
    one = {"first_day": date(2026, 10, 3), "last_day": date(2026, 10, 3)}
    assert rows_of(
        {"topic": "missing_days", "items": 1, "unit": "days", **one},
        {"topic": "unattributed_no_key", "items": 3, "unit": "days", "cost_usd": Decimal("1.505"), **days},
        {"topic": "restated_days", "items": 2, "unit": "days", "cost_usd": Decimal(-3), **days},
        {"topic": "restated_days", "items": 2, "unit": "days", "month": date(2026, 9, 1), **days},
    ) == [
        [
            *(
                "Unattributed: Usage without a key",
                "Anthropic API",
                "3 days",
                "$1.50",
                "2026-10-02 to 2026-10-09",
            ),
            "agg_report_unattributed has each day",
        ],
        ["Days that are not loaded", "Anthropic API", "1 day", UNKNOWN, "2026-10-03", "Materialize them"],
        [
            *("Days whose cost changed", "Anthropic API", "2 days", "\N{MINUS SIGN}$3.00"),
            *("2026-10-02 to 2026-10-09", "The cost is the change"),
        ],
    ]


@pytest.mark.parametrize(
    ("people", "shown"), [(4, ["fewer than 5 people", UNKNOWN]), (5, ["5 people", "$9.00"])]
)
def test_few_people_have_no_figure(people: int, shown: list[str]) -> None:
    days = {"first_day": OCTOBER.first, "last_day": OCTOBER.last}
    topic = {"topic": "one_vendor_only", "unit": "people", "cost_usd": Decimal(9), **days}
    [row] = rows_of({**topic, "items": people})
    assert row[2:4] == shown


def test_a_month_in_which_nothing_is_left_open_says_so() -> None:
    page = build(company(20).frames(), OCTOBER, Options(has_charts=False))
    assert ">Nothing is left open in this month.<" in page.html


def test_every_topic_has_words() -> None:
    assert {topic for topic in DECLARED if not topic.startswith("unattributed_")} == set(TOPICS)
    assert rows_of() == []
