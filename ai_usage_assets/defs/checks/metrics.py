"""The questions themselves: what is asked, which answer is good enough, and what to do about a bad one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True)
class Row:
    """A day's part of an answer. A `subject` names the culprit, by key and never by e-mail."""

    question: str
    day: date
    subject: str | None
    part: Decimal
    whole: Decimal


class Measure(Enum):
    REACHED = "part / whole, at least the tolerance"
    MISSED = "part / whole, at most the tolerance"
    COUNTED = "part, at most the tolerance"
    WORTH = "part, at most the tolerance; whole is what these are worth in dollars"
    APART = "|part - whole| / |whole|, at most the tolerance"


@dataclass(frozen=True)
class Question:
    name: str
    says: str
    measure: Measure
    tolerance: float
    remedy: str

    @property
    def meaning(self) -> str:
        return self.measure.value

    def figure(self, rows: Sequence[Row]) -> float | None:
        """The answer; None where there is nothing to compare."""
        part, whole = sum(float(row.part) for row in rows), sum(float(row.whole) for row in rows)
        if self.measure in (Measure.COUNTED, Measure.WORTH):
            return part
        if not whole:
            return None
        return abs(part - whole) / abs(whole) if self.measure is Measure.APART else part / whole

    def holds(self, figure: float) -> bool:
        return figure >= self.tolerance if self.measure is Measure.REACHED else figure <= self.tolerance

    def culprits(self, rows: Sequence[Row]) -> list[str]:
        """Whom it is about, the largest first, each with its days."""
        weights: dict[str, float] = defaultdict(float)
        worth: dict[str, float] = defaultdict(float)
        days: dict[str, set[date]] = defaultdict(set)
        for row in rows:
            if row.subject is not None:
                reached = self.measure in (Measure.REACHED, Measure.APART)
                weights[row.subject] += float(row.whole - row.part if reached else row.part)
                worth[row.subject] += float(row.whole)
                days[row.subject].add(row.day)
        heaviest = worth if self.measure is Measure.WORTH else weights
        return [
            f"{subject}: {weights[subject]:,.4f}"
            + (f" worth {worth[subject]:,.4f} USD" if self.measure is Measure.WORTH else "")
            + f" on {len(days[subject])} day(s), {min(days[subject])} to {max(days[subject])}"
            for subject in sorted(heaviest, key=lambda name: (-abs(heaviest[name]), name))
        ]


ON_COST = (
    Question(
        "dollars_reach_people",
        "Share of dollars that reaches a person we can name.",
        Measure.REACHED,
        0.8,
        "Name the owners of the keys below in identity/api_key_owners.csv, and materialise the days again.",
    ),
    Question(
        "cost_attribution_is_stable",
        "Share of the dollars that later runs moved from one person to another (fct_restatements, by person).",
        Measure.MISSED,
        0.05,
        "See fct_restatements for these days. A change of a key's owner, of identity files or of the vendor's own e-mails "
        "moves what was published: tell those who have the earlier figures, or undo the change.",
    ),
    Question(
        "cost_has_usage",
        "Share of Anthropic's dollars for tokens and searches whose cell has no usage.",
        Measure.MISSED,
        0.05,
        "Materialise raw_anthropic_usage for these days: late usage may have come in since. Adjustments stay.",
    ),
    Question(
        "usage_has_cost",
        "Share of Anthropic's tokens, priority apart, of a workspace and model without a cost line.",
        Measure.MISSED,
        0.01,
        "Materialise raw_anthropic_cost for these days: the bill may have come in since. Refused requests have no cost.",
    ),
    Question(
        "events_are_priced",
        "Charged events of Cursor without a price: no amount at all, or tokens at 0 dollars.",
        Measure.COUNTED,
        0,
        "Nothing can price them here; compare the month with Cursor's invoice.",
    ),
    Question(
        "kinds_of_events_are_known",
        "Cursor's events of a kind that this project does not know, or without one.",
        Measure.WORTH,
        0,
        "They are charged where Cursor says isChargeable. Compare with Cursor's invoice, and add the kind to "
        "int_cursor_events.sql.",
    ),
    Question(
        "kinds_of_cost_are_known",
        "Anthropic's cost lines of a cost_type or token_type that this project does not know.",
        Measure.WORTH,
        0,
        "They are kept whole under unattributed. Teach fct_cost_daily.sql by what they are to be shared.",
    ),
    Question(
        "seats_equal_the_invoice",
        "US dollars by which the seats of whole billing months differ from seats x price in seats.csv.",
        Measure.COUNTED,
        # it warns and does not stop a run, because seats.csv may have changed since these days were built
        0,
        "Materialize fct_cost_daily again for the billing months below: seats.csv has changed since. If that does "
        "not help, int_seat_charges.sql is wrong: report it with the figures.",
    ),
    Question(
        "claude_code_estimate_is_near_its_bill",
        "Claude Code's own estimate of its API traffic against what its workspace is billed.",
        Measure.APART,
        0.25,
        "A discount explains a steady gap. Else materialise both raw tables for these days: one may be incomplete.",
    ),
)
ON_USAGE = (
    Question(
        "tokens_reach_people",
        "Share of tokens that reaches a person we can name.",
        Measure.REACHED,
        0.8,
        "Name the owners of the keys below in identity/api_key_owners.csv, and materialise the days again.",
    ),
    Question(
        "token_attribution_is_stable",
        "Share of the tokens that later runs moved from one person to another (fct_restatements, by person).",
        Measure.MISSED,
        0.05,
        "See fct_restatements for these days. A change of a key's owner, of identity files or of the vendor's own e-mails "
        "moves what was published: tell those who have the earlier figures, or undo the change.",
    ),
)
