"""The views for people who do not write SQL: months, people, and what a seat includes."""

from ai_usage_assets.schema.columns import MONEY, count, person, text
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    NOT_NEGATIVE,
    RATE,
    STRING,
    Column,
    Layer,
    Table,
)

MONTH = Column("month", DATE, "First day of the calendar month (UTC).")
PLATFORM = Column("platform", STRING, "anthropic, claude_code or cursor.")
PERSON = person("user_email", "The person (dim_users.email); `unattributed` if nobody can be named.")

AGG_MONTHLY_FINANCE = Table(
    name="agg_monthly_finance",
    layer=Layer.VIEW,
    grain="month, platform, cost type and department",
    description=(
        "What a month costs, from fct_cost_daily. The running month is compared with as many days of the month "
        "before; where a day of either is missing, the change is NULL. Estimates until invoiced."
    ),
    columns=(
        MONTH,
        PLATFORM,
        text("cost_type", "usage, web_search, credit, overage, subscription, ..."),
        text(
            "department",
            "From people.csv; `no department` where none is known, which includes what is unattributed.",
        ),
        Column("cost_usd", MONEY, "US dollars."),
        Column("cost_share", FLOAT64, "Of the month's cost over all platforms; NULL if that is 0."),
        Column(
            "days_in",
            INT64,
            "Days of the month for which all that the platform's cost is made of is loaded (load_log).",
            rule=NOT_NEGATIVE,
        ),
        Column("is_complete", BOOLEAN, "Whether every day of the month is loaded for the platform."),
        Column(
            "change_usd",
            MONEY,
            "On the month before, over equally many days; NULL if one of these days is not loaded.",
        ),
    ),
    key=("month", "platform", "cost_type", "department"),
)

AGG_USER_SUMMARY = Table(
    name="agg_user_summary",
    layer=Layer.VIEW,
    grain="month, person, platform and actor type",
    description=(
        "Use and cost of a person's month; services stand apart, under who answers for them. Rates come from pooled counts, never from means of rates, and are NULL "
        "where there is nothing to divide by. Tokens are not to be added up across platforms."
    ),
    columns=(
        MONTH,
        PERSON,
        text("first_name", "From dim_users.", is_personal=True),
        text("last_name", "From dim_users.", is_personal=True),
        text("department", "From dim_users."),
        PLATFORM,
        count("input_tokens", "All input; NULL is unknown."),
        count("output_tokens", "Output; NULL is unknown."),
        count("requests", "Calls; NULL where the platform does not report them."),
        count("loc_added", "Lines of code added; NULL where the platform does not report them."),
        count("loc_accepted", "AI lines accepted; NULL where the platform does not report them."),
        Column("acceptance_rate", FLOAT64, "Accepts over accepts and rejects of the month.", rule=RATE),
        Column("cost_usd", MONEY, "US dollars; NULL where nothing was charged."),
        Column(
            "cost_per_accepted_line_usd",
            MONEY,
            "Dollars over AI lines accepted, to six decimals; NULL at none.",
        ),
        text(
            "actor_type",
            "person, service (user_email answers for its key, or is a Cursor service account's id) or unknown.",
        ),
    ),
    key=("month", "user_email", "platform", "actor_type"),
)

AGG_INCLUDED_VALUE = Table(
    name="agg_included_value",
    layer=Layer.VIEW,
    grain="month, person and model",
    description=(
        "What Cursor's seats cover, at list value: calls that are not charged. It is no cost and is never to be "
        "added to cost; the seat's price is."
    ),
    columns=(
        MONTH,
        PERSON,
        text("model", "The model, in Cursor's own name; `unknown` if it gives none."),
        count("requests", "Calls that the seat covers."),
        Column("included_value_usd", MONEY, "List value in US dollars; never to be added to cost."),
    ),
    key=("month", "user_email", "model"),
)

AGG_MISSING_DAYS = Table(
    name="agg_missing_days",
    layer=Layer.VIEW,
    grain="daily table and UTC day that was never loaded",
    description=(
        "The days since AI_USAGE_START_DATE that are over and of which load_log has nothing, for every daily table that "
        "was ever loaded. An empty day that was loaded is not missing."
    ),
    columns=(
        text("table_name", "The daily table."),
        Column("day", DATE, "The UTC day that is missing."),
    ),
    key=("table_name", "day"),
)
