"""The rates of months: what stands beside US dollars, and since when it does not change."""

from ai_usage_assets.schema.columns import text
from ai_usage_assets.schema.model import BOOLEAN, DATE, Column, Layer, Rule, Table, numeric

RATE = numeric(38, 9)
ABOVE_ZERO = Rule("is above 0", "{} > 0")
CURRENCY = text("currency", "The currency, as in ISO 4217, such as EUR; NULL if the month has no rate.")
FX_RATE = Column(
    "fx_rate",
    RATE,
    "Units of the currency for one US dollar; of a closed month, as it was when the month was closed.",
    rule=ABOVE_ZERO,
)

AGG_MONTHLY_RATES = Table(
    name="agg_monthly_rates",
    layer=Layer.VIEW,
    grain="month that has a rate",
    description=(
        "The currency beside the US dollar, and the rate of each month. Closing a month freezes its rate: a later change of "
        "fx.csv does not change what was closed, until the month is closed again."
    ),
    columns=(
        Column("month", DATE, "First day of the calendar month (UTC)."),
        text("currency", "The currency, as in ISO 4217, such as EUR."),
        FX_RATE,
        Column("is_frozen", BOOLEAN, "Whether the rate is that of the close."),
        text("file_currency", "The currency that fx.csv has for the month now; NULL if it has none."),
        Column("file_rate", RATE, "The rate that fx.csv has for the month now; NULL if it has none."),
    ),
    key=("month",),
)
