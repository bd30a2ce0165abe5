"""The virtual environment `.venv-emulator`: it is created on first use, and again when the lock file changes."""

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


class NotInstalledError(Exception):
    """The emulator's packages cannot be installed; the message says why."""


def ready(say: Callable[[str], None] = print) -> Path:
    """The Python that runs the emulator. Its packages are installed if they are not yet.

    Raises:
        PythonNotFoundError: there is no Python 3.13.
        NotInstalledError: the packages cannot be installed.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with LOCK.open("rb") as turn:
        # two test runs that start together create one environment
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (STAMP.exists() and STAMP.read_text() == wanted):
            base = find()
            say(f"Installing the BigQuery emulator into {VENV.name}, once, with {base} (about 600 MB) ...")
            shutil.rmtree(VENV, ignore_errors=True)
            _run(base, "-m", "venv", VENV)
            _run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", LOCK)
            # this unpacks DuckDB's extensions into the environment's own home, and tests that the server runs
            _run(PYTHON, SERVE, "--help")
            STAMP.write_text(wanted)
    return PYTHON


def variables() -> dict[str, str]:
    """The environment variables of the emulator. DuckDB stores extensions below HOME."""
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
        raise NotInstalledError(
            f"{command[0]} took more than {INSTALL_SECONDS} s to install the emulator"
        ) from slow
    if done.returncode:
        raise NotInstalledError(f"the emulator could not be installed: {done.stderr.strip()[-2000:]}")
