"""Departments, teams and cost centers of people.csv that are probably another one, written differently.

Any name is valid, so nothing is refused. A name that nearly equals a more common one splits the figures of one department.
"""

import re
from collections import Counter
from collections.abc import Mapping

import dagster as dg

from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.identity import IDENTITY_PEOPLE

COLUMNS = ("department", "team", "cost_center")
MIN_TYPO_LETTERS = 5
"""A word must be this long to be called a typing error: Team A and Team B are two teams."""
HINT = (
    "If the names mean the same, write them in one way in people.csv. Views by department, team or cost center show them apart "
    "until then."
)
STATEMENT = f"""
select distinct email, {", ".join(COLUMNS)}
from {IDENTITY_PEOPLE.name}"""


def build() -> list[dg.AssetChecksDefinition]:
    return [names_are_consistent]


@dg.asset_check(
    asset=IDENTITY_PEOPLE.name,
    name="names_are_consistent",
    description="No department, team or cost center is a more common one in another spelling.",
)
def names_are_consistent(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    rows = fetch_rows(context, warehouse.engine, IDENTITY_PEOPLE, "names_are_consistent", STATEMENT)
    doubtful = [
        f"- {column} {name} ({_people(people[name])}): probably {other} ({_people(people[other])})"
        for column in COLUMNS
        for people in [
            Counter(name for name, _ in {(row[column], row["email"]) for row in rows if row[column]})
        ]
        for name, other in sorted(likely_meant(people).items())
    ]
    return dg.AssetCheckResult(
        passed=not doubtful,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "names": len({(column, row[column]) for row in rows for column in COLUMNS if row[column]}),
            **(
                {"offending_rows": dg.MetadataValue.md("\n".join(doubtful)), "hint": HINT} if doubtful else {}
            ),
        },
    )


def likely_meant(people: Mapping[str, int]) -> dict[str, str]:
    """By doubtful name, the more common name that is probably meant.

    Args:
        people: the number of people by name.
    """
    by_number = sorted(people, key=lambda name: (-people[name], name))
    found: dict[str, str] = {}
    for place, name in enumerate(by_number):
        for other in by_number[:place]:
            if other not in found and is_same(name, other, is_rare=people[name] == 1 < people[other]):
                found[name] = other
                break
    return found


def is_same(name: str, other: str, *, is_rare: bool) -> bool:
    """Whether two names differ in case, spaces and punctuation alone or, for a rare name, in one letter of a long word."""
    words, others = (re.findall(r"[^\W_]+", each.casefold()) for each in (name, other))
    if "".join(words) == "".join(others):
        return True
    different = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return (
        is_rare
        and len(words) == len(others)
        and len(different) == 1
        and all(word.isalpha() and len(word) >= MIN_TYPO_LETTERS for word in different[0])
        and is_one_edit(*different[0])
    )


def is_one_edit(word: str, other: str) -> bool:
    """Whether one letter more, less or different, or two neighbors that changed places, make the one word the other."""
    short, long = sorted((word, other), key=len)
    start = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    if len(long) == len(short) + 1:
        return short[start:] == long[start + 1 :]
    return len(long) == len(short) and (
        short[start + 1 :] == long[start + 1 :]
        or (
            short[start : start + 2] == long[start : start + 2][::-1]
            and short[start + 2 :] == long[start + 2 :]
        )
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
