"""`ai-usage export focus`: the cost of a month as files in the columns of FOCUS."""

from pathlib import Path

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.cli.spend import note_missing_days
from ai_usage_assets.days import Clock, Days, month_before

VERSIONS = ("1.3", "1.2")
FORMATS = ("csv", "parquet")
HELP = """Write cost and usage of a month as files that other tools read."""
FOCUS_HELP = """Write the cost of a month in the columns of FOCUS, the open specification of billing data.

The rows are those of the view focus_cost_and_usage whose charge is of the month: BilledCost adds up to fct_cost_daily.
A change of a closed month is in the export of that month, also if a later month books it: export a month again when it
has changed.
No file has more than 10,000 rows or 2 MB, the limits of an upload to Vantage. The files are in a folder of their own in
AI_USAGE_REPORT_DIR (.local/reports); a former export of the same month, version and format is replaced as a whole.
--focus-version 1.2 leaves out the columns that 1.3 added.

Names are off: x_PrincipalId is the label of the page of the month, such as "Engineering 3", and NULL on rows of an API
key. --names, or AI_USAGE_REPORT_NAMES=true, writes e-mails, into a folder that its owner alone can read. docs/focus.md
says how each rule is met.

\b
Examples:
  ai-usage export focus --month 2026-10
  ai-usage export focus --month 2026-10 --focus-version 1.2 --format parquet
"""


@click.group("export", help=HELP, short_help="Write a month for other tools (FOCUS).")
def command() -> None:
    """The group of the formats."""


@command.command("focus", help=FOCUS_HELP, short_help="The cost of a month in the columns of FOCUS.")
@click.option(
    "--month", type=deployment.Month(), help="A calendar month (UTC). By default, the newest that is over."
)
@click.option(
    "--focus-version", type=click.Choice(VERSIONS), default=VERSIONS[0], help="The version of FOCUS."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], help="The kind of file.")
@click.option("--names", is_flag=True, help="Write e-mails of people.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Another folder than AI_USAGE_REPORT_DIR."
)
@click.pass_obj
def focus(
    clock: Clock, month: Days | None, focus_version: str, form: str, folder: Path | None, *, names: bool
) -> None:
    from ai_usage_assets.cli import focus_files, focus_rows
    from ai_usage_assets.report.text import plural

    settings = deployment.settings(clock)
    month = month or month_before(clock().date())
    engine = deployment.warehouse_to_read(settings)
    has_names = names or settings.has_names_in_reports
    found = focus_rows.read(engine, month, focus_version, settings.report_dir, has_names=has_names)
    note_missing_days(found.loaded_days, month, clock)
    name = f"focus-{month.first:%Y-%m}-{focus_version}-{form}{'-names' if has_names else ''}"
    paths = focus_files.write(found.rows, form, (folder or settings.report_dir) / name, is_personal=has_names)
    output.say(
        f"{plural(found.rows.num_rows, 'row')} of {month.first:%Y-%m}, {found.billed_usd:,.2f} USD, in FOCUS "
        f"{focus_version}:"
    )
    for path in paths:
        output.say(str(path))
