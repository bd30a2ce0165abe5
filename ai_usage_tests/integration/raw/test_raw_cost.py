"""What Anthropic bills, as it lands: cents become dollars, every line is kept, and what is no dollar is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_tests.support.harness import DAY, Harness

PATH = "/v1/organizations/cost_report"
LINE = {
    "amount": "123.45",
    "currency": "USD",
    "cost_type": "tokens",
    "token_type": "output_tokens",
    "model": "claude-opus-5-5",
    "service_tier": "standard",
    "context_window": "0-200k",
    "inference_geo": "global",
    "description": "Claude Opus 5.5 Usage - Output Tokens",
    "workspace_id": "wrkspc_01",
}


def load(harness: Harness, *lines: dict[str, Any], day: date = DAY) -> str | None:
    """The refusal, if there was one, of a day on which the vendor bills these lines alone."""

    def only(body: dict[str, Any]) -> None:
        body["data"][0]["results"] = [{**LINE, **line} for line in lines]

    harness.change_response(PATH, only)
    return harness.errors("raw_anthropic_cost", Days.one(day)).get("raw_anthropic_cost")


def dollars(harness: Harness) -> list[Decimal]:
    return sorted(row["amount_usd"] for row in harness.rows("raw_anthropic_cost"))


CENTS = {
    "123.45": "1.2345",  # the vendor's own example
    "123.78912": "1.2378912",
    "0.004": "0.00004",
    "-250": "-2.5",
    "0.123456789012": "0.001234568",
    "0.00000005": "0",
    "0.00000015": "0.000000002",
    "99999999999.99": "999999999.9999",
}


def test_cents_become_dollars_half_even_to_nine_decimals(harness: Harness) -> None:
    assert load(harness, *({"amount": cents, "description": cents} for cents in CENTS)) is None
    found = {row["description"]: row["amount_usd"] for row in harness.rows("raw_anthropic_cost")}
    assert found == {cents: Decimal(usd) for cents, usd in CENTS.items()}


def test_every_dimension_has_the_vendors_value_and_no_workspace_is_the_default_one(
    harness: Harness,
) -> None:
    assert (
        load(harness, {"workspace_id": None, "model": None, "cost_type": "tea", "token_type": "leaf"}) is None
    )
    [row] = harness.rows("raw_anthropic_cost")
    expected = {**LINE, "workspace_id": "default", "model": None, "cost_type": "tea", "token_type": "leaf"}
    assert {name: row[name] for name in expected if name != "amount"} == {
        name: value for name, value in expected.items() if name != "amount"
    }
    assert row["ingest_date"] == row["starting_at"].date() == DAY


def test_lines_that_differ_in_the_description_or_the_geography_alone_stay_apart(harness: Harness) -> None:
    assert (
        load(harness, {}, {"amount": "7", "description": "Fast"}, {"amount": "9", "inference_geo": "us"})
        is None
    )
    assert dollars(harness) == [Decimal("0.07"), Decimal("0.09"), Decimal("1.2345")]


def test_lines_with_the_same_key_are_summed_before_rounding(harness: Harness) -> None:
    tiny = {"amount": "0.00000005", "description": "tiny"}
    assert load(harness, {}, {"amount": "100"}, tiny, tiny) is None
    assert dollars(harness) == [Decimal("0.000000001"), Decimal("2.2345")]


def test_a_day_in_another_currency_is_refused_by_name_and_stays_as_it_was(harness: Harness) -> None:
    assert load(harness, {}) is None
    message = load(harness, {"amount": "1"}, {"currency": "EUR"})
    assert message is not None
    assert f"bills {DAY} in another currency, EUR" in message
    assert dollars(harness) == [Decimal("1.2345")]


def test_an_amount_that_is_no_decimal_is_refused_by_its_place_and_the_day_stays_as_it_was(
    harness: Harness,
) -> None:
    assert load(harness, {}) is None
    message = load(harness, {"amount": "1"}, {"amount": "12,50", "description": "x"})
    assert message is not None
    assert f"({PATH}" in message
    assert "data[0].results[1].amount" in message
    assert dollars(harness) == [Decimal("1.2345")]


def test_a_day_that_the_vendor_withdraws_is_replaced_by_nothing(harness: Harness) -> None:
    assert load(harness, {}) is None
    assert load(harness) is None
    assert dollars(harness) == []
