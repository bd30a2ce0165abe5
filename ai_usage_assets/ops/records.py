"""Dagster's records of runs, events and ticks: the folder that has them, its configuration, and their first opening.

Without DAGSTER_HOME, Dagster keeps its records in a temporary folder and deletes them when the command ends. Then every
start forgets what was loaded. Here the records have one folder, and the folder has the project's `dagster.yaml`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EACCES
from hashlib import sha256
from pathlib import Path

import dagster as dg
from alembic.util import CommandError
from dotenv import dotenv_values
from filelock import FileLock, Timeout
from sqlalchemy.exc import OperationalError

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.findings import Finding, failed, ok, warning
from ai_usage_assets.settings import DagsterSettings, SettingError, export

DEFAULT_HOME = Path(".local/dagster")
"""Below the folder that a command is started in, like the default of the DuckDB file."""
CONFIGURATION = Path(__file__).parent / "dagster.yaml"
LOCK = ".opening.lock"
LOCK_SECONDS = 300.0
"""Much more than a first opening takes. A migration of many runs takes minutes."""


class RecordsError(AiUsageError):
    """Dagster's records cannot be opened."""


@dataclass(frozen=True)
class Home:
    """The folder of Dagster's records, as an absolute path.

    Attributes:
        is_default: whether the folder is the project's own, because DAGSTER_HOME is not set.
    """

    path: Path
    is_default: bool

    @classmethod
    def find(cls, folder: Path) -> "Home":
        """DAGSTER_HOME from the folder's `.env` or from the environment, else DEFAULT_HOME below the folder.

        Dagster reads `.env` too, and there a value overrides the environment.

        Raises:
            SettingError: DAGSTER_HOME is relative, or empty in `.env`.
        """
        in_file = dotenv_values(folder / ".env")
        settings = DagsterSettings.read(
            {"DAGSTER_HOME": in_file["DAGSTER_HOME"] or ""} if "DAGSTER_HOME" in in_file else None
        )
        if settings.home is None:
            if "DAGSTER_HOME" in in_file:
                raise SettingError("DAGSTER_HOME", "is empty in .env.", "Delete the line, or write a path.")
            return cls((folder / DEFAULT_HOME).resolve(), is_default=True)
        path = settings.home.expanduser()
        if not path.is_absolute():
            hint = f"Write DAGSTER_HOME={(folder / path).resolve()}"
            raise SettingError("DAGSTER_HOME", f"is {str(path)!r}, which is not an absolute path.", hint)
        return cls(path, is_default=False)


def prepare(folder: Path) -> list[str]:
    """Make the home of Dagster's records ready, and set DAGSTER_HOME for this process and those that it starts.

    Several processes may do so at once. Returns sentences for the user: where the records are, and whether a
    `dagster.yaml` was left as it is.

    Raises:
        SettingError: DAGSTER_HOME cannot be used.
        RecordsError: the records cannot be opened.
    """
    home = Home.find(folder)
    export({"DAGSTER_HOME": str(home.path)})
    with _explained(home.path):
        home.path.mkdir(parents=True, exist_ok=True)
        with _locked(home.path):
            is_configured = configure(home)
            _open(home.path)
    lines = [f"Dagster's records are in {home.path}."]
    if not is_configured:
        lines.append(
            f"{home.path / 'dagster.yaml'} was left as it is. {CONFIGURATION} explains the settings that it should have."
        )
    return lines


def configure(home: Home) -> bool:
    """Give the home the project's `dagster.yaml`. False if its configuration is, or may be, somebody's own.

    A file that was edited is left as it is. A DAGSTER_HOME with content but without the file is left too: it may be
    shared with other projects, which do not have our classes.
    """
    target = home.path / "dagster.yaml"
    found = target.read_text(encoding="utf-8") if target.exists() else None
    shipped = CONFIGURATION.read_text(encoding="utf-8")
    copy = _header(shipped) + shipped
    if found in {shipped, copy}:
        return True
    if is_ours := is_configured_here(home):
        # a process that starts now reads the old file or the new one
        draft = target.with_name(f"{LOCK}.{os.getpid()}")
        draft.write_text(copy, encoding="utf-8")
        draft.replace(target)
    return is_ours


def is_configured_here(home: Home) -> bool:
    """Whether the home has, or will have, the project's `dagster.yaml`, and not one that is or may be somebody's own."""
    target = home.path / "dagster.yaml"
    if not target.exists():
        is_unused = not home.path.exists() or all(path.name == LOCK for path in home.path.iterdir())
        return home.is_default or is_unused
    found = target.read_text(encoding="utf-8")
    body = found.partition("\n")[2]
    return found in {CONFIGURATION.read_text(encoding="utf-8"), _header(body) + body}


def _header(body: str) -> str:
    return (
        "# A copy of the project's dagster.yaml. Each start replaces it with the current one, unless you edit it: "
        f"{sha256(body.encode()).hexdigest()}\n"
    )


def findings(folder: Path) -> Iterator[Finding]:
    """Whether the home of Dagster's records can be used. Nothing is created, and no records are opened."""
    try:
        home = Home.find(folder)
        with _explained(home.path):
            existing = next(path for path in (home.path, *home.path.parents) if path.exists())
            if not (existing.is_dir() and os.access(existing, os.W_OK)):
                raise PermissionError(EACCES, os.strerror(EACCES))
            is_configured = is_configured_here(home)
    except AiUsageError as refused:
        yield failed("records", refused)
        return
    if not is_configured:
        hint = f"Compare it with {CONFIGURATION}, which explains the settings that it should have."
        yield warning("records", f"{home.path / 'dagster.yaml'} is not the project's.", hint)
    elif home.path.exists():
        yield ok("records", f"Dagster's records are in {home.path}.")
    else:
        yield ok("records", f"Dagster's records will be in {home.path}.")


def open_records(home: Path) -> None:
    """Create the tables of Dagster's records if the home is new, and migrate them if an older Dagster made them.

    Two processes that open a new home at once can leave two revisions in it, and then nothing can open it again.
    A lock prevents this. The variable DAGSTER_HOME must already name the home.

    Raises:
        RecordsError: the records cannot be opened.
    """
    with _explained(home), _locked(home):
        _open(home)


def _open(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
        versions = [storage.alembic_version() for storage in storages if storage]
        if any(version and version[0] != version[1] for version in versions):
            instance.upgrade()


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    if not os.access(home, os.W_OK):
        # its records are elsewhere, as in the image, where a service of its own opens them
        yield
        return
    with FileLock(home / LOCK, timeout=LOCK_SECONDS):
        yield


@contextmanager
def _explained(home: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise RecordsError(
            f"Another process has been opening Dagster's records in {home} for {LOCK_SECONDS:.0f} s.",
            "Find out what it waits for, or end it, and start again.",
        ) from None
    except CommandError as error:
        if "more than one head" not in str(error):
            raise
        raise RecordsError(
            f"Dagster's records in {home} cannot be opened: two processes created them at once.",
            "Move the folder away and start again. The sensors load again what the new records do not contain.",
        ) from None
    except (OSError, OperationalError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.orig
        raise RecordsError(
            f"Dagster's records cannot be kept in {home}: {reason}.",
            "Set DAGSTER_HOME to a folder that this user may write.",
        ) from None
