"""Whether what the vendors invoiced is explained by the cost, invoice by invoice."""

import dagster as dg

from ai_usage_assets.curated.invoices import explained
from ai_usage_assets.curated.select import select
from ai_usage_assets.defs import automation
from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.identity import IDENTITY_INVOICES
from ai_usage_assets.schema.tables.invoices import (
    FCT_INVOICE_RECONCILIATION,
    MAX_UNEXPLAINED_SHARE,
    MIN_UNEXPLAINED_USD,
)

MAX_LISTED = 20
HINT = (
    "Look at the invoice in fct_invoice_reconciliation. Load missing days. Compare the periods, amounts and kinds in "
    "identity/invoices.csv with the invoice, and the seats with identity/seats.csv. Credits, tax and prorations are lines of "
    "their own (credit, tax, other). For Cursor, agg_included_value shows usage that the seats include. If nothing helps, ask "
    "the vendor about the amount."
)


def build() -> list[dg.AssetChecksDefinition]:
    return [invoice_is_explained]


@dg.asset_check(
    asset=FCT_INVOICE_RECONCILIATION.name,
    name="invoice_is_explained",
    description=(
        "Of every invoice whose days are loaded to the last, at most 1 USD or 0.5 % is unexplained, whichever is larger."
    ),
    additional_deps=[IDENTITY_INVOICES.name],
    automation_condition=automation.DAILY,
)
def invoice_is_explained(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    sql = explained(select(FCT_INVOICE_RECONCILIATION).sql)
    invoices = fetch_rows(context, warehouse.engine, FCT_INVOICE_RECONCILIATION, "invoice_is_explained", sql)
    unexplained = [row for row in invoices if row["is_unexplained"]]
    lines = [
        f"- {row['platform']} {row['invoice_id']} of {row['issued_on']}: {row['unexplained_usd']:,.2f} of "
        f"{row['invoiced_usd']:,.2f} USD unexplained ({row['candidates'] or 'no candidate'})"
        for row in unexplained[:MAX_LISTED]
    ]
    return dg.AssetCheckResult(
        passed=not unexplained,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "invoices": len(invoices),
            "invoices_not_over": sum(not row["is_over"] for row in invoices),
            "tolerance": f"the larger of {MIN_UNEXPLAINED_USD:.2f} USD and {MAX_UNEXPLAINED_SHARE:.1%} of the invoice",
            "unexplained_usd": float(sum(row["unexplained_usd"] for row in invoices if row["is_over"])),
            **({"offending_rows": dg.MetadataValue.md("\n".join(lines)), "hint": HINT} if lines else {}),
        },
    )
