"""Declared against found: what can be added or reworded, and what must be refused, with the statement that mends it."""

from dataclasses import dataclass, field

from ai_usage_assets.schema.model import Layer, Table

Shape = tuple[str, bool]
"""A column's GoogleSQL type, spelled out, and whether it is NOT NULL."""


@dataclass(frozen=True)
class Conflict:
    """One difference that the door leaves alone. `mend` undoes it in place, with `{table}` where the name stands."""

    says: str
    mend: str | None = None

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class Found:
    """A table as it is in the warehouse."""

    shape: dict[str, Shape]
    description: str | None = None
    descriptions: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Differences:
    """`missing` columns can be added and `reworded` descriptions written; `conflicts` are somebody's decision."""

    absent: bool = False
    missing: tuple[str, ...] = ()
    reworded: bool = False
    conflicts: tuple[Conflict, ...] = ()


def compare(table: Table, found: Found) -> Differences:
    """A view's columns come out of expressions: of them only the kind of type is compared."""
    declared, shape = table.shape, found.shape
    if table.layer is Layer.VIEW:
        declared, shape = _kinds(declared), _kinds(shape)
    missing = tuple(name for name, (_, required) in declared.items() if name not in shape and not required)
    conflicts = [
        _differing(name, shape[name], want)
        if name in shape
        else Conflict(f"column {name} is absent and declared {_spelled(want)}, which cannot be added")
        for name, want in declared.items()
        if shape.get(name) != want and name not in missing
    ]
    conflicts += [
        Conflict(f"column {name} is not declared", f"ALTER TABLE {{table}} DROP COLUMN {name}")
        for name in shape
        if name not in declared
    ]
    said = {column.name: column.description for column in table.columns if column.name in shape}
    known = {name: found.descriptions.get(name) or "" for name in said}
    # a view is described whenever it is created
    reworded = table.layer is not Layer.VIEW and (found.description, known) != (table.says, said)
    return Differences(missing=missing, reworded=reworded, conflicts=tuple(conflicts))


def _differing(name: str, found: Shape, want: Shape) -> Conflict:
    """NOT NULL can be taken away in place; a type, and NOT NULL where it lacks, want the table built anew."""
    mend = f"ALTER TABLE {{table}} ALTER COLUMN {name} DROP NOT NULL" if found == (want[0], True) else None
    return Conflict(f"column {name} is {_spelled(found)}, declared {_spelled(want)}", mend)


def remedy(spelled: str, name: str, conflicts: tuple[Conflict, ...]) -> str:
    """The statements to run: what undoes each change, or, if one cannot be undone, what sets the table aside."""
    mends = [conflict.mend.format(table=spelled) for conflict in conflicts if conflict.mend]
    if len(mends) == len(conflicts):
        return f"Change it back: {'; '.join(mends)};"
    return (
        f"Set it aside: ALTER TABLE {spelled} RENAME TO {name}_set_aside; "
        "and materialise the days that it held; what was in it stays there."
    )


def _kinds(shapes: dict[str, Shape]) -> dict[str, Shape]:
    return {name: (type_.split("(")[0], False) for name, (type_, _) in shapes.items()}


def _spelled(shape: Shape) -> str:
    return f"{shape[0]} NOT NULL" if shape[1] else shape[0]
