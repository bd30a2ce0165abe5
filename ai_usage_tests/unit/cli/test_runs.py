"""What a verb says of the run that it waits for: what is left, and the first of what went wrong."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from ai_usage_assets.cli import runs
from ai_usage_assets.cli.runs import RunProgress
from ai_usage_assets.defs.sensors.alerts.message import CHECKS_WITHOUT_DAYS
from ai_usage_assets.errors import AiUsageError


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

    for more in ("1 more check did not pass", "2 more checks did not pass"):
        progress.warnings.append("check 10")
        progress.report()
        assert capsys.readouterr().err.splitlines() == [*lines, f"warning: {more}; the UI lists them."]


DAYS = dg.DailyPartitionsDefinition("2026-10-01")


@dg.asset
def one() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 1})


@dg.multi_asset(
    specs=[dg.AssetSpec(name, partitions_def=DAYS) for name in ("events", "members")], can_subset=True
)
def fetched(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    # a window that was written, and the same day again when the step ends
    for rows in (900, 1200):
        written = dg.AssetMaterialization(
            "events", partition="2026-10-01", metadata={"dagster/row_count": rows}
        )
        context.log_event(written)
    context.log_event(
        dg.AssetMaterialization("events", partition="2026-10-02", metadata={"dagster/row_count": 134})
    )
    yield dg.MaterializeResult("members", metadata={"dagster/row_count": 0})


@dg.asset
def broken() -> None:
    raise AiUsageError("No answer came. Try again.")


@dg.asset_check(asset="one")
def is_good() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset="one")
def is_better() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description="one: worse")


@dg.asset_check(asset="one")
def is_best() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False)


@dg.asset_check(asset="one", name=min(CHECKS_WITHOUT_DAYS))
def of_other_days() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False)


def test_an_interrupted_run_has_not_written_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for interrupt in (KeyboardInterrupt, DagsterExecutionInterruptedError):

        def interrupted(*_: object, of: type[BaseException] = interrupt) -> None:
            raise of

        monkeypatch.setattr(runs, "materialize", interrupted)
        progress = RunProgress({"one": 1})
        try:
            assert not progress.run(dg.Definitions(), {})
        except (KeyboardInterrupt, DagsterExecutionInterruptedError) as escaped:
            # it would end pytest
            pytest.fail(f"{escaped!r} was not caught")
        assert progress.is_interrupted


def test_a_resource_that_cannot_be_made_is_an_error_of_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    @dg.resource
    def key(_: dg.InitResourceContext) -> None:
        raise AiUsageError("The key is wrong. Set another one.")

    @dg.asset(required_resource_keys={"key"})
    def keyed() -> None:
        """Never runs."""

    progress = RunProgress({"keyed": 1})
    assert not progress.run(dg.Definitions(assets=[keyed], resources={"key": key}), {})
    assert progress.errors == ["The key is wrong. Set another one."]


def test_a_run_is_followed_table_by_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    days = {
        "dagster/asset_partition_range_start": "2026-10-01",
        "dagster/asset_partition_range_end": "2026-10-02",
    }
    progress = RunProgress({"one": 1, "events": 2, "members": 3, "broken": 1})
    assert not progress.run(dg.Definitions(assets=[one, fetched, broken]), days)
    said = capsys.readouterr()
    assert said.err == ""
    assert sorted(said.out.splitlines()) == [
        f"{'events':<30}      1,034 rows",
        f"{'members':<30}          0 rows",
        f"{'one':<30}          1 row",
    ]
    assert progress.errors == ["broken: No answer came. Try again."]
    both = {"2026-10-01", "2026-10-02"}
    assert progress.loaded == {"one": {None}, "events": both, "members": both}
    assert progress.left == "broken, members"
    assert not progress.is_interrupted

    progress = RunProgress({"one": 1}, lists_tables=False)
    checks = [is_good, is_better, of_other_days]
    assert progress.run(dg.Definitions(assets=[one, broken], asset_checks=checks), {}, {"one"})
    assert progress.warnings == ["check is_better of one: one: worse"]
    assert (progress.errors, progress.has_failed_checks, progress.left) == ([], False, "nothing")
    assert progress.run(dg.Definitions(assets=[one], asset_checks=[is_best]), {})
    assert progress.warnings[1:] == ["check is_best of one: did not pass"]
    assert progress.has_failed_checks
    assert capsys.readouterr().out == ""
