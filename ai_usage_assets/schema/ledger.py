"""The restatement ledger: what a figure was when it was first published, and what became of it."""

from ai_usage_assets.schema.columns import MONEY
from ai_usage_assets.schema.model import DATE, INT64, POSITIVE, STRING, TIMESTAMP, Column, Layer, Table

FCT_RESTATEMENTS = Table(
    name="fct_restatements",
    layer=Layer.LEDGER,
    grain="UTC day, platform and measure whose total was changed by a later write",
    description=(
        "Kept by the write itself whenever a day of a fact is replaced by other totals; a day that never moved has "
        "no row. A day that is emptied is restated to 0. cost_usd is in dollars, the rest are counts."
    ),
    columns=(
        Column("day", DATE, "The UTC day whose total moved.", required=True),
        Column("platform", STRING, "anthropic, claude_code or cursor.", required=True),
        Column("measure", STRING, "The fact's column.", required=True),
        Column("first_value", MONEY, "The total as it was first published.", required=True),
        Column("first_published_at", TIMESTAMP, "When that was computed (UTC); NULL if it is not known."),
        Column("previous_value", MONEY, "The total before the newest change.", required=True),
        Column("current_value", MONEY, "The total now.", required=True),
        Column("restated_at", TIMESTAMP, "When the newest change was published (UTC).", required=True),
        Column("restatements", INT64, "How often the total has moved.", required=True, rule=POSITIVE),
    ),
    key=("day", "platform", "measure"),
)
