"""A look at the warehouse before it is used: whether it is there, may be read and written, and has the declared tables."""

from collections.abc import Iterator
from uuid import uuid4

from ai_usage_assets.findings import Finding, failed, failure, ok, warning
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.errors import WarehouseError
from ai_usage_assets.warehouse.schema_drift import SchemaDrift, conflict_hint

SUBJECT, SCHEMA = "warehouse", "schema"


def findings(engine: Engine, place: str) -> Iterator[Finding]:
    """What a first write would meet. A table that expires is created and dropped; no other table is changed.

    Args:
        engine: the warehouse.
        place: how a message names it.
    """
    try:
        if not engine.exists():
            yield warning(
                SUBJECT, f"There is no warehouse yet: {place} does not exist.", "The first load creates it."
            )
            return
        with engine.session() as session:
            name = f"doctor_{uuid4().hex[:12]}"
            session.stage(name, "select 1 as one")
            session.discard(name)
            yield ok(SUBJECT, f"{place} can be read and written.")
            yield from schema(engine, {table.name: session.schema_drift(table) for table in TABLES})
    except WarehouseError as refused:
        yield failed(SUBJECT, refused)


def schema(engine: Engine, drifts: dict[str, SchemaDrift]) -> Iterator[Finding]:
    """How the tables differ from their declarations."""
    present = {name: drift for name, drift in drifts.items() if not drift.is_absent}
    conflicts = {name: drift.conflicts for name, drift in present.items() if drift.conflicts}
    for name, found in conflicts.items():
        yield failure(
            SCHEMA,
            f"Table {engine.qualified(name)} differs from its declaration: {'; '.join(map(str, found))}.",
            conflict_hint(engine.quoted_name(name), name, found),
        )
    if conflicts:
        return
    changing = sum(drift.has_changes for drift in present.values())
    later = f" The next loads change the definitions of {changing}." if changing else ""
    yield ok(SCHEMA, f"{len(present)} of {len(drifts)} tables exist, as they are declared.{later}")
