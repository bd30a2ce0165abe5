"""`ai-usage spend`: the cost of a month, by person, team, department, cost center, model, platform or key."""

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock, Days, month_before

if TYPE_CHECKING:
    from ai_usage_assets.cli.spend_rows import Spend

DIMENSIONS = ("person", "team", "department", "cost-center", "model", "platform", "key")
HELP = """What a month cost, in USD, from the curated tables alone.

The rows add up to fct_cost_daily of the month. Seats are included, and amounts are estimates until the invoice. Cost
of services (machines) and cost without a known person (unattributed) have rows of their own.

Names are off, in the terminal as in --csv and --json, because an output is often sent on: people are "Engineering 321",
as on the page of the month (`ai-usage report`), a key is its id, and departments, teams and cost centers with fewer
than 5 people are "other". --names, or AI_USAGE_REPORT_NAMES=true, shows e-mails, the names of keys, and every group.

\b
Examples:
  ai-usage spend --by department
  ai-usage spend --by person --names --month 2026-10
  ai-usage spend --by cost-center --month 2026-10 --csv > october.csv
"""


@click.command("spend", help=HELP, short_help="Cost of a month, by person, team, model and more.")
@click.option("--by", type=click.Choice(DIMENSIONS), required=True, help="What the rows are.")
@click.option(
    "--month", type=deployment.Month(), help="A calendar month (UTC). By default, the newest that is over."
)
@click.option(
    "--names", is_flag=True, help="Show e-mails of people, names of keys, and groups under 5 people."
)
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, with four decimals and without a total.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with four decimals and the total.")
@click.pass_obj
def command(clock: Clock, by: str, month: Days | None, *, names: bool, as_csv: bool, as_json: bool) -> None:
    from ai_usage_assets.cli import spend_rows

    if as_csv and as_json:
        raise click.UsageError("Use --csv or --json, not both.")
    settings = deployment.settings(clock)
    month = month or month_before(clock().date())
    engine = deployment.warehouse_to_read(settings)
    has_names = names or settings.has_names_in_reports
    hiding = None if has_names else spend_rows.hiding(engine, by, month, settings.report_dir)
    found = spend_rows.read(engine, by, month, hiding, has_names=has_names)
    note_missing_days(found.loaded_days, month, clock)
    if hiding and found.has_other:
        output.warn('Groups with fewer than 5 people are "other"; --names shows them.')
    name = f"{month.first:%Y-%m}"
    if as_csv:
        output.write_csv((*found.columns, "cost_usd"), [(*row.labels, row.cost_usd) for row in found.rows])
    elif as_json:
        rows = [
            {**dict(zip(found.columns, row.labels, strict=True)), "cost_usd": row.cost_usd}
            for row in found.rows
        ]
        output.write_json({"month": name, "by": by, "total_usd": found.total_usd, "rows": rows})
    else:
        output.say(f"Cost of {name} by {by}, in USD\n", "bold")
        _show(found)


def _show(found: "Spend") -> None:
    amounts = output.cents([row.cost_usd for row in found.rows])
    total = round(found.total_usd, 2)
    rows = [
        (*row.labels, amount, _share(row.cost_usd, found.total_usd))
        for row, amount in zip(found.rows, amounts, strict=True)
    ]
    filler = ("",) * (len(found.columns) - 1)
    output.show((*found.columns, "cost_usd", "share"), rows, ("total", *filler, total, _share(total, total)))


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:z.1f}%" if whole else ""


def note_missing_days(loaded: int, month: Days, clock: Clock) -> None:
    """Say on standard error that a month is not over, or lacks days."""
    if month.ending_at > clock():
        output.warn(f"{month.first:%Y-%m} is not over: it has {loaded} of {len(month)} days.")
    elif missing := len(month) - loaded:
        are = "is" if missing == 1 else "are"
        output.warn(
            f"{missing} of {len(month)} days of {month.first:%Y-%m} {are} not loaded "
            "(agg_missing_days lists them).",
            "warning",
        )
