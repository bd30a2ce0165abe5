"""A write that is interrupted at any point leaves old or new rows, nothing in between, and the next run succeeds.

The long form, every kind of write on both engines and 1,000 kills, is `make stress`.
"""

import pytest

from ai_usage_tests.stress.interrupted_statements import interrupt_all
from ai_usage_tests.stress.killed_writes import OUTCOMES, kill
from ai_usage_tests.stress.write_kinds import WRITE_KINDS

pytestmark = pytest.mark.slow

BY_KIND = {kind.name: kind for kind in WRITE_KINDS}
SHORT_KINDS = ("first write", "an empty range", "a fact with its restatements", "a snapshot table")


@pytest.mark.parametrize("kind", SHORT_KINDS)
def test_a_write_interrupted_after_any_statement_leaves_old_or_new_rows(kind: str) -> None:
    scenario = interrupt_all("duckdb", (BY_KIND[kind],))[kind]
    assert scenario.outcomes["old"] and scenario.outcomes["new"]
    assert scenario.outcomes["old, restatements ahead"] == 0


def test_twenty_killed_writers_leave_old_or_new_rows() -> None:
    outcomes = kill("duckdb", 20, kinds=tuple(BY_KIND[name] for name in SHORT_KINDS))
    assert sum(outcomes[name][outcome] for name in outcomes for outcome in OUTCOMES) >= 20
