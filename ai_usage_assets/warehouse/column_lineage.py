"""Column lineage: which columns the values of a column come from. It is derived from the SQL."""

from collections.abc import Iterable

from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage

from ai_usage_assets.schema.model import Table


def column_lineage(sql: str, tables: Iterable[Table]) -> dict[str, list[str]]:
    """For each column of a SELECT, the columns (`table.column`) of the given tables that its values come from.

    Columns that only decide which value is taken are not included: conditions, join keys, and the order of a window.
    """
    schema = {table.name: {column.name: column.type.name for column in table.columns} for table in tables}
    tree = parse_one(sql, read="bigquery").transform(_values_only)
    # names of columns are not case-sensitive in GoogleSQL, and the parser writes them in lower case
    written = {name.lower(): name for name in tree.named_selects} if isinstance(tree, exp.Query) else {}
    found = lineage(None, tree, schema, dialect="bigquery", copy=False, trim_selects=False)
    return {written.get(column.lower(), column): sorted(_origins(node)) for column, node in found.items()}


def _values_only(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.If):
        node.set("this", exp.true())
    elif isinstance(node, exp.Case):
        node.set("this", None)
    elif isinstance(node, exp.Window):
        function: exp.Expression = node.this
        return function
    return node


def _origins(node: Node) -> set[str]:
    return {
        f"{leaf.expression.name}.{leaf.name.rpartition('.')[2]}"
        for leaf in node.walk()
        if isinstance(leaf.expression, exp.Table)
    }
