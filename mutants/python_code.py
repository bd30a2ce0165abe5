"""The mutants of a Python module, by cosmic-ray's operators and our own."""

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code

from mutants.mutant import Mutant
from mutants.python_operators import add_operators

LEFT_OUT = "RemoveDecorator"
"""A module without one of its decorators does not load, or is the same but slower."""


def mutants_of(checkout: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of the module, in annotations, their imports and dataclass decorators none: they decide nothing."""
    add_operators()
    source = (checkout / path).read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(source)))
    for name in plugins.operator_names():
        kind = plugins.get_operator(name)
        if name.endswith(LEFT_OUT) or kind.arguments():
            continue
        operator = kind()
        positions = [(node, start) for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (node, start) in enumerate(positions):
            if _is_in_annotation(node) or _is_of_dataclass(node) or _is_for_annotations(node):
                continue
            change = partial(_changed, source, operator, occurrence)
            definition = ASTQuery(node).get_definition_name()
            yield Mutant(path, name, occurrence, start, source, change, definition)


def _changed(source: str, operator: Any, occurrence: int) -> str:
    """The changed text; the text as it was if the change is no Python, which no test is needed to notice."""
    try:
        changed: str = mutate_code(source, operator, occurrence)
        ast.parse(changed)
    # cosmic-ray's operator for exceptions fails at the name of one with a dot
    except (SyntaxError, AttributeError):
        return source
    return changed


def _is_in_annotation(node: Any) -> bool:
    parent = node.parent
    while parent is not None:
        children = parent.children
        if parent.type in {"annassign", "tfpdef"} and _index(children, node) == (
            1 if parent.type == "annassign" else 2
        ):
            return True
        index = _index(children, node)
        if parent.type == "funcdef" and index and getattr(children[index - 1], "value", "") == "->":
            return True
        node, parent = parent, parent.parent
    return False


def _is_of_dataclass(node: Any) -> bool:
    """Whether it is an argument of `@dataclass`: what is frozen is only never changed."""
    parent = node.parent
    while parent is not None and parent.type != "decorator":
        parent = parent.parent
    return parent is not None and parent.get_code(include_prefix=False).startswith("@dataclass(")


def _is_for_annotations(node: Any) -> bool:
    """Whether it is `if TYPE_CHECKING`."""
    return node.type == "if_stmt" and getattr(node.children[1], "value", "") == "TYPE_CHECKING"


def _index(children: list[Any], node: Any) -> int:
    return next(index for index, child in enumerate(children) if child is node)
