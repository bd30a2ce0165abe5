"""Where the tables write a text: in any STRING column, alone or inside a longer text. The text is in no statement."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import uuid4

from ai_usage_assets.addresses import whole
from ai_usage_assets.forgotten import REPLACEMENT
from ai_usage_assets.schema.model import STRING, Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.sql import and_within
from ai_usage_assets.warehouse.staged_values import staged_values


@dataclass(frozen=True)
class Mention:
    """A value that has one of the texts in it, maybe as a part of another address."""

    table: Table
    column: str
    value: str

    @property
    def place(self) -> str:
        return f"{self.table.name}.{self.column}"


def mentions(
    session: Session, texts: Collection[str], tables: Collection[Table] = TABLES
) -> Iterator[Mention]:
    """The values of the tables that have one of the texts in them, in upper or lower case."""
    # an engine makes one character or two of the dotted capital I
    wanted = sorted({*texts, *(text.replace("i\u0307", "i") for text in texts)})
    with staged_values(session, "mentioned", {"old": wanted}) as staged:
        for table in tables:
            if table.layer is Layer.VIEW or session.stored_table(table.name) is None:
                continue
            parts = [
                f"select '{column.name}' as name, cells.`{column.name}` as value from `{table.name}` as cells cross join "
                f"`{staged}` as staged where strpos(lower(cells.`{column.name}`), staged.old) > 0{and_within(table)}"
                for column in table.columns
                if column.type == STRING
            ]
            if parts:
                for row in session.fetch(" union distinct ".join(parts)).to_pylist():
                    yield Mention(table, row["name"], row["value"])


def forget_in_notes(engine: Engine, texts: Collection[str]) -> None:
    """Replace the texts in the notes of the identity files' tables; nothing else is changed."""
    pattern = whole(texts)
    with engine.session(WriteContext(uuid4().hex, "forget-notes")) as session:
        tables = [table for table in TABLES if table.layer is Layer.IDENTITY]
        for each in list(mentions(session, texts, tables)):
            new = pattern.sub(REPLACEMENT, each.value)
            with staged_values(session, "notes", {"old": [each.value], "new": [new]}) as staged:
                session.execute(
                    f"update `{each.table.name}` set `{each.column}` = renamed.new from `{staged}` as renamed "
                    f"where renamed.old = `{each.table.name}`.`{each.column}`"
                )
