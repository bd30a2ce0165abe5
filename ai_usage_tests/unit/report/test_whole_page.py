"""Everything that a reader of the page sees, line by line: a closed month with names, and a running one without.

`AI_USAGE_WRITE_DOCUMENTS=1` writes the texts anew, from the frames below. Read the difference before you keep it.
"""

import os
import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.report.coverage import TOPICS
from ai_usage_assets.report.figures import CAUSES, figures
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build, contents
from ai_usage_assets.report.quality import COMPONENTS
from ai_usage_assets.schema.tables.coverage import REASONS
from ai_usage_tests.support.report_pages import OCTOBER, Company, company

FIRST, SECOND, LAST = OCTOBER.first, date(2026, 10, 2), OCTOBER.last
EXPECTED = Path(__file__).with_name("pages")
BREAKS = re.compile(
    r"</?(?:h\d|p|li|ul|tr|caption|details|dd|section|header|footer|main|nav|title|div)\b[^>]*>"
)


def shown(html: str) -> str:
    """The page as a person reads it, or hears it: a line for each text, and one for each chart and mark.

    A column of figures, which stands on the right, has a # in its head.
    """
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    text = re.sub(
        r'<svg [^>]*class="(\w+)"[^>]*aria-label="([^"]*)".*?</svg>',
        r"\n(\1 chart) \2\n",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    text = re.sub(r'<div class="tile([^"]*)">', r"\n(tile\1) ", text)
    text = re.sub(r'<div class="block wide">', "\n(wide)\n", text)
    text = re.sub(r"<summary>(.*?)</summary>", r"\n(closed) \1\n", text)
    text = text.replace('<th scope="col" class="n">', "<th># ")
    text = re.sub(r"</dt>|</t[hd]>\s*(?=<t[hd])", " | ", text)
    text = re.sub(r"<[^>]+>", "", BREAKS.sub("\n", text))
    return "".join(f"{line.strip()}\n" for line in unescape(text).splitlines() if line.strip())


def month() -> Company:
    """Two departments, one of them small, with something of everything that a page tells."""
    given = company(14).spend("unattributed", "7.5", platform="anthropic", department="no department")
    given.spend(
        "person1@example.com",
        "31.25",
        [LAST],
        cost_type="subscription",
        platform="claude_code",
        department="Department 0",
    )
    given.spend("person2@example.com", "-2.5", [SECOND], cost_type="credit", platform="anthropic", model=None)
    given.spend("bot@example.com", "25", platform="anthropic", department="Platform", model="claude-opus-5")
    given.rows["agg_report_people"][-1]["actor_type"] = "service"
    given.spend("bot2@example.com", "45", department="Platform", model="gpt-5")
    given.rows["agg_report_people"][-1]["actor_type"] = "service"
    for n, (email, platform) in enumerate(
        (
            ("person0@example.com", "claude_code"),
            ("person1@example.com", "cursor"),
            ("bot@example.com", "claude_code"),
        )
    ):
        given.add(
            "agg_report_activity",
            day=FIRST,
            platform=platform,
            user_email=email,
            actor_type="service" if n == 2 else "person",
            is_active=True,
            **{
                name: (n + 1) * 10**k
                for k, name in enumerate(("pull_requests", "commits", "sessions", "rejects", "accepts"))
            },
        )
    for week, n in ((date(2026, 9, 28), 1), (date(2026, 10, 26), 2)):
        for platform in ("claude_code", "cursor"):
            given.add(
                "agg_adoption",
                week=week,
                platform=platform,
                department="Department 0",
                days_in=5 + n,
                light_people=n,
                moderate_people=3 * n,
                heavy_people=6 * n,
                active_people=10 * n,
                seats=12 * n,
                idle_seats=2 * n,
                idle_seats_usd=Decimal("18.5") * n,
            )
    for day, model, n in (
        (FIRST, "claude-opus-5", 1),
        (date(2026, 9, 30), "claude-opus-5", 2),
        (LAST, "claude-haiku-5", 3),
    ):
        given.add(
            "agg_report_tokens",
            day=day,
            platform="anthropic",
            model=model,
            priced_tokens=n * 1_000_000,
            uncached_input_tokens=100 * n,
            cache_read_tokens=250,
            cache_write_tokens=50 + n,
            token_cost_usd=Decimal("1.25") * n,
        )
    for table, day in (
        ("raw_b", FIRST),
        ("raw_b", SECOND),
        ("raw_a", FIRST),
        ("raw_a", SECOND),
        ("raw_c", LAST),
    ):
        given.add("agg_missing_days", day=day, table_name=table)
    for platform, day, before, now in (("cursor", SECOND, "10", "12.5"), ("anthropic", FIRST, "4", "3")):
        given.add(
            "fct_restatements",
            day=day,
            platform=platform,
            measure="cost_usd",
            user_email=None,
            first_value=Decimal(before),
            current_value=Decimal(now),
        )
    add_causes_and_topics(given)
    add_invoices(given)
    return given


def add_causes_and_topics(given: Company) -> None:
    for n, topic in enumerate((*TOPICS, *(f"unattributed_{reason}" for reason in REASONS)), start=1):
        given.add(
            "agg_coverage",
            month=FIRST,
            topic=topic,
            platform="anthropic" if n % 2 else "cursor",
            items=n,
            unit="people" if n in {3, 7} else "days",
            cost_usd=Decimal(n) if n % 3 else None,
            first_day=FIRST,
            last_day=date(2026, 10, n),
        )
    for n, platform in enumerate(("anthropic", "cursor"), start=1):
        causes = {cause: Decimal(n * 10**k) / 100 for k, cause in enumerate(CAUSES)}
        given.add(
            "agg_cost_change",
            **{"month": FIRST, "platform": platform, "days_in": 31, "earlier_days_in": 30, **causes},
            cost_usd=100 + sum(causes.values()),
            earlier_cost_usd=Decimal(100),
            change_usd=sum(causes.values()),
        )
    usual = {
        "usual_usd": Decimal(10),
        "usual_to_usd": Decimal("18.22"),
        "began_on": FIRST,
        "measure": "cost_usd",
    }
    for n, (scope, name, email, cause, cause_name) in enumerate(
        (
            ("key", "apikey_7", "person3@example.com", "new_key", "apikey_7"),
            ("person", "person4@example.com", "person4@example.com", "one_key", "apikey_8"),
            ("model", "claude-opus-5", None, "price_rose", "claude-opus-5"),
            ("department", "Department 0", None, "more_use", None),
            ("key", "apikey_9", "person5@example.com", "new_model", "claude-haiku-5"),
            ("person", "person6@example.com", "person6@example.com", "cache_hit_rate_fell", None),
        ),
        start=1,
    ):
        given.add(
            "agg_anomalies",
            day=date(2026, 10, n),
            platform="anthropic",
            scope=scope,
            name=name,
            user_email=email,
            actor_type="person",
            likely_cause=cause,
            cause_name=cause_name,
            cost_usd=Decimal(90 + n),
            **usual,
        )


def add_invoices(given: Company) -> None:
    period = {"period_start": FIRST, "period_end": LAST, "issued_on": date(2026, 11, 2)}
    for number, parts in {
        "C-1": {"invoiced": "130", "usage": "100", "tax": "19", "unexplained": "11"},
        "C-3": {"invoiced": "9", "unexplained": "1"} | {name: f"{n}.5" for n, name in enumerate(COMPONENTS)},
        "C-2": {"invoiced": "60", "subscription": "60", "rounding": "0.001", "unexplained": "0"},
    }.items():
        for component, usd in parts.items():
            given.add(
                "fct_invoice_reconciliation",
                platform="cursor",
                invoice_id=number,
                component=component,
                amount_usd=Decimal(usd),
                **period,
                candidates="a number of seats" if component == "unexplained" else None,
            )
    booked = {"is_booked": True, "platform": "cursor"}
    given.add(
        "agg_adjustments",
        closed_month=date(2026, 9, 1),
        booking_month=FIRST,
        cost_usd=Decimal("7.5"),
        **booked,
    )
    rate = {"month": FIRST, "currency": "EUR", "fx_rate": Decimal("0.92"), "is_frozen": False}
    given.add("agg_monthly_rates", **rate, file_currency="EUR", file_rate=Decimal("0.92"))


def closed() -> str:
    given = month()
    given.add(
        "closed_months",
        month=FIRST,
        closed_at=datetime(2026, 11, 3, 7, tzinfo=UTC),
        revision=1,
        is_current=True,
    )
    given.budget(LAST, "900", "850", state="over_90_percent")
    given.budget(LAST, "10", "30", scope="person", name="person1@example.com", state="exceeded")
    given.budget(LAST, "40", "31", scope="department", name="Department 0", state="over_75_percent")
    given.budget(LAST, "50", "21", scope="department", name="Department 1")
    return page(given, built_at=datetime(2026, 11, 3, 7, tzinfo=UTC), has_names=True)


def running() -> str:
    given = month()
    more: dict[str, Any] = {
        "days_left": 12,
        "expected_usd": Decimal("59.18"),
        "expected_seats_usd": Decimal(20),
        "forecast_usd": Decimal("957.18"),
        "low_usd": Decimal("947.18"),
        "high_usd": Decimal("967.18"),
    }
    given.budget(date(2026, 10, 19), "900", "850", state="will_exceed", **more)
    given.budget(
        date(2026, 10, 19), "40", "30", scope="department", name="Department 1", state="over_75_percent"
    )
    return page(given, built_at=datetime(2026, 10, 20, 7, tzinfo=UTC))


def charts() -> str:
    """What the charts of pages show, which are pictures there: with names, without them, and of a person's own page.

    The last page is of a company of which one department has few people on each platform.
    """
    at = datetime(2026, 11, 3, 7, tzinfo=UTC)
    given, larger = month().frames(), company(26).frames()
    found = []
    for frames, options in (
        (given, Options(has_names=True, built_at=at, secret=b"s")),
        (given, Options(built_at=at, secret=b"s")),
        (given, Options(person="person1@example.com", built_at=at, secret=b"s")),
        (larger, Options(built_at=at, secret=b"s")),
    ):
        content = contents(frames, figures(frames, OCTOBER, at.date()), options)
        blocks = [*content.first, *(block for section in content.sections for block in section.blocks)]
        found += [asdict(block.chart) for block in blocks if block.chart]
    return "".join(f"{pformat(chart, width=118, compact=True, sort_dicts=False)}\n" for chart in found)


def own() -> str:
    return page(month(), built_at=datetime(2026, 11, 3, 7, tzinfo=UTC), person="person1@example.com")


def empty() -> str:
    return page(Company(), built_at=datetime(2026, 11, 3, 7, tzinfo=UTC))


def page(given: Company, month: Days = OCTOBER, **options: Any) -> str:
    return shown(build(given.frames(), month, Options(secret=b"s", **options)).html)


@pytest.mark.parametrize("made", [closed, running, charts, own, empty], ids=lambda made: made.__name__)
def test_a_reader_of_the_page_sees_these_lines(made: Any) -> None:
    file, found = EXPECTED / f"{made.__name__}.txt", made()
    if os.environ.get("AI_USAGE_WRITE_DOCUMENTS"):
        file.write_text(found, encoding="utf-8")
        pytest.skip("the text was written")

    assert found.splitlines() == file.read_text(encoding="utf-8").splitlines()
