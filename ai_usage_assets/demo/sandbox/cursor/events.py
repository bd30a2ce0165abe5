"""Cursor's calls of a day: who made them, with which model, within the seat or on top of it, and their cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import msgspec
from msgspec import UNSET, UnsetType

from ai_usage_assets.demo.sandbox.company import people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.models import CursorModel, newest_cursor
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream, vendor_id
from ai_usage_assets.demo.sandbox.cursor.kinds import FREE_BUGBOT, choose
from ai_usage_assets.demo.sandbox.cursor.shapes import Call, TokenUsage, UsageEvent

DAY_MS = 86_400_000
SERVICE = "release-notes"
SERVICE_EMAIL = f"sa-{SERVICE}@service.{people.DOMAIN}"

_MODES = ("agent",) * 12 + ("chat",) * 3 + ("cmdk",) * 2 + ("composer",) * 2 + ("bugbot",)
_PREFERRED_FAMILIES = (
    ("sonnet", "sonnet", "sonnet", "gpt", "auto"),
    ("sonnet", "opus", "opus", "composer", "sonnet"),
    ("gpt", "gpt", "sonnet", "auto", "auto"),
    ("auto", "auto", "auto", "composer", "sonnet"),
)
# the days from which responses have these fields
_PRICED, _FEE, _KIND = date(2026, 1, 1), date(2025, 8, 1), date(2025, 7, 1)
_ODD_MONTH = date(2026, 2, 1), date(2026, 3, 1)
"""The month in which some events lack their kind or their model."""
_OWN_KEYS = {people.NON_LATIN_NAME: "user", people.ONE_WORD_NAME: "custom"}


@dataclass(frozen=True)
class Caller:
    """Who makes a call: a member, a service account or a contractor."""

    member: str
    email: str
    number: int
    """Decides which models are used, and how soon a new model is adopted."""
    conversation: str | UnsetType = UNSET


def service_id(directory: Directory) -> str:
    return directory.id("sa_", "cursor")


def midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def calls(directory: Directory, day: date, factor: float = 1.0) -> list[Call]:
    """Every call of the day, oldest first."""
    if day < directory.first_day or work_calendar.is_day_without_usage(day, "cursor"):
        return []
    made = [call for person in directory.people for call in _of_person(directory, person, day, factor)]
    made += _of_others(directory, day, factor)
    if work_calendar.is_nth_day(3, day, 1) or day.weekday() == 1:
        # two equal calls in one millisecond, and both are correct
        made.append(made[len(made) // 2])
    if _ODD_MONTH[0] <= day < _ODD_MONTH[1] and len(made) > 2:
        made[0] = _without(made[0], kind=UNSET)
        made[-1] = _without(made[-1], model=UNSET)
    return sorted(made, key=lambda call: call.at)


def _without(call: Call, **fields: UnsetType) -> Call:
    return msgspec.structs.replace(call, event=msgspec.structs.replace(call.event, **fields))


def _of_person(directory: Directory, person: Person, day: date, factor: float) -> Iterator[Call]:
    if not person.usage_profile.cursor or not person.works_on(day) or person.number == people.WITHOUT_EVENTS:
        return
    random, start = random_stream(directory.seed, "cursor", person.number, day), midnight_ms(day)
    day_factor = (
        work_calendar.day_factor(day)
        * work_calendar.growth_factor(day, directory.first_day)
        * random.lognormvariate(0, 0.4)
    )
    number = int(person.usage_profile.cursor * person.activity_level * day_factor + random.random())
    if work_calendar.is_on_vacation(person.number, day):
        number = 0
    moments = [start + int(random.triangular(7 * 3600, 21 * 3600, 13 * 3600) * 1000) for _ in range(number)]
    if person.number == people.LATE_WORKER:
        moments += [start, start + DAY_MS - 1]
    conversation = vendor_id("", person.cursor_id, day, length=16)
    caller, ends = (
        Caller(person.cursor_id, person.cursor_email, person.number, conversation),
        _included_usage_ends(person, day),
    )
    for at in moments:
        included = day.day < ends or (day.day == ends and at < start + DAY_MS // 2)
        yield _call(caller, at, day, included, random, factor)


def _included_usage_ends(person: Person, day: date) -> int:
    """The day of the month on which the included usage ends. It is earlier for more active people."""
    spread = (person.number * 5 + day.month * 3) % 9
    return max(3, int(26 / person.activity_level) + spread - 6)


def _of_others(directory: Directory, day: date, factor: float) -> Iterator[Call]:
    """Calls of a service account, one of them without an email address, and of a contractor."""
    random, start = random_stream(directory.seed, "cursor-services", day), midnight_ms(day)
    account = service_id(directory)
    for turn in range(1 + int(3 * work_calendar.day_factor(day))):
        caller = Caller(account, SERVICE_EMAIL, 0)
        call = _call(caller, start + random.randrange(DAY_MS), day, False, random, factor)
        event = msgspec.structs.replace(
            call.event,
            user_email=call.event.user_email if turn else UNSET,
            is_headless=True if day >= _KIND else UNSET,
            user_id=UNSET,
            service_account_id=account if day >= _PRICED else UNSET,
            service_account_name=SERVICE if day >= _PRICED else UNSET,
            cloud_agent_id=vendor_id("bc-", day, turn) if day >= _PRICED and not turn else UNSET,
            automation_id=vendor_id("auto_", SERVICE) if day >= _PRICED and turn else UNSET,
        )
        yield msgspec.structs.replace(call, event=event)
    if work_calendar.is_nth_day(5, day):
        caller = Caller("", people.CONTRACTOR, 2)
        yield _call(caller, start + random.randrange(DAY_MS), day, True, random, factor)


def _call(caller: Caller, at: int, day: date, included: bool, random: Random, factor: float) -> Call:
    draw, mode = random.random(), random.choice(_MODES)
    model = newest_cursor(random.choice(_PREFERRED_FAMILIES[caller.number % 4]), day, caller.number * 3 % 20)
    free = mode == "bugbot" and draw > 0.7
    kind = choose(included=included or free, own_key=_OWN_KEYS.get(caller.number), draw=draw, day=day)
    if free and kind.charged == "all":
        kind = FREE_BUGBOT
    token_based = draw < 0.9
    max_mode = 0.8 < draw < 0.9 and mode == "agent"
    units = random.randrange(1, 40) if token_based else 10 * (1 + int(draw * 100) % 2)
    # money is an integer in hundred-thousandths of a cent, so that every total is exact
    fee, tokens = (
        0,
        UNSET if not token_based else _spent(model, random, factor * (4 if max_mode else 1), draw < 0.07),
    )
    if tokens is UNSET:
        charged = units * 40_000 if kind.charged == "all" else 0
    else:
        if kind.charged != "all":
            tokens = msgspec.structs.replace(tokens, total_cents=Decimal(0))
        if day >= _FEE and kind.charged != "nothing":
            fee = _count(tokens) * 5 // 2
        charged = int(tokens.total_cents.scaleb(5)) + fee
    return Call(
        at,
        caller.member,
        mode,
        kind.counted,
        UsageEvent(
            timestamp=str(at),
            user_email=caller.email,
            model=model.name,
            kind=kind.text if day >= _KIND else UNSET,
            kind_label=kind.text if day < _KIND else UNSET,
            max_mode=max_mode,
            requests_costs=Decimal(units).scaleb(-1) if draw > 0.04 else UNSET,
            is_token_based_call=token_based,
            is_chargeable=kind.flag if day >= _PRICED else UNSET,
            is_headless=False if day >= _KIND else UNSET,
            token_usage=tokens,
            charged_cents=Decimal(charged).scaleb(-5) if day >= _PRICED else UNSET,
            cursor_token_fee=Decimal(fee).scaleb(-5) if day >= _FEE and token_based else UNSET,
            is_free_bugbot=free if day >= _PRICED else UNSET,
            user_id=caller.member or UNSET if day >= _PRICED else UNSET,
            service_account_id="null" if kind.has_null_text else UNSET,
            conversation_id=caller.conversation if day >= _PRICED else UNSET,
        ),
    )


def _spent(model: CursorModel, random: Random, factor: float, discounted: bool) -> TokenUsage:
    """The call's tokens at the model's price. Models without a price for cache writes omit that field."""
    size = random.lognormvariate(0, 0.9) * factor
    fresh, output, read = int(2_400 * size), int(1_900 * size), int(160_000 * size)
    written = int(14_000 * size) if model.cache_write else 0
    worth = (
        fresh * model.input + output * model.output + written * model.cache_write + read * model.cache_read
    )
    return TokenUsage(
        input_tokens=fresh,
        output_tokens=output,
        cache_read_tokens=read,
        total_cents=Decimal(worth * (8 if discounted else 10) // 1000).scaleb(-5),
        cache_write_tokens=written if model.cache_write else UNSET,
        discount_percent_off=20 if discounted else UNSET,
    )


def _count(tokens: TokenUsage) -> int:
    return (
        tokens.input_tokens
        + tokens.output_tokens
        + tokens.cache_read_tokens
        + (tokens.cache_write_tokens or 0)
    )
