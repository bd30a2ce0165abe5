"""The month against its budgets: two figures of the first screen, and a row and a bar for each budget."""

from collections import Counter
from decimal import Decimal

from ai_usage_assets.report import text
from ai_usage_assets.report.budgets import STATES, Budget, Budgets
from ai_usage_assets.report.figures import ZERO, Figures
from ai_usage_assets.report.forecast import Forecast
from ai_usage_assets.report.layout import Block, Chart, Table, Tile
from ai_usage_assets.report.palette import LIGHT, NEUTRAL


def tile(figures: Figures) -> Tile:
    """What is spent of the company's budget."""
    found = figures.budget
    if found is None or found.budget_usd is None:
        return Tile("Budget", "None yet", "Add it to identity/budgets.csv.")
    left = found.budget_usd - found.spent_usd
    rest = f"{text.usd(left)} left" if left >= 0 else f"exceeded by {text.usd(-left)}"
    detail = f"{text.usd(found.spent_usd)} of {text.usd(found.budget_usd)} until {text.day_name(found.day)}; {rest}"
    if figures.forecast and found.state == "will_exceed":
        over = text.usd(figures.forecast.usd - found.budget_usd)
        detail += f"; the forecast is {over} over it"
    is_warning = found.is_exceeding or (found.state == "over_90_percent" and not figures.is_over)
    return Tile("Budget", f"{found.share or text.UNKNOWN} spent", detail, "warn" if is_warning else "good")


def forecast_tile(found: Forecast) -> Tile:
    """What the running month is expected to cost."""
    interval = (
        f"80 % interval: {found.interval_text}"
        if found.interval
        else "No interval, without two earlier months that are loaded to the end"
    )
    return Tile(
        "Forecast for the whole month",
        text.usd(found.usd),
        f"{interval}. For the {text.plural(found.days_left, 'day')} left: {text.usd(found.expected_usd)} by the weekday "
        f"medians of 28 days at the level of the last 21, and {text.usd(found.seats_usd)} for the seats as they are now",
    )


def blocks(found: Budgets) -> list[Block]:
    """Each budget that may be shown; nothing without a budget."""
    if not (found.shown or found.hidden):
        return []
    header = ("Budget", "For the month", "Spent", "Share", "Forecast", "80 % interval", "State")
    table = Table(
        "The month against its budgets, in US dollars",
        header,
        [_row(each) for each in found.shown],
        texts=(5, 6),
    )
    notes = [found.hidden_text] if found.hidden else []
    return [Block("Against budget", [table] if found.shown else [], _chart(found), notes)]


def _row(budget: Budget) -> tuple[str, ...]:
    forecast = budget.forecast
    return (
        budget.label,
        text.usd(budget.budget_usd),
        text.usd(budget.spent_usd),
        budget.share or text.UNKNOWN,
        text.usd(forecast.usd) if forecast else text.UNKNOWN,
        (forecast.interval_text if forecast else "") or text.UNKNOWN,
        STATES[budget.state].capitalize(),
    )


def _chart(found: Budgets) -> Chart | None:
    """Shares of the budgets. A person is only in the table: the chart is kept in Dagster's records too."""
    drawn = [budget for budget in found.shown if budget.budget_usd and budget.scope != "person"]
    if not drawn:
        return None
    return Chart(
        "budgets",
        "Share of each budget that is spent, and that the rest of the month is expected to take",
        "bars",
        _labels(drawn),
        {
            "spent": [_share(budget, budget.spent_usd) for budget in drawn],
            "expected": [
                _share(budget, max(budget.forecast.usd - budget.spent_usd, ZERO)) if budget.forecast else 0.0
                for budget in drawn
            ],
        },
        [
            text.percent(budget.forecast.usd if budget.forecast else budget.spent_usd, budget.budget_usd or 1)
            for budget in drawn
        ],
        {"spent": NEUTRAL, "expected": LIGHT},
        {"spent": "Spent", "expected": "Expected for the rest of the month"},
    )


def _labels(drawn: list[Budget]) -> list[str]:
    """The names, which are short; with the scope if two are the same."""
    names = Counter(budget.shown_name for budget in drawn)
    return [budget.shown_name if names[budget.shown_name] == 1 else budget.label for budget in drawn]


def _share(budget: Budget, amount: Decimal) -> float:
    return float(amount / (budget.budget_usd or 1))
