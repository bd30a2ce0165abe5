"""Translated statements, in memory and on disk, because a translation takes longer than most statements take to run.

A kept translation is found by the text of the statement, of `dialect.py` and of this module, and by the version of
sqlglot, which is imported only to translate what is not kept. The folder is the user's cache folder, and may be deleted
at any time.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

VARYING = re.compile(
    r"(?<=\b(?i:date) ')\d{4}-\d\d-\d\d(?=')"
    r"|(?<=\btimestamp ')\d{4}-\d\d-\d\d [\d:.]+\+00(?=')"
    r"|(?<=')\d{4}-\d\d-\d\d/[^'\\\\]*(?=')"
    r"|(?<=_)[0-9a-f]{12}(?![0-9a-z])"
)
"""What differs between two writes of the same kind: literals of dates and times, the log's list of days, and the suffix of
staged names."""
ADDRESS = re.compile(r"\w@\w")


def to_duckdb(sql: str) -> str:
    """A GoogleSQL statement in DuckDB's SQL.

    One translation serves all days and writers: stand-ins replace what varies, and are replaced by the values afterwards.
    """
    stand_ins = {value: _stand_in(value, n) for n, value in enumerate(dict.fromkeys(VARYING.findall(sql)), 1)}
    if any(stand_in in sql for stand_in in stand_ins.values()):
        return _to_duckdb(sql)
    translated = _to_duckdb(VARYING.sub(lambda found: stand_ins[found[0]], sql))
    for value, stand_in in stand_ins.items():
        translated = translated.replace(stand_in, value)
    return translated


def _stand_in(value: str, n: int) -> str:
    day = f"{n + 7000}-07-07"
    if "/" in value:
        return f"{day}/0/empty"
    if ":" in value:
        return f"{day} 07:07:07+00"
    return day if "-" in value else f"facade{n:06}"


@lru_cache(maxsize=512)
def _to_duckdb(sql: str) -> str:
    def translate() -> str:
        from ai_usage_assets.warehouse import dialect

        return dialect.to_duckdb(sql)

    return _kept("duckdb", sql, translate)


def selected_columns(sql: str) -> tuple[str, ...]:
    """The names of the columns of a SELECT, in their order. Empty if the text is no query."""
    return _selected_columns(VARYING.sub(lambda found: _stand_in(found[0], 0), sql))


@lru_cache(maxsize=64)
def _selected_columns(sql: str) -> tuple[str, ...]:
    def parse() -> str:
        from ai_usage_assets.warehouse import dialect

        return "\n".join(dialect.selected_columns(sql))

    return tuple(_kept("columns", sql, parse).splitlines())


def _kept(kind: str, sql: str, make: Callable[[], str]) -> str:
    # an address stays out of every file but the warehouse
    if ADDRESS.search(sql):
        return make()
    file = folder() / f"{_digest(sql)}.{kind}"
    with suppress(OSError, UnicodeDecodeError):
        digest, _, text = file.read_text(encoding="utf-8").partition("\n")
        # after a power failure, a file may be empty or a part: half a statement can be a valid one that does something else
        if digest == _digest(text):
            return text
    made = make()
    # without a writable folder, each process translates for itself
    with suppress(OSError):
        _write(file, f"{_digest(made)}\n{made}")
    return made


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def folder() -> Path:
    """Where translations of this version are kept."""
    modules = (Path(__file__).with_name("dialect.py"), Path(__file__))
    rules = "\n".join((*(module.read_text(encoding="utf-8") for module in modules), version("sqlglot")))
    return user_cache_path("ai-usage-assets") / "sql" / _digest(rules)[:16]


def _write(file: Path, text: str) -> None:
    """Write a whole file or none: another process may read at any time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as unfinished:
            unfinished.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
