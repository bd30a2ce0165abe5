"""`.venv-emulator`: made on first use, made anew when its lock changes, and never mixed with the project's own."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from ai_usage_tests.support.emulator.python313 import find

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
SERVE = HERE / "serve.py"
VENV = HERE.parents[2] / ".venv-emulator"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
INSTALL_SECONDS = 900


class NotInstalled(Exception):
    """The emulator's packages could not be installed; the message says why."""


def ready(say: Callable[[str], None] = print) -> Path:
    """The Python that runs the emulator, installed if need be.

    Raises:
        NoPython: there is no Python 3.13 to make it with.
        NotInstalled: its packages could not be installed.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with LOCK.open("rb") as turn:
        # two test runs that start together make one environment
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (STAMP.exists() and STAMP.read_text() == wanted):
            base = find()
            say(f"Installing the BigQuery emulator into {VENV.name}, once, with {base} (about 600 MB) ...")
            shutil.rmtree(VENV, ignore_errors=True)
            _run(base, "-m", "venv", VENV)
            _run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", LOCK)
            # unpacks DuckDB's extensions into the environment's own home, and shows that it can run
            _run(PYTHON, SERVE, "--help")
            STAMP.write_text(wanted)
    return PYTHON


def variables() -> dict[str, str]:
    """The environment variables that the emulator runs with: DuckDB keeps extensions below HOME."""
    return {**os.environ, "HOME": str(VENV), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _run(*command: str | Path) -> None:
    try:
        done = subprocess.run(
            command,
            env=variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as slow:
        raise NotInstalled(
            f"{command[0]} took more than {INSTALL_SECONDS} s to install the emulator"
        ) from slow
    if done.returncode:
        raise NotInstalled(f"the emulator could not be installed: {done.stderr.strip()[-2000:]}")
