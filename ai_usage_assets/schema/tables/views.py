"""The views, for people who do not write SQL: months, people, included value, and missing days."""

from ai_usage_assets.schema.columns import MONEY, PERSON, PLATFORM, count, text
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    NOT_NEGATIVE,
    RATE,
    Column,
    Layer,
    Table,
)
from ai_usage_assets.schema.tables.rates import CURRENCY, FX_RATE

COST_IN_CURRENCY = Column(
    "cost_in_currency",
    MONEY,
    "cost_usd at fx_rate, in four decimals: the rows of a month sum to its cost at that rate. NULL if the month has no rate.",
)
MONTH = Column("month", DATE, "First day of the calendar month (UTC).")

AGG_MONTHLY_FINANCE = Table(
    name="agg_monthly_finance",
    layer=Layer.VIEW,
    grain="month, platform, cost type and department",
    description=(
        "The cost of a month, from fct_cost_daily. The present month is compared with equally many days of the previous "
        "month. If a day of either is missing, the change is NULL. The amounts are estimates until the invoice."
    ),
    columns=(
        MONTH,
        PLATFORM,
        text("cost_type", "usage, web_search, credit, overage, subscription, ..."),
        text(
            "department",
            "The person's department on the day of the cost (dim_user_history), so a person who moved is in two rows; `no "
            "department` if there is none, also for unattributed cost.",
        ),
        Column("cost_usd", MONEY, "US dollars."),
        Column("cost_share", FLOAT64, "The share of the month's cost over all platforms; NULL if that is 0."),
        Column(
            "days_in",
            INT64,
            "Days of the month for which every source of the platform's cost is loaded (load_log).",
            rule=NOT_NEGATIVE,
        ),
        Column("is_complete", BOOLEAN, "Whether every day of the month is loaded for the platform."),
        Column(
            "change_usd",
            MONEY,
            "The change from the previous month, over equally many days; NULL if one of these days is not loaded.",
        ),
        CURRENCY,
        FX_RATE,
        COST_IN_CURRENCY,
    ),
    key=("month", "platform", "cost_type", "department"),
)

AGG_USER_SUMMARY = Table(
    name="agg_user_summary",
    layer=Layer.VIEW,
    grain="month, person, platform and actor type",
    description=(
        "Usage and cost of a person in a month. Services have rows of their own, under the person who is responsible for "
        "them. Rates are computed from the sums of counts, not as means of daily rates, and are NULL if the divisor is 0. "
        "Do not add tokens across platforms."
    ),
    columns=(
        MONTH,
        PERSON,
        text("first_name", "From dim_users.", is_personal=True),
        text("last_name", "From dim_users.", is_personal=True),
        text(
            "department",
            "The last department of the month (dim_user_history), also for the days before a move; NULL if there is none.",
        ),
        PLATFORM,
        count("input_tokens", "All input; NULL if unknown."),
        count("output_tokens", "Output; NULL if unknown."),
        count("requests", "Calls; NULL if the platform does not report them."),
        count("loc_added", "Lines of code added; NULL if the platform does not report them."),
        count("loc_accepted", "AI lines accepted; NULL if the platform does not report them."),
        Column("acceptance_rate", FLOAT64, "Accepts over accepts and rejects of the month.", rule=RATE),
        Column("cost_usd", MONEY, "US dollars; NULL if nothing was charged."),
        Column(
            "cost_per_accepted_line_usd",
            MONEY,
            "US dollars per accepted AI line, to six decimals; NULL if there are none.",
        ),
        text(
            "actor_type",
            "person, service (user_email is responsible for its key, or is the id of a Cursor service account) or unknown.",
        ),
    ),
    key=("month", "user_email", "platform", "actor_type"),
)

AGG_INCLUDED_VALUE = Table(
    name="agg_included_value",
    layer=Layer.VIEW,
    grain="month, person and model",
    description=(
        "The list value of calls that Cursor's seats cover, which are not charged. It is not a cost: never add it to cost. "
        "The price of the seat is in the cost."
    ),
    columns=(
        MONTH,
        PERSON,
        text("model", "The model, in Cursor's naming; `unknown` if it gives none."),
        count("requests", "Calls that the seat covers."),
        Column("included_value_usd", MONEY, "List value in US dollars; never add it to cost."),
    ),
    key=("month", "user_email", "model"),
)

AGG_MISSING_DAYS = Table(
    name="agg_missing_days",
    layer=Layer.VIEW,
    grain="daily table and UTC day that was never loaded",
    description=(
        "The days since AI_USAGE_START_DATE that are over and have no row in load_log, for every daily table that was ever "
        "loaded. An empty day that was loaded is not missing."
    ),
    columns=(
        text("table_name", "The daily table."),
        Column("day", DATE, "The UTC day that is missing."),
    ),
    key=("table_name", "day"),
)

AGG_ADOPTION = Table(
    name="agg_adoption",
    layer=Layer.VIEW,
    grain="week (from Monday), platform and department",
    description=(
        "How many people use a tool, and how much. A person counts as light with at least one active day in the week, as "
        "moderate from AI_USAGE_MODERATE_DAYS (2) and as heavy from AI_USAGE_HEAVY_DAYS (4). Services are not counted. The "
        "cost of idle seats is what is paid for seats without use in 30 days: an exposure, not a saving."
    ),
    columns=(
        Column("week", DATE, "The Monday on which the week begins (UTC).", is_required=True),
        PLATFORM,
        text("department", "The person's department at the end of the week; or `no department`."),
        count(
            "days_in", "Days of the week that are loaded: with fewer than 7, people count as lighter users."
        ),
        count(
            "seats", "Seats on the last loaded day of the week; NULL if the platform's seats are not known."
        ),
        count("active_people", "People with an active day."),
        count("inactive_people", "Seat holders without an active day; NULL if the seats are not known."),
        count("light_people", "People with fewer active days than a moderate user."),
        count("moderate_people", "People with fewer active days than a heavy user, and not light."),
        count("heavy_people", "The other active people."),
        count("idle_seats", "Seats on the last loaded day whose holders had no active day in 30 days."),
        Column("idle_seats_usd", MONEY, "US dollars for the days of the week on which a seat was idle."),
    ),
    key=("week", "platform", "department"),
)
