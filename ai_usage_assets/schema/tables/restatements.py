"""Restatements: published totals that a later write changed."""

from ai_usage_assets.schema.columns import MONEY, PLATFORM, person, required
from ai_usage_assets.schema.model import DATE, INT64, POSITIVE, STRING, TIMESTAMP, Column, Layer, Table

FCT_RESTATEMENTS = Table(
    name="fct_restatements",
    layer=Layer.WRITE_LOG,
    grain="UTC day, platform and measure whose total was changed by a later write, or a person's part of it",
    description=(
        "Recorded by the write that replaces a day of a fact with other totals. A day whose totals never changed has no "
        "row. A day that is emptied is restated to 0. cost_usd is in dollars, the other measures are counts. Rows with a "
        "user_email show what moved between people: there are such rows only if a write lowered one person's sum and "
        "raised another's. Use the rows without a user_email for totals."
    ),
    columns=(
        Column("day", DATE, "The UTC day whose total changed.", is_required=True),
        required(PLATFORM),
        Column("measure", STRING, "The fact's column.", is_required=True),
        Column("first_value", MONEY, "The total as it was first published.", is_required=True),
        Column(
            "first_published_at",
            TIMESTAMP,
            "When the first value was computed (UTC); NULL if it is not known.",
        ),
        Column("previous_value", MONEY, "The total before the newest change.", is_required=True),
        Column("current_value", MONEY, "The total now.", is_required=True),
        Column("restated_at", TIMESTAMP, "When the newest change was published (UTC).", is_required=True),
        Column("restatements", INT64, "How often the total changed.", is_required=True, rule=POSITIVE),
        person("user_email", "The person whose sum it is; NULL for the total of all people."),
    ),
    key=("day", "platform", "measure", "user_email"),
)
