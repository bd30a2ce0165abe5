"""What a day on BigQuery costs as it is scheduled: the work, and what stands beside it whether or not anything was written.

The work is every write of raw tables, lists and facts, with the checks that run with it. Standing are the dimensions,
the checks that are scheduled by themselves, and views. One seventh of a weekly refresh is in each day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from benchmarks.bigquery_cost import LOAD, Bill, size_of, statement
from benchmarks.bigquery_sizes import DAYS as MEASURED_DAYS
from benchmarks.bigquery_sizes import Size, sizes
from benchmarks.scheduled_day import NEWEST, Played, Sent, play
from benchmarks.statement_reads import Read, reads

SECONDS_A_JOB = 2.0, 4.0
"""An assumption: how long BigQuery takes for a small job, with the requests around it. The jobs of a run follow each other."""
AGES_DAYS = 30, 730
GROWING = {"load_log", "fct_restatements"}
"""Tables without partitions that get rows for each day."""


@dataclass(frozen=True)
class Day:
    """One day, in two parts."""

    work: Bill
    standing: Bill

    @property
    def share(self) -> float:
        """What is billed for the standing reads, in relation to the work."""
        return self.standing.billed / self.work.billed


@cache
def read_by(sql: str, age_days: int) -> tuple[Read, ...]:
    return tuple(reads(sql, date.fromordinal(NEWEST.toordinal() + 1)))


def bill(sent: Iterable[Sent], size: Mapping[str, Size], age_days: int) -> Bill:
    return sum((bill_of(each, size, age_days) for each in sent), start=Bill())


def bill_of(sent: Sent, size: Mapping[str, Size], age_days: int) -> Bill:
    if sent.sql is None:
        return LOAD
    written = len(sent.days) if sent.days else 1
    return statement(*(bytes_of(read, size, age_days, written) for read in read_by(sent.sql, age_days)))


def bytes_of(read: Read, size: Mapping[str, Size], age_days: int, written_days: int) -> float:
    """The bytes of the columns and days that a statement reads of one table."""
    of_table = size.get(read.table.name, Size(0, {}))
    columns = sum(of_table.columns.get(name, 0.0) for name in read.columns)
    if read.table.name in GROWING:
        return columns * age_days / MEASURED_DAYS
    if read.table.partition is None:
        return columns
    if read.is_staged:
        return columns * written_days
    return columns * (age_days if read.days is None else min(len(read.days), age_days))


def day(played: Played, people: int, age_days: int) -> Day:
    size = sizes(people)
    parts = {}
    for is_work in (True, False):
        of_day = [each for each in played.day if (each.part == "work") is is_work]
        of_week = [each for each in played.refresh if (each.part == "work") is is_work]
        week = bill(of_week, size, age_days)
        seventh = Bill(round(week.jobs / 7), week.scanned / 7, week.billed / 7, week.slot_seconds / 7)
        parts[is_work] = bill(of_day, size, age_days) + seventh
    return Day(parts[True], parts[False])


def table(companies: tuple[int, ...]) -> list[dict[str, str]]:
    """The rows of the table of a scheduled day in docs/performance.md."""
    played = {age: play(age) for age in AGES_DAYS}
    return [row(day(played[age], people, age), people, age) for people in companies for age in AGES_DAYS]


def row(found: Day, people: int, age_days: int) -> dict[str, str]:
    jobs = found.work.jobs + found.standing.jobs
    minutes = [jobs * seconds / 60 for seconds in SECONDS_A_JOB]
    billed = found.work + found.standing
    return {
        "people": f"{people:,}",
        "history": f"{age_days:,} days",
        "work: read": size_of(found.work.scanned),
        "billed": size_of(found.work.billed),
        "standing: read": size_of(found.standing.scanned),
        "billed ": size_of(found.standing.billed),
        "standing to work, billed": f"{found.share:.0%}",
        "jobs": f"{jobs:,}",
        "minutes of jobs (assumed)": f"{minutes[0]:.0f} to {minutes[1]:.0f}",
        "a year": f"${billed.usd * 365:,.0f}",
    }
