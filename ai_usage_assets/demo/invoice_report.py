"""The demo's invoices against the warehouse: what is invoiced, metered and unexplained, and whether a planted error is named."""

from collections.abc import Mapping
from typing import Any

from ai_usage_assets.curated.invoices import explained
from ai_usage_assets.curated.select import select
from ai_usage_assets.demo.sandbox.company.sample_invoices import Planted
from ai_usage_assets.schema.tables.invoices import FCT_INVOICE_RECONCILIATION
from ai_usage_assets.warehouse.engine import Session

HEADER = ("invoice", "invoiced", "metered", "unexplained", "")
WRONG = "NOT AS EXPECTED: "


def invoice_rows(session: Session, planted: Mapping[str, Planted]) -> list[tuple[str, ...]]:
    """One row is an invoice; the last cell begins with WRONG if it is not what the sample company says."""
    rows = session.fetch(explained(select(FCT_INVOICE_RECONCILIATION).sql)).to_pylist()
    return [
        (
            row["invoice_id"],
            *(f"{row[column]:,.2f}" for column in ("invoiced_usd", "metered_usd", "unexplained_usd")),
            outcome(row, planted.get(row["invoice_id"])),
        )
        for row in sorted(rows, key=lambda row: (row["platform"], row["issued_on"], row["invoice_id"]))
    ]


def outcome(row: Mapping[str, Any], planted: Planted | None) -> str:
    """What the row says of its invoice."""
    if not row["is_over"]:
        return f"not over before {row['period_end']}"
    if planted is None:
        return f"{WRONG}{row['candidates']}" if row["is_unexplained"] else "explained"
    is_named = planted.candidate in (row["candidates"] or "") and row["unexplained_usd"] == planted.usd
    return f"planted {planted.error}: named" if is_named else f"{WRONG}planted {planted.error}, not named"
