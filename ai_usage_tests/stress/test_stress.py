"""The stress tests in their short form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_tests.stress import fuzz_identity_files, fuzz_responses
from ai_usage_tests.stress.network_faults import NOW, trial


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    stamina.instrumentation.set_on_retry_hooks([])
    with running(now=NOW) as sandbox:
        yield sandbox
    stamina.instrumentation.set_on_retry_hooks(None)


@pytest.mark.parametrize(("fraction", "seed"), [(0.2, 5), (0.5, 1)])
def test_with_damaged_responses_a_table_is_exactly_correct_or_not_written(
    sandbox: Sandbox, fraction: float, seed: int
) -> None:
    done = trial(sandbox, fraction, seed)
    assert done.findings == []
    assert done.kinds.total() > 0
    assert "correct" in done.ended.values()


def test_a_mutated_response_is_accepted_or_raises_an_error_of_this_project(tmp_path: Path) -> None:
    found = fuzz_responses.fuzz(3_300, 1, tmp_path)
    assert found.other_errors == []
    assert len(found.ended) == 15 and all(
        ended["accepted"] and ended["InvalidAnswerError"] for ended in found.ended.values()
    )


def test_a_mutated_identity_file_is_accepted_or_refused_with_its_place(tmp_path: Path) -> None:
    ended, unexpected = fuzz_identity_files.fuzz(600, 1, tmp_path)
    assert unexpected == []
    # mutations of each file are accepted and refused
    assert set(ended) == {
        f"{name} {end}" for name in fuzz_identity_files.FILES for end in ("accepted", "refused")
    }


def test_a_table_with_wrong_totals_is_found(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = sandbox.company.totals
    monkeypatch.setattr(sandbox.company, "totals", lambda days: dict.fromkeys(days, totals(days)[days.last]))
    assert "raw_anthropic_usage is not correct" in trial(sandbox, 0.0, 0).findings
