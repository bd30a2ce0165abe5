"""One call of Cursor, and the calls of one person on a day: the model, the kind, the tokens and the charge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import msgspec
from msgspec import UNSET, UnsetType

from ai_usage_assets.demo.sandbox.company import habits, people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.habits import Mix
from ai_usage_assets.demo.sandbox.company.models import CursorModel, newest_cursor
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream, vendor_id
from ai_usage_assets.demo.sandbox.cursor.kinds import FREE_BUGBOT, choose
from ai_usage_assets.demo.sandbox.cursor.shapes import Call, TokenUsage, UsageEvent

DAY_MS = 86_400_000
_MODES = ("agent",) * 12 + ("chat",) * 3 + ("cmdk",) * 2 + ("composer",) * 2 + ("bugbot",)
_PREFERRED_FAMILIES = (
    ("sonnet", "sonnet", "sonnet", "gpt", "auto"),
    ("sonnet", "opus", "opus", "composer", "sonnet"),
    ("gpt", "gpt", "sonnet", "auto", "auto"),
    ("auto", "auto", "auto", "composer", "sonnet"),
)
# the days from which responses have these fields
PRICED, _FEE, KIND = date(2026, 1, 1), date(2025, 8, 1), date(2025, 7, 1)
_OWN_KEYS = {people.NON_LATIN_NAME: "user", people.ONE_WORD_NAME: "custom"}
IsIncluded = Callable[[int], bool]
"""Whether a call at this time (milliseconds) is within the seat's allowance."""


@dataclass(frozen=True)
class Caller:
    """Who makes a call: a member, a service account or a contractor."""

    member: str
    email: str
    number: int
    """Decides which models are used, and how soon a new model is adopted."""
    mix: Mix
    conversation: str | UnsetType = UNSET


def midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def of_person(
    directory: Directory, person: Person, day: date, factor: float, is_included: IsIncluded
) -> list[Call]:
    """The calls of a person on a day, oldest first."""
    if not person.usage_profile.cursor or not person.works_on(day) or person.number == people.WITHOUT_EVENTS:
        return []
    random, start = random_stream(directory.seed, "cursor", person.number, day), midnight_ms(day)
    day_factor = (
        work_calendar.day_factor(day)
        * work_calendar.growth_factor(day, directory.first_day)
        * random.lognormvariate(0, 0.4)
    )
    number = int(person.usage_profile.cursor * person.activity_level * day_factor + random.random())
    if work_calendar.is_on_vacation(person.number, day):
        number = 0
    busiest_hour = 11 + person.number % 5
    moments = [
        start + int(random.triangular(7 * 3600, 21 * 3600, busiest_hour * 3600) * 1000) for _ in range(number)
    ]
    if person.number == people.LATE_WORKER:
        moments += [start, start + DAY_MS - 1]
    if not moments:
        return []
    conversation = vendor_id("", person.cursor_id, day, length=16)
    mix = habits.of_person(directory.seed, person.number, day)
    caller = Caller(person.cursor_id, person.cursor_email, person.number, mix, conversation)
    return [call(caller, at, day, is_included(at), random, factor) for at in sorted(moments)]


def call(caller: Caller, at: int, day: date, included: bool, random: Random, factor: float) -> Call:
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
        UNSET
        if not token_based
        else _spent(model, caller.mix, random, factor * (4 if max_mode else 1), draw < 0.07),
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
            kind=kind.text if day >= KIND else UNSET,
            kind_label=kind.text if day < KIND else UNSET,
            max_mode=max_mode,
            requests_costs=Decimal(units).scaleb(-1) if draw > 0.04 else UNSET,
            is_token_based_call=token_based,
            is_chargeable=kind.flag if day >= PRICED else UNSET,
            is_headless=False if day >= KIND else UNSET,
            token_usage=tokens,
            charged_cents=Decimal(charged).scaleb(-5) if day >= PRICED else UNSET,
            cursor_token_fee=Decimal(fee).scaleb(-5) if day >= _FEE and token_based else UNSET,
            is_free_bugbot=free if day >= PRICED else UNSET,
            user_id=caller.member or UNSET if day >= PRICED else UNSET,
            service_account_id="null" if kind.has_null_text else UNSET,
            conversation_id=caller.conversation if day >= PRICED else UNSET,
        ),
    )


def _spent(model: CursorModel, mix: Mix, random: Random, factor: float, discounted: bool) -> TokenUsage:
    """The call's tokens at the model's price. Models without a price for cache writes omit that field."""
    size = random.lognormvariate(0, 0.9) * factor
    mix *= habits.of_model(model.name)
    fresh, output = int(2_400 * size * mix.input), int(1_900 * size * mix.output)
    read = int(160_000 * size * mix.cache_read)
    written = int(14_000 * size * mix.cache_write) if model.cache_write else 0
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
