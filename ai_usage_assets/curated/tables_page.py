"""The page docs/tables.md, made of the declarations. `python -m ai_usage_assets.curated.tables_page docs/tables.md` updates it.

It reads docs/queries.md, which lies beside it, for the example queries that read each table.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ai_usage_assets.curated.select import select, tables_read
from ai_usage_assets.schema.model import Column, Layer, Table
from ai_usage_assets.schema.registry import TABLES, layer

EXAMPLE = re.compile(r"^### ([^\n]+)\n.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
COMPUTED = {Layer.CURATED, Layer.CLOSED, Layer.VIEW}
TITLES = {
    Layer.CURATED: "Dimensions and facts",
    Layer.VIEW: "Views",
    Layer.CLOSED: "Closed months",
    Layer.WRITE_LOG: "Logs of the writes",
    Layer.IDENTITY: "Identity files",
    Layer.RAW: "Raw tables by day",
    Layer.SNAPSHOT: "Raw lists of the vendors",
    Layer.TOTALS: "Raw totals of the vendors",
    Layer.OPEN_DAY: "Raw calls of the present day",
    Layer.LIST_LOG: "What the dimensions know of earlier days",
}
FOLDED = {
    "identity": "identity files",
    "anthropic": "raw_anthropic_*, raw_claude_code_*",
    "cursor": "raw_cursor_*",
}
INTRODUCTION = """\
# Tables

This page is generated from the declarations in `ai_usage_assets/schema/tables/`. Do not edit it; update it with:

```sh
.venv/bin/python -m ai_usage_assets.curated.tables_page docs/tables.md
```

[queries.md](queries.md) has a query for each question that people ask every month. Start with the dimensions, the facts, and the views; raw tables are for those who check or extend them.

The graph shows what the dimensions, the facts, and the views read. The raw tables of a vendor are one box."""


def example_queries(page: str) -> dict[str, str]:
    """The queries of docs/queries.md by their headings."""
    return dict(EXAMPLE.findall(page))


def tables_page(queries_page: str) -> str:
    """The page; `queries_page` is the text of docs/queries.md."""
    queries = example_queries(queries_page)
    parts = [INTRODUCTION, graph()]
    for of_layer, title in TITLES.items():
        parts.append(f"## {title}")
        parts += [section(table, queries) for table in layer(of_layer)]
    return "\n\n".join(parts) + "\n"


def inputs(table: Table) -> tuple[Table, ...]:
    """The declared tables that a computed table reads, without itself."""
    if table.layer not in COMPUTED:
        return ()
    return tuple(read for read in select(table).inputs if read is not table)


def graph() -> str:
    """A Mermaid graph of the computed tables and what they read; tables that read the same boxes are in one frame."""
    frames = defaultdict(list)
    for table in TABLES:
        if sources := _sources(table):
            frames[sources].append(table.name)
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  {name}["{title}"]' for name, title in FOLDED.items()]
    for number, (sources, names) in enumerate(frames.items(), 1):
        target = names[0]
        if len(names) > 1:
            target = f"frame{number}"
            lines += [f'  subgraph {target}[" "]', *(f"    {name}" for name in names), "  end"]
        lines += [f"  {source} --> {target}" for source in sources]
    return "\n".join([*lines, "```"])


def section(table: Table, queries: dict[str, str]) -> str:
    """What is known of one table."""
    facts = [f"unique by: {', '.join(f'`{part}`' for part in table.key)}"]
    if table.partition:
        facts.append(f"partition: `{table.partition}`")
    if read := inputs(table):
        facts.append(f"made of: {_links(read)}")
    if readers := [reader for reader in TABLES if table in inputs(reader)]:
        facts.append(f"read by: {_links(readers)}")
    if headings := [heading for heading, sql in queries.items() if table in tables_read(sql)]:
        facts.append(f"queries: {', '.join(f'[{each}](queries.md#{anchor(each)})' for each in headings)}")
    return "\n".join(
        [
            f"### `{table.name}`",
            "",
            f"One row: {table.grain}. {table.description}",
            "",
            *(f"- {fact}" for fact in facts),
            "",
            "| column | type | description |",
            "|---|---|---|",
            *map(_row, table.columns),
        ]
    )


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _sources(table: Table) -> tuple[str, ...]:
    """The boxes that a table is made of; the lists of earlier days belong to both vendors and are left out."""
    boxes = set()
    for read in inputs(table):
        if read.layer is Layer.IDENTITY:
            boxes.add("identity")
        elif read.layer is not Layer.LIST_LOG:
            boxes.add(read.vendor or read.name)
    return tuple(sorted(boxes))


def _links(tables: Iterable[Table]) -> str:
    return ", ".join(f"[`{table.name}`](#{table.name})" for table in tables)


def _row(column: Column) -> str:
    needed = " NOT NULL" if column.is_required else ""
    described = column.description.replace("|", "\\|")
    return f"| `{column.name}` | {column.type}{needed} | {described} |"


if __name__ == "__main__":
    written = Path(sys.argv[1])
    written.write_text(
        tables_page(written.with_name("queries.md").read_text(encoding="utf-8")), encoding="utf-8"
    )
