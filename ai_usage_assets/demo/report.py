"""The demo's report: the loaded tables, a comparison with the sample company's own totals, and what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ai_usage_assets.days import ONE_DAY, Days, month_before
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.demo.invoice_report import HEADER, WRONG, invoice_rows
from ai_usage_assets.demo.sandbox.company.sample_invoices import Planted
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.sql import within

USAGE, COST = ("fct_usage_daily", "usage_date"), ("fct_cost_daily", "cost_date")
"""The facts, each with the column of its day."""

Number = int | Decimal


@dataclass(frozen=True)
class Measure:
    """A total of the warehouse, and how many the sample company counted itself."""

    platform: str
    label: str
    fact: tuple[str, str]
    expression: str
    expected: Number

    def in_warehouse(self, session: Session, days: Days) -> Number:
        table, day = self.fact
        found = session.fetch(
            f"select coalesce(sum({self.expression}), 0) as total from {table} "
            f"where platform = '{self.platform}' and {within(day, days)}"
        )
        (total,) = found.column("total").to_pylist()
        return Decimal(total) if isinstance(total, Decimal) else int(total)


def report(
    settings: Settings,
    sandbox: Sandbox,
    days: Days,
    month: Days,
    planted: Mapping[str, Planted],
    seconds: float,
) -> bool:
    """Print the report. False if a total of the warehouse differs from the company's own, or an invoice is not as expected.

    `month` is the last full month. It is shown if the days contain it and the month before. `planted` are the errors in
    the invoices.
    """
    invoices: list[tuple[str, ...]] = []
    with warehouse(settings).engine.session() as session:
        print("\nTables in the warehouse")
        show(("table", "rows", ""), table_rows(session))
        lines = [compared(measure, session, days) for measure in measures(sandbox.company.totals(days))]
        print("\nReconciliation: totals in the warehouse, and the sample company's own totals")
        show(("platform", "measure", "warehouse", "sample company", ""), lines)
        print("\nTop 5 by tokens")
        show(("person", "platform", "tokens"), top_people(session, days))
        if month.first in days and month.first - ONE_DAY in days:
            print(f"\nThe last full month: {month.first:%Y-%m}, in USD")
            show(("platform", "cost type", "month before", "month"), month_rows(session, month))
            print(
                f"  It is closed: closed_months keeps its figures, and agg_adjustments has {unbooked(session):,.2f} USD of later "
                "changes,\n  which the next month books (docs/closing.md). agg_cost_change says why its cost changed,"
                "\n  agg_monthly_finance has it by department, and fct_restatements what changed after it was loaded."
            )
            invoices = invoice_rows(session, planted)
            print("\nIts invoices and those of the month before, in USD (fct_invoice_reconciliation)")
            show(HEADER, invoices)
    different = [line for line in lines if line[-1] != "equal"]
    print(
        f"\n{sandbox.requests.total()} requests to the vendors' APIs, {seconds:.1f} s. "
        + (
            f"{len(different)} OF {len(lines)} TOTALS DIFFER."
            if different
            else f"All {len(lines)} totals are equal."
        )
    )
    print(
        "\nNext steps"
        "\n  `make dev`, or `python -m ai_usage_assets.demo --serve`, opens Dagster's UI with these tables."
        f"\n  The warehouse is a DuckDB file: {settings.duckdb_path}"
        "\n  To load your own company, copy .env.example to .env and enter your API keys. README.md describes the steps."
    )
    return not different and not any(row[-1].startswith(WRONG) for row in invoices)


def table_rows(session: Session) -> list[tuple[str, ...]]:
    """Each table with its number of rows, and the reason if it is empty."""
    counts = {table.name: count_rows(session, table.name) for table in TABLES}
    return [
        (
            table.name,
            f"{counts[table.name]:,}",
            ""
            if counts[table.name]
            else f"only loaded with {table.enabling_variable}=true"
            if table.enabling_variable
            else "expected to be empty in the demo",
        )
        for table in TABLES
    ]


def count_rows(session: Session, table: str) -> int:
    (count,) = session.fetch(f"select count(*) as n from `{table}`").column("n").to_pylist()
    return int(count)


def measures(totals: dict[date, DayTotals]) -> list[Measure]:
    """What is compared, with the sample company's totals of some days."""
    anthropic = [day.anthropic for day in totals.values()]
    cursor = [day.cursor for day in totals.values()]
    code = [record for day in totals.values() for record in day.claude_code.values()]
    # tokens of Claude Code with an API key are part of Anthropic's usage
    subscriptions = [
        day.claude_code["subscription"] for day in totals.values() if "subscription" in day.claude_code
    ]
    anthropic_input = sum(
        day.uncached_input_tokens
        + day.cache_read_input_tokens
        + day.ephemeral_5m_input_tokens
        + day.ephemeral_1h_input_tokens
        for day in anthropic
    )
    cursor_input = sum(day.input_tokens + day.cache_write_tokens + day.cache_read_tokens for day in cursor)
    # facts have four decimals
    cost = sum((round(day.total_cents / 100, 4) for day in anthropic), Decimal(0))
    overage = sum((round(day.chargeable_cents / 100, 4) for day in cursor), Decimal(0))
    return [
        Measure("anthropic", "input tokens", USAGE, "input_tokens", anthropic_input),
        Measure(
            "anthropic", "output tokens", USAGE, "output_tokens", sum(day.output_tokens for day in anthropic)
        ),
        Measure("anthropic", "cost in USD", COST, "cost_usd", cost),
        Measure("claude_code", "sessions", USAGE, "sessions", sum(record.num_sessions for record in code)),
        Measure("claude_code", "lines added", USAGE, "loc_added", sum(record.lines_added for record in code)),
        Measure(
            "claude_code",
            "output tokens of seats",
            USAGE,
            "output_tokens",
            sum(record.output for record in subscriptions),
        ),
        Measure("cursor", "input tokens", USAGE, "input_tokens", cursor_input),
        Measure("cursor", "output tokens", USAGE, "output_tokens", sum(day.output_tokens for day in cursor)),
        Measure("cursor", "lines added", USAGE, "loc_added", sum(day.total_lines_added for day in cursor)),
        Measure("cursor", "overage in USD", COST, "if(cost_type = 'overage', cost_usd, 0)", overage),
    ]


def compared(measure: Measure, session: Session, days: Days) -> tuple[str, ...]:
    found = measure.in_warehouse(session, days)
    result = "equal" if found == measure.expected else "DIFFERENT"
    return measure.platform, measure.label, f"{found:,}", f"{measure.expected:,}", result


def top_people(session: Session, days: Days) -> list[tuple[str, ...]]:
    people = session.fetch(
        "select user_email, platform, sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as tokens "
        f"from fct_usage_daily where {within('usage_date', days)} group by 1, 2 order by tokens desc limit 5"
    ).to_pandas()
    return [(person.user_email, person.platform, f"{int(person.tokens):,}") for person in people.itertuples()]


def month_rows(session: Session, month: Days) -> list[tuple[str, ...]]:
    """The cost of a month and of the month before, by platform and cost type."""
    before = month_before(month.first).first
    costs = session.fetch(
        "select platform, cost_type, "
        f"sum(if(cost_date < date '{month.first}', cost_usd, 0)) as cost_before, "
        f"sum(if(cost_date >= date '{month.first}', cost_usd, 0)) as cost "
        f"from fct_cost_daily where {within('cost_date', Days(before, month.last))} group by 1, 2 order by 1, 2"
    ).to_pylist()
    parts = [(row["platform"], row["cost_type"], (row["cost_before"], row["cost"])) for row in costs]
    total = tuple(sum((amounts[n] for *_, amounts in parts), Decimal(0)) for n in (0, 1))
    return [
        (platform, kind, *(f"{usd:,.2f}" for usd in amounts))
        for platform, kind, amounts in (*parts, ("all", "", total))
    ]


def unbooked(session: Session) -> Decimal:
    """What changed in closed months since, in US dollars."""
    sql = "select coalesce(sum(cost_usd), 0) as usd from agg_adjustments where not is_booked"
    return Decimal(session.fetch(sql).column("usd").to_pylist()[0])


def show(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as columns, numbers aligned to the right."""
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    for row in (header, *rows):
        cells = [
            cell.rjust(width) if cell.lstrip("-")[:1].isdigit() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())
