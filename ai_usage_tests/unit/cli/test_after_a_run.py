"""What fetch, close and import say when their run has ended, whether it wrote everything, failed or was interrupted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets import definitions
from ai_usage_assets.cli import import_
from ai_usage_assets.cli.runs import RunProgress
from ai_usage_assets.days import Days
from ai_usage_assets.ops import records
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.small_warehouse import SmallWarehouse

RECORDS = "The records are in {}.\n"
RANGE = {
    "dagster/asset_partition_range_start": "2026-11-01",
    "dagster/asset_partition_range_end": "2026-11-03",
}


@dataclass
class Run:
    """A run that ends as the test says, and what it was started with."""

    is_complete: bool = True
    state: dict[str, Any] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    started: list[tuple[Mapping[str, str], list[str] | None]] = field(default_factory=list)

    def ends(self, *, is_complete: bool, **state: Any) -> None:
        self.is_complete, self.state = is_complete, state


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    found = Run()

    def started(
        progress: RunProgress, _: object, tags: Mapping[str, str], assets: list[str] | None = None
    ) -> bool:
        found.expected = progress._expected
        found.started.append((tags, assets))
        for name, days in found.expected.items():
            progress.loaded[name] = {str(number) for number in range(days)}
        for name, value in found.state.items():
            setattr(progress, name, value)
        return found.is_complete

    monkeypatch.setattr(RunProgress, "run", started)
    monkeypatch.setattr(records, "prepare", lambda folder: [f"The records are in {folder}."])
    made: list[dg.Definitions] = []

    def made_once(*arguments: Any) -> dg.Definitions:
        if not made:
            made.append(build(*arguments))
        return made[0]

    build = definitions.build_defs
    monkeypatch.setattr(definitions, "build_defs", made_once)
    return found


ONE_DAY_LEFT = {"raw_cursor_usage": {"2026-11-01", "2026-11-02"}}
LEFT: dict[str, Any] = {"loaded": {**{table.name: {1, 2, 3} for table in TABLES}, **ONE_DAY_LEFT}}


def test_fetch_says_what_is_loaded_and_what_is_left(run: Run, tmp_path: Path) -> None:
    def fetch(*, is_complete: bool, **state: Any) -> Done:
        run.ends(is_complete=is_complete, **state)
        return ai_usage(
            "fetch --from 2026-11-01 --to 2026-11-03", tmp_path, {"CURSOR_ADMIN_API_KEY": "key_1"}
        )

    there = RECORDS.format(tmp_path)
    days = "2026-11-01...2026-11-03"
    loaded = f"All tables are loaded for {days}.\n"
    assert fetch(is_complete=True) == Done(0, loaded, there + loaded)
    assert run.started == [(RANGE, None)]
    assert {run.expected[name] for name in ("raw_cursor_usage", "fct_cost_daily")} == {3}
    assert {run.expected[name] for name in ("raw_cursor_members", "dim_users", "v_cost")} == {1}
    said = fetch(is_complete=True, has_failed_checks=True, warnings=["check a of b: c"])
    assert said == Done(1, loaded, f"{there}warning: check a of b: c\n{loaded}")
    said = fetch(is_complete=False, errors=["raw_cursor_usage: no"], **LEFT)
    assert said == Done(
        1,
        "",
        f"{there}error: raw_cursor_usage: no\nNot loaded for all of {days}: raw_cursor_usage. Written days are kept.\n",
    )
    said = fetch(is_complete=False, is_interrupted=True, **LEFT)
    assert said.code == 130
    assert said.text == (
        f"{there}Interrupted. Written days are kept. Not loaded for all of {days}: raw_cursor_usage.\n"
        "To load the rest: ai-usage fetch --from 2026-11-01 --to 2026-11-03\n"
    )


def test_import_says_what_is_computed_and_what_is_left(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = Settings.from_env({"CURSOR_ADMIN_API_KEY": "key_1"})
    days = Days(date(2026, 11, 1), date(2026, 11, 3))

    def compute(*, is_complete: bool, **state: Any) -> tuple[int, str, str]:
        run.ends(is_complete=is_complete, **state)
        return import_._compute(settings, lambda: NOW, days), *capsys.readouterr()

    there = RECORDS.format(tmp_path)
    computed = f"The tables are computed for {days}.\n"
    assert compute(is_complete=True) == (0, computed, there)
    assert run.started == [(RANGE, list(run.expected))]
    assert {run.expected[name] for name in ("fct_usage_daily", "fct_cost_daily")} == {3}
    assert {run.expected[name] for name in ("dim_users", "identity_people")} == {1}
    # no vendor is requested
    assert [name for name in run.expected if name.startswith("raw_")] == []
    assert compute(is_complete=True, has_failed_checks=True) == (1, computed, there)
    left: dict[str, Any] = {"loaded": {name: {1, 2, 3} for name in run.expected} | {"fct_cost_daily": {1, 2}}}
    said = (
        f"Not computed for all of {days}: fct_cost_daily. The calls are written.\n"
        "To compute the rest, run the same command again.\n"
    )
    assert compute(is_complete=False, errors=["fct: no"], **left) == (
        1,
        "",
        f"{there}error: fct: no\n{said}",
    )
    assert compute(is_complete=False, is_interrupted=True, **left) == (130, "", there + said)
    assert compute(is_complete=True, is_interrupted=True, **left) == (130, "", there + said)


def test_close_says_what_is_frozen_or_why_nothing_is(run: Run, tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path, ["closed_months"], [])
    october = {"platform": "cursor", "cost_type": "overage", "user_email": "a", "month": date(2026, 10, 1)}
    warehouse.given(
        "closed_months",
        [
            {**october, "cost_month": date(2026, 10, 1), "revision": 2, "is_current": True, "cost_usd": Decimal("1234.505")},
            {**october, "cost_month": date(2026, 9, 1), "revision": 2, "is_current": True, "cost_usd": Decimal("-0.256")},
            {**october, "cost_month": date(2026, 10, 1), "revision": 1, "is_current": False, "cost_usd": Decimal(7)},
            {**october, "month": date(2026, 9, 1), "revision": 1, "is_current": True, "cost_usd": Decimal(9)},
        ],
    )  # fmt: skip

    def close(option: str = "", *, is_complete: bool, **state: Any) -> Done:
        run.ends(is_complete=is_complete, **state)
        return warehouse.run(f"close 2026-10 {option}")

    there = RECORDS.format(tmp_path)
    closed = (
        "2026-10 is closed, revision 2: 1,234.25 USD, of which -0.26 USD are changes of earlier months.\n"
    )
    assert close(is_complete=True) == Done(0, closed, there + closed)
    assert close("--reopen", is_complete=True, has_failed_checks=True) == Done(1, closed, there + closed)
    partition = {"dagster/partition": "2026-10"}
    assert run.started == [
        (partition, ["closed_months"]),
        ({**partition, "ai_usage/reopen": "true"}, ["closed_months"]),
    ]
    assert run.expected == {"closed_months": 1}
    reasons = "2026-10 cannot be closed: (1) a day (of two) is missing. (2) A fact differs."
    assert close(is_complete=False, errors=[f"closed_months: {reasons}", "other: (x)"]) == Done(
        1,
        "",
        f"{there}error: 2026-10 cannot be closed:\n  (1) a day (of two) is missing.\n  (2) A fact differs.\n"
        "error: other: (x)\n",
    )
    assert close(is_complete=False, is_interrupted=True) == Done(
        130,
        "",
        f"{there}Interrupted. 2026-10 is closed only if closed_months has it; run the command again to see.\n",
    )
    warehouse.engine.close()
