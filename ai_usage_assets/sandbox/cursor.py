"""Cursor's day: the usage events, and the daily row of each member that goes with them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ai_usage_assets.sandbox import models, people, rhythm
from ai_usage_assets.sandbox.chance import identifier, stream
from ai_usage_assets.sandbox.people import Person
from ai_usage_assets.sandbox.registers import Registers

DAY_MS = 86_400_000


class TokenUsage(msgspec.Struct, rename="camel", frozen=True, gc=False):
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    total_cents: Decimal
    cache_write_tokens: int | UnsetType = UNSET
    discount_percent_off: int | UnsetType = UNSET


class UsageEvent(msgspec.Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """One call as the vendor answers it; fields it leaves out are unset."""

    timestamp: str
    user_email: str | UnsetType
    model: str
    kind: str | UnsetType = UNSET
    kind_label: str | UnsetType = UNSET
    max_mode: bool
    requests_costs: Decimal | UnsetType = UNSET
    is_token_based_call: bool
    is_chargeable: bool | UnsetType = UNSET
    is_headless: bool | UnsetType = UNSET
    token_usage: TokenUsage | UnsetType = UNSET
    charged_cents: Decimal | UnsetType = UNSET
    cursor_token_fee: Decimal | UnsetType = UNSET
    is_free_bugbot: bool | UnsetType = UNSET
    service_account_id: str | UnsetType = UNSET
    service_account_name: str | UnsetType = UNSET
    conversation_id: str | UnsetType = UNSET
    region_hint: str = "us-east"


class Call(msgspec.Struct, frozen=True, gc=False):
    """An event with what the vendor knows and does not answer: the member, and how it was asked."""

    at: int
    """Milliseconds since the epoch."""
    member: str
    mode: str
    event: UsageEvent


class DailyUsage(msgspec.Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """A member's day, but for `date`, which depends on the time of day of the question."""

    user_id: str
    day: str
    email: str
    is_active: bool = False
    total_lines_added: int = 0
    total_lines_deleted: int = 0
    accepted_lines_added: int = 0
    accepted_lines_deleted: int = 0
    total_applies: int = 0
    total_accepts: int = 0
    total_rejects: int = 0
    total_tabs_shown: int = 0
    total_tabs_accepted: int = 0
    composer_requests: int = 0
    chat_requests: int = 0
    agent_requests: int = 0
    cmdk_usages: int = 0
    bugbot_usages: int = 0
    subscription_included_reqs: int = 0
    usage_based_reqs: int = 0
    api_key_reqs: int = 0
    most_used_model: str | None = ""
    apply_most_used_extension: str | None = ""
    tab_most_used_extension: str | None = ""
    client_version: str | None | UnsetType = UNSET
    team_id: int = 4711


_MODES = ("agent",) * 12 + ("chat",) * 3 + ("cmdk",) * 2 + ("composer",) * 2 + ("bugbot",)
_TASTES = (
    ("sonnet", "sonnet", "sonnet", "gpt", "auto"),
    ("sonnet", "opus", "opus", "composer", "sonnet"),
    ("gpt", "gpt", "sonnet", "auto", "auto"),
    ("auto", "auto", "auto", "composer", "sonnet"),
)
_NEW_FIELDS, _FEE, _NEW_KIND = date(2026, 1, 1), date(2025, 8, 1), date(2025, 7, 1)
INCLUDED, USAGE_BASED, ERRORED = "Included in Business", "Usage-based", "Errored, Not Charged"
OWN_KEY = "User API Key"


def midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def hundred_thousandths(number: int) -> Decimal:
    """An exact decimal out of an integer count of 0.00001 cents."""
    return Decimal(number).scaleb(-5)


def calls(registers: Registers, day: date, factor: float = 1.0) -> list[Call]:
    """Every call of the day, oldest first."""
    if day < registers.first_day or rhythm.is_silent(day, "cursor"):
        return []
    made = [call for person in registers.people for call in _calls(registers, person, day, factor)]
    made += _service_calls(registers, day, factor)
    if rhythm.every(3, day, 1) or day.weekday() == 1:
        # twice the same in one millisecond, and both are real
        made.append(made[len(made) // 2])
    return sorted(made, key=lambda call: call.at)


def _calls(registers: Registers, person: Person, day: date, factor: float) -> Iterator[Call]:
    if not person.style.cursor or not person.works_on(day) or person.number == people.EVENTLESS:
        return
    chance, start = stream(registers.seed, "cursor", person.number, day), midnight_ms(day)
    pace = rhythm.pace(day) * rhythm.growth(day, registers.first_day) * chance.lognormvariate(0, 0.4)
    number = int(person.style.cursor * person.energy * pace + chance.random())
    if rhythm.on_vacation(person.number, day):
        number = 0
    moments = [start + int(chance.triangular(7 * 3600, 21 * 3600, 13 * 3600) * 1000) for _ in range(number)]
    if person.number == people.NIGHT_OWL:
        moments += [start, start + DAY_MS - 1]
    allowance = _allowance_ends(person, day)
    conversation = identifier("", person.cursor_id, day, length=16)
    for at in moments:
        included = day.day < allowance or (day.day == allowance and at < start + DAY_MS // 2)
        yield _call(
            person.cursor_id,
            person.cursor_email,
            at,
            day,
            included,
            person.number,
            chance,
            factor,
            conversation,
        )


def _allowance_ends(person: Person, day: date) -> int:
    """The day of the month on which what the seat includes is used up: earlier, the more somebody does."""
    spread = (person.number * 5 + day.month * 3) % 9
    return max(3, int(26 / person.energy) + spread - 6)


def _service_calls(registers: Registers, day: date, factor: float) -> Iterator[Call]:
    """Background agents of a service account, a contractor, and a call that names nobody."""
    chance, start = stream(registers.seed, "cursor-services", day), midnight_ms(day)
    for turn in range(1 + int(3 * rhythm.pace(day))):
        at = start + chance.randrange(DAY_MS)
        call = _call(
            "", f"sa-release-notes@service.{people.DOMAIN}", at, day, False, 0, chance, factor, UNSET
        )
        account: dict[str, Any] = {
            "service_account_id": registers.id("sa_", "cursor"),
            "service_account_name": "release-notes",
        }
        if turn == 0:
            account["user_email"] = UNSET
        yield msgspec.structs.replace(
            call, event=msgspec.structs.replace(call.event, is_headless=True, **account)
        )
    if rhythm.every(5, day):
        at = start + chance.randrange(DAY_MS)
        yield _call("", people.CONTRACTOR, at, day, True, 2, chance, factor, UNSET)


def _call(
    member: str,
    email: str,
    at: int,
    day: date,
    included: bool,
    number: int,
    chance: Random,
    factor: float,
    conversation: str | UnsetType,
) -> Call:
    draw, mode = chance.random(), chance.choice(_MODES)
    model = models.newest_cursor(chance.choice(_TASTES[number % 4]), day, number * 3 % 20)
    kind = (
        ERRORED
        if draw < 0.02
        else OWN_KEY
        if draw < 0.035 and number == 4
        else INCLUDED
        if included
        else USAGE_BASED
    )
    free = mode == "bugbot" and draw > 0.7
    kind = INCLUDED if free and kind == USAGE_BASED else kind
    token_based = draw < 0.9
    max_mode = draw > 0.8 and mode == "agent" and token_based
    units = chance.randrange(1, 40) if token_based else 10 * (1 + int(draw * 100) % 2)
    tokens: TokenUsage | UnsetType = UNSET
    charged = 0 if free or kind in (ERRORED, OWN_KEY) else units * 40_000 if not token_based else 0
    fee = 0
    if token_based:
        size = chance.lognormvariate(0, 0.9) * factor * (4 if max_mode else 1)
        read, written = int(160_000 * size), int(14_000 * size) if model.cache_write else 0
        given, answered = int(2_400 * size), int(1_900 * size)
        price = (
            given * model.input
            + answered * model.output
            + written * model.cache_write
            + read * model.cache_read
        ) // 100
        discount: int | UnsetType = 20 if draw < 0.07 else UNSET
        price = price * 8 // 10 if discount == 20 else price
        if free or kind in (ERRORED, OWN_KEY):
            price = 0
        if day >= _FEE and not free and kind != ERRORED:
            fee = (given + answered + written + read) * 5 // 2
        charged = price + fee
        tokens = TokenUsage(
            given,
            answered,
            read,
            hundred_thousandths(price),
            written if model.cache_write else UNSET,
            discount,
        )
    new, known = day >= _NEW_FIELDS, day >= _NEW_KIND
    return Call(
        at,
        member,
        mode,
        UsageEvent(
            timestamp=str(at),
            user_email=email,
            model=model.name,
            kind=kind if known else UNSET,
            kind_label=UNSET if known else kind,
            max_mode=max_mode,
            requests_costs=Decimal(units).scaleb(-1) if draw > 0.04 else UNSET,
            is_token_based_call=token_based,
            is_chargeable=kind == USAGE_BASED if new else UNSET,
            is_headless=False if known else UNSET,
            token_usage=tokens,
            charged_cents=hundred_thousandths(charged) if new else UNSET,
            cursor_token_fee=hundred_thousandths(fee) if day >= _FEE and token_based else UNSET,
            is_free_bugbot=free if new else UNSET,
            conversation_id=conversation if new else UNSET,
        ),
    )


def daily(registers: Registers, day: date, made: list[Call], factor: float = 1.0) -> list[DailyUsage]:
    """A row for every member of the day, active or not, the requests counted from the calls made."""
    if day < registers.first_day:
        return []
    by_member: dict[str, list[Call]] = {}
    for call in made:
        by_member.setdefault(call.member, []).append(call)
    return [
        _row(registers, person, day, by_member.get(person.cursor_id, []), factor)
        for person in registers.people
        if person.has_cursor and person.works_on(day)
    ]


def _row(registers: Registers, person: Person, day: date, made: list[Call], factor: float) -> DailyUsage:
    chance = stream(registers.seed, "lines", person.number, day)
    modes: Counter[str] = Counter(call.mode for call in made)
    kinds = Counter(call.event.kind_label if call.event.kind is UNSET else call.event.kind for call in made)
    used = Counter(call.event.model for call in made)
    silent = rhythm.is_silent(day, "cursor") or rhythm.on_vacation(person.number, day)
    if person.number == people.EVENTLESS and not silent and rhythm.pace(day) > 0.5:
        # a client so old that the team's event log does not know it
        modes, kinds = Counter({"chat": 3, "composer": 2}), Counter({INCLUDED: 4, USAGE_BASED: 1})
        used = Counter({"gpt-4o": 5})
    at_desk = not silent and chance.random() < 1.5 * rhythm.pace(day)
    tabs = int(person.energy * chance.randrange(20, 260)) if at_desk and person.style.cursor else 0
    requests = sum(modes.values())
    if not requests and not tabs:
        version = chance.random()
        return DailyUsage(
            user_id=person.cursor_id,
            day=str(day),
            email=person.cursor_email,
            client_version=UNSET if version < 0.6 else "" if version < 0.8 else None,
            most_used_model=None if version > 0.99 else "",
        )
    added = int(requests * chance.lognormvariate(3.4, 0.8) * factor) + tabs * 2
    accepted = int(added * chance.uniform(0.2, 0.9))
    accepts = int((modes["agent"] + modes["composer"]) * chance.uniform(0.3, 1.4) * factor)
    if chance.random() < 0.02 or (person.number == people.BOTH_BILLINGS and rhythm.every(4, day)):
        # auto-apply: lines were accepted that no editor counted as typed
        added, accepted = added // 50 if chance.random() < 0.6 else 0, max(accepted, 40)
    extension = chance.choice(("py", "ts", "tsx", "go", "sql", "md", "", "Untitled-1"))
    return DailyUsage(
        user_id=person.cursor_id,
        day=str(day),
        email=person.cursor_email,
        is_active=True,
        total_lines_added=added,
        total_lines_deleted=added // 6,
        accepted_lines_added=accepted,
        accepted_lines_deleted=accepted // 7,
        total_applies=int(accepts * chance.uniform(0.4, 1.3)),
        total_accepts=accepts,
        total_rejects=int(accepts * chance.uniform(0, 0.35)),
        total_tabs_shown=tabs,
        total_tabs_accepted=int(tabs * chance.uniform(0.2, 0.5)),
        composer_requests=modes["composer"],
        chat_requests=modes["chat"],
        agent_requests=modes["agent"],
        cmdk_usages=modes["cmdk"],
        bugbot_usages=modes["bugbot"],
        subscription_included_reqs=kinds[INCLUDED] + kinds[ERRORED],
        usage_based_reqs=kinds[USAGE_BASED],
        api_key_reqs=kinds[OWN_KEY],
        most_used_model="" if not used or chance.random() < 0.12 else used.most_common(1)[0][0],
        apply_most_used_extension=extension if accepts else "",
        tab_most_used_extension=extension if tabs else "",
        client_version=UNSET
        if chance.random() < 0.2
        else f"{max(0, day.year - 2024)}.{day.month}.{person.number % 3}",
    )
