"""Where pages are kept: one file a month, written in one step, and the secret that people's numbers are derived from."""

import os
import secrets
import tempfile
from pathlib import Path

from ai_usage_assets.report.errors import ReportError
from ai_usage_assets.report.page import Page

NUMBERS_FILE = ".numbers-of-people"
SECRET_BYTES = 32


def write(page: Page, folder: Path) -> Path:
    """Write the page's HTML into the folder, which is created if it does not exist.

    Returns:
        The absolute path of the file.

    Raises:
        ReportError: the folder cannot be written. The page of before, if there is one, is as it was.
    """
    path = (folder / page.file_name).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_beside(path, page.html.encode("utf-8"))
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
            _write_beside(path, secrets.token_bytes(SECRET_BYTES), is_new=True)
        return path.read_bytes()
    except OSError as error:
        raise _not_written(folder, error) from None


def _write_beside(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """Write to a temporary file of the same folder, and rename it: a reader sees the old file or the new one.

    A new file is only put where none is, so that of two writers the first one stays.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if is_new:
            try:
                os.link(temporary, path)
            except FileExistsError:
                return
        else:
            # a page is for others to read, and mkstemp gives it to its owner alone
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _not_written(folder: Path, error: OSError) -> ReportError:
    return ReportError(
        f"the report's folder {folder} cannot be used ({error.strerror or error}). Nothing was written.",
        "Give it to the user of this process, or set AI_USAGE_REPORT_DIR to a folder that can be written.",
    )
