"""How the four kinds of tokens are shared: each person, model and day has a mix of its own, always the same."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ai_usage_assets.demo.sandbox.company.random_streams import random_stream


@dataclass(frozen=True)
class Mix:
    """Factors of the usual number of tokens of each kind."""

    input: float = 1.0
    output: float = 1.0
    cache_read: float = 1.0
    cache_write: float = 1.0

    def __mul__(self, other: "Mix") -> "Mix":
        return Mix(
            self.input * other.input,
            self.output * other.output,
            self.cache_read * other.cache_read,
            self.cache_write * other.cache_write,
        )


def of_person(seed: int, number: int, day: date) -> Mix:
    """What a person's way of working makes of it: some start new conversations often, and read little from caches."""
    return _mix(0.35, seed, "person", number) * _drawn(0.12, seed, "person", number, day)


def of_model(name: str) -> Mix:
    """Some models write longer answers than others."""
    return _mix(0.2, "model", name)


def of_service(seed: int, number: int, day: date) -> Mix:
    """The traffic of a service differs from day to day."""
    return _drawn(0.15, seed, "service", number, day)


def _drawn(spread: float, *of: object) -> Mix:
    """Factors whose mean is 1."""
    random = random_stream("mix", *of)
    return Mix(*(random.lognormvariate(-spread * spread / 2, spread) for _ in range(4)))


_mix = lru_cache(maxsize=10_000)(_drawn)
"""The same for what does not depend on the day."""
