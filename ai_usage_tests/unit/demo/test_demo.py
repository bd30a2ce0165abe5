"""The demo: its command line, the files that it needs beside its modules, and its report."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.__main__ import final_days, full_month, main, sample_days
from ai_usage_assets.demo.invoice_report import WRONG, outcome
from ai_usage_assets.demo.report import report
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.sample_invoices import Planted, sample_invoices
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.ops.start import WORKSPACE
from ai_usage_assets.settings import Settings

ROOT = Path(__file__).parents[3]


def demo(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ai_usage_assets.demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_the_packaged_workspace_equals_the_checkouts() -> None:
    assert WORKSPACE.read_text(encoding="utf-8") == (ROOT / "workspace.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("days", ["0", "-1", "366", "1.5", "²", "٣", "a month"])
def test_a_number_of_days_out_of_range_is_refused(
    days: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["demo", f"--days={days}"])
    with pytest.raises(SystemExit) as ended:
        main(clock=lambda: pytest.fail("the demo has started"))
    assert ended.value.code == 2
    assert "--days: must be a whole number from 1 to 365" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (datetime(2026, 11, 26, 0, 30, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 26, 1, 0, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 26, 23, 59, tzinfo=UTC), date(2026, 11, 25)),
    ],
)
def test_the_demo_ends_with_the_newest_day_that_is_final(now: datetime, newest: date) -> None:
    days = final_days(3, now)
    assert (len(days), days.last) == (3, newest)


@pytest.mark.parametrize(
    ("now", "days", "month"),
    [
        (datetime(2026, 11, 26, 4, tzinfo=UTC), "2026-09-01...2026-11-25", "2026-10-01...2026-10-31"),
        # a month that ended yesterday is not final yet
        (datetime(2026, 11, 1, 4, tzinfo=UTC), "2026-08-01...2026-10-31", "2026-09-01...2026-09-30"),
        (datetime(2026, 11, 2, 4, tzinfo=UTC), "2026-09-01...2026-11-01", "2026-10-01...2026-10-31"),
        (datetime(2027, 3, 2, 4, tzinfo=UTC), "2027-01-01...2027-03-01", "2027-02-01...2027-02-28"),
    ],
)
def test_the_demo_has_a_full_month_and_the_one_before_it(now: datetime, days: str, month: str) -> None:
    assert (str(sample_days(now)), str(full_month(sample_days(now).last))) == (days, month)


@pytest.mark.slow
def test_the_demo_reconciles_and_a_total_that_differs_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = demo("--days=1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "All 10 totals are equal." in done.stdout
    assert "asset checks passed." in done.stdout

    day = re.search(r"for 1 day, (\S+):", done.stdout)
    assert day is not None
    days = Days.one(date.fromisoformat(day[1]))
    company = Company()
    company.restate(days.first, "anthropic", 2.0)
    settings = Settings.from_env({"AI_USAGE_DUCKDB_PATH": str(tmp_path / ".local/demo/ai_usage.duckdb")})
    changed = Sandbox(company, None, strict_limits=False)
    assert not report(settings, changed, days, full_month(days.last), planted={}, seconds=1.0)
    assert re.search(r"\d OF 10 TOTALS DIFFER\.", capsys.readouterr().out)


@pytest.mark.slow
def test_the_demo_of_a_month_shows_what_can_be_closed_and_a_day_that_the_vendor_revised(
    tmp_path: Path,
) -> None:
    done = demo(folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "All 10 totals are equal." in done.stdout
    assert re.search(
        r"^1 of \d+ asset checks did not pass: invoice_is_explained of fct_invoice_reconciliation\.$",
        done.stdout,
        re.MULTILINE,
    )
    revised = re.search(r"Anthropic revises (\S+)-20\.", done.stdout)
    assert revised and f"The last full month: {revised[1]}, in USD" in done.stdout
    assert re.search(r"^  fct_restatements +[1-9]\d*$", done.stdout, re.MULTILINE)
    parts = re.findall(r"^  (?:anthropic|cursor) +\w+ +\S+ +(-?[\d,.]+)$", done.stdout, re.MULTILINE)
    total = re.search(r"^  all +\S+ +([\d,.]+)$", done.stdout, re.MULTILINE)
    assert total and len(parts) >= 6
    cents = sum(round(float(part.replace(",", "")) * 100) for part in parts)
    assert abs(cents - round(float(total[1].replace(",", "")) * 100)) <= len(parts)

    loaded = re.search(r"for \d+ days, (\S+)\.\.\.(\S+):", done.stdout)
    assert loaded
    days = Days(*map(date.fromisoformat, loaded.groups()))
    assert_the_month_is_closed_and_later_changes_are_adjustments(
        tmp_path / ".local/demo/ai_usage.duckdb", full_month(days.last)
    )
    assert_every_invoice_is_explained_or_named(tmp_path / ".local/demo/ai_usage.duckdb", days)
    outcomes = re.findall(r"^  (?:ANT|CUR)-\S+(?: +-?[\d,.]+){3}  (.+)$", done.stdout, re.MULTILINE)
    assert sum(outcome.endswith(": named") for outcome in outcomes) == 3
    assert "explained" in outcomes


def assert_the_month_is_closed_and_later_changes_are_adjustments(warehouse: Path, month: Days) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("use ai_usage.ai_usage")
        row = connection.execute(
            "select (select sum(cost_usd) from closed_months where is_current and month = $first), "
            "(select sum(cost_usd) from agg_adjustments where not is_booked and closed_month = $first), "
            "(select sum(cost_usd) from fct_cost_daily where cost_date between $first and $last)",
            {"first": month.first, "last": month.last},
        ).fetchone()
    assert row
    closed, changed, now = row
    assert changed > 0
    assert closed + changed == now


def assert_every_invoice_is_explained_or_named(warehouse: Path, days: Days) -> None:
    """A right invoice is explained to the cent; a wrong one is unexplained by exactly its error, which is named."""
    sample = sample_invoices(Company(), days, full_month(days.last))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select invoice_id, component, amount_usd, candidates, period_end "
            "from ai_usage.ai_usage.fct_invoice_reconciliation"
        ).fetchall()
    invoiced: dict[str, Decimal] = defaultdict(Decimal)
    for line in sample.lines:
        invoiced[line.invoice_id] += line.amount_usd
    over = {row[0] for row in rows if row[1] == "invoiced" and row[4] <= days.last}
    assert over >= set(sample.planted) and len(over) > len(sample.planted)
    for invoice, usd in invoiced.items():
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            if row[0] == invoice:
                parts[row[1]] += row[2]
        assert parts.pop("invoiced") == sum(parts.values()) == usd, invoice
        error = sample.planted.get(invoice)
        if invoice in over:
            assert parts["unexplained"] == (error.usd if error else 0), invoice
        if error:
            [candidates] = [row[3] for row in rows if row[0] == invoice and row[1] == "unexplained"]
            assert error.candidate in candidates


def test_an_invoice_that_is_not_as_expected_fails_the_demo() -> None:
    planted = Planted("with a seat too many", Decimal(40), "equals the price of 1 seat(s)")
    over = {"is_over": True, "is_unexplained": True, "unexplained_usd": Decimal(40)}
    named = {**over, "candidates": "equals the price of 1 seat(s) of tier standard"}
    assert outcome(named, planted) == "planted with a seat too many: named"
    assert outcome({**named, "unexplained_usd": Decimal(39)}, planted).startswith(WRONG)
    assert outcome({**over, "candidates": None}, planted).startswith(WRONG)
    assert outcome(named, None).startswith(WRONG)


@pytest.mark.parametrize(
    ("last", "right"),
    [
        (
            date(2026, 11, 25),
            ["ANT-2026-10", "CUR-SEATS-2026-10-17", "CUR-SEATS-2026-11-17", "CUR-USAGE-2026-11-17"],
        ),
        (date(2026, 11, 16), ["ANT-2026-10", "CUR-SEATS-2026-10-17", "CUR-USAGE-2026-11-17"]),
        (date(2026, 11, 15), ["ANT-2026-10", "CUR-SEATS-2026-10-17"]),
    ],
)
def test_an_invoice_is_in_the_demo_when_its_first_days_are_loaded(last: date, right: list[str]) -> None:
    days = Days(date(2026, 9, 1), last)
    sample = sample_invoices(Company(people=12), days, full_month(last))
    assert sorted({line.invoice_id for line in sample.lines} - set(sample.planted)) == right
    assert sorted(sample.planted) == ["ANT-2026-09", "CUR-SEATS-2026-09-17", "CUR-USAGE-2026-10-17"]
    assert sample_invoices(Company(people=12), Days(date(2026, 9, 2), last), full_month(last)).lines == []
