"""What checks make of the rows of their statements, to the last word. The statements themselves run in `integration/checks`."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.defs.checks import company_names, invoices, kept_days, reconciliation
from ai_usage_assets.defs.warehouse import DuckDBWarehouse, WarehouseResource
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_tests.unit.defs.checks.test_results import whole

DAY = date(2026, 10, 14)
Rows = list[dict[str, Any]]


class Statement:
    """Runs a check whose statement has the given rows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, warehouse: WarehouseResource) -> None:
        self.monkeypatch, self.warehouse = monkeypatch, warehouse

    def result(self, module: ModuleType, check: dg.AssetChecksDefinition, rows: Rows) -> dict[str, Any]:
        self.monkeypatch.setattr(module, "fetch_rows", lambda *_: rows)
        with dg.DagsterInstance.ephemeral() as instance:
            job = dg.Definitions(
                assets=[dg.AssetSpec(check.check_key.asset_key)],
                asset_checks=[check],
                resources={"warehouse": self.warehouse},
            ).resolve_implicit_global_asset_job_def()
            run = job.get_subset(asset_check_selection={check.check_key}).execute_in_process(
                instance=instance, raise_on_error=False
            )
        [found] = run.get_asset_check_evaluations()
        # only a blocking check fails the run
        is_blocking = all(spec.blocking for spec in check.check_specs)
        assert run.success is (found.passed or not is_blocking)
        return whole(
            dg.AssetCheckResult(
                passed=found.passed,
                severity=found.severity,
                description=found.description,
                metadata=found.metadata,
            )
        )


@pytest.fixture
def statement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Statement:
    return Statement(monkeypatch, DuckDBWarehouse(path=str(tmp_path / "w.duckdb")))


def invoice(name: str, unexplained: str, **more: Any) -> dict[str, Any]:
    row = {
        "platform": "cursor",
        "invoice_id": name,
        "issued_on": DAY,
        "unexplained_usd": Decimal(unexplained),
        "invoiced_usd": Decimal("1234.5"),
        "candidates": None,
        "is_over": True,
        "is_unexplained": False,
    }
    return row | more


def test_an_invoice_that_is_not_explained_is_listed_with_its_candidates(statement: Statement) -> None:
    common = {
        "severity": "WARN",
        "description": None,
        "tolerance": "the larger of 1.00 USD and 0.5% of the invoice",
    }
    rows = [
        invoice("C1", "1234.504", is_unexplained=True, candidates="a day is missing"),
        invoice("C2", "-40", is_unexplained=True),
        invoice("C3", "0.25"),
        invoice("C4", "700", is_over=False),
    ]
    assert statement.result(invoices, invoices.invoice_is_explained, rows) == common | {
        "passed": False,
        "invoices": 4,
        "invoices_not_over": 1,
        # without the one that is not over
        "unexplained_usd": 1194.754,
        "offending_rows": (
            "- cursor C1 of 2026-10-14: 1,234.50 of 1,234.50 USD unexplained (a day is missing)\n"
            "- cursor C2 of 2026-10-14: -40.00 of 1,234.50 USD unexplained (no candidate)"
        ),
        "hint": invoices.HINT,
    }
    assert statement.result(invoices, invoices.invoice_is_explained, rows[2:]) == common | {
        "passed": True,
        "invoices": 2,
        "invoices_not_over": 1,
        "unexplained_usd": 0.25,
    }
    many = [invoice(f"C{n}", "5", is_unexplained=True) for n in range(21)]
    listed = statement.result(invoices, invoices.invoice_is_explained, many)["offending_rows"]
    assert len(listed.splitlines()) == 20


def test_sums_that_differ_from_their_source_block_what_is_downstream(statement: Statement) -> None:
    checks = reconciliation.build()
    assert all(spec.blocking for check in checks for spec in check.check_specs)
    [check] = [each for each in checks if each.check_key.asset_key.path == [FCT_COST_DAILY.name]]
    compared = {
        "severity": "ERROR",
        "description": None,
        "window": "all days",
        "compared": "anthropic cost_usd, cursor cost_usd",
        "tolerance": 0,
    }
    difference = {"day": DAY, "platform": "cursor", "measure": "cost_usd"}
    rows = [
        difference | {"in_fact": Decimal("1.5"), "in_source": Decimal("4.25")},
        difference | {"in_fact": Decimal(3), "in_source": Decimal(2)},
    ]
    assert statement.result(reconciliation, check, rows) == compared | {
        "passed": False,
        "largest_difference": 2.75,
        "differences": 2,
        "offending_rows": (
            "- 2026-10-14 cursor cost_usd: 1.5, source 4.25\n- 2026-10-14 cursor cost_usd: 3, source 2"
        ),
        "hint": reconciliation.HINT,
    }
    many = statement.result(reconciliation, check, rows * 11)
    assert (many["differences"], many["offending_rows"].count("\n- ")) == (22, 19)
    assert statement.result(reconciliation, check, []) == compared | {
        "passed": True,
        "largest_difference": 0.0,
        "differences": 0,
    }


def test_days_that_keep_earlier_rows_are_a_warning_with_what_to_do(statement: Statement) -> None:
    check = kept_days.no_day_kept_earlier_rows(RAW_CURSOR_EVENTS)
    rows = [{"day": date(2026, 10, n)} for n in (1, 2, 5)]
    days = "2026-10-01...2026-10-02, 2026-10-05"
    assert statement.result(kept_days, check, rows) == {
        "passed": False,
        "severity": "WARN",
        "description": (
            f"raw_cursor_events: {days} keep the rows of an earlier load, because the newest answer had no rows, only zeros "
            "or no money for them"
        ),
        "kept": days,
        "hint": kept_days.HINT,
    }
    assert statement.result(kept_days, check, [])["passed"]


def test_a_name_that_is_probably_another_one_is_listed_with_its_people(statement: Statement) -> None:
    def person(email: str, department: str | None, team: str | None = None) -> dict[str, Any]:
        return {"email": email, "department": department, "team": team, "cost_center": None}

    rows = [person("a", "Design"), person("b", "Design", "Design"), person("c", "Desing"), person("d", None)]
    common = {"severity": "WARN", "description": None}
    assert statement.result(company_names, company_names.names_are_consistent, rows) == common | {
        "passed": False,
        # the same name of a team is another name
        "names": 3,
        "offending_rows": "- department Desing (1 person): probably Design (2 people)",
        "hint": company_names.HINT,
    }
    assert statement.result(company_names, company_names.names_are_consistent, rows[:2]) == common | {
        "passed": True,
        "names": 2,
    }
