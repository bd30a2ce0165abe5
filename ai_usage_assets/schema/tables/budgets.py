"""Budgets against cost, with the forecast of the month's end: a view, so that it always says what the facts say now."""

from ai_usage_assets.schema.columns import MONEY
from ai_usage_assets.schema.model import DATE, FLOAT64, INT64, STRING, Column, Layer, Table, one_of
from ai_usage_assets.schema.tables.identity import BUDGET_SCOPES

BUDGET_STATES = (
    "no_budget",
    "under_75_percent",
    "over_75_percent",
    "over_90_percent",
    "will_exceed",
    "exceeded",
)

FCT_BUDGET_DAILY = Table(
    name="fct_budget_daily",
    layer=Layer.VIEW,
    grain="UTC day of fct_cost_daily, and budget of identity/budgets.csv that is valid on it; the company has a row in any case",
    description=(
        "What a month cost until a day, and what it was expected to cost. The forecast of a day depends on the days until "
        "then alone. It is the cost of the loaded days, the median of each weekday of the 28 days before for each other day, "
        "scaled to the cost of the last 21 days, and the seats as on the last loaded day. The interval is as wide as four of "
        "five forecasts of the six months before were off, made with as many days left. Filter on scope and name: scopes have "
        "cost in common, and must not be added."
    ),
    columns=(
        Column("day", DATE, "The UTC day until which the cost is counted."),
        Column("month", DATE, "First day of its calendar month (UTC)."),
        Column(
            "scope",
            STRING,
            "company, platform, department, team, cost_center or person.",
            rule=BUDGET_SCOPES,
        ),
        Column(
            "name",
            STRING,
            "As in identity_budgets. Groups are those of the person on the day of the cost (dim_user_history).",
            is_personal=True,
        ),
        Column("budget_usd", MONEY, "US dollars for the month; NULL if the company has no budget."),
        Column("cost_usd", MONEY, "US dollars of the day alone."),
        Column("spent_usd", MONEY, "US dollars of the month until the day, seats included."),
        Column("services_usd", MONEY, "The part of spent_usd that services (machines) caused."),
        Column("remaining_usd", MONEY, "budget_usd minus spent_usd; negative if the budget is exceeded."),
        Column("spent_share", FLOAT64, "spent_usd as a share of budget_usd; NULL if that is 0 or NULL."),
        Column(
            "days_left",
            INT64,
            "Days of the month that are later, or not loaded for every platform that had cost in the 31 days before.",
        ),
        Column(
            "expected_usd",
            MONEY,
            "Metered cost that is expected of these days, in whole cents; NULL with fewer than 14 known days in 28. Known days "
            "are loaded, and not before the first cost in 91 days.",
        ),
        Column("expected_seats_usd", MONEY, "Cost of seats that is expected of these days, in whole cents."),
        Column(
            "forecast_usd",
            MONEY,
            "The expected cost of the whole month: that of the loaded days and the two above, and at least spent_usd; NULL if one is.",
        ),
        Column(
            "low_usd",
            MONEY,
            "The lower end of the 80 % interval, never below spent_usd; NULL without two earlier months to learn from.",
        ),
        Column("high_usd", MONEY, "The upper end of the 80 % interval; NULL as low_usd."),
        Column(
            "state",
            STRING,
            "exceeded (spent_usd is over the budget), else will_exceed (forecast_usd is), else over_90_percent, over_75_percent "
            "or under_75_percent of the budget is spent; no_budget if there is none.",
            rule=one_of(*BUDGET_STATES),
        ),
    ),
    key=("day", "scope", "name"),
)
