"""Unusual days on the page: one row a case, named as people, departments and keys are named elsewhere."""

from datetime import date
from decimal import Decimal

import pytest

from ai_usage_assets.report.options import Options
from ai_usage_assets.report.page import build
from ai_usage_tests.support.report_pages import OCTOBER, Company, company, read_page

CAPTION = "Days above the usual range, the largest first"
SECRET = b"secret"


@pytest.fixture
def unusual() -> Company:
    """A key on two days of one case, a person's tokens, a machine, a small department and a model."""
    found = company(20).spend("alone@example.com", "5.00", department="Law")
    at = {"platform": "anthropic", "measure": "cost_usd", "began_on": date(2026, 10, 5)}
    key = {
        "scope": "key",
        "name": "apikey_7",
        "user_email": "person10@example.com",
        "actor_type": "person",
        **at,
    }
    cost = {"usual_usd": Decimal(10), "usual_to_usd": Decimal("18.22")}
    new_key = {"likely_cause": "new_key", "cause_name": "apikey_7"}
    found.add("agg_anomalies", day=date(2026, 10, 5), cost_usd=Decimal(90), **key, **cost, **new_key)
    found.add("agg_anomalies", day=date(2026, 10, 6), cost_usd=Decimal("190.5"), **key, **cost, **new_key)
    machine = {"scope": "service", "name": "person10@example.com", "user_email": "person10@example.com"}
    more = {"likely_cause": "more_use", **cost}
    found.add(
        "agg_anomalies",
        day=date(2026, 10, 5),
        cost_usd=Decimal(70),
        actor_type="service",
        **machine,
        **at,
        **more,
    )
    for scope, name, usd in (("department", "Law", 60), ("department", "Department 1", 50)):
        found.add(
            "agg_anomalies",
            day=date(2026, 10, 5),
            cost_usd=Decimal(usd),
            scope=scope,
            name=name,
            **at,
            **more,
        )
    price = {"likely_cause": "price_rose", "cause_name": "claude-opus-5", **cost}
    model = {"scope": "model", "name": "claude-opus-5", **at}
    found.add("agg_anomalies", day=date(2026, 10, 5), cost_usd=Decimal(40), **model, **price)
    found.add(
        "agg_anomalies",
        day=date(2026, 10, 7),
        platform="claude_code",
        measure="tokens",
        scope="person",
        name="person11@example.com",
        user_email="person11@example.com",
        actor_type="person",
        tokens=90_000_000,
        usual_tokens=5_000_000,
        usual_to_tokens=9_000_000,
        likely_cause="cache_hit_rate_fell",
        began_on=date(2026, 10, 7),
    )
    # of another month
    found.add("agg_anomalies", day=date(2026, 9, 30), cost_usd=Decimal(900), **key, **cost, **new_key)
    return found


def rows_of(of: Company, *, has_names: bool) -> list[list[str]]:
    page = build(of.frames(), OCTOBER, Options(has_names=has_names, secret=SECRET, has_charts=False))
    if not has_names:
        assert "apikey_7" not in page.html
        assert "@example.com" not in page.html
        assert "Law" not in page.html
    return read_page(page.html).tables[CAPTION][1:]


def test_a_case_is_one_row_without_names_of_people_keys_and_small_departments(unusual: Company) -> None:
    key, machine, law, department, model, tokens = rows_of(unusual, has_names=False)

    assert key[0].startswith("A key of Department 1 ")
    assert key[1:] == [
        *("Anthropic API", "6 October 2026 and 1 other day", "$190.50", "$10.00", "$18.22", "A new key"),
    ]
    assert machine == [
        "A machine",
        "Anthropic API",
        "5 October 2026",
        "$70.00",
        "$10.00",
        "$18.22",
        "More use",
    ]
    assert law[0] == "other"
    assert department[0] == "Department 1"
    assert model[0] == "claude-opus-5"
    assert model[-1] == "A higher price per token: claude-opus-5"
    assert tokens[0].startswith("Department 1 ")
    assert tokens[1:] == [
        *("Claude seats", "7 October 2026", "90,000,000 tokens", "5,000,000 tokens", "9,000,000 tokens"),
        "Less is read from the cache",
    ]


def test_names_are_shown_where_they_are_asked_for(unusual: Company) -> None:
    names = [row[0] for row in rows_of(unusual, has_names=True)]

    assert names == [
        "Key apikey_7 of First10 Last10",
        "A machine",
        "Law",
        "Department 1",
        "claude-opus-5",
        "First11 Last11",
    ]


def test_a_month_without_unusual_days_says_so() -> None:
    page = build(company(20).frames(), OCTOBER, Options(has_charts=False))

    assert "No day left the usual range" in page.html
