"""Who is shown, and as what: names if the options say so, else numbers within a department. Small groups are folded."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.report import text
from ai_usage_assets.report.costs import OTHER
from ai_usage_assets.report.folding import is_person, kept_groups
from ai_usage_assets.report.options import Options

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = 900
FIRST_NUMBER = 100


@dataclass(frozen=True)
class Person:
    """A person in a month."""

    email: str
    first_day: date
    """The first day with cost or usage."""
    name: str
    department: str
    """Of the last day with cost."""
    team: str
    cost_center: str


def people_of(frame: "pd.DataFrame") -> dict[str, Person]:
    """The people with cost, by e-mail: neither machines nor `unattributed`."""
    found: dict[str, Person] = {}
    columns = (
        "day",
        "user_email",
        "actor_type",
        "first_name",
        "last_name",
        "department",
        "team",
        "cost_center",
    )
    rows = sorted(zip(*(frame[name] for name in columns), strict=True), key=lambda row: (row[0], row[1]))
    for day, email, actor, first_name, last_name, *groups in rows:
        if is_person(email, actor):
            known = found.get(email)
            name = " ".join(each for each in (first_name, last_name) if isinstance(each, str)) or email
            found[email] = Person(email, known.first_day if known else day, name, *groups)
    return found


def labels(people: Mapping[str, Person], month: Days, options: Options) -> dict[str, str]:
    """How each person is written: the name, the department with a number, or `other`."""
    if options.has_names:
        return _names(people)
    departments: dict[str, set[str]] = {}
    for email, person in people.items():
        departments.setdefault(person.department, set()).add(email)
    kept = kept_groups(departments)
    numbers = _numbers(people, month, options.secret)
    return {
        email: f"{text.name(person.department)} {numbers[email]}" if person.department in kept else OTHER
        for email, person in people.items()
    }


def _names(people: Mapping[str, Person]) -> dict[str, str]:
    names = {email: text.name(person.name) for email, person in people.items()}
    often = Counter(names.values())
    return {
        email: f"{name} ({text.name(email)})" if often[name] > 1 and name != email else name
        for email, name in names.items()
    }


def _numbers(people: Mapping[str, Person], month: Days, secret: bytes) -> dict[str, int]:
    """A number of three or more digits for each person, unique within the department and the same all month.

    It is derived from a secret, so that it cannot be computed from an e-mail. Of two people with one number, the one who
    was there first keeps it.
    """
    taken: dict[str, set[int]] = {}
    numbers = {}
    digests = {
        email: hmac.new(secret, f"{month.first}|{email}".encode(), hashlib.sha256).digest()
        for email in people
    }
    for person in sorted(people.values(), key=lambda each: (each.first_day, digests[each.email])):
        used = taken.setdefault(person.department, set())
        number = FIRST_NUMBER + int.from_bytes(digests[person.email][:8]) % NUMBERS
        while number in used:
            number += 1
        used.add(number)
        numbers[person.email] = number
    return numbers
