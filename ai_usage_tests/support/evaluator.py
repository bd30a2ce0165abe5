"""Google's evaluator of GoogleSQL, and the analyzer in it. It takes half a minute to load, and a process loads it once.

A test that uses one of these fixtures is marked `evaluator`. The modules are imported when the first of them runs.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ai_usage_tests.support.analyzer import Gate
    from ai_usage_tests.support.reference_evaluator import Reference


@pytest.fixture(scope="session")
def gate() -> "Gate":
    from ai_usage_tests.support.analyzer import Gate

    return Gate()


@pytest.fixture(scope="session")
def reference() -> "Reference":
    from ai_usage_tests.support.reference_evaluator import Reference

    return Reference()
