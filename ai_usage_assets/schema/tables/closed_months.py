"""Closed months, and what changed after a month was closed."""

from ai_usage_assets.schema.columns import MONEY, PERSON, PLATFORM, money, required, text
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    INT64,
    POSITIVE,
    STRING,
    TIMESTAMP,
    Column,
    Layer,
    Table,
)
from ai_usage_assets.schema.tables.rates import CURRENCY, FX_RATE

CLOSE_DUE_DAY = 5
"""The day of the month from which the month before should be closed."""

COST_TYPE = Column(
    "cost_type", STRING, "As in fct_cost_daily. Tokens are in rows of the type `usage`.", is_required=True
)
DEPARTMENT = text("department", "The person's department on the days of the cost; or `no department`.")
TEAM = text("team", "The person's team on the days of the cost; or `no team`.")
COST_CENTER = text("cost_center", "The person's cost center on the days of the cost; or `no cost center`.")

CLOSED_MONTHS = Table(
    name="closed_months",
    layer=Layer.CLOSED,
    grain=(
        "closed month, revision, month of the cost, platform, cost type, department, team, cost center and person"
    ),
    description=(
        "The figures of a month as they were when a person closed it. Later runs do not change them. A month is its own "
        "cost (cost_month = month) and the adjustments of earlier closed months that no other month has booked. Closing "
        "a month again adds a revision, and the former one stays with is_current = false: always filter by is_current."
    ),
    columns=(
        Column("month", DATE, "First day of the closed month (UTC): the partition.", is_required=True),
        required(PLATFORM),
        COST_TYPE,
        DEPARTMENT,
        TEAM,
        COST_CENTER,
        required(PERSON),
        required(money("cost_usd", "US dollars; of an adjustment, the change.")),
        Column("tokens", INT64, "Input and output tokens; of an adjustment, the change.", is_required=True),
        Column("closed_at", TIMESTAMP, "When the revision was closed (UTC).", is_required=True),
        Column("revision", INT64, "1 for the first close of the month.", is_required=True, rule=POSITIVE),
        Column(
            "cost_month",
            DATE,
            "First day of the month that the cost is of: month itself, or an earlier month that is adjusted.",
            is_required=True,
        ),
        Column("is_current", BOOLEAN, "Whether this is the newest revision of the month.", is_required=True),
        CURRENCY,
        FX_RATE,
    ),
    key=(
        "month",
        "revision",
        "cost_month",
        "platform",
        "cost_type",
        "department",
        "team",
        "cost_center",
        "user_email",
    ),
    partition="month",
    cluster=("platform", "cost_center"),
)

AGG_ADJUSTMENTS = Table(
    name="agg_adjustments",
    layer=Layer.VIEW,
    grain="closed month, the month that books its change, platform, cost type, department, team, cost center and person",
    description=(
        "What changed in closed months after they were closed: restatements of a vendor, late days, moved owners and "
        "people. A change is booked by the next month that is closed, and is never booked twice. The sum of a closed "
        "month's newest revision and its adjustments is what the facts say now."
    ),
    columns=(
        Column("closed_month", DATE, "First day of the month whose figures changed.", is_required=True),
        Column(
            "booking_month",
            DATE,
            "First day of the closed month that books the change. If none has yet, of the month after the newest closed one.",
            is_required=True,
        ),
        Column(
            "is_booked",
            BOOLEAN,
            "Whether a closed month books the change; false until then.",
            is_required=True,
        ),
        required(PLATFORM),
        COST_TYPE,
        DEPARTMENT,
        TEAM,
        COST_CENTER,
        required(PERSON),
        Column("cost_usd", MONEY, "Change in US dollars."),
        Column("tokens", INT64, "Change in input and output tokens."),
    ),
    key=(
        "closed_month",
        "booking_month",
        "is_booked",
        "platform",
        "cost_type",
        "department",
        "team",
        "cost_center",
        "user_email",
    ),
)


def part(name: str, description: str) -> Column:
    return Column(name, MONEY, f"{description} NULL without a month before.")


AGG_COST_CHANGE = Table(
    name="agg_cost_change",
    layer=Layer.VIEW,
    grain="month with loaded days and platform that has cost in it or in the month before",
    description=(
        "Why a month costs more or less than the month before. The eight parts add up to change_usd. All parts but "
        "calendar_usd compare the dollars per day, times the days of the month, so that months of 28 and 31 days compare. "
        "The parts of what is in both months are log-mean Divisia weights (LMDI-I): each is exact by itself, and none "
        "depends on the order of the others. A running month is compared by its loaded days."
    ),
    columns=(
        Column("month", DATE, "First day of the month (UTC).", is_required=True),
        required(PLATFORM),
        money("cost_usd", "US dollars of the month."),
        part("earlier_cost_usd", "US dollars of the month before."),
        part("change_usd", "cost_usd - earlier_cost_usd."),
        Column("days_in", INT64, "Loaded days of the month; NULL without a month before."),
        Column("earlier_days_in", INT64, "Loaded days of the month before; NULL if it has none."),
        Column("people", INT64, "People with usage in the month; services are not counted."),
        Column("earlier_people", INT64, "People with usage in the month before."),
        part("calendar_usd", "More or fewer days."),
        part("people_usd", "More or fewer people with usage."),
        part(
            "use_usd",
            "More or fewer tokens per person and day; of web searches and the like, more or less of them.",
        ),
        part("mix_usd", "Other shares of the models that are in both months."),
        part(
            "price_usd",
            "Another price per token of the same model: a new price, more cache reads, a discount.",
        ),
        part("seats_usd", "More, fewer or other seats (cost type subscription)."),
        part("new_and_gone_usd", "Models and cost types that are in one of the two months only."),
        part("restatements_usd", "What changed in either month after it was closed (closed_months)."),
    ),
    key=("month", "platform"),
)
