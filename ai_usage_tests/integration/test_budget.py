"""`ai-usage budget`: the table, the exit code, the proposal, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.sources.identity.budgets import budgets
from ai_usage_tests.support.command import Done
from ai_usage_tests.support.rule_cases import Row
from ai_usage_tests.support.small_warehouse import SmallWarehouse

DAYS = Days(date(2026, 8, 10), date(2026, 11, 18))
TABLES = ("fct_cost_daily", "load_log", "dim_user_history", "dim_users", "identity_budgets")
TEAM = [f"p{number}@example.com" for number in range(6)]
LAWYER = "law@example.com"


class Warehouse(SmallWarehouse):
    """A hundred days of a company: six people of Data cost 2 a day each, and the one of Law costs 1."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TABLES, ["agg_report_people"])
        always = {"valid_from": date.min, "valid_to": date.max}
        departments = {**dict.fromkeys(TEAM, "Data"), LAWYER: "Law"}
        self.given("dim_users", [{"user_id": email, "email": email} for email in departments])
        self.given(
            "dim_user_history",
            [{"email": email, "department": name, **always} for email, name in departments.items()],
        )
        self.given(
            "load_log", [{"table_name": "fct_cost_daily", "day": day, "state": "rows"} for day in DAYS]
        )
        row = {"platform": "cursor", "cost_type": "overage", "actor_type": "person"}
        self.given(
            "fct_cost_daily",
            [
                {**row, "cost_date": day, "user_email": email, "cost_usd": 1 if email == LAWYER else 2}
                for day in DAYS
                for email in departments
            ],
        )
        lines = [f"{email},,,{name}," for email, name in departments.items()]
        self.write("people.csv", "email,first_name,last_name,department,aliases", *lines)

    def budget(self, options: str = "", now: datetime = datetime(2026, 11, 19, 9, tzinfo=UTC)) -> Done:
        return self.run(f"budget {options}", now)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path)
    yield made
    made.engine.close()


def budget(scope: str, name: str, usd: int) -> Row:
    return {"scope": scope, "name": name, "usd_per_month": usd}


def test_the_table_names_nobody_and_the_exit_code_says_what_will_be_exceeded(warehouse: Warehouse) -> None:
    # Data costs 216 until the 18th and 360 in November, the company 234 and 390
    warehouse.given(
        "identity_budgets",
        [
            budget("company", "company", 400),
            budget("department", "Data", 288),
            budget("department", "Law", 17),
            budget("person", LAWYER, 100),
        ],
    )
    done = warehouse.budget("--check")
    assert done.code == 3
    assert done.out.splitlines() == [
        "Budgets of 2026-11 until 2026-11-18, in USD",
        "",
        "budget   usd_per_month   spent  share  forecast  80 % interval       state",
        "Company         400.00  234.00  58.5%    390.00  $390.00 to $390.00  under 75 % spent",
    ]
    assert (
        "Not shown: 3 budgets of people, and of groups under 5 people; 2 of them are exceeded or will be."
        in done.text
    )
    assert "@" not in done.text
    assert "Law" not in done.text
    named = warehouse.budget("--names")
    assert named.code == 0
    assert [line.split("  ")[0] for line in named.out.splitlines()[3:]] == [
        "Company",
        "Department Data",
        f"Person {LAWYER}",
        "Department Law",
    ]


def test_budgets_that_hold_end_with_zero(warehouse: Warehouse) -> None:
    warehouse.given("identity_budgets", [budget("company", "company", 400)])
    assert warehouse.budget("--check").code == 0


def test_budgets_of_old_cost_are_not_said_to_hold(warehouse: Warehouse) -> None:
    warehouse.given("identity_budgets", [budget("company", "company", 400)])
    late = (
        "The newest loaded day is 2026-11-18, 4 days ago: the cost since then is not compared with a budget."
    )
    in_time, too_late = datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
    assert "ago" not in warehouse.budget(now=in_time).text
    assert warehouse.budget("--check", in_time).code == 0
    shown = warehouse.budget(now=too_late)
    assert (shown.code, late in shown.text) == (0, True)
    checked = warehouse.budget("--check", too_late)
    assert (checked.code, late in checked.text) == (1, True)
    warehouse.given("identity_budgets", [budget("platform", "cursor", 1)])
    # what is exceeded stays exceeded
    assert warehouse.budget("--check", too_late).code == 3


def test_cost_of_one_vendor_alone_does_not_make_budgets_hold(warehouse: Warehouse) -> None:
    warehouse.given("identity_budgets", [budget("company", "company", 400)])
    warehouse.given(
        "load_log", [{"table_name": "raw_anthropic_cost", "day": date(2026, 11, 2), "state": "rows"}]
    )
    assert warehouse.budget("--check").code == 0
    warehouse.env |= {"CURSOR_ADMIN_API_KEY": "key_0f3a", "ANTHROPIC_ADMIN_API_KEY": "sk-ant-admin-1"}
    done = warehouse.budget("--check")
    assert (done.code, "The newest loaded day of anthropic is 2026-11-02, 17 days ago:" in done.text) == (
        1,
        True,
    )
    warehouse.given(
        "load_log", [{"table_name": "raw_cursor_events", "day": date(2026, 9, 2), "state": "rows"}]
    )
    assert "The newest loaded day of cursor is before 2026-10-01:" in warehouse.budget("--check").text


def test_without_a_budget_the_forecast_is_shown_and_a_check_is_refused(warehouse: Warehouse) -> None:
    shown = warehouse.budget()
    assert shown.code == 0
    company = "Company: $234.00 spent until 2026-11-18, forecast $390.00 ($390.00 to $390.00)."
    assert f"There is no budget. {company}" in shown.out
    done = warehouse.budget("--check")
    assert done.code == 1
    assert (
        "No budget is valid on 2026-11-18, so there is nothing to check. Add identity/budgets.csv"
        in done.text
    )


def test_months_without_a_loaded_day_are_refused(warehouse: Warehouse) -> None:
    done = warehouse.budget(now=datetime(2027, 3, 5, tzinfo=UTC))
    assert done.code == 1
    assert "No cost of 2027-02-01...2027-03-05 is loaded" in done.text


def test_a_proposal_has_the_medians_of_whole_months_says_so_and_can_be_read_back(
    warehouse: Warehouse,
) -> None:
    warehouse.given(
        "fct_cost_daily",
        [
            {
                "platform": "anthropic",
                "cost_date": date(2026, 10, 2),
                "user_email": "unattributed",
                "cost_type": "usage",
                "cost_usd": Decimal("41.5"),
            }
        ],
    )
    file = warehouse.folder / "identity" / "budgets.proposed.csv"
    # one person of Law has cost, and the cost of Data would tell it
    unnamed = warehouse.budget("--propose")
    assert unnamed.code == 0
    assert "department" not in file.read_text(encoding="utf-8")
    assert "Not proposed: 2 departments, so that no cost of fewer than 5 people is shown." in unnamed.text
    assert "Law" not in unnamed.text
    file.unlink()
    done = warehouse.budget("--propose --names")
    assert done.code == 0
    # September has 30 days of 13, October has 31 and what nobody caused; August is not loaded to its first day
    assert file.read_text(encoding="utf-8") == (
        "scope,name,usd_per_month,valid_from,valid_to\n"
        "company,,420.00,2026-11-01,\n"
        "platform,anthropic,50.00,2026-11-01,\n"
        "platform,cursor,400.00,2026-11-01,\n"
        "department,Data,370.00,2026-11-01,\n"
        "department,Law,40.00,2026-11-01,\n"
    )
    said = "company: 420.00, the median of 2 months from 2026-09 to 2026-10 (417.25) rounded up to 10 USD"
    assert said in done.text
    assert "platform anthropic: 50.00, the median of 2026-10 (41.50) rounded up to 10 USD" in done.text
    again = warehouse.budget("--propose")
    assert again.code == 1
    assert "budgets.proposed.csv exists already. Rename it to budgets.csv, or delete it." in again.text
    file.rename(file.with_name("budgets.csv"))
    assert len(budgets(file.parent)) == 5


def test_without_a_whole_month_nothing_is_proposed_and_nothing_is_written(warehouse: Warehouse) -> None:
    with warehouse.engine.session() as session:
        session.execute("delete from load_log where day in (date '2026-09-03', date '2026-10-03')")
    done = warehouse.budget("--propose")
    assert done.code == 1
    assert "No month of 2026-05-01...2026-10-31 is loaded to its end" in done.text
    assert [path.name for path in (warehouse.folder / "identity").iterdir()] == ["people.csv"]
