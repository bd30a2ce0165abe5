"""Budgets as the page, the command and the digest show them: the newest day of each, and which of them name few people."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ai_usage_assets.report.folding import MIN_GROUP
from ai_usage_assets.report.forecast import Forecast, forecast
from ai_usage_assets.report.text import name, percent, platform, plural, usd

COMPANY = "company"
GROUPS = ("department", "team", "cost_center")
EXCEEDING = ("exceeded", "will_exceed")
STATES = {
    "no_budget": "no budget",
    "under_75_percent": "under 75 % spent",
    "over_75_percent": "75 % or more spent",
    "over_90_percent": "90 % or more spent",
    "will_exceed": "will be exceeded",
    "exceeded": "exceeded",
}


@dataclass(frozen=True)
class Budget:
    """A row of fct_budget_daily: the company's, or that of a budget."""

    scope: str
    name: str
    day: date
    """The day until which the cost is counted."""
    budget_usd: Decimal | None
    """None if the company has no budget."""
    spent_usd: Decimal
    forecast: Forecast | None
    """None if too few days are known."""
    state: str

    @property
    def is_exceeding(self) -> bool:
        """Whether the budget is exceeded, or will be by the forecast."""
        return self.state in EXCEEDING

    @property
    def shown_name(self) -> str:
        """The name alone: of a team and of a department it can be the same."""
        if self.scope == COMPANY:
            return "Company"
        return platform(self.name) if self.scope == "platform" else name(self.name)

    @property
    def label(self) -> str:
        what = "" if self.scope == COMPANY else f"{self.scope.replace('_', ' ').capitalize()} "
        return f"{what}{self.shown_name}"

    @property
    def share(self) -> str:
        """The part of the budget that is spent."""
        return percent(self.spent_usd, self.budget_usd) if self.budget_usd else ""

    @property
    def sentence(self) -> str:
        """What is spent of the budget, and what is expected."""
        spent = f"{usd(self.spent_usd)} spent"
        if self.budget_usd is not None:
            share = f" ({self.share})" if self.share else ""
            spent = f"{usd(self.spent_usd)} of {usd(self.budget_usd)} spent{share}"
        expected = f", {self.forecast.text}" if self.forecast and self.forecast.days_left else ""
        return f"{spent} until {self.day}{expected}"


@dataclass(frozen=True)
class Budgets:
    """The company's row, the budgets that may be shown, and how many are not."""

    company: Budget | None
    """None if no day of the month is loaded."""
    shown: Sequence[Budget]
    """With the company's if it has one, which comes first."""
    hidden: Sequence[Budget]
    """Of people, and of groups of few people, while names are off."""

    @property
    def exceeding(self) -> list[Budget]:
        return [budget for budget in (*self.shown, *self.hidden) if budget.is_exceeding]

    @property
    def hidden_text(self) -> str:
        """What is said of the hidden ones, where there are any."""
        over = sum(budget.is_exceeding for budget in self.hidden)
        verb = "is" if over == 1 else "are"
        number = plural(len(self.hidden), "budget")
        return f"Not shown: {number} of people, and of groups under {MIN_GROUP} people; {over} of them {verb} exceeded or will be."


NO_BUDGETS = Budgets(None, (), ())
"""No day of the month is loaded."""


def budgets(
    rows: Iterable[Mapping[Any, Any]],
    shown_groups: Callable[[str], Collection[str]] | None,
) -> Budgets:
    """The budgets on their newest day.

    Args:
        rows: rows of fct_budget_daily of one month.
        shown_groups: the departments, teams or cost centers that may be shown without names; None shows all, and people.
    """
    newest: dict[tuple[str, str], Mapping[Any, Any]] = {}
    for row in sorted(rows, key=lambda row: row["day"]):
        newest[row["scope"], row["name"]] = row
    days = {row["day"] for row in newest.values()}
    found = [_budget(row) for row in newest.values() if row["day"] == max(days)]
    found.sort(
        key=lambda budget: (budget.scope != COMPANY, -(budget.budget_usd or 0), budget.scope, budget.name)
    )
    with_budget = [budget for budget in found if budget.budget_usd is not None]
    groups = {group: shown_groups(group) for group in GROUPS} if shown_groups else {}
    hidden = [
        budget
        for budget in with_budget
        if shown_groups
        and (budget.scope == "person" or (budget.scope in GROUPS and budget.name not in groups[budget.scope]))
    ]
    return Budgets(
        company=next((budget for budget in found if budget.scope == COMPANY), None),
        shown=[budget for budget in with_budget if budget not in hidden],
        hidden=hidden,
    )


def _budget(row: Mapping[Any, Any]) -> Budget:
    return Budget(
        scope=row["scope"],
        name=row["name"],
        day=row["day"],
        budget_usd=_known(row["budget_usd"]),
        spent_usd=row["spent_usd"],
        forecast=forecast(row),
        state=row["state"],
    )


def _known(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
