"""`ai-usage up`: Dagster's UI and daemon for the current folder."""

from pathlib import Path

import click

from ai_usage_assets.cli import output
from ai_usage_assets.cli.deployment import NoKeyError
from ai_usage_assets.days import Clock

HELP = """Open Dagster's UI, and load new, missing and restated days as long as it runs.

Settings are read from .env in the current folder. Dagster's records of what was loaded are kept in .local/dagster, or in
DAGSTER_HOME, and a new start goes on from there. A workspace.yaml of the current folder is used if there is one. Press
Ctrl-C to stop; days that are loaded are kept.

\b
Examples:
  ai-usage up
  ai-usage up --port 3001
"""


@click.command("up", help=HELP, short_help="Open Dagster's UI, and load days while it runs.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on. The UI has no login."
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="The port of the UI."
)
@click.pass_obj
def command(clock: Clock, host: str, port: int) -> None:
    from ai_usage_assets.ops import start
    from ai_usage_assets.settings import Settings, environment

    # Dagster reads .env itself: what is exported here would outlive a change of the file
    settings = Settings.from_env(environment(Path()), clock)
    if not settings.vendors:
        output.warn(str(NoKeyError()), "warning")
    output.warn(f"Dagster's UI starts at http://{host}:{port}. Press Ctrl-C to stop it.")
    start.dev(host, port)
