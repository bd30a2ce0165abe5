"""The load log: it distinguishes an empty day that was loaded from a day that was never loaded."""

from ai_usage_assets.schema.model import (
    DATE,
    INT64,
    NOT_NEGATIVE,
    STRING,
    TIMESTAMP,
    Column,
    Layer,
    Table,
    one_of,
)

LOAD_LOG = Table(
    name="load_log",
    layer=Layer.WRITE_LOG,
    grain="daily table and UTC day that was loaded",
    description=(
        "Kept up to date by the writes of daily tables. A day without a row was never loaded. `kept` is a day for which "
        "the vendor's newest response had no rows, only zeros, or no money any more, so that the stored rows were kept."
    ),
    columns=(
        Column("table_name", STRING, "The daily table.", is_required=True),
        Column("day", DATE, "The UTC day.", is_required=True),
        Column("loaded_at", TIMESTAMP, "When the day was last written (UTC).", is_required=True),
        Column("rows", INT64, "Rows of the day in the table.", is_required=True, rule=NOT_NEGATIVE),
        Column(
            "state",
            STRING,
            "rows, empty (loaded, without rows) or kept.",
            is_required=True,
            rule=one_of("rows", "empty", "kept"),
        ),
    ),
    key=("table_name", "day"),
)
