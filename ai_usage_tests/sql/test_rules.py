"""Every rule of the curated tables, shown by rows: the real SQL, on both engines and on Google's reference.

On DuckDB each case goes through the real door. The emulator takes seconds for that, so there each case is one
SELECT over rows written out, and one case a table goes through the door.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse import write as writing
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine, Select, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import for_window
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
        """What the curated table holds after the case's rows have landed and its SELECT has run."""
        if case not in self._answers:
            self._answers[case] = self._land(case)
        return self._answers[case]

    def _land(self, case: Case) -> list[Row]:
        since = datetime.now(UTC)
        with self.engine.session() as session:
            if not self._filled:
                ensure_tables(self.engine, session, TABLES)
            for name in self._filled:
                session.execute(f"delete from `{name}` where true")
            for statement in case.inserts():
                session.execute(statement)
        self._filled = {table.name for table in (*case.given, case.table)}
        # the inputs are there already; the door need not look again
        writing.replace(
            self.engine, case.table, Select(select(case.table).sql), case.days, WriteContext("rules", "case")
        )
        with self.engine.session() as session:
            rows = session.fetch(f"select * from `{case.table.name}`").to_pylist()
        return [comparable(row, since) for row in rows]


@pytest.fixture(scope="session")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(DuckDBEngine(tmp_path_factory.mktemp("curated") / "rules.duckdb"))


@pytest.fixture(scope="session")
def bigquery(emulator: str) -> Warehouse:
    return Warehouse(BigQueryEngine("rules", f"rules_{uuid4().hex[:8]}", emulator_host=emulator))


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference()


@EVERY
def test_the_rule_holds(case: Case, duckdb: Warehouse) -> None:
    assert case.seen(duckdb.answer(case)) == case.expected


@FIRST_OF_EACH_TABLE
def test_the_rule_holds_through_bigquerys_door(case: Case, bigquery: Warehouse) -> None:
    assert case.seen(bigquery.answer(case)) == case.expected


@EVERY
def test_bigquery_answers_what_duckdb_answers_in_every_column(
    case: Case, bigquery: Warehouse, duckdb: Warehouse
) -> None:
    since = datetime.now(UTC)
    with bigquery.engine.session() as session:
        rows = session.fetch(alone(case)).to_pylist()

    answer = [comparable(row, since) for row in rows]

    assert case.seen(answer) == case.expected
    assert in_order(answer) == in_order(duckdb.answer(case))


@EVERY
def test_googles_reference_of_the_language_agrees(case: Case, reference: Reference) -> None:
    since = datetime.now(UTC)

    answer = [comparable(row, since) for row in reference.answer(alone(case), case.table)]

    assert case.seen(answer) == case.expected


def alone(case: Case) -> str:
    """The case's SELECT with its rows in it."""
    statement = select(case.table)
    return inlined(for_window(statement.sql, case.days), statement.inputs, case.given)
