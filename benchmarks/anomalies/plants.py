"""Anomalies that are planted into a company's usage: what is added on one day, and what should be found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from benchmarks.anomalies.companies import Cell, cell

AMOUNTS = (50.0, 100.0, 200.0, 400.0)
"""US dollars that an anomaly adds to a day."""


@dataclass(frozen=True)
class Plant:
    """One anomaly of one day."""

    day: date
    kind: str
    usd: float
    platform: str
    who: str
    """The e-mail, key, model or department that should be named."""
    cause: str
    """The likely cause that should be given."""


Kind = Callable[[list[Cell], date, float, Random], tuple[list[Cell], Plant] | None]


def _one(cells: list[Cell], random: Random, *, with_key: bool) -> Cell | None:
    """Somebody's largest cell of the day."""
    found = [each for each in cells if each.actor_type == "person" and bool(each.api_key_id) is with_key]
    return random.choice(found) if found else None


def same_key(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A person's key is used far more, as if it had leaked."""
    if not (of := _one(cells, random, with_key=True)):
        return None
    more = _like(of, usd)
    return [*cells, more], Plant(day, "known key", usd, of.platform, str(of.api_key_id), "more_use")


def new_key(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A key that was never used before."""
    if not (of := _one(cells, random, with_key=True)):
        return None
    key = f"new-{day}"
    more = replace(_like(of, usd), api_key_id=key)
    return [*cells, more], Plant(day, "new key", usd, of.platform, key, "new_key")


def machine(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A machine runs in a loop."""
    found = [each for each in cells if each.actor_type == "service"]
    of = random.choice(found)
    return [*cells, _like(of, usd)], Plant(day, "machine", usd, of.platform, str(of.api_key_id), "more_use")


def person(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A person without a key works far more."""
    if not (of := _one(cells, random, with_key=False)):
        return None
    return [*cells, _like(of, usd)], Plant(day, "person", usd, of.platform, of.user_email, "more_use")


def new_model(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A person tries an expensive model."""
    if not (of := _one(cells, random, with_key=False)):
        return None
    more = cell(day, of.platform, of.user_email, of.department, "person", None, f"claude-big-{day:%j}", usd)
    return [*cells, more], Plant(day, "new model", usd, of.platform, of.user_email, "new_model")


def cache(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """A person's requests no longer read from the cache: as many tokens, and far more dollars."""
    if not (of := _one(cells, random, with_key=False)) or of.platform != "anthropic":
        return None
    changed = replace(of, cost_usd=of.cost_usd + usd, cache_read_tokens=0)
    rest = [changed if each is of else each for each in cells]
    return rest, Plant(day, "cache", usd, of.platform, of.user_email, "cache_hit_rate_fell")


def price(cells: list[Cell], day: date, usd: float, random: Random) -> tuple[list[Cell], Plant] | None:
    """The same tokens of a model cost more, for everybody."""
    model = "claude-opus-5"
    whole = sum(each.cost_usd for each in cells if each.model == model and each.platform == "anthropic")
    if whole < 20:
        return None
    factor = 1 + max(usd, 2 * whole) / whole
    rest = [
        replace(each, cost_usd=each.cost_usd * factor)
        if each.model == model and each.platform == "anthropic"
        else each
        for each in cells
    ]
    return rest, Plant(day, "price", whole * (factor - 1), "anthropic", model, "price_rose")


KINDS: tuple[Kind, ...] = (same_key, new_key, machine, person, new_model, cache, price)


def _like(of: Cell, usd: float) -> Cell:
    return cell(
        of.day, of.platform, of.user_email, of.department, of.actor_type, of.api_key_id, of.model, usd
    )


def planted(cells: list[Cell], random: Random, days: list[date]) -> tuple[list[Cell], list[Plant]]:
    """The usage with one anomaly on each of these days."""
    by_day: dict[date, list[Cell]] = {}
    for each in cells:
        by_day.setdefault(each.day, []).append(each)
    plants = list(_plants(by_day, random, days))
    return [each for of_day in by_day.values() for each in of_day], plants


def _plants(by_day: dict[date, list[Cell]], random: Random, days: list[date]) -> Iterator[Plant]:
    for number, day in enumerate(days):
        made = KINDS[number % len(KINDS)](by_day[day], day, random.choice(AMOUNTS), random)
        if made:
            by_day[day], plant = made
            yield plant
