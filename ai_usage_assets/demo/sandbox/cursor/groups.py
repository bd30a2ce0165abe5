"""Cursor's billing groups: a group for each department that uses Cursor, with who is in it and who has left it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ai_usage_assets.demo.sandbox.company import people
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import vendor_id

MOVED_AFTER = timedelta(days=400)
"""Of the one colleague who has changed departments: they were in Product before."""


def groups(directory: Directory, today: date, spent: dict[str, Decimal]) -> list[dict[str, Any]]:
    """Every group, with its members present and past; `spent` is in cents, by member."""
    of_group: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for person in directory.people:
        if not person.usage_profile.cursor or person.joined > today:
            continue
        for department, joined, left in _stays(directory, person):
            if joined > today:
                continue
            current, former = of_group.setdefault(department, ([], []))
            gone = left is not None and left <= today
            (former if gone else current).append(
                {
                    "userId": person.cursor_id,
                    "name": person.name,
                    "email": person.cursor_email,
                    "joinedAt": _instant(joined),
                    "leftAt": _instant(left) if left and gone else None,
                    "spendCents": 0 if gone else spent.get(person.cursor_id, 0),
                }
            )
    return [
        {
            "id": vendor_id("group_", directory.seed, department),
            "name": department,
            "type": "BILLING",
            "directoryGroupId": None,
            "memberCount": len(current),
            "createdAt": _instant(directory.first_day),
            "updatedAt": _instant(today),
            "spendCents": sum(member["spendCents"] for member in current),
            "currentMembers": current,
            "formerMembers": former,
            "dailySpend": [],
        }
        for department, (current, former) in sorted(of_group.items())
    ]


def _stays(directory: Directory, person: Person) -> list[tuple[str, date, date | None]]:
    """Department, first day, and the day from which they are no longer in it."""
    if person.number != people.ONE_WORD_NAME:
        return [(person.department, person.joined, person.left)]
    moved = directory.first_day + MOVED_AFTER
    return [("Product", person.joined, moved), (person.department, moved, person.left)]


def _instant(day: date) -> str:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
