"""Cursor's calls of a day: those of the people, of a service account and of a contractor."""

from collections.abc import Iterator
from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from ai_usage_assets.demo.sandbox.company import habits, people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream, vendor_id
from ai_usage_assets.demo.sandbox.cursor.allowance import Allowances
from ai_usage_assets.demo.sandbox.cursor.calls import (
    DAY_MS,
    KIND,
    PRICED,
    Caller,
    call,
    midnight_ms,
    of_person,
)
from ai_usage_assets.demo.sandbox.cursor.shapes import Call

SERVICE = "release-notes"
SERVICE_EMAIL = f"sa-{SERVICE}@service.{people.DOMAIN}"
_ODD_MONTH = date(2026, 2, 1), date(2026, 3, 1)
"""The month in which some events lack their kind or their model."""


def service_id(directory: Directory) -> str:
    return directory.id("sa_", "cursor")


def calls(directory: Directory, allowances: Allowances, day: date, factor: float = 1.0) -> list[Call]:
    """Every call of the day, oldest first."""
    if day < directory.first_day or work_calendar.is_day_without_usage(day, "cursor"):
        return []
    made = [
        made_call
        for person in directory.people
        for made_call in of_person(directory, person, day, factor, allowances.of(person, day))
    ]
    made += _of_others(directory, day, factor)
    if work_calendar.is_nth_day(3, day, 1) or day.weekday() == 1:
        # two equal calls in one millisecond, and both are correct; neither is within an allowance
        charged = (one for one in made[len(made) // 2 :] if one.counted == "usage")
        made.append(next(charged, made[-1]))
    if _ODD_MONTH[0] <= day < _ODD_MONTH[1] and len(made) > 2:
        made[0] = _without(made[0], kind=UNSET)
        made[-1] = _without(made[-1], model=UNSET)
    return sorted(made, key=lambda made_call: made_call.at)


def _without(made_call: Call, **fields: UnsetType) -> Call:
    return msgspec.structs.replace(made_call, event=msgspec.structs.replace(made_call.event, **fields))


def _of_others(directory: Directory, day: date, factor: float) -> Iterator[Call]:
    """Calls without a seat, and so without an allowance: a service account, once without an email address, a contractor."""
    random, start = random_stream(directory.seed, "cursor-services", day), midnight_ms(day)
    account, mix = service_id(directory), habits.of_service(directory.seed, 0, day)
    for turn in range(1 + int(3 * work_calendar.day_factor(day))):
        caller = Caller(account, SERVICE_EMAIL, 0, mix)
        made = call(caller, start + random.randrange(DAY_MS), day, False, random, factor)
        event = msgspec.structs.replace(
            made.event,
            user_email=made.event.user_email if turn else UNSET,
            is_headless=True if day >= KIND else UNSET,
            user_id=UNSET,
            service_account_id=account if day >= PRICED else UNSET,
            service_account_name=SERVICE if day >= PRICED else UNSET,
            cloud_agent_id=vendor_id("bc-", day, turn) if day >= PRICED and not turn else UNSET,
            automation_id=vendor_id("auto_", SERVICE) if day >= PRICED and turn else UNSET,
        )
        yield msgspec.structs.replace(made, event=event)
    if work_calendar.is_nth_day(5, day):
        caller = Caller("", people.CONTRACTOR, 2, mix)
        yield call(caller, start + random.randrange(DAY_MS), day, False, random, factor)
