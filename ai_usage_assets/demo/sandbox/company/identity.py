"""The identity files of the company, as a finance department would write them beside the vendors' lists."""

import csv
from datetime import date
from pathlib import Path

from ai_usage_assets.days import ONE_DAY
from ai_usage_assets.demo.sandbox.company import people
from ai_usage_assets.demo.sandbox.company import seats as paid_seats
from ai_usage_assets.demo.sandbox.company.company import Company

MOVED, MOVED_FROM, MOVED_ON = people.FIVE_WORD_NAME, "Design", date(2026, 11, 9)
"""The person who changed department in the middle of a month, the department before, and the first day after."""
HANDED_OVER, HANDED_FROM, HANDED_TO, HANDED_ON = (
    "shared",
    people.WITH_ALIAS,
    people.BILLED_BOTH_WAYS,
    date(2026, 10, 19),
)
"""The key that changed owners, the owner before, the owner after, and the first day of the latter."""
COST_CENTERS = {
    "Engineering": "CC-4100",
    "Data": "CC-4200",
    "Product": "CC-3100",
    "Design": "CC-3200",
    "Support": "CC-5100",
    "Finance": "CC-1100",
}
TEAMS = {"Engineering": ("Platform", "Checkout", "Mobile"), "Data": ("Forecasting", "Pipelines")}
"""Teams of the departments that have several; their people are in them by turns."""
Rows = list[tuple[object, ...]]
BUDGETS: Rows = [
    ("scope", "name", "usd_per_month", "valid_from", "valid_to"),
    ("company", "", "8000.00", "", date(2026, 8, 31)),
    ("company", "", "9000.00", date(2026, 9, 1), ""),
    ("platform", "cursor", "3000.00", "", ""),
    ("department", "Engineering", "5000.00", "", ""),
    ("department", "Data", "2500.00", "", ""),
    ("team", "Checkout", "2000.00", "", ""),
]
"""More than the sample company spends, so that its checks pass on every day."""


def files(company: Company) -> dict[str, Rows]:
    """The rows of each file, with its header first."""
    directory = company.directory
    colleagues: Rows = [
        (
            *("email", "first_name", "last_name", "department", "team", "cost_center", "aliases"),
            *("valid_from", "valid_to"),
        )
    ]
    for person in directory.people:
        first, _, last = person.name.partition(" ")
        alias = person.cursor_email if person.number == people.WITH_ALIAS else ""
        periods: list[tuple[str, date | str, date | str]] = [(person.department, "", "")]
        if person.number == MOVED:
            periods = [(MOVED_FROM, "", MOVED_ON - ONE_DAY), (person.department, MOVED_ON, "")]
        for department, valid_from, valid_to in periods:
            teams = TEAMS.get(department, ("",))
            team = teams[person.number % len(teams)]
            colleagues.append(
                (
                    person.email,
                    first,
                    last,
                    department,
                    team,
                    COST_CENTERS[department],
                    alias,
                    valid_from,
                    valid_to,
                )
            )
    owners: Rows = [
        ("api_key_id", "email", "purpose", "valid_from", "valid_to", "actor_type"),
        # the vendor does not know who created this key, nor that a service uses it
        (
            directory.keys["legacy"].id,
            directory.people[people.BILLED_BOTH_WAYS].email,
            "Invoice reader, from before keys had owners",
            date(2025, 1, 1),
            "",
            "service",
        ),
        *(
            (
                directory.keys[HANDED_OVER].id,
                directory.people[number].email,
                "Prompts that several teams try out",
                valid_from,
                valid_to,
                "person",
            )
            for number, valid_from, valid_to in (
                (HANDED_FROM, "", HANDED_ON - ONE_DAY),
                (HANDED_TO, HANDED_ON, ""),
            )
        ),
    ]
    seats: Rows = [
        ("platform", "tier", "usd_per_seat_month", "seats", "billing_day", "valid_from", "valid_to"),
        *paid_seats.rows(company),
    ]
    tiers: Rows = [
        ("platform", "email", "tier", "valid_from", "valid_to"),
        *(
            # one of them by the alias that Cursor uses
            ("cursor", directory.people[number].cursor_email, "premium", people.PREMIUM_SINCE, "")
            for number in people.PREMIUM_HOLDERS
        ),
        ("cursor", directory.people[people.OWNER].email, "free", "", ""),
    ]
    return {
        "people": colleagues,
        "api_key_owners": owners,
        "seats": seats,
        "seat_tiers": tiers,
        "budgets": BUDGETS,
    }


def write(company: Company, folder: Path, suffix: str = ".csv") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files(company).items():
        with (folder / f"{name}{suffix}").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
