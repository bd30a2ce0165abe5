"""Column lineage, read off the SQL and kept in column_lineage.json: deriving it takes seconds, too long for a load.

`python -m ai_usage_assets.curated.column_lineage` writes the file again after a change of the SQL.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer

LINEAGE = "column_lineage.json"
Lineage: TypeAlias = dict[str, dict[str, list[str]]]
"""Per table and column, the columns (`table.column`) that its values are made of."""


def lineage() -> Lineage:
    """The lineage as it is kept in the file."""
    kept: Lineage = json.loads(files(__package__).joinpath(LINEAGE).read_text(encoding="utf-8"))
    return kept


def derived() -> Lineage:
    """What the SQL says now; what a table reads of its own past is left out, as it is in the graph."""
    from ai_usage_assets.warehouse.column_lineage import column_lineage

    found: Lineage = {}
    for table in (*layer(Layer.CURATED), *layer(Layer.VIEW)):
        statement = select(table)
        columns = column_lineage(statement.sql, statement.inputs)
        found[table.name] = {
            name: [origin for origin in origins if not origin.startswith(f"{table.name}.")]
            for name, origins in columns.items()
        }
    return found


if __name__ == "__main__":
    text = json.dumps(derived(), indent=2) + "\n"
    (Path(__file__).parent / LINEAGE).write_text(text, encoding="utf-8")
