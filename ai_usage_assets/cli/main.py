"""The group of the verbs, and what ends the command: its errors as sentences, and its exit codes."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from keyword import iskeyword
from typing import NoReturn

import click

from ai_usage_assets.cli.exit_codes import FAILED, INTERRUPTED
from ai_usage_assets.cli.output import warn
from ai_usage_assets.days import Clock, utc_now
from ai_usage_assets.errors import AiUsageError

VERBS = {
    "Set up": ("doctor", "up", "keys"),
    "Load and close": ("fetch", "import", "close"),
    "Look at cost": ("spend", "budget", "report", "export"),
    "Protect people": ("forget", "pseudonyms"),
}
"""The verbs by section of the help, each the name of a module and of the command in it."""
EPILOG = """\b
Examples:
  ai-usage doctor                          is everything ready?
  ai-usage up                              open Dagster's UI, and load what is missing
  ai-usage fetch --from 2026-10-01         load days without the UI
  ai-usage spend --by department           what did the last month cost?
  ai-usage budget --check                  will the running month stay within its budgets?
  ai-usage close 2026-10                   freeze the month for finance

Settings come from the environment and from .env in the current folder (.env.example lists them). Exit codes: 0 done,
1 refused or failed, 2 a wrong option, 3 over budget
(budget --check), 130 interrupted.

Completion, for bash: eval "$(_AI_USAGE_COMPLETE=bash_source ai-usage)"; for zsh and fish, write zsh_source or
fish_source.
"""


class Verbs(click.Group):
    """A group whose commands are loaded by name, and listed in sections."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in VERBS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        # a module cannot be called `import`
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"ai_usage_assets.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, names in VERBS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(section):
                formatter.write_dl(
                    [(name, command.get_short_help_str(limit=80)) for name, command in commands if command]
                )


@click.command(
    cls=Verbs,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(version("ai-usage-assets"), prog_name="ai-usage")
def ai_usage() -> None:
    """What a company's people use, and pay, on Claude and Cursor."""


def run(arguments: Sequence[str] | None = None, clock: Clock = utc_now) -> int:
    """Run the command; the exit code."""
    try:
        code: int | None = ai_usage.main(arguments, prog_name="ai-usage", standalone_mode=False, obj=clock)
    except click.ClickException as refused:
        refused.show()
        return refused.exit_code
    except AiUsageError as refused:
        warn(str(refused), "error")
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        warn("Interrupted.")
        return INTERRUPTED
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        warn(str(ended.code), "error")
        return FAILED
    return code or 0


def main() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a name in a script that the terminal does not have
            stream.reconfigure(errors="replace")
    code = run()
    _flush(sys.stdout.flush)
    sys.exit(code)


def _flush(flush: Callable[[], None]) -> None:
    """Write the rest; if it is not read any more, let Python's own flush at the end write to nowhere."""
    with suppress(BrokenPipeError):
        flush()
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
