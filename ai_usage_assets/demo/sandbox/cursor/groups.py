"""Cursor's billing groups: one per department that uses Cursor, with its current and former members."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ai_usage_assets.demo.sandbox.company import people
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import vendor_id

MOVED_AFTER = timedelta(days=400)
"""When the one person who changes departments moves. They were in Product before."""


def groups(directory: Directory, today: date, spent: dict[str, Decimal]) -> list[dict[str, Any]]:
    """Every group with its current and former members. `spent` is in cents, by member."""
    of_group: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for person in directory.people:
        if not person.usage_profile.cursor or person.joined > today:
            continue
        for department, joined, left in _memberships(directory, person):
            if joined > today:
                continue
            current, former = of_group.setdefault(department, ([], []))
            has_left = left is not None and left <= today
            (former if has_left else current).append(
                {
                    "userId": person.cursor_id,
                    "name": person.name,
                    "email": person.cursor_email,
                    "joinedAt": _instant(joined),
                    "leftAt": _instant(left) if left and has_left else None,
                    "spendCents": 0 if has_left else spent.get(person.cursor_id, 0),
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


def _memberships(directory: Directory, person: Person) -> list[tuple[str, date, date | None]]:
    """The departments of a person: name, first day, and the day after the last one."""
    if person.number != people.ONE_WORD_NAME:
        return [(person.department, person.joined, person.left)]
    moved = directory.first_day + MOVED_AFTER
    return [("Product", person.joined, moved), (person.department, moved, person.left)]


def _instant(day: date) -> str:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
