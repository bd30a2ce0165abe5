"""Every rule of the curated tables and views, shown by rows: the real SQL on DuckDB, and on Google's evaluator of GoogleSQL.

On DuckDB each case runs through the real write path. The evaluator runs it as one SELECT over literal rows. Its default
time zone is not UTC, so a day that depends on the time zone of a project is another one there.
On the emulator, a write takes seconds, and a statement is translated by the same library as for DuckDB: one case of each
table runs there. On BigQuery itself, every case runs as a SELECT, too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine, Select, View, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import for_window, rows_of
from ai_usage_assets.warehouse.write import create_view, replace
from ai_usage_tests.support.engines import ON_BIGQUERY
from ai_usage_tests.support.live.project import LIVE_PROJECT, temporary_dataset
from ai_usage_tests.support.reference_evaluator import Reference
from ai_usage_tests.support.rule_cases import Case, Row, cases, comparable, in_order, inlined

EVERY = pytest.mark.parametrize("case", cases(), ids=str)
FIRST_OF_EACH_TABLE = pytest.mark.parametrize(
    "case", {case.table: case for case in reversed(cases())}.values(), ids=str
)


class Warehouse:
    """One engine with every table, emptied between cases: creating them anew is what takes long."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._filled: set[str] = set()
        self._answers: dict[Case, list[Row]] = {}

    def answer(self, case: Case) -> list[Row]:
        """The rows of the curated table or view after the case's rows are loaded and its SELECT has run."""
        if case not in self._answers:
            self._answers[case] = self._load(case)
        return self._answers[case]

    def _load(self, case: Case) -> list[Row]:
        since = datetime.now(UTC)
        with self.engine.session() as session:
            if not self._filled:
                stored = [table for table in TABLES if table.layer is not Layer.VIEW]
                ensure_tables(self.engine, session, stored)
            for name in self._filled:
                session.execute(f"delete from `{name}` where true")
            # a write of a fact fills the logs of writes too
            filled = (*case.given, case.table, *layer(Layer.WRITE_LOG))
            self._filled = {table.name for table in filled if table.layer is not Layer.VIEW}
            for sql in case.inserts():
                session.execute(sql)
        context, statement = WriteContext("rules", "case"), case.select
        if isinstance(statement, View):
            create_view(self.engine, case.table, statement, context)
        else:
            # the inputs exist already, so the write need not look for them
            replace(self.engine, case.table, Select(statement.sql), case.days, context)
        with self.engine.session() as session:
            # a case of a table that reads its own past has days of before, too
            rows = session.fetch(rows_of(case.table, case.table.name, case.days)).to_pylist()
        return [comparable(row, since) for row in rows]


@pytest.fixture(scope="session")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(DuckDBEngine(tmp_path_factory.mktemp("curated") / "rules.duckdb"))


@pytest.fixture(scope="module", params=ON_BIGQUERY)
def bigquery(request: pytest.FixtureRequest) -> Iterator[Warehouse]:
    if request.param == "live":
        with temporary_dataset(request.getfixturevalue("live_client")) as engine:
            yield Warehouse(engine)
    else:
        emulator = request.getfixturevalue("emulator")
        yield Warehouse(BigQueryEngine("rules", f"rules_{uuid4().hex[:8]}", emulator_host=emulator))


@EVERY
def test_the_rule_holds(case: Case, duckdb: Warehouse) -> None:
    assert case.seen(duckdb.answer(case)) == case.expected


@EVERY
def test_googles_evaluator_answers_what_duckdb_answers_in_every_column(
    case: Case, reference: Reference, duckdb: Warehouse
) -> None:
    since = datetime.now(UTC)

    answer = [comparable(row, since) for row in reference.answer(alone(case), case.table)]

    assert case.seen(answer) == case.expected
    assert in_order(answer) == in_order(duckdb.answer(case))


@FIRST_OF_EACH_TABLE
def test_the_write_path_of_bigquery_answers_what_duckdb_answers_in_every_column(
    case: Case, bigquery: Warehouse, duckdb: Warehouse
) -> None:
    answer = bigquery.answer(case)

    assert case.seen(answer) == case.expected
    assert in_order(answer) == in_order(duckdb.answer(case))


if LIVE_PROJECT:

    @EVERY
    @pytest.mark.parametrize("bigquery", ["live"], indirect=True)
    @pytest.mark.live
    def test_live_bigquery_answers_what_duckdb_answers_in_every_column(
        case: Case, bigquery: Warehouse, duckdb: Warehouse
    ) -> None:
        since = datetime.now(UTC)
        with bigquery.engine.session() as session:
            rows = session.fetch(alone(case)).to_pylist()

        answer = [comparable(row, since) for row in rows]

        assert case.seen(answer) == case.expected
        assert in_order(answer) == in_order(duckdb.answer(case))


def alone(case: Case) -> str:
    """The case's SELECT with its rows in it."""
    statement = case.select
    return inlined(for_window(statement.sql, case.days), statement.inputs, case.given)
