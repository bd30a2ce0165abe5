"""What an unusual day says, to the last word: in the check with its subject, and to the webhook without names and keys."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ai_usage_assets.defs.checks.anomalies import CAUSES, Anomaly, alerts

DAY = date(2026, 11, 18)
KEY = Anomaly(
    day=DAY,
    began_on=date(2026, 11, 17),
    platform="anthropic",
    measure="cost_usd",
    scope="key",
    subject="apikey_1",
    user_id="4b9b",
    value=Decimal("1234.505"),
    usual=Decimal("0.994"),
    usual_to=Decimal("18.216"),
    likely_cause="new_key",
    cause_name="apikey_1",
)
TOKENS = replace(
    KEY,
    measure="tokens",
    value=Decimal(20_000_000),
    usual=Decimal("1499999.5"),
    usual_to=Decimal("2000000.4"),
)
DOLLARS = "1,234.50 USD, usually 0.99 USD and at most 18.22 USD; likely cause"


def test_a_day_says_who_it_was_how_much_what_is_usual_and_the_likely_cause() -> None:
    assert KEY.text("apikey_1") == (
        f"2026-11-18 anthropic: key apikey_1 with {DOLLARS}: a new key (apikey_1)"
    )
    assert KEY.text() == f"2026-11-18 anthropic: a key with {DOLLARS}: a new key (apikey_1)"
    assert KEY.text(has_keys=False) == f"2026-11-18 anthropic: a key with {DOLLARS}: a new key"
    # halves are rounded to the even number
    assert TOKENS.text() == (
        "2026-11-18 anthropic: a key with 20,000,000 tokens, usually 1,500,000 tokens and at most 2,000,000 tokens; "
        "likely cause: a new key (apikey_1)"
    )


@pytest.mark.parametrize(
    ("cause", "words", "shown_without_keys"),
    [
        ("new_key", "a new key", False),
        ("new_model", "a new model", True),
        ("cache_hit_rate_fell", "less is read from the cache", False),
        ("price_rose", "a higher price per token", True),
        ("one_key", "one key", False),
        ("more_use", "more use", False),
    ],
)
def test_each_cause_has_its_words_and_only_a_model_is_named_without_keys(
    cause: str, words: str, shown_without_keys: bool
) -> None:
    found = replace(KEY, likely_cause=cause, cause_name="x")
    assert found.text().endswith(f"; likely cause: {words} (x)")
    shown = f"{words} (x)" if shown_without_keys else words
    assert found.text(has_keys=False).endswith(f"; likely cause: {shown}")
    assert replace(found, cause_name=None).text().endswith(f"; likely cause: {words}")
    assert len(CAUSES) == 6


def test_only_a_key_is_followed_by_who_is_responsible_for_it() -> None:
    assert KEY.owner == "; user_id 4b9b"
    assert replace(KEY, user_id=None).owner == ""
    assert replace(KEY, scope="service").owner == ""


def test_a_persons_day_has_one_id_whatever_the_scope_and_the_amount() -> None:
    """A sensor sends an id once, so a later release must make the same ids."""
    assert KEY.alert_id == "dc2e7477139547bb"
    of_person = replace(KEY, scope="person", subject="4b9b", value=Decimal(7), likely_cause="more_use")
    assert of_person.alert_id == KEY.alert_id
    others = [
        replace(KEY, day=date(2026, 11, 19)),
        replace(KEY, platform="cursor"),
        replace(KEY, user_id="other"),
        replace(KEY, user_id=None),
        replace(KEY, user_id=None, subject="apikey_2"),
        # the department of the person is another subject
        replace(KEY, scope="department", subject="Data"),
    ]
    assert len({KEY.alert_id, *(each.alert_id for each in others)}) == 7


def test_dollars_and_millions_of_tokens_are_compared_by_what_is_above_the_usual() -> None:
    assert KEY.excess_usd == Decimal("1233.511")
    assert TOKENS.excess_usd == Decimal("18.5000005")


def test_of_one_id_the_largest_is_told_and_how_many_there_are_besides() -> None:
    least = "usually 0.00 USD and at most 5.00 USD; likely cause"

    def found(
        scope: str, subject: str, value: int, user_id: str | None, measure: str = "cost_usd"
    ) -> Anomaly:
        return replace(
            KEY,
            measure=measure,
            scope=scope,
            subject=subject,
            user_id=user_id,
            value=Decimal(value),
            usual=Decimal(0),
            usual_to=Decimal(5),
            likely_cause="new_model" if scope == "model" else "new_key",
            cause_name=subject,
        )

    told = alerts(
        [
            found("key", "a", 90, "ann"),
            found("key", "b", 95, "ann"),
            # as much as 20 dollars
            found("key", "c", 20_000_000, "ann", "tokens"),
            found("key", "d", 40, "bob"),
            found("model", "opus-6", 30, None),
            found("model", "opus-6", 31_000_000, None, "tokens"),
            found("department", "Data", 50, None),
        ]
    )
    assert [(each["day"], each["text"]) for each in told] == [
        (
            "2026-11-18",
            f"{DAY} anthropic: a key with 95.00 USD, {least}: a new key; and 2 more of the same person",
        ),
        ("2026-11-18", f"{DAY} anthropic: a key with 40.00 USD, {least}: a new key"),
        (
            "2026-11-18",
            (
                f"{DAY} anthropic: model opus-6 with 31,000,000 tokens, usually 0 tokens and at most 5 tokens; likely "
                "cause: a new model (opus-6); and 1 more of the same model"
            ),
        ),
        ("2026-11-18", f"{DAY} anthropic: a department with 50.00 USD, {least}: a new key"),
    ]
    assert len({each["id"] for each in told}) == 4
    assert {len(each["id"]) for each in told} == {16}
