"""`ai-usage budget`: what the running month cost against its budgets, whether they will hold, and budgets to begin with."""

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.cli.exit_codes import OVER_BUDGET
from ai_usage_assets.days import Clock
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.report.text import plural

if TYPE_CHECKING:
    from ai_usage_assets.cli.budget_rows import Proposed
    from ai_usage_assets.report.budgets import Budgets

HELP = """What the running month cost until the newest loaded day, against the budgets of budgets.csv, in USD.

The forecast is that of fct_budget_daily: the loaded days, the median of each weekday of 28 days at the level of the last
21 for the days that are left, and the seats. The interval holds in about four of five months (docs/budgets.md).

--check ends with exit code 3 if a budget is exceeded, or will be by the forecast; for a scheduled job. It fails if the
newest loaded day of a vendor with a key is more than 3 days ago.
--propose writes budgets.proposed.csv beside budgets.csv: for the company, each platform and each department the median
of its last months, rounded up to 10 USD. It says from which months, and changes nothing else: read it, and rename it.

Names are off: budgets of people, and of groups under 5 people, are counted and not shown or proposed, unless with --names.

\b
Examples:
  ai-usage budget
  ai-usage budget --check || echo "over budget, or failed"
  ai-usage budget --propose
"""


@click.command("budget", help=HELP, short_help="The running month against its budgets.")
@click.option("--check", is_flag=True, help="End with exit code 3 if a budget is, or will be, exceeded.")
@click.option("--propose", is_flag=True, help="Write budgets.proposed.csv from the last months.")
@click.option("--names", is_flag=True, help="Show or propose budgets of people and of groups under 5 people.")
@click.pass_context
def command(context: click.Context, *, check: bool, propose: bool, names: bool) -> None:
    from ai_usage_assets.cli import budget_rows
    from ai_usage_assets.report.budgets import STATES

    if check and propose:
        raise click.UsageError("Use --check or --propose, not both.")
    clock: Clock = context.obj
    settings = deployment.settings(clock)
    engine = deployment.warehouse_to_read(settings)
    today = clock().date()
    has_names = names or settings.has_names_in_reports
    if propose:
        _propose(budget_rows.propose(engine, settings.identity_dir, today, has_names=has_names))
        return
    found = budget_rows.read(engine, today, has_names=has_names)
    company = found.company
    assert company
    output.say(f"Budgets of {company.day:%Y-%m} until {company.day}, in USD\n", "bold")
    late = budget_rows.late(engine, settings.vendors, company.day, today)
    if not (found.shown or found.hidden):
        output.say(f"There is no budget. Company: {company.sentence}.")
        if check:
            raise budget_rows.NoBudgetError(company.day)
        _warn(late)
        return
    _show(found, STATES)
    if check and found.exceeding:
        _warn(late)
        context.exit(OVER_BUDGET)
    if check and late:
        raise late
    _warn(late)


def _warn(late: AiUsageError | None) -> None:
    if late:
        output.warn(f"{late.message} {late.hint}")


def _show(found: "Budgets", states: dict[str, str]) -> None:
    columns = ("budget", "usd_per_month", "spent", "share", "forecast", "80 % interval", "state")
    rows = [
        (
            budget.label,
            _cents(budget.budget_usd),
            _cents(budget.spent_usd),
            budget.share,
            _cents(budget.forecast.usd if budget.forecast else None),
            budget.forecast.interval_text if budget.forecast else "",
            states[budget.state],
        )
        for budget in found.shown
    ]
    if rows:
        output.show(columns, rows)
    if found.hidden:
        output.warn(f"{found.hidden_text} --names shows them.")
    if any(budget.forecast is None for budget in found.shown):
        output.warn("A forecast needs 14 days of the last 28 on which a budget's cost is known.")


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else round(amount, 2)


def _propose(proposed: "Proposed") -> None:
    for line in proposed.statements:
        output.warn(line)
    if proposed.hidden:
        output.warn(
            f"Not proposed: {plural(proposed.hidden, 'department')}, so that no cost of fewer than 5 people is shown. --names proposes all."
        )
    output.say(f"Wrote {proposed.path}. Read it, and rename it to budgets.csv.")
