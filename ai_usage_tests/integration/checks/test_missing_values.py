"""Each value that records should have is counted where it is missing, in the records that count."""

from datetime import date

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.missing_values import EXPECTED, ExpectedValues, statement
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.rule_cases import Row, insert

DAY = date(2026, 10, 1)
MISSING: dict[str, Row] = {
    "raw_cursor_events": {"email": None, "service_account_id": None, "kind": None, "model": None},
    "raw_cursor_usage": {"email": "unattributed"},
    "raw_cursor_members": {"email": None},
    "raw_cursor_groups": {"email": None},
    "raw_anthropic_users": {"email": None},
}
COMPLETE: Row = {"email": "ann@x.org", "service_account_id": None, "kind": "Included", "model": "gpt-5"}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.table.name)
def test_a_missing_value_is_counted(shared_engine: Engine, expected: ExpectedValues) -> None:
    table = expected.table
    complete = {name: value for name, value in COMPLETE.items() if name in table.by_name}
    missing = complete | MISSING[table.name]
    current = {"is_current": True} if "is_current" in table.by_name else {}
    former = [missing | {"is_current": False}] if current else []
    day = {table.partition: DAY} if table.partition else {}
    rows = [complete | current, complete | current, missing | current, *former]
    with shared_engine.session() as session:
        ensure_tables(shared_engine, session, [table])
        session.execute(insert(table, [row | day for row in rows]))
        [found] = session.fetch(statement(expected, Days.one(DAY))).to_pylist()
        session.execute(f"delete from `{table.name}` where true")
    assert {name: int(value) for name, value in found.items()} == {
        "records": 3,
        **{f"absent_{n}": 1 for n in range(len(expected.absent))},
    }


def test_every_expectation_is_tried() -> None:
    assert [expected.table.name for expected in EXPECTED] == list(MISSING)
