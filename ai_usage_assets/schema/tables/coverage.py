"""What the vendors' APIs leave open, and how much of it this installation has."""

from ai_usage_assets.schema.columns import MONEY, PLATFORM, count, required
from ai_usage_assets.schema.model import DATE, STRING, Column, Layer, Table, one_of
from ai_usage_assets.schema.tables import curated

REASONS = (
    "no_key",
    "no_matching_usage",
    "unused_seat",
    "call_without_person",
    "no_owner_on_the_day",
    *curated.NO_OWNER_REASONS,
)
TOPICS = (
    *(f"unattributed_{reason}" for reason in REASONS),
    "actor_unknown",
    "split_not_confirmed",
    "one_vendor_only",
    "tokens_of_a_seat",
    "tokens_without_price",
    "calls_of_the_plan",
    "own_key_calls",
    "charge_undecided",
    "missing_days",
    "kept_days",
    "restated_days",
)

AGG_COVERAGE = Table(
    name="agg_coverage",
    layer=Layer.VIEW,
    grain="month, topic and platform for which there is something to report",
    description=(
        "What the vendors' APIs leave open, and how much of it there is in the month. The topics overlap, so their cost is "
        "never added up. Usage through Bedrock, Vertex and Foundry, and tax, are in no report and have no row."
    ),
    columns=(
        Column("month", DATE, "First day of the calendar month (UTC).", is_required=True),
        Column(
            "topic",
            STRING,
            "unattributed_<reason>: cost without a person (v_cost.unattributed_reason). actor_unknown: keys of which no list "
            "says whether a person or a service uses them; api_key_owners.csv decides. split_not_confirmed: cost that was "
            "shared over keys or accounts by tokens, without the vendor's own split (ANTHROPIC_ANALYTICS). one_vendor_only: "
            "people who used one vendor alone; an e-mail that the other vendor spells differently is one reason, and an alias "
            "in people.csv joins them. tokens_of_a_seat and calls_of_the_plan: use that a seat or plan covers, without a "
            "cost of its own. tokens_without_price: tokens of the priority tiers, which the cost report does not have. "
            "own_key_calls: calls of Cursor with a key of the company's own, whose tokens can be under anthropic too. "
            "charge_undecided: calls of Cursor of which the response does not say whether they are charged; the invoice does. "
            "missing_days, kept_days, restated_days: days not loaded since the start date, days whose earlier rows were "
            "kept, and days whose cost changed.",
            is_required=True,
            rule=one_of(*TOPICS),
        ),
        required(PLATFORM),
        count("items", "How many days, keys, people, tokens or calls."),
        Column(
            "unit",
            STRING,
            "What the items are.",
            is_required=True,
            rule=one_of("days", "keys", "people", "tokens", "calls"),
        ),
        Column(
            "cost_usd",
            MONEY,
            "US dollars that the topic is about, or by which days changed; NULL if not known.",
        ),
        Column("first_day", DATE, "The first day with it in the month."),
        Column("last_day", DATE, "The last one."),
    ),
    key=("month", "topic", "platform"),
)
