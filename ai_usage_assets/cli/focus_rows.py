"""The rows of `ai-usage export focus`: one statement, the view's own SQL over the days of a month."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ai_usage_assets.cli import spend_rows
from ai_usage_assets.cli.deployment import require_tables
from ai_usage_assets.curated.select import of_days
from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.tables.focus import FOCUS_COST_AND_USAGE, NEW_IN_1_3
from ai_usage_assets.warehouse.engine import Engine

if TYPE_CHECKING:
    import pyarrow as pa

PERSON, RESOURCE, KEY, ACTOR = (
    "x_PrincipalId",
    "AllocatedResourceId",
    "x_CredentialId",
    "x_PrincipalType",
)


@dataclass(frozen=True)
class Charges:
    """The charges of a month, in the columns of a version of FOCUS."""

    rows: "pa.Table"
    loaded_days: int

    @property
    def billed_usd(self) -> Decimal:
        return sum((cost for cost in self.rows["BilledCost"].to_pylist()), Decimal(0))


def read(engine: Engine, month: Days, version: str, report_dir: Path, *, has_names: bool) -> Charges:
    """The charges of a month, ordered by day and platform.

    Raises:
        NothingLoadedError: the view does not exist, or no day of the month is loaded.
        ReportError: names are off, and the folder of pages, which keeps the secret of the numbers, cannot be written.
        WarehouseError: the warehouse cannot be read.
    """
    with engine.session() as session:
        require_tables(engine, session, [FOCUS_COST_AND_USAGE.name, "load_log"])
        loaded = spend_rows.loaded_days(session, month)
        rows = session.fetch(statement(month, version))
    if not has_names:
        hiding = spend_rows.hiding(engine, "person", month, report_dir)
        assert hiding
        rows = _without_names(rows, hiding)
    return Charges(rows, loaded)


def statement(month: Days, version: str) -> str:
    """The charges of the days, in GoogleSQL: each table is read for these days alone."""
    columns = [
        name for name in FOCUS_COST_AND_USAGE.column_names if version != "1.2" or name not in NEW_IN_1_3
    ]
    # a row is found again at the same place of the next export
    order = ["x_ChargeDate", "x_Platform", *FOCUS_COST_AND_USAGE.key[2:]]
    order = [name for name in order if name in FOCUS_COST_AND_USAGE.column_names]
    return (
        f"select {names(columns)} from (\n{of_days(FOCUS_COST_AND_USAGE, month)}\n) as charges\n"
        f"order by {names(order)}"
    )


def _without_names(rows: "pa.Table", hiding: spend_rows.Hiding) -> "pa.Table":
    """People as the page's labels. A row of a key has no person, so that nobody finds out a label by a key they know."""
    people, keys, actors = (rows[name].to_pylist() for name in (PERSON, KEY, ACTOR))
    labels = [
        None if person is None or key is not None else _label(person, actor, hiding)
        for person, key, actor in zip(people, keys, actors, strict=True)
    ]
    rows = _replaced(rows, PERSON, labels)
    if RESOURCE not in rows.column_names:
        return rows
    resources = [
        label if resource == person else resource
        for resource, person, label in zip(rows[RESOURCE].to_pylist(), people, labels, strict=True)
    ]
    return _replaced(rows, RESOURCE, resources)


def _label(person: str, actor: str | None, hiding: spend_rows.Hiding) -> Any:
    return hiding({"person": person, "who": "machines" if actor == "service" else "people"})["person"]


def _replaced(rows: "pa.Table", name: str, values: list[Any]) -> "pa.Table":
    import pyarrow as pa

    place = rows.column_names.index(name)
    return rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))
