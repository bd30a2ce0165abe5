"""The proofs by volume, in their short form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_tests.stress import fuzz, fuzz_identity
from ai_usage_tests.stress.faults import NOW, trial


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    stamina.instrumentation.set_on_retry_hooks([])
    with running(now=NOW) as sandbox:
        yield sandbox
    stamina.instrumentation.set_on_retry_hooks(None)


@pytest.mark.parametrize(("fraction", "seed"), [(0.2, 5), (0.5, 1)])
def test_however_much_is_spoiled_on_the_way_a_table_is_exactly_true_or_refused_and_untouched(
    sandbox: Sandbox, fraction: float, seed: int
) -> None:
    done = trial(sandbox, fraction, seed)
    assert done.wrong == []
    assert done.kinds.total() > 0
    assert "true" in done.ended.values()


def test_a_mutated_answer_is_taken_or_refused_by_an_error_of_our_own(tmp_path: Path) -> None:
    found = fuzz.fuzz(3_300, 1, tmp_path)
    assert found.escaped == []
    assert len(found.ended) == 15 and all(
        ended["accepted"] and ended["BadAnswer"] for ended in found.ended.values()
    )


def test_a_mutated_identity_file_is_taken_or_refused_by_its_place(tmp_path: Path) -> None:
    ended, escaped = fuzz_identity.fuzz(600, 1, tmp_path)
    assert escaped == []
    assert len(ended) == 8


def test_the_proof_would_notice_a_table_that_is_not_true(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = sandbox.company.truth
    monkeypatch.setattr(sandbox.company, "truth", lambda days: dict.fromkeys(days, truth(days)[days.last]))
    assert "raw_anthropic_usage is not true" in trial(sandbox, 0.0, 0).wrong
