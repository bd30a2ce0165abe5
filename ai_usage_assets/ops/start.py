"""Starts a command of Dagster's with the project's records: a new start finds what the one before it loaded.

`python -m ai_usage_assets.start dagster dev -w workspace.yaml`
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.ops.records import prepare
from ai_usage_assets.settings import search_path

WORKSPACE = Path(__file__).parent / "workspace.yaml"
"""Equal to the checkout's workspace.yaml, which an installed wheel does not have."""
USAGE = """usage: python -m ai_usage_assets.start [command ...]

Starts a command of Dagster's with the project's records and configuration, such as
  python -m ai_usage_assets.start dagster dev -w workspace.yaml
  python -m ai_usage_assets.start dagster asset materialize -m ai_usage_assets.definitions --select '*' --partition 2026-10-31
The records are in DAGSTER_HOME, or in .local/dagster. Without a command, they are created or migrated, and nothing is started."""


def start(command: Sequence[str]) -> NoReturn:
    """Open Dagster's records, say where they are, and replace this process by the command.

    Raises:
        SettingError: DAGSTER_HOME cannot be used.
        RecordsError: the records cannot be opened.
        SystemExit: no such command is installed, or no command was given.
    """
    beside = Path(sys.executable).parent
    program = shutil.which(command[0], path=f"{beside}{os.pathsep}{search_path()}") if command else None
    if command and not program:
        sys.exit(f"No command {command[0]!r} is installed.")
    for line in prepare(Path.cwd()):
        print(line, file=sys.stderr, flush=True)
    if program is None:
        sys.exit(0)
    os.execv(program, list(command))  # noqa: S606


def dev(host: str, port: int) -> NoReturn:
    """Replace this process by Dagster's UI and daemon, with the workspace.yaml of the current folder, or the project's.

    Raises:
        SettingError, RecordsError, SystemExit: as for `start`.
    """
    own = Path("workspace.yaml")
    workspace = own if own.exists() else WORKSPACE
    start(["dagster", "dev", "-w", str(workspace), "--host", host, "--port", str(port)])


def main() -> NoReturn:
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        print(USAGE)
        sys.exit(0)
    try:
        start(words)
    except AiUsageError as error:
        sys.exit(str(error))
