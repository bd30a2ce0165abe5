"""Anthropic's usage of a UTC day, at the finest grain by which the usage report can be grouped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from ai_usage_assets.demo.sandbox.anthropic.keyless import keyless
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import CacheCreation, ServerToolUse, Usage, standard
from ai_usage_assets.demo.sandbox.company import habits, models, people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream


@dataclass(frozen=True)
class Workload:
    """A service that runs every day: its model family, and its daily tokens at full growth."""

    key: str
    workspace: str | None
    family: str
    input: int
    output: int
    read: int = 0
    written: int = 0
    tier: str = "standard"
    context: str = "0-200k"
    geo: str = "global"
    searches: int = 0
    lag: int = 10
    model: str | None = None
    days: int = 1
    """It runs on one of this many days."""
    flat: bool = False
    """Whether weekends are like other days."""


_MILLION = 1_000_000
WORKLOADS = (
    Workload(
        "gateway", "Production", "sonnet", 9 * _MILLION, 2 * _MILLION, 60 * _MILLION, 4 * _MILLION, flat=True
    ),
    Workload(
        "gateway", "Production", "sonnet", 3 * _MILLION, 700_000, 20 * _MILLION, _MILLION, geo="us", flat=True
    ),
    Workload("gateway", "Production", "sonnet", 5 * _MILLION, 90_000, tier="priority", flat=True),
    Workload("gateway", "Production", "sonnet", 800_000, 30_000, tier="priority_on_demand", days=2),
    Workload(
        "gateway", "Production", "haiku", 4 * _MILLION, 900_000, 9 * _MILLION, 500_000, lag=20, flat=True
    ),
    Workload("health", "Production", "sonnet", 12, 8, tier="batch", flat=True),
    Workload(
        "support", "Support Bot", "haiku", 6 * _MILLION, 2 * _MILLION, 30 * _MILLION, 2 * _MILLION, lag=4
    ),
    Workload("support", "Support Bot", "sonnet", 900_000, 300_000, 2 * _MILLION, 200_000, searches=160),
    Workload(
        "nightly", "Data Platform", "haiku", 14 * _MILLION, 3 * _MILLION, tier="batch", lag=15, flat=True
    ),
    Workload(
        "nightly", "Data Platform", "sonnet", 2 * _MILLION, 600_000, 500_000, 300_000, tier="batch", days=2
    ),
    Workload("nightly", "Data Platform", "sonnet", 700_000, 200_000, tier="flex", days=2),
    Workload("evals", "Research", "opus", 900_000, 400_000, 2 * _MILLION, 300_000, lag=2, searches=25),
    Workload("evals", "Research", "opus", 1_500_000, 60_000, context="200k-1M", lag=2, days=3),
    Workload("evals", "Research", "sonnet", 800_000, 300_000, tier="flex_discount", days=2),
    Workload("evals", "Research", "fable", 90_000, 60_000, days=4),
    Workload("shared", None, "sonnet", 500_000, 200_000, 900_000, 90_000, lag=25, searches=30),
    Workload("shared-research", "Research", "haiku", 900_000, 80_000, lag=30),
    Workload("prototype", "Research", "sonnet", 60_000, 9_000, lag=200, days=7),
    Workload("legacy", None, "opus", 40_000, 12_000, geo="not_available", model=models.OLDEST.id, days=5),
    Workload("hackathon", "Hackathon 2025", "sonnet", 2 * _MILLION, 500_000),
)


def usage(directory: Directory, day: date, claude_code: list[Usage], factor: float = 1.0) -> list[Usage]:
    """Every row of the day, including Claude Code's API traffic."""
    if day < directory.first_day or work_calendar.is_day_without_usage(day, "anthropic"):
        return []
    made = [*_services(directory, day), *keyless(directory, day), *_developers(directory, day)]
    return [scaled(row, factor) for row in made] + claude_code


def scaled(row: Usage, factor: float) -> Usage:
    if factor == 1.0:
        return row
    written = row.cache_creation
    return msgspec.structs.replace(
        row,
        uncached_input_tokens=int(row.uncached_input_tokens * factor),
        cache_creation=CacheCreation(
            int(written.ephemeral_5m_input_tokens * factor), int(written.ephemeral_1h_input_tokens * factor)
        ),
        cache_read_input_tokens=int(row.cache_read_input_tokens * factor),
        output_tokens=int(row.output_tokens * factor),
        server_tool_use=ServerToolUse(int(row.server_tool_use.web_search_requests * factor)),
    )


def _services(directory: Directory, day: date) -> Iterator[Usage]:
    """Traffic of services, which grows with the number of people and with time."""
    size = max(1.0, len(directory.people) / 24) * work_calendar.growth_factor(day, directory.first_day)
    for number, load in enumerate(WORKLOADS):
        key, family = directory.keys[load.key], models.newest(load.family, day, load.lag)
        closed = load.workspace and directory.workspaces[load.workspace].archived
        model = models.BY_ID[load.model] if load.model else family
        if day < key.created or (closed and day >= closed) or day < model.released:
            continue
        if not work_calendar.is_nth_day(load.days, day, number % load.days):
            continue
        volume = size * random_stream(directory.seed, "load", number, day).lognormvariate(0, 0.25)
        volume *= 0.8 if load.flat else work_calendar.day_factor(day)
        if load.input < 100:
            volume = 1.0
        mix = habits.of_service(directory.seed, number, day) if load.input >= 100 else habits.Mix()
        written = int(load.written * volume * mix.cache_write)
        yield Usage(
            uncached_input_tokens=int(load.input * volume * mix.input),
            cache_creation=CacheCreation(written - written // 4, written // 4),
            cache_read_input_tokens=int(load.read * volume * mix.cache_read),
            output_tokens=int(load.output * volume * mix.output),
            server_tool_use=ServerToolUse(int(load.searches * volume)),
            api_key_id=key.id,
            workspace_id=key.workspace_id,
            model=model.id,
            service_tier=load.tier,
            context_window=load.context,
            inference_geo=load.geo if model.geo == "global" else model.geo,
            speed="fast" if load.family == "opus" and load.days == 3 else "standard",
        )


def _developers(directory: Directory, day: date) -> Iterator[Usage]:
    """Traffic of people with an API key of their own."""
    day_factor = work_calendar.day_factor(day) * work_calendar.growth_factor(day, directory.first_day)
    for person in directory.people:
        if (
            not person.usage_profile.api
            or not person.works_on(day)
            or work_calendar.is_on_vacation(person.number, day)
        ):
            if person.number == people.LEAVER_WITH_KEY and person.left and person.left <= day:
                yield _script_of_the_leaver(directory, person, day)
            continue
        key, random = (
            directory.keys[f"dev-{person.number}"],
            random_stream(directory.seed, "dev", person.number, day),
        )
        if day < key.created or random.random() > person.usage_profile.api * day_factor:
            continue
        family = ("sonnet", "haiku", "opus")[random.choice((0, 0, 0, 1, 2))]
        model = models.newest(family, day, person.number * 3 % 28)
        tokens = int(random.lognormvariate(11, 1) * person.activity_level)
        written = tokens // 3 if random.random() < 0.5 else 0
        yield standard(
            model,
            uncached_input_tokens=tokens,
            cache_creation=CacheCreation(written, 0),
            cache_read_input_tokens=written * random.randrange(2, 12),
            output_tokens=tokens // random.randrange(3, 9),
            api_key_id=key.id,
            workspace_id=key.workspace_id,
        )


def _script_of_the_leaver(directory: Directory, person: people.Person, day: date) -> Usage:
    """A script that still runs every night with the key of a person who left."""
    model, key = models.newest("haiku", day, 10), directory.keys[f"dev-{person.number}"]
    size = random_stream(directory.seed, "script", day).lognormvariate(0, 0.3)
    return standard(
        model,
        uncached_input_tokens=int(400_000 * size),
        output_tokens=int(60_000 * size),
        api_key_id=key.id,
        workspace_id=key.workspace_id,
    )
