"""Cursor's daily row of each member: requests counted from the calls, with lines and tabs."""

from collections import Counter
from datetime import date

from msgspec import UNSET

from ai_usage_assets.demo.sandbox.company import people, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.models import newest_cursor
from ai_usage_assets.demo.sandbox.company.people import Person
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream
from ai_usage_assets.demo.sandbox.cursor.shapes import Call, DailyUsage


def daily(directory: Directory, day: date, made: list[Call], factor: float = 1.0) -> list[DailyUsage]:
    """A row for every member of the day, active or not. Requests are counted from the calls."""
    if day < directory.first_day:
        return []
    by_member: dict[str, list[Call]] = {}
    for call in made:
        by_member.setdefault(call.member, []).append(call)
    return [
        _row(directory, person, day, by_member.get(person.cursor_id, []), factor)
        for person in directory.people
        if person.has_cursor and person.works_on(day)
    ]


def _row(directory: Directory, person: Person, day: date, made: list[Call], factor: float) -> DailyUsage:
    random = random_stream(directory.seed, "lines", person.number, day)
    modes: Counter[str] = Counter(call.mode for call in made)
    counted = Counter(call.counted for call in made)
    used = Counter(call.event.model for call in made if call.event.model is not UNSET)
    silent = work_calendar.is_day_without_usage(day, "cursor") or work_calendar.is_on_vacation(
        person.number, day
    )
    if person.number == people.WITHOUT_EVENTS and not silent and work_calendar.day_factor(day) > 0.5:
        # an old client, whose calls are not in the event log
        modes, counted = Counter({"chat": 3, "composer": 2}), Counter(included=4, usage=1)
        used = Counter({newest_cursor("gpt", day, 300).name: 5})
    at_desk = not silent and random.random() < 1.5 * work_calendar.day_factor(day)
    tabs = (
        int(person.activity_level * random.randrange(20, 260))
        if at_desk and person.usage_profile.cursor
        else 0
    )
    requests = sum(modes.values())
    if not requests and not tabs:
        version = random.random()
        return DailyUsage(
            user_id=person.cursor_id,
            day=str(day),
            email=person.cursor_email,
            client_version=UNSET if version < 0.6 else "" if version < 0.8 else None,
            most_used_model=None if version > 0.99 else "",
        )
    added = int(requests * random.lognormvariate(3.4, 0.8) * factor) + tabs * 2
    accepted = int(added * random.uniform(0.2, 0.9))
    accepts = int((modes["agent"] + modes["composer"]) * random.uniform(0.3, 1.4) * factor)
    if random.random() < 0.02 or (
        person.number == people.BILLED_BOTH_WAYS and work_calendar.is_nth_day(4, day)
    ):
        # auto-apply: lines were accepted that the editor did not count as added
        added, accepted = added // 50 if random.random() < 0.6 else 0, max(accepted, 40)
    extension = random.choice(("py", "ts", "tsx", "go", "sql", "md", "", "Untitled-1"))
    return DailyUsage(
        user_id=person.cursor_id,
        day=str(day),
        email=person.cursor_email,
        is_active=True,
        total_lines_added=added,
        total_lines_deleted=added // 6,
        accepted_lines_added=accepted,
        accepted_lines_deleted=accepted // 7,
        total_applies=int(accepts * random.uniform(0.4, 1.3)),
        total_accepts=accepts,
        total_rejects=int(accepts * random.uniform(0, 0.35)),
        total_tabs_shown=tabs,
        total_tabs_accepted=int(tabs * random.uniform(0.2, 0.5)),
        composer_requests=modes["composer"],
        chat_requests=modes["chat"],
        agent_requests=modes["agent"],
        cmdk_usages=modes["cmdk"],
        bugbot_usages=modes["bugbot"],
        subscription_included_reqs=counted["included"],
        usage_based_reqs=counted["usage"],
        api_key_reqs=counted["own_key"],
        most_used_model="" if not used or random.random() < 0.12 else used.most_common(1)[0][0],
        apply_most_used_extension=extension if accepts else "",
        tab_most_used_extension=extension if tabs else "",
        client_version=UNSET
        if random.random() < 0.2
        else f"{max(0, day.year - 2024)}.{day.month}.{person.number % 3}",
    )
