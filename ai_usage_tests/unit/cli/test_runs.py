"""What a verb says of the run that it waits for: what is left, and the first of what went wrong."""

import pytest

from ai_usage_assets.cli.runs import RunProgress


def test_tables_with_a_missing_day_are_left_and_those_of_a_vendor_come_first() -> None:
    progress = RunProgress({"fct": 2, "raw_b": 2, "dim": 1, "raw_a": 1})
    assert progress.left == "raw_a, raw_b, dim, fct"
    progress.loaded["raw_b"] |= {"2026-10-01", "2026-10-02"}
    progress.loaded["fct"] |= {"2026-10-01"}
    progress.loaded["dim"] |= {None}
    assert progress.left == "raw_a, fct"
    progress.loaded["raw_a"] |= {"2026-10-01"}
    progress.loaded["fct"] |= {"2026-10-02"}
    assert progress.left == "nothing"

    names = [f"t{n}" for n in range(9)]
    assert RunProgress(dict.fromkeys(names[:8], 1)).left == ", ".join(names[:8])
    assert RunProgress(dict.fromkeys(names, 1)).left == f"{', '.join(names[:8])} and 1 more"


def test_every_error_and_ten_checks_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    progress = RunProgress({})
    progress.errors = ["step a: no", "step b: neither"]
    progress.warnings = [f"check {n}" for n in range(10)]
    progress.report()
    lines = [
        *("error: step a: no", "error: step b: neither"),
        *(f"warning: check {n}" for n in range(10)),
    ]
    said = capsys.readouterr()
    assert (said.out, said.err.splitlines()) == ("", lines)

    progress.warnings.append("check 10")
    progress.report()
    assert capsys.readouterr().err.splitlines() == [
        *lines,
        "warning: 1 more checks did not pass; the UI lists them.",
    ]
