"""Days on which a person, key, model or department spent or used far more than it usually does."""

from ai_usage_assets.schema.columns import MONEY, PLATFORM, count, person, required, text
from ai_usage_assets.schema.model import DATE, STRING, Column, Layer, Table, one_of

SCOPES = ("key", "person", "service", "model", "department")
"""From the narrowest to the widest."""
MEASURES = ("cost_usd", "tokens")
CAUSES = ("new_key", "new_model", "cache_hit_rate_fell", "price_rose", "one_key", "more_use")

AGG_ANOMALIES = Table(
    name="agg_anomalies",
    layer=Layer.VIEW,
    grain="UTC day, platform, measure, scope and name that left its usual range upwards",
    description=(
        "A day is compared with the 8 weeks before it alone: with the same weekdays, and with all days that had use. A day "
        "is listed once, under the narrowest scope that explains it. Seats and credits are not compared. A day is not "
        "compared before 4 of its weekday are loaded. AI_USAGE_ANOMALY_FLOOR_USD is the least excess, and a million tokens "
        "count as one dollar."
    ),
    columns=(
        required(Column("day", DATE, "The UTC day. It is compared with the days before it.")),
        Column("month", DATE, "First day of the calendar month (UTC)."),
        required(PLATFORM),
        Column(
            "measure",
            STRING,
            "cost_usd or tokens. Tokens are listed only if no cost explains them, such as tokens of a seat.",
            is_required=True,
            rule=one_of(*MEASURES),
        ),
        Column(
            "scope",
            STRING,
            "key, person, service (the machines of a person), model or department.",
            is_required=True,
            rule=one_of(*SCOPES),
        ),
        Column(
            "name",
            STRING,
            "The API key's id, the person's e-mail (also of a service), the model or the department.",
            is_required=True,
            is_personal=True,
        ),
        person(
            "user_email",
            "Who is responsible for the key or service, or the person; NULL for models and departments.",
        ),
        text("actor_type", "person, service or unknown; NULL for models and departments."),
        Column("cost_usd", MONEY, "US dollars of the day; NULL if the measure is tokens."),
        Column("usual_usd", MONEY, "The median of the same weekday; NULL if the measure is tokens."),
        Column("usual_to_usd", MONEY, "The upper end of the usual range; NULL if the measure is tokens."),
        count("tokens", "Input and output tokens of the day; NULL if the measure is cost_usd."),
        count("usual_tokens", "The median of the same weekday; NULL if the measure is cost_usd."),
        count("usual_to_tokens", "The upper end of the usual range; NULL if the measure is cost_usd."),
        Column(
            "likely_cause",
            STRING,
            "What makes at least half of the excess: new_key or new_model (no use in the 8 weeks before), "
            "cache_hit_rate_fell (by 20 points), price_rose (a token of the same model costs half more), one_key, or "
            "more_use.",
            is_required=True,
            rule=one_of(*CAUSES),
        ),
        text("cause_name", "The key or model of the cause; NULL if it is neither."),
        Column(
            "began_on",
            DATE,
            "The first of these days if the series left its range on days at most 7 days apart. An alert is sent for this "
            "day alone.",
        ),
    ),
    key=("day", "platform", "measure", "scope", "name"),
)
