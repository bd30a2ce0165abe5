"""The seen values: what the dimensions need of all days of raw usage, in a small table."""

from ai_usage_assets.schema.columns import required, text
from ai_usage_assets.schema.model import DATE, TIMESTAMP, Column, Layer, Table

SEEN_VALUES = Table(
    name="seen_values",
    layer=Layer.LIST_LOG,
    grain="value of an attribute in a daily table: an e-mail, a service account, an API key, or a member who was active",
    description=(
        "Holds the first and the last day of each value, so that not all days of raw usage have to be read. It is brought up "
        "to date before it is read, from the days that were loaded since. The row of the attribute `read` says until when "
        "the loads of a table are included."
    ),
    columns=(
        required(text("table_name", "The daily table.")),
        required(text("attribute", "email, service, api_key or active; or read.")),
        required(text("value", "The value; of `active`, the vendor's id of the member.", is_personal=True)),
        required(
            text(
                "detail",
                "Of `active` the e-mail, of `service` the name; empty for other values.",
                is_personal=True,
            )
        ),
        Column("first_day", DATE, "The first UTC day with this value.", is_required=True),
        Column("last_day", DATE, "The last UTC day with this value.", is_required=True),
        Column(
            "read_until",
            TIMESTAMP,
            "Of `read`: loads and changes until then are included (UTC); else NULL.",
        ),
    ),
    key=("table_name", "attribute", "value", "detail"),
)
