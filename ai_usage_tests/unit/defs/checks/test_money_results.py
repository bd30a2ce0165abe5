"""What the checks of money and of constraints say, to the last word, on both sides of each tolerance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.days import ALL_DAYS, ONE_DAY, Days
from ai_usage_assets.defs.checks import budgets, constraints, cursor_spend, staleness, vendor_split
from ai_usage_assets.defs.checks.budgets import CHECKS
from ai_usage_assets.defs.checks.cursor_spend import INVOICE_HINT, RELOAD_HINT
from ai_usage_assets.defs.checks.cursor_totals import CursorTotals, EventTotals
from ai_usage_assets.defs.checks.vendor_split import Difference
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_USAGE
from ai_usage_assets.warehouse.schema_drift import Conflict, SchemaDrift
from ai_usage_tests.unit.defs.checks.test_results import whole

DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
DAY = date(2026, 11, 18)


# budgets


def budget(name: str | None, spent: str, of: str = "200", **more: Any) -> budgets.Row:
    row: budgets.Row = {
        "day": DAY,
        "scope": "department",
        "name": name,
        "budget_usd": Decimal(of),
        "spent_usd": Decimal(spent),
        "spent_share": Decimal(spent) / Decimal(of) if Decimal(of) else None,
        "forecast_usd": None,
        "low_usd": None,
        "high_usd": None,
        "state": "under_75_percent",
        "is_unknown": False,
    }
    return row | more


ROWS = [
    budget("Data", "149.99"),
    budget("Law", "150", state="over_75_percent"),
    budget("Ops", "179.99", state="will_exceed"),
    budget(None, "180", state="exceeded", scope="cost_center"),
    budget("nobody", "0", "0", scope="person", is_unknown=True),
]
LAW = "- department Law: 150.00 of 200.00 USD spent (75.0%)"
OPS = "- department Ops: 179.99 of 200.00 USD spent (90.0%)"
NAMELESS = "- a cost center: 180.00 of 200.00 USD spent (90.0%)"
UNKNOWN = "- person nobody: 0.00 of 0.00 USD spent"


def test_each_check_of_budgets_lists_what_it_warns_of_from_its_share_on() -> None:
    listed = {
        "spend_is_under_75_percent": ([LAW, OPS, NAMELESS], budgets.HINT),
        "spend_is_under_90_percent": ([NAMELESS], budgets.HINT),
        "budgets_will_not_be_exceeded": ([OPS, NAMELESS], budgets.HINT),
        "budgets_name_known_people": ([UNKNOWN], budgets.NAMES_HINT),
    }
    assert [check.__name__ for check in CHECKS] == list(listed)
    for check in CHECKS:
        lines, hint = listed[check.__name__]
        common = {"severity": "WARN", "description": None}
        assert whole(check(ROWS)) == common | {
            "passed": False,
            "budgets": 5,
            "warned": len(lines),
            "until": "2026-11-18",
            "offending_rows": "\n".join(lines),
            "hint": hint,
        }
        assert whole(check(ROWS[:1])) == common | {
            "passed": True,
            "budgets": 1,
            "warned": 0,
            "until": "2026-11-18",
        }
        assert whole(check([])) == common | {"passed": True, "budgets": 0, "warned": 0}


def test_twenty_budgets_are_listed_and_all_are_counted() -> None:
    found = whole(budgets.spend_is_under_90_percent([budget(f"d{n:02}", "190") for n in range(21)]))
    assert found["warned"] == 21
    assert len(found["offending_rows"].splitlines()) == 20


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"scope": "company", "name": "company"}, "the company: 1,234.50 of 2,000.00 USD spent (61.7%)"),
        (
            {"scope": "team", "forecast_usd": Decimal("2500.5")},
            "team A: 1,234.50 of 2,000.00 USD spent (61.7%), forecast 2,500.50",
        ),
        (
            {"forecast_usd": Decimal(2500), "low_usd": Decimal(2400), "high_usd": Decimal("2600.125")},
            "department A: 1,234.50 of 2,000.00 USD spent (61.7%), forecast 2,500.00 (2,400.00 to 2,600.12)",
        ),
    ],
)
def test_a_line_of_a_budget_has_its_forecast_if_there_is_one(more: dict[str, Any], line: str) -> None:
    assert budgets.line(budget("A", "1234.5", "2000") | more) == line


# the vendor's own split


def difference(subject: str, theirs: str, usd: str, scope: str = "API key", days: int = 2) -> Difference:
    return Difference(scope, subject, days, Decimal(theirs), Decimal(usd))


def test_a_twentieth_of_the_dollars_may_be_of_another_key_and_a_fiftieth_of_another_workspace() -> None:
    # a moved dollar differs at two keys
    good = [
        difference("k1", "60", "3.5"),
        difference("k2", "40", "6.5", days=1),
        difference("k3", "0", "0"),
        difference("w1", "50", "2", "workspace"),
        difference("w2", "0", "0", "workspace"),
    ]
    expected: dict[str, Any] = {
        "passed": True,
        "severity": "WARN",
        "description": None,
        "window": "2026-10-01...2026-10-31",
        "api_key_share": 0.05,
        "api_key_tolerance": 0.05,
        "api_key_differences": "- k2: 6.5000 of 40.0000 USD on 1 days\n- k1: 3.5000 of 60.0000 USD on 2 days",
        "workspace_share": 0.02,
        "workspace_tolerance": 0.02,
        "workspace_differences": "- w1: 2.0000 of 50.0000 USD on 2 days",
    }
    assert whole(vendor_split.result(good, DAYS)) == expected

    for worse, changed in (
        (
            replace(good[0], difference=Decimal("3.6")),
            {
                "api_key_share": 0.0505,
                "api_key_differences": expected["api_key_differences"].replace("3.5", "3.6"),
            },
        ),
        (
            replace(good[3], difference=Decimal("2.1")),
            {"workspace_share": 0.021, "workspace_differences": "- w1: 2.1000 of 50.0000 USD on 2 days"},
        ),
    ):
        found = [worse if each.subject == worse.subject else each for each in good]
        assert whole(vendor_split.result(found, ALL_DAYS)) == expected | changed | {
            "passed": False,
            "window": "all days",
            "hint": vendor_split.HINT,
        }


def test_ten_keys_are_listed_and_without_a_row_of_the_vendors_the_setting_is_named() -> None:
    many = [difference(f"k{n:02}", "100", str(n)) for n in range(1, 12)]
    found = whole(vendor_split.result(many, DAYS))
    listed = found["api_key_differences"].splitlines()
    assert (len(listed), listed[0]) == (10, "- k11: 11.0000 of 100.0000 USD on 2 days")
    assert (found["workspace_share"], "workspace_differences" in found) == (0.0, False)
    assert whole(vendor_split.result([], DAYS)) == {
        "passed": True,
        "severity": "WARN",
        "description": "nothing to compare: ANTHROPIC_ANALYTICS is true, and the vendor's split has no rows for these days",
    }


# Cursor's own totals

ASKED = datetime(2026, 11, 20, 12, tzinfo=UTC)
THEIRS = CursorTotals(ASKED - timedelta(days=4), ASKED, 3, Decimal(40), Decimal(60), ASKED)
OURS = EventTotals(
    all_events=Decimal(60),
    by_kind=Decimal(40),
    by_flag=Decimal(45),
    flag_alone=Decimal(5),
    kinds={"usage": Decimal("40.00004"), "included": Decimal(20)},
)
SAID = "Cursor's on-demand total is {:.2f} USD; by kind {:.2f} USD are charged, by isChargeable alone {:.2f} USD. "


def spend_result(spend: str, *, overall: str | None = "60", ours: EventTotals = OURS) -> dict[str, Any]:
    theirs = replace(THEIRS, spend=Decimal(spend), overall=None if overall is None else Decimal(overall))
    return whole(cursor_spend.result(theirs, Decimal(spend), ours))


def test_cursors_totals_are_confirmed_with_every_figure_and_kind() -> None:
    said = f"confirmed: the kind decides; {SAID.format(40, 40, 45)}"
    said += "All events sum to 60.00 USD, Cursor's overall total is 60.00 USD"
    assert spend_result("40") == {
        "passed": True,
        "severity": "WARN",
        "description": said,
        "cycle_start": "2026-11-16T12:00:00+00:00",
        "asked_at": "2026-11-20T12:00:00+00:00",
        "on_demand_usd": 40.0,
        "charged_by_kind_usd": 40.0,
        "charged_by_flag_usd": 45.0,
        "overall_usd": 60.0,
        "all_events_usd": 60.0,
        # half a cent for each of three members
        "tolerance_usd": 0.015,
        "kinds": "- usage: 40.0000 USD\n- included: 20.0000 USD",
    }


@pytest.mark.parametrize(
    ("spend", "overall", "begins", "tolerance", "hint"),
    [
        # to the cent, the reading that agrees is the one
        ("40.015", "60", "confirmed: the kind decides", 0.015, None),
        # a fifth of an average day: 40.02 / 4 / 5
        ("40.016", "60", "confirmed: the kind decides", 2.0158, None),
        ("45", "60", "Cursor's own total agrees with isChargeable instead: 5.00 USD of", 0.015, INVOICE_HINT),
        ("42.5", "60", "neither agrees", 2.14, INVOICE_HINT),
        # the overall total may differ by a fifth of its own average day: 63.17 / 4 / 5 + 0.015 = 3.1735
        ("40", "63.17", "confirmed: the kind decides", 0.015, None),
        ("40", "63.18", "confirmed: the kind decides", 0.015, RELOAD_HINT),
        ("45", "70", "Cursor's own total agrees", 0.015, f"{RELOAD_HINT} {INVOICE_HINT}"),
    ],
)
def test_what_the_totals_say_of_the_flag_and_what_to_do(
    spend: str, overall: str, begins: str, tolerance: float, hint: str | None
) -> None:
    found = spend_result(spend, overall=overall)
    assert found["description"].startswith(begins)
    assert found["tolerance_usd"] == tolerance
    assert found.get("hint") == hint
    assert found["passed"] is (hint is None)
    assert found["description"].endswith(": they differ") is (RELOAD_HINT in (hint or ""))


def test_an_answer_without_an_overall_total_compares_the_on_demand_total_alone() -> None:
    found = spend_result("40", overall=None)
    assert found["passed"]
    assert "overall_usd" not in found
    assert found["description"].endswith(
        "Cursor's answer has no overall total, so only the on-demand total was compared"
    )
    same = replace(OURS, by_flag=Decimal(40), flag_alone=Decimal(0))
    assert spend_result("40", ours=same)["description"].startswith(
        "undecided: no event distinguishes the two readings; "
    )
    # within an hour's money of both
    near = replace(OURS, by_flag=Decimal(41), flag_alone=Decimal(1))
    assert spend_result("40.5", ours=near)["description"].startswith(
        "undecided: the amount that distinguishes the two readings is too small; "
    )


# constraints, and windows of stale days


def test_a_table_that_differs_from_its_declaration_says_each_difference_and_what_to_do() -> None:
    drift = SchemaDrift(missing_columns=("email", "usage_date"), conflicts=(Conflict("column x is INT64"),))
    assert whole(constraints.columns_as_declared(RAW_CURSOR_USAGE, drift)) == {
        "passed": False,
        "severity": "ERROR",
        "description": "column x is INT64",
        "problems": "- column x is INT64\n- column email is absent\n- column usage_date is absent",
        "hint": constraints.COLUMNS_HINT,
    }
    assert whole(constraints.columns_as_declared(RAW_CURSOR_USAGE, SchemaDrift())) == {
        "passed": True,
        "severity": "ERROR",
        "description": None,
    }


def test_each_kind_of_violation_fails_its_own_check_with_the_rows_and_days_that_were_looked_at() -> None:
    problems = {"unique": ("two rows", "three rows"), "not_null": ("no email",), "rule": ()}
    audited = constraints.AuditedRows(RAW_CURSOR_USAGE, "2026-10-01", 7, problems)
    looked_at = {"severity": "ERROR", "rows": 7, "window": "2026-10-01"}
    unique, not_null, valid = (whole(check(audited)) for check in constraints.ROW_CHECKS)
    assert unique == looked_at | {
        "passed": False,
        "description": "two rows",
        "problems": "- two rows\n- three rows",
        "hint": constraints.ROWS_HINT,
    }
    assert not_null == looked_at | {
        "passed": False,
        "description": "no email",
        "problems": "- no email",
        "hint": constraints.ROWS_HINT,
    }
    assert valid == looked_at | {"passed": True, "description": None}


def test_eight_windows_of_days_are_read_apart_and_more_as_one() -> None:
    apart = [DAYS.first + 2 * n * ONE_DAY for n in range(9)]
    assert staleness.windows([*apart[:8], apart[0] + ONE_DAY]) == [
        Days(apart[0], apart[1]),
        *map(Days.one, apart[2:8]),
    ]
    assert staleness.windows(apart[:8]) == list(map(Days.one, apart[:8]))
    assert staleness.windows(apart) == [Days(apart[0], apart[8])]
    assert staleness.windows([]) == []
