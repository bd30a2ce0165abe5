"""Claude Code's records of a day, and the part of them that is API traffic in the usage report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from msgspec import UNSET, UnsetType

from ai_usage_assets.demo.sandbox.anthropic.claude_code_shapes import (
    Activity,
    Actor,
    ClaudeCode,
    CoreMetrics,
    EstimatedCost,
    LinesOfCode,
    ModelBreakdown,
    Tokens,
    ToolAction,
)
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import CacheCreation, Usage, standard
from ai_usage_assets.demo.sandbox.company import habits, models, people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory, stamp
from ai_usage_assets.demo.sandbox.company.habits import Mix
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream

_TERMINALS = ("vscode", "iTerm.app", "tmux", "WezTerm", "Apple_Terminal", "cursor", "JetBrains-JediTerm")
_REMOTE_IS_KNOWN = date(2026, 1, 1)


@dataclass(frozen=True)
class DaySettings:
    """The parts of a record that do not depend on the person."""

    organization_id: str
    day: date
    random: Random
    lag: int
    """How many days after its release a model is adopted."""
    factor: float
    mix: Mix
    """The person's mix of tokens."""


@dataclass(frozen=True)
class Seat:
    """The terminal that was used, and how it is billed."""

    customer_type: str
    terminal_type: str
    remote: bool = False


def claude_code(directory: Directory, day: date, factor: float = 1.0) -> list[Activity]:
    """The records of the day: people, the build server, a contractor."""
    if day < directory.first_day or work_calendar.is_day_without_usage(day, "anthropic"):
        return []
    return [*_people(directory, day, factor), *_others(directory, day, factor)]


def api_usage(directory: Directory, day: date, activities: list[Activity]) -> list[Usage]:
    """The same tokens as rows of the usage report: with their API key, in Claude Code's workspace."""
    return [
        standard(
            models.BY_ID[spent.model],
            uncached_input_tokens=spent.tokens.input,
            cache_creation=CacheCreation(
                spent.tokens.cache_creation - spent.tokens.cache_creation // 8,
                spent.tokens.cache_creation // 8,
            ),
            cache_read_input_tokens=spent.tokens.cache_read,
            output_tokens=spent.tokens.output,
            api_key_id=activity.api_key_id,
            workspace_id=directory.workspace_id("Claude Code"),
        )
        for activity in activities
        if activity.api_key_id
        for spent in activity.record.model_breakdown
    ]


def _people(directory: Directory, day: date, factor: float) -> Iterator[Activity]:
    day_factor = work_calendar.day_factor(day) * work_calendar.growth_factor(day, directory.first_day)
    for person in directory.people:
        if (
            not person.usage_profile.claude_code
            or not person.works_on(day)
            or work_calendar.is_on_vacation(person.number, day)
        ):
            continue
        random = random_stream(directory.seed, "code", person.number, day)
        mean = (
            person.usage_profile.claude_code
            * person.activity_level
            * day_factor
            * random.lognormvariate(0, 0.4)
        )
        sessions = int(mean + random.random())
        if person.number == people.LATE_WORKER:
            sessions = max(1, sessions)
        if sessions:
            organization_id = directory.organization["id"]
            mix = habits.of_person(directory.seed, person.number, day)
            setting = DaySettings(organization_id, day, random, person.number * 3 % 20, factor, mix)
            yield from _person(directory, person, sessions, setting)


def _person(directory: Directory, person: Person, sessions: int, setting: DaySettings) -> Iterator[Activity]:
    key = directory.keys.get(f"code-{person.number}")
    is_late_worker, actor = (
        person.number == people.LATE_WORKER,
        Actor("user_actor", email_address=person.anthropic_email),
    )
    has_key = key is not None and key.created <= setting.day
    seats = _seats(person, setting.day, sessions, has_key)
    for turn, seat in enumerate(seats):
        part = sessions // len(seats) + (sessions % len(seats) if turn == 0 else 0)
        # a session that ends at midnight is listed an hour later
        last_minute = 1437 if is_late_worker and turn == 0 else setting.random.randrange(540, 1260)
        record = _record(setting, actor, seat, max(1, part))
        yield Activity(record, key.id if seat.customer_type == "api" and key else None, last_minute)


def _seats(person: Person, day: date, sessions: int, has_key: bool) -> list[Seat]:
    """The seats of a person on a day. Each has one record, and most people have one seat."""
    home = _TERMINALS[person.number % len(_TERMINALS)]
    seats = []
    if person.api_billed and has_key:
        seats.append(Seat("api", home))
    if person.seat_billed or not has_key:
        seats.append(Seat("subscription", home))
    bill = seats[0].customer_type
    if sessions > 2:
        seats.append(Seat(bill, _TERMINALS[(person.number + 2) % len(_TERMINALS)]))
    if day >= _REMOTE_IS_KNOWN and work_calendar.is_nth_day(4, day, person.number % 4):
        seats.append(Seat(bill, home, remote=True))
    if person.number == people.LATE_WORKER and work_calendar.is_nth_day(3, day):
        # a second machine with the same terminal: equal in every dimension, and both are correct
        seats.append(seats[0])
    return seats


def _others(directory: Directory, day: date, factor: float) -> Iterator[Activity]:
    random, key = random_stream(directory.seed, "code-others", day), directory.keys["ci"]
    mix = habits.of_service(directory.seed, 0, day)
    setting = DaySettings(directory.organization["id"], day, random, 5, factor, mix)
    if day >= key.created:
        runs = 1 + int(
            9 * work_calendar.day_factor(day) * work_calendar.growth_factor(day, directory.first_day)
        )
        actor, seat = Actor("api_actor", api_key_name=key.name), Seat("api", "non-interactive", remote=True)
        yield Activity(_record(setting, actor, seat, runs), key.id, 1290)
    if work_calendar.is_nth_day(4, day, 1):
        actor, seat = Actor("user_actor", email_address=people.CONTRACTOR), Seat("subscription", "tmux")
        yield Activity(_record(setting, actor, seat, 1), None, 1000)


def _record(setting: DaySettings, actor: Actor, seat: Seat, sessions: int) -> ClaudeCode:
    random = setting.random
    tools = _tools(random, int(sessions * random.uniform(3, 9) * setting.factor))
    added = int(sessions * random.lognormvariate(4.6, 0.7) * setting.factor) if tools else 0
    plan: str | UnsetType | None = "team" if random.random() < 0.8 else "enterprise"
    if seat.customer_type == "api":
        plan = None if random.random() < 0.7 else UNSET
    return ClaudeCode(
        date=stamp(setting.day),
        actor=actor,
        organization_id=setting.organization_id,
        customer_type=seat.customer_type,
        subscription_type=plan,
        terminal_type=seat.terminal_type,
        is_remote=seat.remote if setting.day >= _REMOTE_IS_KNOWN else UNSET,
        core_metrics=CoreMetrics(
            sessions,
            LinesOfCode(added, added // 5),
            int(sessions * random.random() * 2),
            int(random.random() * 1.3),
        ),
        tool_actions=tools,
        model_breakdown=_models(setting, sessions) if random.random() > 0.03 else [],
    )


def _tools(random: Random, accepted: int) -> dict[str, ToolAction]:
    """The tools that were offered. A session with questions only has none."""
    if random.random() < 0.06:
        return {}
    tools = {"edit_tool": ToolAction(accepted, accepted // 9)}
    if random.random() < 0.9:
        tools["write_tool"] = ToolAction(accepted // 4, accepted // 40)
    if random.random() < 0.3:
        tools["multi_edit_tool"] = ToolAction(accepted // 6, int(random.random() * 3))
    if random.random() < 0.08:
        tools["notebook_edit_tool"] = ToolAction(accepted // 3, 0)
    return tools


def _models(setting: DaySettings, sessions: int) -> list[ModelBreakdown]:
    random = setting.random
    first, second = ("opus", "sonnet") if random.random() < 0.4 else ("sonnet", "opus")
    parts = [(first, 1.0), ("haiku", 0.08)]
    if random.random() < 0.35:
        parts.append((second, 0.3))
    spent = []
    for family, part in parts:
        model = models.newest(family, setting.day, setting.lag)
        size = sessions * part * random.lognormvariate(0, 0.5) * setting.factor
        mix = setting.mix * habits.of_model(model.id)
        tokens = Tokens(
            int(9_000 * size * mix.input),
            int(14_000 * size * mix.output),
            int(1_900_000 * size * mix.cache_read),
            int(120_000 * size * mix.cache_write),
        )
        spent.append(
            ModelBreakdown(model.id, tokens, EstimatedCost(_estimate(model.id, tokens, setting.day)))
        )
    return spent


def _estimate(model_id: str, tokens: Tokens, day: date) -> Decimal:
    """The client's own estimate at list prices. It knows only one kind of cache write."""
    price = models.price(model_id, day)
    dollars = (
        tokens.input * price.uncached_input_tokens
        + tokens.output * price.output_tokens
        + tokens.cache_read * price.cache_read_input_tokens
        + tokens.cache_creation * price.ephemeral_5m_input_tokens
    )
    return (dollars / 10_000).quantize(Decimal("0.0001"))
