"""Which figures of groups are shown without names: none that is of fewer than 5 people, nor one that a difference gives."""

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from ai_usage_assets.schema.columns import UNATTRIBUTED

if TYPE_CHECKING:
    import pandas as pd

MIN_GROUP = 5
"""Figures of fewer people are not shown by themselves, unless people are named."""

Members: TypeAlias = dict[str, dict[str, set[str]]]
"""By group and platform, the people who have cost there."""


def is_person(email: str, actor_type: str) -> bool:
    return email != UNATTRIBUTED and actor_type != "service"


def members(rows: "pd.DataFrame", column: str) -> Members:
    """The people with cost in each group and platform of these rows of agg_report_people."""
    found: Members = {}
    names = (column, "platform", "user_email", "actor_type", "cost_usd")
    for group, platform, email, actor_type, cost in zip(*(rows[name] for name in names), strict=True):
        if cost and is_person(email, actor_type):
            found.setdefault(group, {}).setdefault(platform, set()).add(email)
    return found


def people_in(found: Members) -> dict[str, set[str]]:
    """The same on any platform."""
    return {group: set().union(*by_platform.values()) for group, by_platform in found.items()}


def merged(found: Members, names: Callable[[str], str]) -> Members:
    """The same under other names; the people of what gets one name are together."""
    together: Members = {}
    for group, by_platform in found.items():
        of_name = together.setdefault(names(group), {})
        for platform, people in by_platform.items():
            of_name[platform] = of_name.get(platform, set()) | people
    return together


def kept_groups(
    groups: Mapping[str, Collection[Hashable]], allowed: Collection[str] | None = None
) -> set[str]:
    """The groups that are shown; the others are folded, and are 5 people or more together if there are so many.

    Args:
        groups: who is in each group.
        allowed: the groups that may be shown; None for all.
    """
    small = {
        name
        for name, people in groups.items()
        if len(people) < MIN_GROUP or (allowed is not None and name not in allowed)
    }
    while 0 < _size(groups, small) < MIN_GROUP and len(small) < len(groups):
        # a rest of few people could be computed from the others, so the smallest other group joins it
        small.add(_smallest(groups, small))
    return set(groups) - small


def shown_groups(rows: "pd.DataFrame", column: str) -> set[str]:
    """The groups that are shown of these rows of agg_report_people."""
    return kept_groups(people_in(members(rows, column)))


def without_split(found: Members) -> set[str]:
    """The groups whose cost is not shown by platform, because one of its parts is of few people.

    The parts of all of them together are 5 people or more, or none, so that no difference shows them either.
    """
    hidden = {
        group
        for group, by_platform in found.items()
        if any(0 < len(people) < MIN_GROUP for people in by_platform.values())
    }
    platforms = {platform for by_platform in found.values() for platform in by_platform}
    of_platforms = [{group: found[group].get(each, set()) for group in found} for each in platforms]
    while (
        hidden
        and len(hidden) < len(found)
        and any(0 < _size(each, hidden) < MIN_GROUP for each in of_platforms)
    ):
        hidden.add(_smallest(people_in(found), hidden))
    return hidden


def _size(groups: Mapping[str, Collection[Hashable]], names: Collection[str]) -> int:
    return len({person for name in names for person in groups[name]})


def _smallest(groups: Mapping[str, Collection[Hashable]], without: Collection[str]) -> str:
    return min((name for name in groups if name not in without), key=lambda name: (len(groups[name]), name))
