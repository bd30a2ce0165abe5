"""Where pages are kept: each written in one step, and the secret that people's numbers are derived from."""

import os
import secrets
from pathlib import Path

from ai_usage_assets.errors import ReportError
from ai_usage_assets.report.page import Page

NUMBERS_FILE = ".numbers-of-people"
SECRET_BYTES = 32
FOR_ALL, FOR_OWNER = 0o666, 0o600
"""The modes of files, before the process's umask takes bits away."""


def write(page: Page, folder: Path) -> Path:
    """Write the page's HTML into the folder, which is created if it does not exist.

    A page that names people, or is one person's own, is readable by its owner alone.

    Returns:
        The absolute path of the file.

    Raises:
        ReportError: the folder cannot be written. The page of before, if there is one, is as it was.
    """
    path = (folder / page.file_name).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_beside(path, page.html.encode("utf-8"), FOR_OWNER if page.is_personal else FOR_ALL)
    except OSError as error:
        raise _not_written(folder, error) from None
    return path


def secret_of(folder: Path) -> bytes:
    """The secret of this folder's pages, made at the first use. With it, a person's number is the same all month.

    Raises:
        ReportError: the folder cannot be written.
    """
    path = folder / NUMBERS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_beside(path, secrets.token_bytes(SECRET_BYTES), FOR_OWNER, is_new=True)
        return path.read_bytes()
    except OSError as error:
        raise _not_written(folder, error) from None


def _write_beside(path: Path, content: bytes, mode: int, *, is_new: bool = False) -> None:
    """Write to a temporary file of the same folder, and rename it: a reader sees the old file or the new one.

    A new file is only put where none is, so that of two writers the first one stays.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if is_new:
            try:
                os.link(temporary, path)
            except FileExistsError:
                return
        else:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _not_written(folder: Path, error: OSError) -> ReportError:
    return ReportError(
        f"the report's folder {folder} cannot be used ({error.strerror or error}). Nothing was written.",
        "Give it to the user of this process, or set AI_USAGE_REPORT_DIR to a folder that can be written.",
    )
