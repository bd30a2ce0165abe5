"""What changes in the sample company in the autumn of 2026, so that two months differ for every reason that there is."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company import models, people
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.allowance import INCLUDED_CENTS
from ai_usage_assets.demo.sandbox.cursor.kinds import is_paid

AUTUMN = Days(date(2026, 9, 1), date(2026, 11, 25))
CYCLE = Days(date(2026, 10, 17), date(2026, 11, 17))
CYCLE_MS = 1_792_229_213_589, 1_794_907_613_589
"""From 2026-10-17 09:26:53.589 UTC to the same time of 2026-11-17."""


def cursor_days(company: Company, number: int) -> list[date]:
    member = company.directory.people[number].cursor_id
    return [day for day in AUTUMN if any(call.member == member for call in company.cursor(day).calls)]


def test_somebody_joins(company: Company) -> None:
    used = cursor_days(company, people.JOINER)
    assert people.JOINED_ON <= used[0] < date(2026, 10, 16)
    key = company.directory.keys[f"code-{people.JOINER}"]
    assert people.JOINED_ON < key.created < AUTUMN.last


def test_somebody_leaves_and_their_key_is_still_used(company: Company) -> None:
    used = cursor_days(company, people.LEAVER_WITH_KEY)
    assert used[0] < date(2026, 9, 5) and date(2026, 10, 19) < used[-1] < people.LEFT_ON
    key = company.directory.keys[f"dev-{people.LEAVER_WITH_KEY}"]
    tokens = [
        row.output_tokens
        for day in Days(people.LEFT_ON, AUTUMN.last)
        for row in company.anthropic(day).usage
        if row.api_key_id == key.id
    ]
    assert key.status == "active" and len(tokens) > 20


def test_reading_from_the_cache_of_one_model_costs_half_from_a_day_on() -> None:
    before, after = date(2026, 10, 6), date(2026, 10, 7)
    old, new = (models.price("claude-sonnet-5-5", day) for day in (before, after))
    assert (old.cache_read_input_tokens, new.cache_read_input_tokens) == (Decimal("0.20"), Decimal("0.10"))
    assert old.output_tokens == new.output_tokens
    assert [models.newest_cursor("sonnet", day).cache_read for day in (before, after)] == [200, 100]


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-haiku-5-5"])
def test_new_models_come_into_use(company: Company, model: str) -> None:
    used = [day for day in AUTUMN if any(row.model == model for row in company.anthropic(day).usage)]
    assert date(2026, 9, 28) <= used[0] < date(2026, 10, 10) and len(used) > 40


def test_usage_grows_through_the_autumn(company: Company) -> None:
    def calls(days: Days) -> int:
        return sum(day_totals.cursor.events for day_totals in company.totals(days).values())

    weeks = Days(date(2026, 9, 7), date(2026, 10, 4)), Days(date(2026, 10, 26), date(2026, 11, 22))
    assert calls(weeks[0]) < calls(weeks[1])


def test_the_mix_of_tokens_differs_by_person_model_and_day(company: Company) -> None:
    ratios: dict[Any, list[int]] = defaultdict(list)
    for day in Days(date(2026, 11, 9), date(2026, 11, 13)):
        for call in company.cursor(day).calls:
            if (tokens := call.event.token_usage) and tokens.input_tokens > 500:
                ratio = round(tokens.cache_read_tokens / tokens.input_tokens)
                for of in (call.member, day, (call.member, call.event.model), (day, call.event.model)):
                    ratios[of].append(ratio)
    of_many = [set(found) for found in ratios.values() if len(found) > 20]
    assert len(of_many) > 20 and all(len(found) > 2 for found in of_many)
    assert max(map(max, of_many)) > 3 * min(map(min, of_many))


def test_a_call_is_charged_if_the_seats_allowance_of_the_cycle_is_used_up(company: Company) -> None:
    """The one rule, for every call of every member: kinds follow from the charges before."""
    used: dict[str, Decimal] = defaultdict(Decimal)
    premium = {company.directory.people[number].cursor_id for number in people.PREMIUM_HOLDERS}
    charged = included = 0
    for day in CYCLE:
        for call in company.cursor(day).calls:
            event = call.event
            if not call.member.startswith("user_") or not CYCLE_MS[0] <= call.at < CYCLE_MS[1]:
                continue
            limit = INCLUDED_CENTS["premium" if call.member in premium else "standard"]
            is_used_up = used[call.member] >= limit
            if call.counted == "usage":
                assert is_used_up, (day, event)
                charged += is_paid(str(event.kind), event.is_chargeable or False)
            elif is_used_up and not event.is_free_bugbot:
                assert "not" in str(event.kind).lower() or call.counted == "own_key", (day, event)
            else:
                included += 1
            assert isinstance(event.charged_cents, Decimal)
            used[call.member] += event.charged_cents
    assert charged > 500 and included > 500


def test_a_restated_day_does_not_change_which_calls_are_charged() -> None:
    day, later = date(2026, 11, 18), date(2026, 11, 19)
    company, other = Company(), Company()
    company.restate(day, "cursor", 5.0)
    assert [call.counted for call in company.cursor(day).calls] == [
        call.counted for call in other.cursor(day).calls
    ]
    assert company.cursor(later).calls == other.cursor(later).calls
