"""`ai-usage import cursor-csv`: calls from an export of Cursor's dashboard, for plans without the Admin API."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.cli.exit_codes import INTERRUPTED
from ai_usage_assets.days import Clock, Days, last_closed, listed
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.report.text import plural

if TYPE_CHECKING:
    import dagster as dg

    from ai_usage_assets.cli.cursor_import import Plan
    from ai_usage_assets.settings import Settings

HELP = """Load data that a vendor's API does not give to your plan."""
CURSOR_HELP = """Load the usage events of FILE, a CSV file that a team's admin exports on Cursor's dashboard (Usage, Export CSV).

The calls are written to raw_cursor_events, marked by source = dashboard_csv, and then the curated tables of these days
are computed. A day on which the API has loaded calls keeps them, and a later load by the API replaces imported ones. A
day without a call between the first and the last one counts as loaded. Days that are not over are left out: export again
when they are. The same file again changes nothing. A day that two files share has the calls of both; if a file lacks
calls between its first and its last one that an earlier import has, or has no amounts or tokens where that has some, the
day stays as it is.

A file with another header, or with comma decimals, is refused by line and column, and nothing is written. docs/command.md
says what an export lacks.

\b
Examples:
  ai-usage import cursor-csv ~/Downloads/team-usage-events.csv
"""


class ImportRefusedError(AiUsageError):
    """A file of which nothing can be imported. Nothing was written."""


@click.group("import", help=HELP, short_help="Load an export of Cursor's dashboard.")
def command() -> None:
    """The group of the formats."""


@command.command("cursor-csv", help=CURSOR_HELP, short_help="Load usage events from Cursor's dashboard.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def cursor_csv(clock: Clock, file: Path) -> int:
    from ai_usage_assets.sources.cursor import dashboard_csv
    from ai_usage_assets.sources.cursor.rows import imported_rows

    settings = deployment.settings(clock)
    events = dashboard_csv.events(file)
    newest = last_closed(clock())
    over = [event for event in events if event.timestamp.date() <= newest]
    days = _days_of(file, [event.timestamp.date() for event in over], settings)
    if len(over) < len(events):
        output.warn(
            f"Left out: {plural(len(events) - len(over), 'call')} after {newest}, whose day is not over (UTC)."
        )

    from ai_usage_assets.cli import cursor_import
    from ai_usage_assets.forgotten import Forgotten
    from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
    from ai_usage_assets.warehouse.forgotten import cleaned

    engine = deployment.warehouse(settings)
    rows = cleaned(RAW_CURSOR_EVENTS, imported_rows(over, clock()), Forgotten.read(settings.identity_dir))
    plan = cursor_import.write(engine, rows, days, replace_with_nothing=settings.replace_with_nothing)
    _report(plan, len(over))
    due = cursor_import.due(engine, days)
    if not due:
        output.say(f"Nothing to compute: the tables have all of {days}.")
        return 0
    return _compute(settings, clock, Days(due[0], due[-1]))


def _days_of(file: Path, found: list[date], settings: "Settings") -> Days:
    if not found:
        raise ImportRefusedError(f"{file} has no call of a day that is over. Nothing was written.")
    days = Days(min(found), max(found))
    if days.first < settings.start_date:
        raise ImportRefusedError(
            f"{file} has calls of {days.first}, and the first day is {settings.start_date}. Nothing was written.",
            "Export later days, or set AI_USAGE_START_DATE to an earlier day.",
        )
    return days


def _report(plan: "Plan", calls: int) -> None:
    if plan.written:
        output.say(f"raw_cursor_events: {plural(calls, 'call')} in the file; {listed(plan.written)} written.")
    else:
        output.say(f"raw_cursor_events: {plural(calls, 'call')} in the file; no day written.")
    if plan.unchanged:
        output.say(f"Imported before, and the same: {listed(plan.unchanged)}.")
    if plan.of_api:
        output.warn(f"The API has loaded calls of {listed(plan.of_api)}; these days keep them.")
    if plan.lacking:
        output.warn(
            f"The file lacks calls of {listed(plan.lacking)} that an earlier import has; these days stay as they are. "
            "Is the file complete, without a filter?",
            "warning",
        )
    if plan.kept:
        output.warn(
            f"The file has no amounts or no tokens for {listed(plan.kept)}, and an earlier import has some; these days stay "
            "as they are. To replace them by what the file has, run the command with "
            "AI_USAGE_REPLACE_WITH_NOTHING=true.",
            "warning",
        )


def _compute(settings: "Settings", clock: Clock, days: Days) -> int:
    """Compute what is made of the days, in one run that the UI shows."""
    from ai_usage_assets.definitions import build_defs
    from ai_usage_assets.defs.partitions import range_tags
    from ai_usage_assets.ops import records

    for line in records.prepare(Path.cwd()):
        output.warn(line)

    from ai_usage_assets.cli.runs import RunProgress

    defs = build_defs(settings, clock)
    expected = _computed(defs, len(days))
    progress = RunProgress(expected, lists_tables=False)
    is_complete = progress.run(defs, range_tags(days), list(expected))
    progress.report()
    if progress.is_interrupted or not is_complete:
        output.warn(f"Not computed for all of {days}: {progress.left}. The calls are written.")
        output.warn("To compute the rest, run the same command again.")
        return INTERRUPTED if progress.is_interrupted else 1
    output.say(f"The tables are computed for {days}.")
    return int(progress.has_failed_checks)


def _computed(defs: "dg.Definitions", days: int) -> dict[str, int]:
    """By table that no vendor is requested for, how many partitions a run over so many days writes."""
    from ai_usage_assets.schema.registry import BY_NAME

    graph = defs.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.materializable_asset_keys]
    tables = [node for node in nodes if (table := BY_NAME.get(node.key.path[-1])) and table.vendor is None]
    return {node.key.path[-1]: days if node.partitions_def else 1 for node in tables}
