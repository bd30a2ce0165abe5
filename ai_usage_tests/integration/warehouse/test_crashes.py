"""A write that is broken off, at whatever point: old or new, never between, and the next run mends it by itself.

The long forms, every kind of write on both engines and a thousand kills, are `make torture`.
"""

import pytest

from ai_usage_tests.stress.kills import ENDS, kill
from ai_usage_tests.stress.steps import steps
from ai_usage_tests.stress.writes import KINDS

BY_KIND = {kind.name: kind for kind in KINDS}
KINDS_IN_SHORT = ("first write", "an empty range", "a fact with its ledger", "a register")


@pytest.mark.parametrize("kind", KINDS_IN_SHORT)
def test_a_write_that_ends_after_any_of_its_statements_leaves_old_or_new(kind: str) -> None:
    course = steps("duckdb", (BY_KIND[kind],))[kind]
    assert course.ends["old"] and course.ends["new"]
    assert course.ends["old, ledger ahead"] == 0


def test_twenty_killed_writers_leave_old_or_new() -> None:
    ends = kill("duckdb", 20, kinds=tuple(BY_KIND[name] for name in KINDS_IN_SHORT))
    assert sum(ends[name][end] for name in ends for end in ENDS) >= 20
