"""The README's list of tables. `python -m ai_usage_assets.schema.readme README.md` updates it."""

import re
import sys
from pathlib import Path

from ai_usage_assets.schema.registry import TABLES

MARKED = re.compile(r"(<!-- tables -->\n).*?(<!-- /tables -->)", re.DOTALL)


def table_list() -> str:
    """A Markdown table with one line per table: what one row is, and which columns are unique."""
    lines = ["| table | one row is | unique by |", "|---|---|---|"]
    lines += [
        f"| `{table.name}` | {table.grain} | {', '.join(table.key) if len(table.key) < 10 else 'every field'} |"
        for table in TABLES
    ]
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """The text with an up-to-date list of tables."""
    return MARKED.sub(lambda marks: f"{marks[1]}{table_list()}\n{marks[2]}", text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
