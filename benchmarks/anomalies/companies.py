"""Generated companies: what people and machines use day by day, with ordinary changes and without anomalies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from ai_usage_assets.days import Days

DAYS = Days(date(2026, 1, 1), date(2026, 8, 31))
WEEK = (1.0, 1.05, 1.1, 1.05, 0.85)
HOLIDAYS = {date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 25)}
USD_PER_TOKEN = {
    "claude-opus-5": 4e-6,
    "claude-sonnet-5": 1e-6,
    "claude-sonnet-6": 1e-6,
    "claude-haiku-5": 3e-7,
}


@dataclass(frozen=True)
class Cell:
    """What one person or machine used of one key and model on a day."""

    day: date
    platform: str
    user_email: str
    department: str
    actor_type: str
    api_key_id: str | None
    model: str
    cost_usd: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int


@dataclass(frozen=True)
class Profile:
    """How a company behaves."""

    name: str
    people: int = 25
    spread: float = 0.5
    """The standard deviation of the logarithm of a person's daily cost."""
    growth: float = 0.03
    """Of everybody's use, a month."""
    joins: int = 3
    """People who join within the eight months."""
    changes_models: bool = False


PROFILES = (
    Profile("steady", spread=0.35),
    Profile("irregular", spread=0.8),
    Profile("growing", growth=0.12, joins=14),
    Profile("changing models", changes_models=True),
    Profile("8 people", people=8, joins=1),
    Profile("120 people", people=120, joins=12),
)


@dataclass(frozen=True)
class Member:
    """A person of a generated company."""

    number: int
    department: str
    usd: float
    """The cost of an ordinary day."""
    platform: str
    key: str | None
    first_day: date

    @property
    def email(self) -> str:
        return f"person{self.number}@example.com"


def usage_of(profile: Profile, seed: int) -> list[Cell]:
    """Eight months of a company."""
    random = Random(f"{profile.name} {seed}")
    members = list(_members(profile, random))
    moved = random.sample(members, 2)
    cells: list[Cell] = []
    for member in members:
        rotated_on, moved_on = (random.choice(list(DAYS)[90:]) for _ in range(2))
        vacation = {random.choice(range(len(DAYS) // 7)) for _ in range(4)}
        for day in DAYS:
            if day < member.first_day or (day - DAYS.first).days // 7 in vacation:
                continue
            usd = member.usd * _factor(profile, day, random)
            today = replace(member, department="Research") if member in moved and day > moved_on else member
            if member.key and member.number % 4 == 0 and day > rotated_on:
                today = replace(today, key=f"{member.key}-rotated")
            cells.extend(_use(profile, today, day, usd, random))
    cells.extend(_services(profile, members, random))
    return cells


def _members(profile: Profile, random: Random) -> Iterator[Member]:
    departments = ("Engineering", "Engineering", "Engineering", "Data", "Product")
    for number in range(profile.people + profile.joins):
        has_key = random.random() < 0.6
        is_new = number >= profile.people
        yield Member(
            number,
            random.choice(departments),
            random.lognormvariate(2.5, 0.7),
            "anthropic" if has_key else random.choice(("anthropic", "cursor", "claude_code")),
            f"key{number}" if has_key else None,
            random.choice(list(DAYS)[60:]) if is_new else DAYS.first,
        )


def _factor(profile: Profile, day: date, random: Random) -> float:
    """How much of an ordinary day's use a person has; 0 on a day without any."""
    month = (day - DAYS.first).days / 30
    drawn = random.lognormvariate(-(profile.spread**2) / 2, profile.spread)
    is_off = day.weekday() > 4 or day in HOLIDAYS
    if random.random() < (0.93 if is_off else 0.1):
        return 0.0
    return float((1 + profile.growth) ** month * drawn * (1 if is_off else WEEK[day.weekday()]))


def _use(profile: Profile, member: Member, day: date, usd: float, random: Random) -> Iterator[Cell]:
    """A day of a person: mostly one model, and a little of a second one."""
    if not usd:
        return
    has_changed = profile.changes_models and (day - DAYS.first).days > 100 + member.number % 5
    first = "claude-sonnet-6" if has_changed else "claude-sonnet-5"
    share = random.uniform(0.6, 1)
    for model, part in ((first, share), ("claude-opus-5", 1 - share)):
        yield cell(
            day, member.platform, member.email, member.department, "person", member.key, model, usd * part
        )


def _services(profile: Profile, members: list[Member], random: Random) -> Iterator[Cell]:
    """Machines: one every night, one on Sundays, one on the first of a month, and one that tests what people write."""
    scale = profile.people / 25
    owner = members[0]
    for day in DAYS:
        jobs = {
            "nightly": 60 * random.lognormvariate(0, 0.1),
            "weekly": 150 * random.lognormvariate(0, 0.15) if day.weekday() == 6 else 0,
            "monthly": 200 * random.lognormvariate(0, 0.1) if day.day == 1 else 0,
            "tests": 20 * random.lognormvariate(0, 0.5) if day.weekday() < 5 and day not in HOLIDAYS else 0,
        }
        for name, usd in jobs.items():
            if usd:
                yield cell(
                    day,
                    "anthropic",
                    owner.email,
                    owner.department,
                    "service",
                    name,
                    "claude-haiku-5",
                    usd * scale,
                )


def cell(
    day: date, platform: str, email: str, department: str, actor: str, key: str | None, model: str, usd: float
) -> Cell:
    """Use that costs so much, nine tenths of its input read from a cache."""
    tokens = int(usd / USD_PER_TOKEN.get(model, 1e-6))
    billed = 0.0 if platform == "claude_code" else usd
    return Cell(
        day,
        platform,
        email,
        department,
        actor,
        key,
        model,
        billed,
        tokens * 19 // 20,
        tokens // 20,
        tokens * 17 // 20,
    )
