"""Declared against found: what can be added, and what must be refused."""

from dataclasses import dataclass

from ai_usage_assets.schema.model import Layer, Table

Shape = tuple[str, bool]
"""A column's GoogleSQL type, spelled out, and whether it is NOT NULL."""


@dataclass(frozen=True)
class Differences:
    """`missing` columns can be added; anything in `conflicts` cannot be mended here."""

    absent: bool = False
    missing: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def compare(table: Table, found: dict[str, Shape]) -> Differences:
    """A view's columns come out of expressions: of them only the kind of type is compared."""
    declared = table.shape
    if table.layer is Layer.VIEW:
        declared, found = _kinds(declared), _kinds(found)
    missing = tuple(name for name, (_, required) in declared.items() if name not in found and not required)
    conflicts = [
        f"column {name} is {_spelled(found[name])}, declared {_spelled(want)}"
        if name in found
        else f"column {name} is absent and declared {_spelled(want)}, which cannot be added"
        for name, want in declared.items()
        if found.get(name) != want and name not in missing
    ]
    conflicts += [f"column {name} is not declared" for name in found if name not in declared]
    return Differences(missing=missing, conflicts=tuple(conflicts))


def _kinds(shapes: dict[str, Shape]) -> dict[str, Shape]:
    return {name: (type_.split("(")[0], False) for name, (type_, _) in shapes.items()}


def _spelled(shape: Shape) -> str:
    return f"{shape[0]} NOT NULL" if shape[1] else shape[0]
