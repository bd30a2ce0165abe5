"""The views of the usage report: one for each of its charts, so that any tool can draw them.

Each has the bare day: a filter on it reads those days alone, on BigQuery too. `month` is for grouping.
"""

from ai_usage_assets.schema.columns import MONEY, PERSON, PLATFORM, count, text
from ai_usage_assets.schema.model import BOOLEAN, DATE, Column, Layer, Table

DAY = Column("day", DATE, "The UTC day. Filter on it to read only some days.")
MONTH = Column("month", DATE, "First day of the calendar month (UTC).")
COST_TYPE = "usage, web_search, code_execution, session_usage, credit, overage, subscription or unknown"
COST = Column("cost_usd", MONEY, "US dollars; negative for credits.")
ACTOR_TYPE = text("actor_type", "person, service (user_email is responsible for it) or unknown.")
DEPARTMENT = text("department", "The person's department on that day; `no department` if there is none.")

AGG_REPORT_DAYS = Table(
    name="agg_report_days",
    layer=Layer.VIEW,
    grain="UTC day, platform and cost type",
    description=(
        "Spend per day and platform. A day that is loaded has a row of the cost type `none` with 0, so that a day "
        "without cost is there too, and a day without that row is known to be missing."
    ),
    columns=(DAY, MONTH, PLATFORM, text("cost_type", f"{COST_TYPE}; or none."), COST),
    key=("day", "platform", "cost_type"),
)

AGG_REPORT_GROUPS = Table(
    name="agg_report_groups",
    layer=Layer.VIEW,
    grain="UTC day, platform, dimension and name",
    description=(
        "Spend per department, team and cost center. Each dimension has all cost: filter on one of them. What no person "
        "can be named for, and people without a value, are `no department`, `no team` or `no cost center`."
    ),
    columns=(
        DAY,
        MONTH,
        PLATFORM,
        text("dimension", "department, team or cost_center."),
        text("name", "The value of the dimension, for the person on that day (dim_user_history)."),
        COST,
    ),
    key=("day", "platform", "dimension", "name"),
)

AGG_REPORT_MODELS = Table(
    name="agg_report_models",
    layer=Layer.VIEW,
    grain="UTC day, platform, model and cost type",
    description="Spend per model. Seats, web searches and the like have no model.",
    columns=(
        DAY,
        MONTH,
        PLATFORM,
        text("model", "One name for a model across platforms; NULL if the charge has none."),
        text("cost_type", f"{COST_TYPE}."),
        COST,
    ),
    key=("day", "platform", "model", "cost_type"),
)

AGG_REPORT_PEOPLE = Table(
    name="agg_report_people",
    layer=Layer.VIEW,
    grain="UTC day, platform, person and actor type",
    description=(
        "Spend per person, machines apart. What no person can be named for is under `unattributed`. Services have rows of "
        "their own: leave them out to compare people."
    ),
    columns=(
        DAY,
        MONTH,
        PLATFORM,
        PERSON,
        ACTOR_TYPE,
        text("first_name", "From dim_users.", is_personal=True),
        text("last_name", "From dim_users.", is_personal=True),
        DEPARTMENT,
        text("team", "The person's team on that day; `no team` if there is none."),
        text("cost_center", "The person's cost center on that day; `no cost center` if there is none."),
        COST,
    ),
    key=("day", "platform", "user_email", "actor_type"),
)

AGG_REPORT_TOKENS = Table(
    name="agg_report_tokens",
    layer=Layer.VIEW,
    grain="UTC day and model of Anthropic",
    description=(
        "Cache-hit rate and price by model. The cache-hit rate is cache_read_tokens over the three kinds of input "
        "tokens. The price of a million tokens is token_cost_usd times a million over priced_tokens. Divide sums."
    ),
    columns=(
        DAY,
        MONTH,
        text("model", "The model, by one name across platforms."),
        count("uncached_input_tokens", "Input tokens neither read from nor written to the cache."),
        count("cache_read_tokens", "Input tokens read from the cache."),
        count("cache_write_tokens", "Input tokens written to the cache."),
        count("output_tokens", "Output tokens, including thinking."),
        count("priced_tokens", "Tokens of all kinds that have a price: the divisor of token_cost_usd."),
        Column("token_cost_usd", MONEY, "US dollars for priced_tokens, before credits."),
    ),
    key=("day", "model"),
)

AGG_REPORT_UNATTRIBUTED = Table(
    name="agg_report_unattributed",
    layer=Layer.VIEW,
    grain="UTC day, platform and reason",
    description="Spend that no person can be named for, and why.",
    columns=(DAY, MONTH, PLATFORM, text("reason", "As v_cost.unattributed_reason."), COST),
    key=("day", "platform", "reason"),
)

AGG_REPORT_ACTIVITY = Table(
    name="agg_report_activity",
    layer=Layer.VIEW,
    grain="UTC day, platform, person and actor type",
    description=(
        "Acceptance with its denominator, and what Claude Code committed. The rate is accepts / (accepts + rejects), of "
        "sums. The platforms count suggestions in different ways: do not add them. NULL means that the platform does "
        "not report it."
    ),
    columns=(
        DAY,
        MONTH,
        PLATFORM,
        PERSON,
        ACTOR_TYPE,
        DEPARTMENT,
        Column("is_active", BOOLEAN, "Whether the person used the tool on that day."),
        count("sessions", "Claude Code sessions."),
        count("accepts", "Suggestions accepted."),
        count("rejects", "Suggestions rejected."),
        count("commits", "Claude Code: commits made by it."),
        count("pull_requests", "Claude Code: pull requests made by it."),
    ),
    key=("day", "platform", "user_email", "actor_type"),
)
