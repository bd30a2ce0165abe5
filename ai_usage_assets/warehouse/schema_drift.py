"""Schema drift: how a table in the warehouse differs from its declaration.

New nullable columns and new descriptions are written by the next write. Every other difference is a conflict, which a
person has to resolve: this module gives the statement for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_usage_assets.schema.model import Layer, Table

Shape = tuple[str, bool]
"""A column's GoogleSQL type with its parameters, and whether the column is NOT NULL."""


@dataclass(frozen=True)
class Conflict:
    """A difference that the warehouse does not resolve by itself."""

    description: str
    fix: str | None = None
    """The statement that undoes the difference, with `{table}` for the table's name. None if no statement does."""

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True)
class StoredTable:
    """A table as it is in the warehouse."""

    shape: dict[str, Shape]
    description: str | None = None
    column_descriptions: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class SchemaDrift:
    """The differences between a declaration and the table in the warehouse."""

    is_absent: bool = False
    missing_columns: tuple[str, ...] = ()
    """Declared nullable columns that the table does not have: they can be added."""
    reworded_columns: tuple[str, ...] = ()
    """Columns of the table whose descriptions are not the declared ones."""
    is_reworded: bool = False
    """Whether the table's own description is not the declared one."""
    conflicts: tuple[Conflict, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether the next write changes the definition of a table that exists."""
        return bool(self.missing_columns or self.reworded_columns or self.is_reworded)


def compare(table: Table, stored: StoredTable) -> SchemaDrift:
    """The drift of a table. Of a view, whose columns are expressions, only the kinds of types are compared."""
    declared, shape = table.shape, stored.shape
    if table.layer is Layer.VIEW:
        declared, shape = _kinds(declared), _kinds(shape)
    missing = tuple(
        name for name, (_, is_required) in declared.items() if name not in shape and not is_required
    )
    conflicts = [
        _changed_column(name, shape[name], want)
        if name in shape
        else Conflict(f"column {name} is absent and declared {_definition(want)}, which cannot be added")
        for name, want in declared.items()
        if shape.get(name) != want and name not in missing
    ]
    conflicts += [
        Conflict(f"column {name} is not declared", f"ALTER TABLE {{table}} DROP COLUMN {name}")
        for name in shape
        if name not in declared
    ]
    # the statement that creates a view sets its descriptions
    is_described_apart = table.layer is not Layer.VIEW
    reworded = tuple(
        column.name
        for column in table.columns
        if is_described_apart
        and column.name in shape
        and (stored.column_descriptions.get(column.name) or "") != column.description
    )
    return SchemaDrift(
        missing_columns=missing,
        reworded_columns=reworded,
        is_reworded=is_described_apart and (stored.description or "") != table.full_description,
        conflicts=tuple(conflicts),
    )


def _changed_column(name: str, stored: Shape, want: Shape) -> Conflict:
    """NOT NULL can be dropped in place. Another type, or a missing NOT NULL, needs a new table."""
    fix = f"ALTER TABLE {{table}} ALTER COLUMN {name} DROP NOT NULL" if stored == (want[0], True) else None
    return Conflict(f"column {name} is {_definition(stored)}, declared {_definition(want)}", fix)


def conflict_hint(quoted_name: str, name: str, conflicts: Sequence[Conflict]) -> str:
    """The statements that resolve the conflicts: they undo each one, or rename the table if one cannot be undone."""
    fixes = [conflict.fix.format(table=quoted_name) for conflict in conflicts if conflict.fix]
    if len(fixes) == len(conflicts):
        return f"Change it back: {'; '.join(fixes)};"
    return (
        f"Rename the table: ALTER TABLE {quoted_name} RENAME TO {name}_old; "
        "then materialize its days again. The renamed table keeps the old rows."
    )


def _kinds(shapes: dict[str, Shape]) -> dict[str, Shape]:
    return {name: (type_.split("(")[0], False) for name, (type_, _) in shapes.items()}


def _definition(shape: Shape) -> str:
    return f"{shape[0]} NOT NULL" if shape[1] else shape[0]
