"""Column lineage, read off the SQL and kept in lineage.json: finding it takes seconds, and a load has none to spare.

`python -m ai_usage_assets.curated.lineage` writes the file again after a change of the SQL.
"""

import json
from pathlib import Path

from ai_usage_assets.curated.assets import LINEAGE, Lineage
from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.warehouse.lineage import column_lineage


def derived() -> Lineage:
    """What the SQL says now; what a table reads of its own past is left out, as it is in the graph."""
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
