"""The declarations as the README lists them; `python -m ai_usage_assets.schema.readme README.md` writes it there."""

import re
import sys
from pathlib import Path

from ai_usage_assets.schema.registry import TABLES

MARKED = re.compile(r"(<!-- tables -->\n).*?(<!-- /tables -->)", re.DOTALL)


def table_list() -> str:
    """One line a table: what one row is, and by what it is unique."""
    lines = ["| table | one row is | unique by |", "|---|---|---|"]
    lines += [
        f"| `{table.name}` | {table.grain} | {', '.join(table.key) if len(table.key) < 10 else 'every field'} |"
        for table in TABLES
    ]
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """The text with its list of tables brought up to date."""
    return MARKED.sub(lambda marks: f"{marks[1]}{table_list()}\n{marks[2]}", text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
