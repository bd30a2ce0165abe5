"""Forgetting a person in files: the identity files, the pages, Dagster's records and the kept translations."""

import csv
import io
import re
import secrets
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from ai_usage_assets.forgotten import FILE
from ai_usage_assets.whitespace import trim

REPLACEMENT = "forgotten"
NAMED_EXPORTS = ("focus-*-names", ".focus-*-names.*")
"""The folders of `ai-usage export focus --names`, and what is left of one that was interrupted."""
SQLITE = b"SQLite format 3\x00"


def files_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file below the folders."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def naming(paths: Iterable[Path], texts: Collection[str]) -> list[Path]:
    """The files of which any byte sequence is one of the texts, in upper or lower case."""
    pattern = _pattern(texts)
    found = []
    for path in paths:
        # a file that is gone names nobody
        with suppress(FileNotFoundError):
            if pattern.search(path.read_bytes()):
                found.append(path)
    return found


def forget_in_identity(folder: Path, emails: Collection[str]) -> list[Path]:
    """Take the person's rows out of every CSV file; the address is replaced where it is inside a text.

    Returns:
        The files that were changed.
    """
    changed = []
    for path in sorted(folder.glob("*.csv")):
        if path.name == FILE:
            continue
        before = path.read_bytes()
        with io.StringIO(before.decode("utf-8-sig", "surrogateescape"), newline="") as lines:
            rows = [row for row in csv.reader(lines) if not _names(row, emails)]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        after = _pattern(emails).sub(REPLACEMENT.encode(), text.getvalue().encode("utf-8", "surrogateescape"))
        if _names_any(before, emails):
            _write(path, after)
            changed.append(path)
    return changed


def forget_pages(folder: Path, texts: Collection[str], own: Collection[str]) -> list[Path]:
    """Delete the pages that name the person, the person's own, and every export with names. They can be written again.

    Args:
        folder: of the pages.
        texts: addresses and names.
        own: the ends of the names of the person's own pages.
    """
    pages = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    gone = {*naming(pages, texts), *(path for path in pages if any(path.stem.endswith(end) for end in own))}
    for path in gone:
        path.unlink()
    # Parquet is compressed, so a search of its bytes does not find who is in it
    exports = {path for pattern in NAMED_EXPORTS for path in folder.glob(pattern)}
    for path in exports:
        shutil.rmtree(path)
    return sorted({*gone, *exports})


def forget_in_records(folder: Path, emails: Collection[str]) -> list[Path]:
    """Replace the addresses in Dagster's records: in its databases and in its logs.

    Returns:
        The files that were changed. None is expected: no message has an address.
    """
    changed = naming(files_in([folder]), emails)
    for path in changed:
        content = path.read_bytes()
        if content.startswith(SQLITE):
            _forget_in_database(path, emails)
        elif path.exists():
            _write(path, _pattern(emails).sub(REPLACEMENT.encode(), content))
    return changed


def _forget_in_database(path: Path, emails: Collection[str]) -> None:
    pattern = re.compile("|".join(map(re.escape, emails)), re.IGNORECASE)
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("forgotten", 1, lambda text: pattern.sub(REPLACEMENT, text))
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")').fetchall()]
            for column in columns:
                for email in emails:
                    connection.execute(
                        f'update "{table}" set "{column}" = forgotten("{column}") '
                        f'where typeof("{column}") = \'text\' and instr(lower("{column}"), ?) > 0',
                        [email],
                    )
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")


def _names(row: list[str], emails: Collection[str]) -> bool:
    parts = (part for cell in row for part in cell.split(";"))
    return any(trim(part).lower() in emails for part in parts)


def _names_any(content: bytes, texts: Collection[str]) -> bool:
    return bool(_pattern(texts).search(content))


def _pattern(texts: Collection[str]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(text.encode("utf-8")) for text in texts), re.IGNORECASE)


def _write(path: Path, content: bytes) -> None:
    """In one step, with the file's rights."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fresh.write_bytes(content)
    fresh.chmod(path.stat().st_mode)
    fresh.replace(path)
