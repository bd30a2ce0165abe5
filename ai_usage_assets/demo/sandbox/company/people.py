"""The people of the company: names, departments, email addresses at each vendor, first and last days."""

from dataclasses import dataclass
from datetime import date, timedelta

from ai_usage_assets.demo.sandbox.company.random_streams import random_stream, vendor_id

DOMAIN = "tidewater.example"
CONTRACTOR = "dana.reyes@fernhill-partners.example"
"""Uses Claude Code and Cursor, and is in no list of a vendor."""


@dataclass(frozen=True)
class UsageProfile:
    """How a department works: mean daily Cursor calls, Claude Code sessions, and API calls with a key of their own."""

    cursor: float
    claude_code: float
    api: float


USAGE_PROFILES = {
    "Engineering": UsageProfile(cursor=22, claude_code=2.2, api=0.5),
    "Data": UsageProfile(cursor=11, claude_code=1.2, api=1.6),
    "Product": UsageProfile(cursor=4, claude_code=0.4, api=0.2),
    "Design": UsageProfile(cursor=5, claude_code=0.2, api=0.0),
    "Support": UsageProfile(cursor=0, claude_code=0.0, api=0.4),
    "Finance": UsageProfile(cursor=0, claude_code=0.0, api=0.1),
}
_DEPARTMENTS = (
    ["Engineering"] * 9 + ["Data"] * 3 + ["Product"] * 2 + ["Design"] * 2 + ["Support"] * 2 + ["Finance"]
)

# name, local part of the email address, department; these people exist in a company of any size
_NAMED_PEOPLE = (
    ("Mara Lindqvist", "mara.lindqvist", "Engineering"),
    ("Jide Okafor", "jide.okafor", "Engineering"),
    ("Saraswati", "saraswati", "Data"),
    ("Ana María de la Cruz", "ana.delacruz", "Product"),
    ("王晓明", "xiaoming.wang", "Engineering"),
    ("Олена Шевченко", "olena.shevchenko", "Data"),
    ("Tomás Ferreira", "tomas.ferreira", "Engineering"),
    ("Priya Raman", "priya.raman", "Engineering"),
    ("Noah Brandt", "noah.brandt", "Support"),
    ("Hanna Weiss", "hanna.weiss", "Finance"),
    ("Sam Whitfield", "sam.whitfield", "Design"),
    ("Lucía Ortega", "lucia.ortega", "Engineering"),
)
LATE_WORKER, WITH_ALIAS, ONE_WORD_NAME, FIVE_WORD_NAME, NON_LATIN_NAME, OLD_CLIENT = range(6)
REMOVED, BILLED_BOTH_WAYS, SUPPORT_AGENT, OWNER, WITHOUT_EVENTS, LEFT_EARLY = range(6, 12)
_LEAVERS = {REMOVED: 500, LEFT_EARLY: 230}
LEAVER_WITH_KEY, JOINER = 20, 22
"""Both are engineers. They exist in a company of at least 23 people."""
LEFT_ON, JOINED_ON = date(2026, 10, 23), date(2026, 10, 12)
"""The first day without the leaver, whose seat of Cursor ends and whose key a script goes on using; the joiner's first."""
PREMIUM_HOLDERS, PREMIUM_SINCE = (WITH_ALIAS, NON_LATIN_NAME), date(2026, 6, 17)
"""Who has a premium seat of Cursor, and since when."""

_FIRST_NAMES = (
    "Aiko Amara Anton Beatriz Bram Callum Chidi Daria Elif Emre Farah Finn Greta Hugo Ines Ivo Jonas Kaja "
    "Karim Leila Lotte Malik Mei Milan Nadia Nils Oona Omar Pavel Quinn Rosa Ruben Selma Soren Tariq Thea "
    "Uma Viktor Wanda Yusuf Zoe Zoltan"
)
_LAST_NAMES = (
    "Abbas Almeida Bauer Castillo Dvorak Eriksen Fontaine Grant Haddad Ito Janssen Kowalski Larsen Moreau "
    "Nakamura Oyelaran Petrov Quist Rossi Santos Tanaka Ueda Varga Walsh Xu Yilmaz Zimmer"
)
_FIRST = _FIRST_NAMES.split()
_LAST = _LAST_NAMES.split()


@dataclass(frozen=True)
class Person:
    """One person, with the data of both vendors' lists."""

    number: int
    name: str
    email: str
    department: str
    joined: date
    left: date | None
    activity_level: float
    anthropic_email: str
    cursor_email: str
    user_id: str
    cursor_id: str

    @property
    def usage_profile(self) -> UsageProfile:
        return USAGE_PROFILES[self.department]

    @property
    def has_cursor(self) -> bool:
        return self.usage_profile.cursor > 0 or self.number == OWNER

    @property
    def api_billed(self) -> bool:
        """Whether Claude Code is billed to an API key of the company."""
        return self.number % 2 == 0 or self.number == BILLED_BOTH_WAYS

    @property
    def seat_billed(self) -> bool:
        """Whether Claude Code is billed to a seat of a Claude plan."""
        return not self.api_billed or self.number == BILLED_BOTH_WAYS

    def works_on(self, day: date) -> bool:
        return self.joined <= day and (self.left is None or day < self.left)


def create_people(people: int, seed: int, first_day: date) -> tuple[Person, ...]:
    """Everybody who ever worked at the company, by number.

    Raises:
        ValueError: the company is too small for the people that tests need by name.
    """
    if people < len(_NAMED_PEOPLE):
        raise ValueError(
            f"a company of {people} people is too small: it needs {len(_NAMED_PEOPLE)} people at least"
        )
    return tuple(_person(number, people, seed, first_day) for number in range(people))


def _person(number: int, people: int, seed: int, first_day: date) -> Person:
    random = random_stream(seed, "person", number)
    if number < len(_NAMED_PEOPLE):
        name, local, department = _NAMED_PEOPLE[number]
    else:
        turn, rest = divmod(number - len(_NAMED_PEOPLE), len(_FIRST) * len(_LAST))
        first, last = _FIRST[rest * 11 % len(_FIRST)], _LAST[(rest // len(_FIRST) + rest * 5) % len(_LAST)]
        name, department = f"{first} {last}", _DEPARTMENTS[number % len(_DEPARTMENTS)]
        local = f"{first}.{last}{turn or ''}".lower()
    early = number < len(_NAMED_PEOPLE) or random.random() < 0.3
    joined = first_day + timedelta(days=0 if early else random.randrange(20, 690))
    days_until_leaving = _LEAVERS.get(number)
    if days_until_leaving is None and number >= len(_NAMED_PEOPLE) and random.random() < 0.1:
        days_until_leaving = (joined - first_day).days + random.randrange(120, 700)
    left = None if days_until_leaving is None else first_day + timedelta(days=days_until_leaving)
    if number == LEAVER_WITH_KEY:
        left = LEFT_ON
    elif number == JOINER:
        joined, left = JOINED_ON, None
    email = f"{local}@{DOMAIN}"
    return Person(
        number=number,
        name=name,
        email=email,
        department=department,
        joined=joined,
        left=left,
        activity_level=min(3.0, random.lognormvariate(-0.1, 0.55))
        if number >= len(_NAMED_PEOPLE)
        else 1.0 + number % 3 * 0.35,
        anthropic_email=email.title().replace(".Example", ".example") if number % 5 == 0 else email,
        cursor_email=f"j.okafor@{DOMAIN}" if number == WITH_ALIAS else email,
        user_id=vendor_id("user_01", seed, "user", number),
        cursor_id=vendor_id("user_", seed, "cursor", number, length=20),
    )
