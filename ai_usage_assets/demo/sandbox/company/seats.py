"""The paid seats of Cursor: their prices, how many there are on a day, and the rows of seats.csv.

Cursor bills the seats of a billing month on its first day. A person who leaves within it has used the seat, so it stays
paid until the month ends; one who joins within it is billed apart, as a proration. seats.csv has the invoiced number for
these months, and otherwise the seats are those of the people.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.demo.sandbox.company import people
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.cursor.cycle import BILLING_DAY

SEAT_USD = {"standard": Decimal("40.00"), "premium": Decimal("120.00")}


def seats(company: Company, day: date) -> Counter[str]:
    """The number of paid seats by tier."""
    return Counter(tier(person, day) for person in holders(company) if person.works_on(day))


def tier(person: Person, day: date) -> str:
    is_premium = person.number in people.PREMIUM_HOLDERS and day >= people.PREMIUM_SINCE
    return "premium" if is_premium else "standard"


def holders(company: Company) -> list[Person]:
    """Everybody who ever had a paid seat; the seat of the team's owner is free."""
    return [
        person for person in company.directory.people if person.has_cursor and person.number != people.OWNER
    ]


def billing_month(day: date) -> Days:
    """The billing month that a day is in."""
    start = (day if day.day >= BILLING_DAY else day.replace(day=1) - ONE_DAY).replace(day=BILLING_DAY)
    return Days(start, (start + timedelta(days=31)).replace(day=BILLING_DAY) - ONE_DAY)


def rows(company: Company) -> list[tuple[object, ...]]:
    """The rows of seats.csv, without its header."""
    standard = ("cursor", "standard", SEAT_USD["standard"])
    found: list[tuple[object, ...]] = []
    since = company.first_day
    for month in _months_with_a_change(company):
        if since < month.first:
            found.append((*standard, "", BILLING_DAY, since, month.first - ONE_DAY))
        number = seats(company, month.first)["standard"]
        found.append((*standard, number, BILLING_DAY, month.first, month.last))
        since = month.last + ONE_DAY
    return [
        *found,
        (*standard, "", BILLING_DAY, since, ""),
        ("cursor", "premium", SEAT_USD["premium"], "", BILLING_DAY, people.PREMIUM_SINCE, ""),
    ]


def _months_with_a_change(company: Company) -> list[Days]:
    """The billing months within which somebody got or lost a seat."""
    changes = {day for person in holders(company) for day in (person.joined, person.left) if day}
    return sorted(
        {billing_month(day) for day in changes if day > company.first_day and day.day != BILLING_DAY},
        key=lambda month: month.first,
    )
