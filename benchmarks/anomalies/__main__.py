"""`python -m benchmarks.anomalies`: precision and recall of agg_anomalies on quiet and on planted months.

It prints the tables of docs/anomalies.md. A quiet month has the ordinary changes of a company and nothing else, so that
every new case in it is a false alarm. Then one anomaly is planted on every fourth day.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ai_usage_assets.days import Days
from benchmarks.anomalies import sandbox
from benchmarks.anomalies.companies import DAYS, PROFILES, Cell, Profile, usage_of
from benchmarks.anomalies.judging import anomalies_of
from benchmarks.anomalies.plants import Plant, planted

JUDGED_FROM = 60
"""Days of a company from which on anomalies are planted and counted."""
EVERY_DAYS = 4
MONTH_DAYS = 30.4
LARGE_USD = 200
"""An amount by which most plants are found."""


@dataclass
class Score:
    """What was found in the months of a company."""

    name: str
    people: int
    months: float = 0
    false_alarms: int = 0
    """Cases that nobody planted, in quiet months and beside the plants of others."""
    plants: list[tuple[Plant, bool, bool]] = field(default_factory=list)
    """Each with whether it was found under its own name, and whether with its cause."""
    cases_of_plants: Counter[int] = field(default_factory=Counter)
    """By the number of cases that one plant made, how often."""

    @property
    def row(self) -> str:
        found = sum(is_found for _, is_found, _ in self.plants)
        large = [is_found for plant, is_found, _ in self.plants if plant.usd >= LARGE_USD]
        month = self.false_alarms / self.months
        by_people = month * 25 / max(self.people, 25)
        precision = found / (found + self.false_alarms)
        return (
            f"| {self.name} | {self.people} | {self.months:.0f} | {self.false_alarms} | {month:.2f} | {by_people:.2f} | "
            f"{precision:.0%} | {found} of {len(self.plants)} | {sum(large)} of {len(large)} |"
        )


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("day", "platform", "measure", "scope", "name"))


def judge(score: Score, cells: list[Cell], days: Days, seed: int) -> None:
    """Count the cases of a company's months, quiet and planted."""
    judged = list(days)[JUDGED_FROM:]
    quiet = [row for row in anomalies_of(cells, days) if row["day"] in judged]
    score.months += len(judged) / MONTH_DAYS
    score.false_alarms += sum(row["day"] == row["began_on"] for row in quiet)
    known = {key_of(row) for row in quiet}
    more, plants = planted(cells, Random(seed), judged[::EVERY_DAYS])
    found = [row for row in anomalies_of(more, days) if row["day"] in judged and key_of(row) not in known]
    by_day = {plant.day: plant for plant in plants}
    for plant in plants:
        of_day = [row for row in found if row["day"] == plant.day]
        own = [row for row in of_day if (row["platform"], row["name"]) == (plant.platform, plant.who)]
        score.plants.append((plant, bool(own), any(row["likely_cause"] == plant.cause for row in own)))
        score.cases_of_plants[len(of_day)] += 1
    score.false_alarms += sum(row["day"] not in by_day for row in found)


def companies(seeds: int) -> Iterator[tuple[Score, int, list[Cell], Days]]:
    for profile in PROFILES:
        score = Score(profile.name, _people(profile))
        for seed in range(seeds):
            yield score, seed, usage_of(profile, seed), DAYS
    yield Score("sandbox", 25), 0, sandbox.usage_of_sandbox(), sandbox.DAYS


def _people(profile: Profile) -> int:
    return profile.people + profile.joins


def kinds(scores: list[Score]) -> Iterator[str]:
    """How many plants of each kind and amount were found."""
    plants = [each for score in scores for each in score.plants]
    for kind in dict.fromkeys(plant.kind for plant, _, _ in plants):
        own = [each for each in plants if each[0].kind == kind]
        cells = []
        for least, below in ((0, 75), (75, 150), (150, 300), (300, float("inf"))):
            found = [is_found for plant, is_found, _ in own if least <= plant.usd < below]
            cells.append(f"{sum(found)} of {len(found)}")
        causes = sum(is_cause for _, is_found, is_cause in own if is_found)
        yield f"| {kind} | {' | '.join(cells)} | {causes} of {sum(is_found for _, is_found, _ in own)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anomalies", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="companies of each kind")
    scores: dict[str, Score] = {}
    for score, seed, cells, days in companies(parser.parse_args().seeds):
        judge(score, cells, days, seed)
        scores[score.name] = score
        print(f"{score.name}, {seed}", file=sys.stderr, flush=True)
    print(
        "| company | people | months | false alarms | a month | a month for 25 people | precision | found | of 200 USD and more |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    print("\n".join(score.row for score in scores.values()))
    print(
        "\n| planted | about 50 USD | 100 | 200 | 400 and more | with its cause |\n|---|--:|--:|--:|--:|--:|"
    )
    print("\n".join(kinds(list(scores.values()))))
    cases = sum((score.cases_of_plants for score in scores.values()), Counter())
    print(f"\nCases by plant: {dict(sorted(cases.items()))}")


if __name__ == "__main__":
    main()
