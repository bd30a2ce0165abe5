"""Finds a Python 3.13 for the emulator. As a script it prints the path, or a hint and exits with 1.

It imports only the standard library, so that it runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "AI_USAGE_EMULATOR_PYTHON"
INSTALL_HINT = f"install Python 3.13 (or uv, which fetches one), or set {VARIABLE} to its path"
# ensurepip is missing in a Debian python3.13 without python3.13-venv
PROBE = "import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))"
PROBE_SECONDS = 60
INSTALL_SECONDS = 300


class PythonNotFoundError(Exception):
    """There is no Python 3.13; the message says what to do."""


def find() -> Path:
    """The first Python 3.13 that runs: that of the variable, on the PATH, of pyenv, or of uv.

    Raises:
        PythonNotFoundError: there is none, or the one of the variable does not run.
    """
    if named := os.environ.get(VARIABLE):
        if runs(Path(named)):
            return Path(named)
        raise PythonNotFoundError(
            f"{VARIABLE} is {named}, which is no working Python 3.13 with venv: {INSTALL_HINT}"
        )
    for candidate in candidates():
        if runs(candidate):
            return candidate
    raise PythonNotFoundError(f"no Python 3.13 was found: {INSTALL_HINT}")


def candidates() -> Iterator[Path]:
    # pyenv leaves a python3.13 on the PATH that refuses to run unless that version is chosen
    if on_path := shutil.which("python3.13"):
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for version in sorted(pyenv.glob("versions/3.13*"), reverse=True):
        yield version / "bin" / "python3.13"
    if (uv := shutil.which("uv")) and _output(uv, "python", "install", "3.13") is not None:
        yield Path(_output(uv, "python", "find", "--no-project", "3.13") or "")


def runs(python: Path) -> bool:
    try:
        return (
            subprocess.run(
                [python, "-c", PROBE], capture_output=True, timeout=PROBE_SECONDS, check=False
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    try:
        print(find())
    except PythonNotFoundError as missing:
        sys.exit(str(missing))
