"""A day as the analytics endpoints return it: the actor of each usage row, and its cost.

The parts of a workspace add up to its lines in the cost report, without credits, because these amounts are before credits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from ai_usage_assets.demo.sandbox.anthropic import cost
from ai_usage_assets.demo.sandbox.anthropic.usage import scaled
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import Usage
from ai_usage_assets.demo.sandbox.company import people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import ApiKey, Directory
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream

FINAL_AFTER_DAYS = 30
"""After this many days a day is not revised any more."""


@dataclass(frozen=True)
class Part:
    """The usage of one actor in one group, and its cost in cents by cost type and token type."""

    usage: Usage
    actor: Any
    amounts: dict[tuple[str, str | None], tuple[Decimal, Decimal]]
    """Amount and list amount by cost_type and token_type."""

    @property
    def requests(self) -> int:
        tokens = sum(cost.counts(self.usage))
        return 1 + tokens // 4_000 if tokens else 0


class Actors:
    """The actor of a row: the user, else the service account, else the cloud identity, else the key."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._keys: dict[str | None, ApiKey] = {key.id: key for key in directory.keys.values()}

    @cached_property
    def _people(self) -> dict[str, Any]:
        return {person.user_id: person for person in self._directory.people}

    def of(self, row: Usage, day: date) -> dict[str, Any] | None:
        key = self._keys.get(row.api_key_id)
        principal = (key.principal if key else None) or {}
        if user := row.account_id or (principal["id"] if principal.get("type") == "user" else None):
            return self._user(user, day)
        if service := row.service_account_id or principal.get("id"):
            return {"type": "service_account_actor", "service_account_id": service}
        if row.subject:
            provider = {"type": "gcp", "project_number": "481516234200"}
            return {"type": "federated_actor", "provider": provider, "subject": row.subject}
        return {"type": "api_actor", "api_key_id": key.id} if key else None

    def _user(self, user_id: str, day: date) -> dict[str, Any]:
        person = self._people[user_id]
        deleted = person.number == people.REMOVED and not person.works_on(day)
        return {
            "type": "user_actor",
            "user_id": user_id,
            "email_address": None if deleted else person.anthropic_email,
            "name": "Deleted User" if deleted else person.name,
            "deleted": not person.works_on(day),
        }


def parts(
    directory: Directory, day: date, rows: list[Usage], lines: list[cost.Cost], age: int
) -> Iterator[Part]:
    """Every part of the day, as it is known this many days later."""
    actors, incomplete = Actors(directory), _incomplete(directory, day, age)
    for row in rows:
        known_row = scaled(row, incomplete[1]) if row.workspace_id == incomplete[0] else row
        yield Part(known_row, actors.of(row, day), dict(_amounts(directory, day, known_row)))
    # cost lines without usage: the vendor knows the actor, except for corrections
    keys = {"code_execution": directory.keys["evals"], "session_usage": directory.keys["gateway"]}
    for line in lines:
        amount = Decimal(line.amount)
        if line.cost_type in keys:
            row = Usage(api_key_id=keys[line.cost_type].id, workspace_id=line.workspace_id)
            yield Part(row, actors.of(row, day), {(line.cost_type, None): (amount, amount)})
        elif (line.description or "").endswith("Adjustment"):
            row = Usage(workspace_id=line.workspace_id, model=line.model)
            yield Part(row, None, {("tokens", line.token_type): (amount, amount)})


def _amounts(
    directory: Directory, day: date, row: Usage
) -> Iterator[tuple[tuple[str, str | None], tuple[Decimal, Decimal]]]:
    if row.model is not None and row.service_tier not in cost.UNBILLED_TIERS:
        for rate, count in zip(cost.rates(directory, day, row), cost.counts(row), strict=True):
            if count:
                listed = count * rate.listed
                yield ("tokens", rate.token_type), (listed * rate.discount, listed)
    if searches := row.server_tool_use.web_search_requests:
        yield ("web_search", None), (Decimal(searches), Decimal(searches))


def _incomplete(directory: Directory, day: date, age: int) -> tuple[str | None, float]:
    """The workspace that is still revised, and the known part of its usage. It is never the default workspace."""
    random = random_stream(directory.seed, "late", day)
    spaces = [directory.workspaces[name].id for name in ("Production", "Support Bot", "Data Platform")]
    if age < 2:
        return random.choice(spaces), 0.97
    if age < FINAL_AFTER_DAYS and work_calendar.is_nth_day(6, day, 1):
        return random.choice(spaces), 0.999
    return None, 1.0
