"""`ai-usage close`: freeze the figures of a month for finance."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.cli.exit_codes import INTERRUPTED
from ai_usage_assets.days import Clock, Days

if TYPE_CHECKING:
    from ai_usage_assets.warehouse.engine import Engine

HELP = """Close MONTH, for example 2026-10: its figures are frozen in the table closed_months.

A month is refused while a day of it is missing, not final or not computed, or a fact differs from its source; each
reason is listed with what to do. What changes after the close is in agg_adjustments, and the next month that is closed
books it.

--reopen replaces the figures of a month that is closed already by a new revision, and the former one stays.

\b
Examples:
  ai-usage close 2026-10
  ai-usage close 2026-10 --reopen
"""


@click.command("close", help=HELP, short_help="Freeze the figures of a month for finance.")
@click.argument("month", type=deployment.Month())
@click.option("--reopen", is_flag=True, help="Close a closed month again, as a new revision.")
@click.pass_obj
def command(clock: Clock, month: Days, *, reopen: bool) -> int:
    from ai_usage_assets.defs.partitions import monthly, refuse_month
    from ai_usage_assets.ops import records

    settings = deployment.settings(clock)
    refuse_month(month, monthly(settings.start_date, clock).start.date(), clock())
    engine = deployment.warehouse_to_read(settings)
    for line in records.prepare(Path.cwd()):
        output.warn(line)

    from dagster._core.storage.tags import PARTITION_NAME_TAG

    from ai_usage_assets.cli.runs import RunProgress
    from ai_usage_assets.defs.closing.asset import REOPEN
    from ai_usage_assets.defs.closing.definitions import build_monthly_defs
    from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS

    name = f"{month.first:%Y-%m}"
    progress = RunProgress({CLOSED_MONTHS.name: 1}, lists_tables=False)
    tags = {PARTITION_NAME_TAG: name, **({REOPEN: "true"} if reopen else {})}
    is_closed = progress.run(build_monthly_defs(settings, clock), tags, [CLOSED_MONTHS.name])
    # a sentence for each reason
    progress.errors = [
        re.sub(r" (\(\d+\) )", r"\n  \1", error.removeprefix(f"{CLOSED_MONTHS.name}: "))
        for error in progress.errors
    ]
    progress.report()
    if progress.is_interrupted:
        output.warn(
            f"Interrupted. {name} is closed only if closed_months has it; run the command again to see."
        )
        return INTERRUPTED
    if not is_closed:
        return 1
    output.say(closed(engine, month))
    return int(progress.has_failed_checks)


def closed(engine: "Engine", month: Days) -> str:
    """What the closed month says of itself."""
    from ai_usage_assets.warehouse.sql import day

    with engine.session() as session:
        [found] = session.fetch(
            f"select revision, sum(cost_usd) as total, sum(if(cost_month < month, cost_usd, 0)) as earlier "
            f"from closed_months where is_current and month = {day(month.first)} group by 1"
        ).to_pylist()
    return (
        f"{month.first:%Y-%m} is closed, revision {found['revision']}: {found['total']:,.2f} USD, of which "
        f"{found['earlier']:,.2f} USD are changes of earlier months."
    )
