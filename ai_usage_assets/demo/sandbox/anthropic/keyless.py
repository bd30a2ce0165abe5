"""Traffic without an API key: the Console's workbench, people who sign in with OAuth, and federated service accounts."""

from collections.abc import Iterator
from datetime import date

from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import CacheCreation, ServerToolUse, Usage, standard
from ai_usage_assets.demo.sandbox.company import models, people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream

_DAILY_USERS = ((people.SUPPORT_AGENT, None), (people.FIVE_WORD_NAME, "Research"))
"""Who uses the workbench on each working day, and in which workspace."""
_OCCASIONAL_USERS = {"Product": 0.4, "Support": 0.3, "Design": 0.2, "Finance": 0.25}
"""How often other departments use it. Engineers have keys."""
_SIGNED_IN = {people.ONE_WORD_NAME: "Research", people.NON_LATIN_NAME: None}
"""Who runs a tool that signs in with their account, and in which workspace."""


def keyless(directory: Directory, day: date) -> Iterator[Usage]:
    """The rows of the day. Each has one account, except for one row without any dimension."""
    day_factor = work_calendar.growth_factor(day, directory.first_day) * max(
        0.2, work_calendar.day_factor(day)
    )
    research = day >= directory.keys["evals"].created
    for number, workspace in _DAILY_USERS:
        space = workspace if research else None
        yield _workbench(directory, directory.people[number], day, day_factor, space)
    for person in directory.people:
        probability = (
            0.0 if person.number in dict(_DAILY_USERS) else _OCCASIONAL_USERS.get(person.department, 0.0)
        )
        random = random_stream(directory.seed, "workbench", person.number, day)
        if _at_work(person, day) and random.random() < probability * day_factor:
            yield _workbench(
                directory, person, day, 1.0, "Research" if person.number % 3 == 0 and research else None
            )
    for number, workspace in _SIGNED_IN.items():
        if _at_work(directory.people[number], day):
            yield from _signed_in(
                directory, directory.people[number], day, day_factor, workspace if research else None
            )
    if research:
        yield _federated(directory, day, day_factor)
        yield _of_the_cloud(directory, day, day_factor)
    if work_calendar.is_nth_day(9, day, 4):
        unattributed = random_stream(directory.seed, "console", day)
        yield Usage(
            uncached_input_tokens=unattributed.randrange(200, 900), output_tokens=1, service_tier="standard"
        )


def _at_work(person: Person, day: date) -> bool:
    return person.works_on(day) and not work_calendar.is_on_vacation(person.number, day)


def _workbench(directory: Directory, person: Person, day: date, size: float, workspace: str | None) -> Usage:
    """Usage of the Console's workbench: no cache, some web searches."""
    random = random_stream(directory.seed, "console", person.number, day)
    model = models.newest("sonnet", day, 1)
    return standard(
        model,
        uncached_input_tokens=int(random.randrange(20_000, 60_000) * size),
        output_tokens=int(random.randrange(5_000, 15_000) * size),
        server_tool_use=ServerToolUse(random.randrange(1, 6)),
        workspace_id=directory.workspace_id(workspace),
        account_id=person.user_id,
    )


def _signed_in(
    directory: Directory, person: Person, day: date, day_factor: float, workspace: str | None
) -> Iterator[Usage]:
    random = random_stream(directory.seed, "oauth", person.number, day)
    for family, part in (("sonnet", 1.0), ("opus", 0.5)):
        model, size = models.newest(family, day, 4), day_factor * part * random.lognormvariate(0, 0.4)
        written = int(240_000 * size)
        yield standard(
            model,
            uncached_input_tokens=int(90_000 * size),
            cache_creation=CacheCreation(written - written // 5, written // 5),
            cache_read_input_tokens=int(3_000_000 * size),
            output_tokens=int(45_000 * size),
            workspace_id=directory.workspace_id(workspace),
            account_id=person.user_id,
        )


def _federated(directory: Directory, day: date, day_factor: float) -> Usage:
    """The build pipeline, which signs in with an identity of its own (OIDC) and belongs to no person."""
    model, size = (
        models.newest("sonnet", day, 10),
        day_factor * random_stream(directory.seed, "oidc", day).uniform(0.6, 1.4),
    )
    return standard(
        model,
        uncached_input_tokens=int(300_000 * size),
        output_tokens=int(40_000 * size),
        workspace_id=directory.workspace_id("Research"),
        service_account_id=directory.service_account("pipeline")["id"],
    )


def _of_the_cloud(directory: Directory, day: date, day_factor: float) -> Usage:
    """A job in the company's cloud, which signs in with its cloud identity. The usage report cannot name it."""
    model, size = (
        models.newest("haiku", day, 10),
        day_factor * random_stream(directory.seed, "cloud", day).uniform(0.5, 1.5),
    )
    return standard(
        model,
        uncached_input_tokens=int(200_000 * size),
        output_tokens=int(30_000 * size),
        workspace_id=directory.workspace_id("Data Platform"),
        subject="serviceAccount:dbt@tidewater-data.iam.gserviceaccount.com",
    )
