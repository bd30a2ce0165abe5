"""The reconciliation of the vendors' invoices with the cost: a view, so that it always says what the facts say now."""

from decimal import Decimal

from ai_usage_assets.schema.columns import MONEY, text
from ai_usage_assets.schema.model import DATE, STRING, Column, Layer, Table, one_of

MIN_UNEXPLAINED_USD, MAX_UNEXPLAINED_SHARE = Decimal(1), Decimal("0.005")
"""An invoice is explained if no more than the larger of this amount and this share of it is unexplained."""

FCT_INVOICE_RECONCILIATION = Table(
    name="fct_invoice_reconciliation",
    layer=Layer.VIEW,
    grain="invoice of identity/invoices.csv, component and source",
    description=(
        "Why an invoice is what it is. The components other than `invoiced` sum to `invoiced` to the last digit. Cost is "
        "taken only for the kinds of lines that the invoice has, each for its own period: cost of the type `subscription` "
        "for seats lines, all other cost of the platform for usage lines. A view, because a later write of any day of the "
        "cost changes it."
    ),
    columns=(
        Column("platform", STRING, "anthropic, claude_code (Claude seats) or cursor."),
        text("invoice_id", "The vendor's number of the invoice."),
        Column("issued_on", DATE, "Date of the invoice."),
        text(
            "component",
            "invoiced (the whole invoice); a cost_type of fct_cost_daily; tax, credit, refund or other as invoiced; "
            "restated_since; rounding; unexplained.",
        ),
        Column(
            "source",
            STRING,
            "Where the amount is from: invoice (invoices.csv), cost (fct_cost_daily as it is now), restatements "
            "(fct_restatements) or difference (what is left).",
            rule=one_of("invoice", "cost", "restatements", "difference"),
        ),
        Column(
            "amount_usd",
            MONEY,
            "US dollars. restated_since is the cost when the invoice was issued minus the cost now, so it is negative if the "
            "cost rose. rounding is at most half a cent for each usage and seats line. unexplained is in whole cents, "
            "positive if the invoice is higher.",
        ),
        Column(
            "period_start",
            DATE,
            "First day of the lines or of the cost; NULL if the component has no period.",
        ),
        Column("period_end", DATE, "Last day, inclusive; NULL if the component has no period."),
        text(
            "candidates",
            "On `unexplained` only: possible causes, separated by semicolons; NULL if there are none.",
        ),
    ),
    key=("platform", "invoice_id", "component", "source"),
)
