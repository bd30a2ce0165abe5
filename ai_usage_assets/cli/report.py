"""`ai-usage report`: the page of a month as one HTML file."""

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock, Days, month_before

HELP = """Write the page of a month: what it cost, why, whether it ties to the invoices, and who uses what.

The page is one HTML file in AI_USAGE_REPORT_DIR (.local/reports); its path is printed. It is the page of the asset
usage_report. People are numbered unless --names is given or AI_USAGE_REPORT_NAMES=true. A page with names is a file
of its own, such as 2026-10-names.html. --person writes one person's own page beside it.

\b
Examples:
  ai-usage report --open
  ai-usage report --month 2026-10 --names
  ai-usage report --month 2026-10 --person ann@example.com
"""


@click.command("report", help=HELP, short_help="Write the page of a month as one HTML file.")
@click.option(
    "--month", type=deployment.Month(), help="A calendar month (UTC). By default, the newest that is over."
)
@click.option("--names", is_flag=True, help="Name people. Without it, they are numbered.")
@click.option("--person", metavar="EMAIL", help="Write the page of this person alone.")
@click.option("--open", "is_opened", is_flag=True, help="Open the page in a browser.")
@click.pass_obj
def command(clock: Clock, month: Days | None, *, names: bool, person: str | None, is_opened: bool) -> None:
    settings = deployment.settings(clock)
    month = month or month_before(clock().date())
    if month.starting_at > clock():
        raise deployment.NothingLoadedError(f"{month.first:%Y-%m} has not begun.", "Give an earlier month.")
    engine = deployment.warehouse_to_read(settings)

    from ai_usage_assets.defs.report import read
    from ai_usage_assets.report.files import secret_of, write
    from ai_usage_assets.report.options import Options
    from ai_usage_assets.report.page import build

    frames = read(engine, month)
    options = Options(
        has_names=names or settings.has_names_in_reports,
        person=_person(person) if person else None,
        built_at=clock(),
        secret=secret_of(settings.report_dir),
    )
    path = write(build(frames, month, options), settings.report_dir)
    output.say(str(path))
    if is_opened and click.launch(path.as_uri()):
        output.warn("No browser could be opened.", "warning")


def _person(email: str) -> str:
    """How the tables name the person: by the address, or by its pseudonym where there is a key."""
    from ai_usage_assets.settings import pseudonym_key

    key = pseudonym_key()
    if key is None:
        return email.strip().lower()
    from ai_usage_assets.warehouse.pseudonyms import Pseudonyms

    return Pseudonyms(key.encode()).of(email)
