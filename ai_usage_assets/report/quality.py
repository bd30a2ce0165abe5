"""How sure the figures are: invoices, unattributed cost, missing and restated days, and what the APIs do not show."""

from decimal import Decimal
from typing import TYPE_CHECKING

from ai_usage_assets.days import listed
from ai_usage_assets.report import text
from ai_usage_assets.report.costs import block, costs_by, renamed
from ai_usage_assets.report.coverage import left_open
from ai_usage_assets.report.figures import Figures, grouped, of, total
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.invoices import Invoice
from ai_usage_assets.report.layout import Block, Section, Table

if TYPE_CHECKING:
    import pandas as pd

NOT_SEEN = (
    "Priority Tier, tax, and usage through Bedrock, Vertex and Foundry are in no vendor's report.",
    "Claude Team and Enterprise seats are included only if identity/seats.csv lists them.",
    "Calls that a Cursor seat includes cost nothing here: the seat does.",
    "The lines that agents edit are not in the counts of accepted suggestions.",
    "Tokens must not be added across platforms: a Cursor call with the company's own key can be under both.",
    "Amounts are estimates until they are invoiced.",
)
HALF_A_CENT = Decimal("0.005")
COMPONENTS = {
    "usage": "Usage",
    "web_search": "Web searches",
    "code_execution": "Code execution",
    "session_usage": "Session usage",
    "subscription": "Seats",
    "overage": "Overage",
    "credit": "Credits",
    "tax": "Tax",
    "refund": "Refunds",
    "other": "Other",
    "restated_since": "Restated since",
    "rounding": "Rounding",
}


def section(frames: Frames, figures: Figures) -> Section:
    return Section(
        "quality",
        "How sure this is",
        [
            _unattributed(of(frames["agg_report_unattributed"], figures.month), figures),
            _invoices(figures),
            _adjustments(frames["agg_adjustments"], figures),
            _missing(of(frames["agg_missing_days"], figures.month)),
            _restated(of(frames["fct_restatements"], figures.month)),
            left_open(frames, figures),
            Block("What the APIs do not show", notes=NOT_SEEN),
        ],
    )


def _unattributed(rows: "pd.DataFrame", figures: Figures) -> Block:
    costs = renamed(costs_by(rows, "reason"), text.reason)
    if not any(total(amounts.values()) for amounts in costs.values()):
        return Block("Unattributed cost", notes=["All cost has a person."])
    return block("Unattributed cost", "unattributed", "Reason", costs, {}, list(figures.by_platform))


def _invoices(figures: Figures) -> Block:
    found = figures.tie_out
    notes = [
        f"{text.platform(each)} has cost in this month and no invoice." for each in found.without_invoice
    ]
    if not found.invoices:
        return Block(
            "Invoices", notes=["No invoice is of this month. Add them to identity/invoices.csv.", *notes]
        )
    rows = []
    for each in found.invoices:
        parts = "; ".join(
            f"{COMPONENTS.get(name, text.name(name))} {text.usd(amount)}"
            for name, amount in each.components.items()
            if abs(amount) >= HALF_A_CENT
        )
        rows.append(
            (
                f"{text.platform(each.platform)} {text.name(each.invoice_id)}",
                text.usd(each.invoiced_usd),
                text.usd(each.unexplained_usd),
                _state(each),
                parts,
                f"{each.period.first} to {each.period.last}",
            )
        )
    table = Table(
        "Invoices with a period in this month",
        ("Invoice", "Invoiced", "Unexplained", "State", "Consists of", "Period"),
        rows,
        texts=(3, 4, 5),
    )
    return Block("Invoices", [table], notes=notes, is_wide=True)


def _state(invoice: Invoice) -> str:
    if not invoice.is_over:
        return f"Not over before {text.day_name(invoice.period.last)}"
    if invoice.is_explained:
        return "Ties out"
    return f"Not explained: {invoice.candidates or 'no cause is known'}"


def _adjustments(frame: "pd.DataFrame", figures: Figures) -> Block:
    """Changes of earlier closed months that this month books, and of this month that a later one books."""
    month = figures.month.first
    booked = frame[(frame["booking_month"] == month) & (frame["closed_month"] < month)]
    later = frame[frame["closed_month"] == month]
    rows = [
        (
            f"{text.month_name(earlier)}, {text.platform(platform)}",
            text.month_name(booking),
            text.usd(total(of_["cost_usd"]), is_signed=True),
        )
        for part in (booked, later)
        for (earlier, booking, platform), of_ in grouped(part, "closed_month", "booking_month", "platform")
    ]
    if not rows:
        return Block(
            "Adjustments", notes=["No closed month has changed: neither this one nor one that it books."]
        )
    table = Table(
        "Changes of closed months in US dollars", ("Closed month", "Booked in", "Change"), rows, texts=(1,)
    )
    return Block("Adjustments", [table])


def _missing(rows: "pd.DataFrame") -> Block:
    if rows.empty:
        return Block("Missing days", notes=["No day of this month that is over is missing."])
    by_days: dict[str, list[str]] = {}
    for name, of_table in grouped(rows, "table_name"):
        by_days.setdefault(listed(of_table["day"]), []).append(str(name))
    table = Table(
        "Days that were never loaded",
        ("Days (UTC)", "Tables"),
        [(days, ", ".join(names)) for days, names in sorted(by_days.items())],
        texts=(1,),
    )
    return Block("Missing days", [table])


def _restated(rows: "pd.DataFrame") -> Block:
    rows = rows[rows["user_email"].isna() & (rows["measure"] == "cost_usd")]
    if rows.empty:
        return Block("Restated days", notes=["The cost of no day changed after it was first loaded."])
    values = {
        (row["day"], row["platform"]): (row["first_value"], row["current_value"])
        for row in rows.to_dict("records")
    }
    table = Table(
        "Days whose cost changed, in US dollars",
        ("Day (UTC)", "Platform", "First", "Now", "Change"),
        [
            (
                text.day_name(day),
                text.platform(platform),
                text.usd(first),
                text.usd(now),
                text.usd(now - first, is_signed=True),
            )
            for (day, platform), (first, now) in sorted(values.items())
        ],
        foot=(
            "Total",
            "",
            "",
            "",
            text.usd(total(now - first for first, now in values.values()), is_signed=True),
        ),
        texts=(1,),
    )
    return Block("Restated days", [table])
