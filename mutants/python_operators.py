"""Operators for cosmic-ray that it does not have: a text is changed, and a call that is a statement is left out.

Cosmic-ray finds operators by entry points of installed packages. This package is not installed, so `add_operators` adds
them by hand.
"""

import re
from collections.abc import Iterator
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.operators.operator import Example, Operator
from parso.python import tree

QUOTE = re.compile(r"^(\w*)(\"\"\"|'''|\"|')")
Position = tuple[tuple[int, int], tuple[int, int]]


class ChangeText(Operator):  # type: ignore[misc]  # untyped base
    """A text that is a value: no docstring, and no description, which only documents show."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        is_text = node.type == "string" and node.parent.type not in {"simple_stmt", "strings"}
        if (is_text or _is_first_text_of_f_string(node)) and not _is_description(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        if node.type == "string":
            node.value = QUOTE.sub(r"\1\2XX", node.value)
        else:
            node.value = f"XX{node.value}"
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example('x = "a"', 'x = "XXa"'), Example('x = f"a{b}"', 'x = f"XXa{b}"'))


class RemoveCall(Operator):  # type: ignore[misc]  # untyped base
    """A statement that only calls something. Log lines are kept: nobody is promised any."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "simple_stmt" and node.children[0].type == "atom_expr":
            call = node.children[0]
            is_call = call.children[-1].type == "trailer" and call.children[-1].children[0].value == "("
            if is_call and not re.match(r"(\w+\.)*log(ger)?\.", call.get_code(include_prefix=False)):
                yield call.start_pos, call.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        call = node.children[0]
        node.children[0] = tree.Keyword("pass", call.start_pos, call.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("f(x)\n", "pass\n"),)


def add_operators() -> None:
    """Make cosmic-ray know the operators of this module, as `mutants/<name>`."""
    plugins.OPERATOR_PROVIDERS["mutants"] = {kind.__name__: kind for kind in (ChangeText, RemoveCall)}


def _is_first_text_of_f_string(node: Any) -> bool:
    return node.type == "fstring_string" and node.parent.children[1] is node


def _is_description(node: Any) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.type == "argument" and parent.children[0].get_code(include_prefix=False) == "description":
            return True
        parent = parent.parent
    return False
