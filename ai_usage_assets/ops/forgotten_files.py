"""Forgetting a person in files: the identity files, the pages, Dagster's records and the kept translations."""

import csv
import io
import mmap
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from ai_usage_assets.addresses import anywhere, longer, whole
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.forgotten import FILE, REPLACEMENT, Forgotten
from ai_usage_assets.whitespace import comparable, trim

NAMED = ("*-names.html", ".*-names.html.*", "focus-*-names", ".focus-*-names.*")
"""What `ai-usage report --names` and `ai-usage export focus --names` wrote, and what is left of one that was interrupted."""
EMAIL_COLUMNS = frozenset({"email", "aliases", "name"})
"""The columns of the identity files whose cells are addresses: of a person, a key's owner, or a person's budget."""
PLAIN = re.compile("[a-hjl-z0-9]+")
"""Characters that are never escaped, and have one capital each: `i` and `k` have two."""
SQLITE = b"SQLite format 3\x00"
FIRST_BYTES = 4096
"""A NUL among them tells a database from a text."""


def files_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file below the folders."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def naming(paths: Iterable[Path], texts: Collection[str], others: Collection[str] = ()) -> list[Path]:
    """The files that have one of the texts, in upper or lower case, and not as a part of another address.

    Args:
        paths: of the files.
        texts: what is searched for.
        others: the addresses in the warehouse that one of the texts is a part of. A database writes its values without a
            gap, so that nothing else tells where an address begins.
    """
    return [path for path in paths if _has(path, texts, others)]


class SharedAddressError(AiUsageError):
    """people.csv gives the address to two people."""


def addresses_in(folder: Path, given: str) -> set[str]:
    """The person's addresses in people.csv, as far as it can be read: it may name the person again, which is refused.

    Raises:
        SharedAddressError: nothing was changed.
    """
    emails, forgotten = {given}, Forgotten.read(folder)
    people = forgotten.people(emails)
    rows = [*_people(folder / "people.csv")]
    mains = {main for main, row in rows if comparable(given) in row or people & forgotten.people(row)}
    if len(mains) > 1:
        raise SharedAddressError(
            f"{folder / 'people.csv'} gives the address to {len(mains)} people. Nobody was forgotten.",
            "Take it out of the lines of whoever does not have it, and run this again.",
        )
    return emails.union(*(row for main, row in rows if main in mains))


def forget_in_identity(folder: Path, emails: Collection[str]) -> list[Path]:
    """Take the person's rows out of every CSV file; the address is replaced where it is inside a text.

    people.csv is the last: it tells the person's other addresses, if the command is interrupted and run again.

    Returns:
        The files that were changed.
    """
    changed = []
    pattern = whole(emails)
    for path in sorted(folder.glob("*.csv"), key=lambda each: (each.name == "people.csv", each.name)):
        if path.name == FILE:
            continue
        before = path.read_bytes()
        if not pattern.search(_text(before)):
            continue
        header, *rows = _rows(before)
        columns = _email_columns(header)
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(header)
        lines.writerows(row for row in rows if not any(map(pattern.fullmatch, _addresses(row, columns))))
        _write(path, pattern.sub(REPLACEMENT, text.getvalue()))
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
    # Parquet is compressed, and a page has names escaped and cut, so a search of the bytes does not find who is in it
    named = {path for pattern in NAMED for path in folder.glob(pattern)} - gone
    for path in named:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return sorted({*gone, *named})


def forget_in_records(folder: Path, emails: Collection[str]) -> list[Path]:
    """Replace the addresses in Dagster's records: in its databases and in its logs.

    Returns:
        The files that were changed. None is expected: no message has an address.
    """
    changed = naming(files_in([folder]), emails)
    for path in changed:
        with suppress(FileNotFoundError):
            if _is_sqlite(database := _database(path)):
                _forget_in_database(database, emails)
            else:
                _write(path, whole(emails).sub(REPLACEMENT, _text(path.read_bytes())))
    return changed


def _database(path: Path) -> Path:
    """The database that a write-ahead log or a journal of SQLite belongs to; any other file itself."""
    return path.with_name(path.name.removesuffix("-wal").removesuffix("-journal"))


def _is_sqlite(path: Path) -> bool:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE
    return False


def _has(path: Path, texts: Collection[str], others: Collection[str]) -> bool:
    # a file that is gone names nobody, and nor does an empty one, which cannot be mapped
    with suppress(FileNotFoundError), path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            is_found = anywhere(texts).search(content)
            if b"\x00" not in content[:FIRST_BYTES]:
                return bool(is_found and whole(texts).search(_text(content[:])))
            known = set(others)
            # a long value is in several pages of the file, so that its bytes may be apart
            if _is_sqlite(database := _database(path)):
                values = _values_in_database(database, texts)
                if any(map(whole(texts).search, values)):
                    return True
                known.update(other for value in values for other in longer(value, texts))
            is_one = anywhere(texts).fullmatch
            return bool(is_found) and any(map(is_one, anywhere({*texts, *known}).findall(content)))
    return False


def _values_in_database(path: Path, texts: Collection[str]) -> list[str]:
    """The values that have one of the texts in them, maybe as a part of another address."""
    statement = "select {column} from {table} where {where}"
    # the bytes of a broken file are searched all the same
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in _each_text(connection, texts, statement)]
    return []


def _forget_in_database(path: Path, emails: Collection[str]) -> None:
    pattern = whole(emails)
    # a broken file stays as it is; the search afterwards names it
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        connection.create_function("forgotten", 1, lambda value: pattern.sub(REPLACEMENT, value))
        update = "update {table} set {column} = forgotten({column}) where {where}"
        list(_each_text(connection, emails, update))
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")


def _each_text(
    connection: sqlite3.Connection, texts: Collection[str], statement: str
) -> Iterator[tuple[str]]:
    """The rows of the statement for each column, on the values that have one of the texts in them."""
    pattern = anywhere(texts)

    def is_found(value: object) -> bool:
        return isinstance(value, str) and bool(pattern.search(value.encode("utf-8")))

    # SQLite's own functions know the upper case of ASCII alone; they leave out most values
    connection.create_function("is_found", 1, is_found)
    # every value has the run of a text without one, which is empty
    runs = sorted({max(PLAIN.findall(text.lower()), key=len, default="") for text in texts})
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        for row in connection.execute(f'pragma table_info("{table}")').fetchall():
            column = f'"{row[1]}"'
            may_be = " or ".join(f"instr(lower({column}), '{run}')" for run in runs)
            where = f"({may_be}) and is_found({column})"
            yield from connection.execute(
                statement.format(table=f'"{table}"', column=column, where=where)
            ).fetchall()


def _text(content: bytes) -> str:
    """The characters of UTF-8, because bytes tell neither their upper case nor letters from other ones."""
    return content.decode("utf-8", "surrogateescape")


def _rows(content: bytes) -> list[list[str]]:
    with io.StringIO(_text(content).removeprefix("\ufeff"), newline="") as lines:
        return list(csv.reader(lines))


def _people(path: Path) -> Iterator[tuple[str, set[str]]]:
    """The main address and all addresses of each row."""
    with suppress(FileNotFoundError):
        header, *rows = _rows(path.read_bytes()) or [[]]
        columns = _email_columns(header)
        main = [place for place in columns if trim(header[place]).lower() == "email"]
        for row in rows:
            yield next(iter(_addresses(row, main)), ""), _addresses(row, columns)


def _email_columns(header: list[str]) -> set[int]:
    return {place for place, name in enumerate(header) if trim(name).lower() in EMAIL_COLUMNS}


def _addresses(row: list[str], columns: Collection[int]) -> set[str]:
    parts = (part for place, cell in enumerate(row) if place in columns for part in cell.split(";"))
    return {address for part in parts if "@" in (address := comparable(part))}


def _write(path: Path, text: str) -> None:
    """In one step, with the file's rights."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fresh.write_bytes(text.encode("utf-8", "surrogateescape"))
    fresh.chmod(path.stat().st_mode)
    fresh.replace(path)
