"""Claude Code's daily records, and what of them is API traffic in the usage report."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import msgspec
from msgspec import UNSET, UnsetType

from ai_usage_assets.sandbox import models, people, rhythm
from ai_usage_assets.sandbox.chance import stream
from ai_usage_assets.sandbox.people import Person
from ai_usage_assets.sandbox.registers import Registers, stamp
from ai_usage_assets.sandbox.usage import CacheCreation, Usage


class Actor(msgspec.Struct, frozen=True):
    type: str
    email_address: str | UnsetType = UNSET
    api_key_name: str | UnsetType = UNSET


class LinesOfCode(msgspec.Struct, frozen=True):
    added: int
    removed: int


class CoreMetrics(msgspec.Struct, frozen=True):
    num_sessions: int
    lines_of_code: LinesOfCode
    commits_by_claude_code: int
    pull_requests_by_claude_code: int


class ToolAction(msgspec.Struct, frozen=True):
    accepted: int
    rejected: int


class Tokens(msgspec.Struct, frozen=True):
    input: int
    output: int
    cache_read: int
    cache_creation: int


class EstimatedCost(msgspec.Struct, frozen=True):
    amount: Decimal
    """Cents, a number here where the cost report has a string."""
    currency: str = "USD"


class ModelBreakdown(msgspec.Struct, frozen=True):
    model: str
    tokens: Tokens
    estimated_cost: EstimatedCost


class ClaudeCode(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the vendor answers it; what it never carries before 2026, or at all, is unset."""

    date: str
    actor: Actor
    organization_id: str
    customer_type: str
    subscription_type: str | None | UnsetType = UNSET
    terminal_type: str
    is_remote: bool | UnsetType = UNSET
    core_metrics: CoreMetrics
    tool_actions: dict[str, ToolAction]
    model_breakdown: list[ModelBreakdown]
    client_channel: str = "stable"


class Activity(msgspec.Struct, frozen=True):
    """A record with what the vendor knows and does not answer: the key behind it and its last minute."""

    record: ClaudeCode
    api_key_id: str | None
    last_minute: int


_TERMINALS = ("vscode", "iTerm.app", "tmux", "WezTerm", "Apple_Terminal", "cursor", "JetBrains-JediTerm")
_REMOTE_IS_KNOWN = date(2026, 1, 1)


def claude_code(registers: Registers, day: date, factor: float = 1.0) -> list[Activity]:
    """The day's records: people, the build server, a contractor."""
    if day < registers.first_day or rhythm.is_silent(day, "anthropic"):
        return []
    return [*_people(registers, day, factor), *_others(registers, day, factor)]


def api_usage(registers: Registers, day: date, activities: list[Activity]) -> list[Usage]:
    """The same tokens again, as the usage report shows them: under the key, in Claude Code's own workspace."""
    return [
        Usage(
            uncached_input_tokens=spent.tokens.input,
            cache_creation=CacheCreation(
                spent.tokens.cache_creation - spent.tokens.cache_creation // 8,
                spent.tokens.cache_creation // 8,
            ),
            cache_read_input_tokens=spent.tokens.cache_read,
            output_tokens=spent.tokens.output,
            api_key_id=activity.api_key_id,
            workspace_id=registers.workspace_id("Claude Code"),
            model=spent.model,
            service_tier="standard",
            context_window="0-200k",
            inference_geo="global"
            if models.BY_ID[spent.model].released > date(2026, 2, 1)
            else "not_available",
            speed="standard",
        )
        for activity in activities
        if activity.api_key_id
        for spent in activity.record.model_breakdown
    ]


def _people(registers: Registers, day: date, factor: float) -> Iterator[Activity]:
    pace = rhythm.pace(day) * rhythm.growth(day, registers.first_day)
    for person in registers.people:
        if not person.style.claude_code or not person.works_on(day) or rhythm.on_vacation(person.number, day):
            continue
        chance = stream(registers.seed, "code", person.number, day)
        sessions = int(
            person.style.claude_code * person.energy * pace * chance.lognormvariate(0, 0.4) + chance.random()
        )
        if person.number == people.NIGHT_OWL and not sessions:
            sessions = 1
        if sessions:
            yield from _person(registers, person, day, sessions, chance, factor)


def _person(
    registers: Registers, person: Person, day: date, sessions: int, chance: Random, factor: float
) -> Iterator[Activity]:
    key = registers.keys.get(f"code-{person.number}")
    home = _TERMINALS[person.number % len(_TERMINALS)]
    kinds = [
        (kind, home, False) for kind, used in _billing(person, key is not None and key.created <= day) if used
    ]
    if sessions > 2:
        kinds.append((kinds[0][0], _TERMINALS[(person.number + 2) % len(_TERMINALS)], False))
    if day >= _REMOTE_IS_KNOWN and (person.number + day.toordinal()) % 4 == 0:
        kinds.append((kinds[0][0], home, True))
    if person.number == people.NIGHT_OWL and rhythm.every(3, day):
        # a second client with the same terminal: alike in every dimension, and both are real
        kinds.append(kinds[0])
    for turn, (kind, terminal, remote) in enumerate(kinds):
        work = (
            max(1, sessions // len(kinds))
            if turn
            else max(1, sessions - sessions // len(kinds) * (len(kinds) - 1))
        )
        late = person.number == people.NIGHT_OWL and turn == 0
        yield Activity(
            _record(
                registers,
                day,
                Actor("user_actor", email_address=person.anthropic_email),
                kind,
                terminal,
                UNSET if day < _REMOTE_IS_KNOWN or person.number == people.OLD_CLIENT else remote,
                work,
                chance,
                person.number * 3 % 20,
                factor,
            ),
            key.id if kind == "api" and key else None,
            1437 if late else chance.randrange(540, 1260),
        )


def _billing(person: Person, has_key: bool) -> tuple[tuple[str, bool], ...]:
    return ("api", person.api_billed and has_key), ("subscription", person.seat_billed or not has_key)


def _others(registers: Registers, day: date, factor: float) -> Iterator[Activity]:
    chance, key = stream(registers.seed, "code-others", day), registers.keys["ci"]
    if day >= key.created:
        runs = 1 + int(9 * rhythm.pace(day) * rhythm.growth(day, registers.first_day))
        actor, remote = Actor("api_actor", api_key_name=key.name), UNSET if day < _REMOTE_IS_KNOWN else True
        yield Activity(
            _record(registers, day, actor, "api", "non-interactive", remote, runs, chance, 0, factor),
            key.id,
            1290,
        )
    if rhythm.every(4, day, 1):
        actor = Actor("user_actor", email_address=people.CONTRACTOR)
        yield Activity(
            _record(registers, day, actor, "subscription", "tmux", UNSET, 1, chance, 5, factor), None, 1000
        )


def _record(
    registers: Registers,
    day: date,
    actor: Actor,
    customer_type: str,
    terminal_type: str,
    is_remote: bool | UnsetType,
    sessions: int,
    chance: Random,
    lag: int,
    factor: float,
) -> ClaudeCode:
    added = int(sessions * chance.lognormvariate(4.6, 0.7) * factor)
    accepted = int(sessions * chance.uniform(3, 9) * factor)
    tools = {
        "edit_tool": ToolAction(accepted, accepted // 9),
        "write_tool": ToolAction(accepted // 4, accepted // 40),
    }
    if chance.random() < 0.3:
        tools["multi_edit_tool"] = ToolAction(accepted // 6, int(chance.random() * 3))
    if chance.random() < 0.08:
        tools["notebook_edit_tool"] = ToolAction(accepted // 3, 0)
    if chance.random() < 0.06:
        # a session that only asked: no edit was offered
        tools, added = {}, 0
    seat: str | None | UnsetType = "team" if chance.random() < 0.8 else "enterprise"
    if customer_type == "api":
        seat = None if chance.random() < 0.7 else UNSET
    return ClaudeCode(
        date=stamp(day),
        actor=actor,
        organization_id=registers.organization["id"],
        customer_type=customer_type,
        subscription_type=seat,
        terminal_type=terminal_type,
        is_remote=is_remote,
        core_metrics=CoreMetrics(
            sessions,
            LinesOfCode(added, added // 5),
            int(sessions * chance.random() * 2),
            int(chance.random() * 1.3),
        ),
        tool_actions=tools,
        model_breakdown=_models(day, sessions, chance, lag, factor) if chance.random() > 0.03 else [],
    )


def _models(day: date, sessions: int, chance: Random, lag: int, factor: float) -> list[ModelBreakdown]:
    first, second = ("opus", "sonnet") if chance.random() < 0.4 else ("sonnet", "opus")
    parts = [(models.newest(first, day, lag), 1.0)]
    if chance.random() < 0.35:
        parts.append((models.newest(second, day, lag), 0.3))
    parts.append((models.newest("haiku", day, lag), 0.08))
    spent = []
    for model, part in parts:
        size = sessions * part * chance.lognormvariate(0, 0.5) * factor
        tokens = Tokens(int(9_000 * size), int(14_000 * size), int(1_900_000 * size), int(120_000 * size))
        spent.append(ModelBreakdown(model.id, tokens, EstimatedCost(_estimate(model.id, tokens, day))))
    return spent


def _estimate(model_id: str, tokens: Tokens, day: date) -> Decimal:
    """The client's own reckoning at list price: it knows one kind of cache write only."""
    price = models.price(model_id, day)
    dollars = (
        tokens.input * price.uncached_input_tokens
        + tokens.output * price.output_tokens
        + tokens.cache_read * price.cache_read_input_tokens
        + tokens.cache_creation * price.ephemeral_5m_input_tokens
    )
    return (dollars / 10_000).quantize(Decimal("0.0001"))
