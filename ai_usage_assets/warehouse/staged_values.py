"""Values that a statement needs and must not have in its text, because BigQuery keeps the text: they are staged."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import pyarrow as pa

from ai_usage_assets.warehouse.engine import Session


@contextmanager
def staged_values(session: Session, kind: str, columns: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A staged table of texts, by its name; it is dropped at the end.

    Args:
        session: which stages it.
        kind: what the values are, as a part of the table's name.
        columns: the values of each column, row by row.
    """
    name = f"staged_{kind}_{uuid4().hex[:12]}"
    session.stage(
        name, pa.table({column: pa.array(list(values), pa.string()) for column, values in columns.items()})
    )
    try:
        yield name
    finally:
        session.discard(name)
