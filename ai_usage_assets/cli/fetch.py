"""`ai-usage fetch`: load days, and everything that is made of them, without the UI."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.cli.exit_codes import INTERRUPTED
from ai_usage_assets.days import Clock, Days, last_closed

if TYPE_CHECKING:
    import dagster as dg

HELP = """Load days from the vendors, and compute every table for them, in one run that Dagster's UI shows too.

Days are UTC days, both ends included. A day that is not over, or before AI_USAGE_START_DATE, is refused before anything
is requested. Loading a day again replaces its rows. Whatever ends the command early, written days are kept, and the same
command loads the rest. While `ai-usage up` runs, let it load: this run does not wait in its queue.

The exit code is 1 if a table was not written, or a check with the severity ERROR has failed.

\b
Examples:
  ai-usage fetch --from 2026-10-01
  ai-usage fetch --from 2026-10-01 --to 2026-10-31
"""


@click.command("fetch", help=HELP, short_help="Load days without the UI.")
@click.option("--from", "first", type=deployment.Day(), required=True, help="The first day.")
@click.option(
    "--to", "last", type=deployment.Day(), help="The last day. By default, the newest that is final."
)
@click.pass_obj
def command(clock: Clock, first: date, last: date | None) -> int:
    from ai_usage_assets.definitions import build_defs
    from ai_usage_assets.defs.partitions import range_tags, refuse_days
    from ai_usage_assets.ops import records
    from ai_usage_assets.sources.source import SOURCES

    settings = deployment.settings(clock)
    deployment.require_key(settings)
    lag = max(source.finalization_lag for source in SOURCES)
    end = last or last_closed(clock() - lag)
    if end < first:
        raise click.UsageError(f"The last day, {end}, is before the first, {first}.")
    days = Days(first, end)
    refuse_days(days, settings.start_date, clock())
    for line in records.prepare(Path.cwd()):
        output.warn(line)

    from ai_usage_assets.cli.runs import RunProgress

    defs = build_defs(settings, clock)
    progress = RunProgress(_expected(defs, len(days)))
    is_complete = progress.run(defs, range_tags(days))
    progress.report()
    if progress.is_interrupted:
        output.warn(f"Interrupted. Written days are kept. Not loaded for all of {days}: {progress.left}.")
        output.warn(f"To load the rest: ai-usage fetch --from {days.first} --to {days.last}")
        return INTERRUPTED
    if not is_complete:
        output.warn(f"Not loaded for all of {days}: {progress.left}. Written days are kept.")
        return 1
    output.say(f"All tables are loaded for {days}.")
    return int(progress.has_failed_checks)


def _expected(defs: "dg.Definitions", days: int) -> dict[str, int]:
    """By table, how many partitions a run over so many days writes."""
    graph = defs.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.materializable_asset_keys]
    return {node.key.path[-1]: days if node.partitions_def else 1 for node in nodes}
