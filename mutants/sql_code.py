"""The mutants of a `.sql` file of the product, and its text as the product reads it."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlglot import exp, parse_one

from mutants.mutant import Mutant
from mutants.sql_operators import OPERATORS


def mutants_of(checkout: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of the statement. `before` is the whole statement as it is written after a change."""
    sql = (checkout / path).read_text(encoding="utf-8")
    tree = parse_one(sql, read="bigquery")
    before = written(tree)
    for name, operator in OPERATORS.items():
        occurrence = 0
        for number, node in enumerate(tree.walk()):
            for choice, _ in enumerate(operator(node)):
                change = partial(changed, sql, name, number, choice)
                yield Mutant(path, f"sql/{name}", occurrence, (number, 0), before, change)
                occurrence += 1


def changed(sql: str, operator: str, number: int, choice: int) -> str:
    """The statement with one node changed: the node of this number, by this one of the operator's choices."""
    tree = parse_one(sql, read="bigquery")
    node = next(node for index, node in enumerate(tree.walk()) if index == number)
    node.replace(list(OPERATORS[operator](node))[choice])
    return written(tree)


def written(tree: exp.Expr) -> str:
    """A statement in the style that `curated/select.py` reads: `with` on a line, `from` and `join` in small letters."""
    sql = tree.sql(dialect="bigquery", pretty=True, comments=False, normalize_functions=False)
    sql = re.sub(r"\b(FROM|JOIN|UNION ALL)\b", lambda found: found[0].lower(), sql)
    return re.sub(r"\AWITH ", "with\n", sql)
