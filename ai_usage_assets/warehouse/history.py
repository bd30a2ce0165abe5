"""What a vendor has forgotten is kept: rows that nobody can fetch again are not replaced by an answer without any.

A vendor with a rolling history does not say that it has forgotten a day. It answers as if nobody had done anything:
with no rows, or with zeros for everybody.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ai_usage_assets.days import ONE_DAY, Days, listed
from ai_usage_assets.schema.model import Column, Table
from ai_usage_assets.warehouse.ensuring import ensure
from ai_usage_assets.warehouse.errors import HistoryKept
from ai_usage_assets.warehouse.protocol import Engine, Job, Session
from ai_usage_assets.warehouse.statements import within

if TYPE_CHECKING:
    import pyarrow as pa

REPLACE_WITH_NOTHING = "ai_usage/replace_with_nothing"
"""A run with this tag, set to `true`, is believed."""
NUMBERS = {"INT64", "FLOAT64", "NUMERIC"}


def refuse_loss(
    engine: Engine, answer: Sequence[tuple[Table, "pa.Table"]], days: Days, told_from: date, job: Job
) -> None:
    """Look at every table of one answer, before the first of them is written.

    Raises:
        HistoryKept: a day before `told_from` has rows, or figures, in the warehouse and none in the answer.
    """
    if days.first >= told_from:
        return
    forgotten = Days(days.first, min(days.last, told_from - ONE_DAY))
    with engine.session(job) as session:
        ensure(engine, session, [table for table, _ in answer])
        lost = {table.name: vanishing(session, table, rows, forgotten) for table, rows in answer}
    if any(lost.values()):
        held = " and ".join(f"{name} has {listed(gone)}" for name, gone in lost.items() if gone)
        raise HistoryKept(
            f"{held}, and the vendor's answer holds nothing for these days: its history begins at {told_from}, so "
            f"nobody could fetch them again. They are kept, and nothing of {days} was written. Begin the range at "
            f"{told_from}; if they are to go, run it with the tag {REPLACE_WITH_NOTHING} = true."
        )


def vanishing(session: Session, table: Table, rows: "pa.Table", days: Days) -> set[date]:
    """The days that have rows here and none there, or figures here and zeros there."""
    here = session.fetch(
        f"select `{table.partition}` as day, {_any_figure(table)} as figures "
        f"from `{table.name}` where {within(str(table.partition), days)} group by 1"
    ).to_pylist()
    there, with_figures = rows.column(table.partition), _figures(table, rows)
    present, figured = (
        set(column.to_pylist()) for column in (there.unique(), there.filter(with_figures).unique())
    )
    return {row["day"] for row in here if row["day"] not in (figured if row["figures"] else present)}


def _numbers(table: Table) -> list[Column]:
    return [column for column in table.columns if column.type.name in NUMBERS]


def _any_figure(table: Table) -> str:
    return f"countif({' or '.join(f'`{column.name}` != 0' for column in _numbers(table))}) > 0"


def _figures(table: Table, rows: "pa.Table") -> "pa.ChunkedArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.chunked_array([pa.repeat(pa.scalar(value=False), rows.num_rows)])
    for column in _numbers(table):
        found = pc.or_(found, pc.fill_null(pc.not_equal(rows.column(column.name), 0), fill_value=False))
    return found
