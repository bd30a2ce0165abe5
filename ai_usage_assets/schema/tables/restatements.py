"""The restatement ledger: what a figure was when it was first published, and what became of it."""

from ai_usage_assets.schema.columns import MONEY, person
from ai_usage_assets.schema.model import DATE, INT64, POSITIVE, STRING, TIMESTAMP, Column, Layer, Table

FCT_RESTATEMENTS = Table(
    name="fct_restatements",
    layer=Layer.WRITE_LOG,
    grain="UTC day, platform and measure whose total was changed by a later write, or a person's part of it",
    description=(
        "Kept by the write itself whenever a day of a fact is replaced by other totals; a day that never moved has "
        "no row. A day that is emptied is restated to 0. cost_usd is in dollars, the rest are counts. Rows with a "
        "user_email say what moved between people: they are there only where a write lowered one person's sum and "
        "raised another's. Take the rows without one for totals."
    ),
    columns=(
        Column("day", DATE, "The UTC day whose total moved.", is_required=True),
        Column("platform", STRING, "anthropic, claude_code or cursor.", is_required=True),
        Column("measure", STRING, "The fact's column.", is_required=True),
        Column("first_value", MONEY, "The total as it was first published.", is_required=True),
        Column("first_published_at", TIMESTAMP, "When that was computed (UTC); NULL if it is not known."),
        Column("previous_value", MONEY, "The total before the newest change.", is_required=True),
        Column("current_value", MONEY, "The total now.", is_required=True),
        Column("restated_at", TIMESTAMP, "When the newest change was published (UTC).", is_required=True),
        Column("restatements", INT64, "How often the total has moved.", is_required=True, rule=POSITIVE),
        person("user_email", "The person whose sum it is; NULL is the total of all."),
    ),
    key=("day", "platform", "measure", "user_email"),
)
