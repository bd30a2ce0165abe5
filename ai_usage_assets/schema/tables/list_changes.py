"""Changes of the vendors' lists. The snapshot tables themselves have the present values only."""

from ai_usage_assets.schema.columns import required, text
from ai_usage_assets.schema.model import DATE, TIMESTAMP, Column, Layer, Table

RAW_LIST_CHANGES = Table(
    name="raw_list_changes",
    layer=Layer.LIST_LOG,
    grain="attribute of an entry of a vendor's list, and the UTC day of the listing that showed another value",
    description=(
        "Recorded by the write of each list (users, API keys, workspaces, members). The value on a day is the old_value of "
        "the earliest change after that day, or the value in the list if there is no such change. The first list holds for "
        "every day before it. If an entry is no longer listed, is_current changes to false."
    ),
    columns=(
        required(text("table_name", "The list's table.")),
        required(text("entry_id", "The entry's id in that table.", is_personal=True)),
        required(text("attribute", "The column that changed.")),
        text("old_value", "The previous value, as text; NULL if there was none.", is_personal=True),
        text("new_value", "The value from valid_from on, as text; NULL if there is none.", is_personal=True),
        Column(
            "valid_from",
            DATE,
            "The UTC day of the listing: the first day of the new value.",
            is_required=True,
        ),
        Column("listed_at", TIMESTAMP, "When the vendor was requested (UTC).", is_required=True),
    ),
    key=("table_name", "entry_id", "attribute", "valid_from"),
)
