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
TOO_LATE = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
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


TITLE = "Budgets of 2026-11 until 2026-11-18, in USD\n\n"
LATE = (
    "The newest loaded day is 2026-11-18, 4 days ago: the cost since then is not compared with a budget. Load the days since "
    "then with `ai-usage fetch`; `ai-usage doctor` says what keeps them from being loaded.\n"
)
UNKNOWN = "A forecast needs 14 days of the last 28 on which a budget's cost is known.\n"
SHOWN = (
    f"{TITLE}"
    "budget                  usd_per_month   spent  share  forecast  80 % interval       state\n"
    "Company                        400.00  234.00  58.5%    390.00  $390.00 to $390.00  under 75 % spent\n"
    "Platform Anthropic API       5,000.00    0.00   0.0%                                under 75 % spent\n"
)


def test_the_table_names_nobody_and_the_exit_code_says_what_will_be_exceeded(warehouse: Warehouse) -> None:
    # Data costs 216 until the 18th and 360 in November, the company 234 and 390
    warehouse.given(
        "identity_budgets",
        [
            budget("company", "company", 400),
            budget("department", "Data", 288),
            budget("department", "Law", 17),
            budget("person", LAWYER, 100),
            budget("platform", "anthropic", 5000),
        ],
    )
    hidden = (
        "Not shown: 3 budgets of people, and of groups under 5 people; 2 of them are exceeded or will be. "
        "--names shows them.\n"
    )
    done = warehouse.budget("--check")
    assert (done.code, done.text) == (3, SHOWN + hidden + UNKNOWN)
    assert warehouse.budget("--check", TOO_LATE).text == SHOWN + hidden + UNKNOWN + LATE
    assert warehouse.budget() == Done(0, SHOWN, SHOWN + hidden + UNKNOWN)
    named = warehouse.budget("--names")
    assert named.code == 0
    assert named.text == (
        f"{TITLE}"
        "budget                  usd_per_month   spent   share  forecast  80 % interval       state\n"
        "Company                        400.00  234.00   58.5%    390.00  $390.00 to $390.00  under 75 % spent\n"
        "Platform Anthropic API       5,000.00    0.00    0.0%                                under 75 % spent\n"
        "Department Data                288.00  216.00   75.0%    360.00  $360.00 to $360.00  will be exceeded\n"
        "Person law@example.com         100.00   18.00   18.0%     30.00  $30.00 to $30.00    under 75 % spent\n"
        "Department Law                  17.00   18.00  105.9%     30.00  $30.00 to $30.00    exceeded\n"
        f"{UNKNOWN}"
    )
    warehouse.env["AI_USAGE_REPORT_NAMES"] = "true"
    assert warehouse.budget() == named


def test_budgets_of_old_cost_are_not_said_to_hold(warehouse: Warehouse) -> None:
    warehouse.given("identity_budgets", [budget("company", "company", 400)])
    in_time = datetime(2026, 11, 21, 9, tzinfo=UTC)
    shown = warehouse.budget(now=in_time)
    assert shown == Done(0, shown.out, shown.out)
    # nothing but the time has changed
    assert warehouse.budget("--check", in_time) == shown
    assert warehouse.budget(now=TOO_LATE) == Done(0, shown.out, shown.out + LATE)
    assert warehouse.budget("--check", TOO_LATE) == Done(1, shown.out, f"{shown.out}error: {LATE}")
    warehouse.given("identity_budgets", [budget("platform", "cursor", 1)])
    # what is exceeded stays exceeded
    assert warehouse.budget("--check", TOO_LATE).code == 3


def ended(done: Done) -> tuple[int, str]:
    """The exit code, and the last line."""
    return done.code, done.text.splitlines(keepends=True)[-1]


def test_cost_of_one_vendor_alone_does_not_make_budgets_hold(warehouse: Warehouse) -> None:
    warehouse.given("identity_budgets", [budget("company", "company", 400)])
    of_anthropic = {"table_name": "raw_anthropic_cost", "state": "rows"}
    warehouse.given("load_log", [{**of_anthropic, "day": date(2026, 11, day)} for day in (1, 2)])
    assert warehouse.budget("--check").code == 0
    load = LATE.partition(": ")[2]
    warehouse.env |= {"CURSOR_ADMIN_API_KEY": "key_0f3a", "ANTHROPIC_ADMIN_API_KEY": "sk-ant-admin-1"}
    # nothing of Cursor is loaded since the day from which budgets are compared
    of_cursor = {"table_name": "raw_cursor_events", "state": "rows"}
    warehouse.given("load_log", [{**of_cursor, "day": date(2026, 9, 30)}])
    said = f"The newest loaded day of cursor is before 2026-10-01: {load}"
    assert ended(warehouse.budget("--check")) == (1, f"error: {said}")
    warehouse.given("load_log", [{**of_cursor, "day": date(2026, 11, 3)}])
    said = f"The newest loaded day of anthropic is 2026-11-02, 17 days ago: {load}"
    assert ended(warehouse.budget("--check")) == (1, f"error: {said}")
    warehouse.given("load_log", [{**of_anthropic, "day": date(2026, 11, 3)}])
    said = f"The newest loaded day of anthropic, cursor is 2026-11-03, 16 days ago: {load}"
    assert ended(warehouse.budget()) == (0, said)
    warehouse.given("load_log", [{**of_anthropic, "day": date(2026, 11, 16)}])
    warehouse.given("load_log", [{**of_cursor, "day": date(2026, 11, 16)}])
    assert ended(warehouse.budget("--check")) == (0, UNKNOWN)


def test_without_a_budget_the_forecast_is_shown_and_a_check_is_refused(warehouse: Warehouse) -> None:
    company = "Company: $234.00 spent until 2026-11-18, forecast $390.00 ($390.00 to $390.00)."
    shown = f"{TITLE}There is no budget. {company}\n"
    assert warehouse.budget() == Done(0, shown, shown)
    assert warehouse.budget(now=TOO_LATE) == Done(0, shown, shown + LATE)
    refused = (
        "error: No budget is valid on 2026-11-18, so there is nothing to check. Add identity/budgets.csv and materialize "
        "identity_budgets; `ai-usage budget --propose` writes one to begin with.\n"
    )
    assert warehouse.budget("--check") == Done(1, shown, shown + refused)


def test_months_without_a_loaded_day_are_refused(warehouse: Warehouse) -> None:
    done = warehouse.budget(now=datetime(2027, 3, 5, tzinfo=UTC))
    assert (done.code, done.text) == (
        1,
        (
            "error: No cost of 2027-02-01...2027-03-05 is loaded, so nothing can be compared with a budget. Load days with "
            "`ai-usage fetch`, or let `ai-usage up` load them.\n"
        ),
    )
    # the last day of the month before is enough
    assert warehouse.budget(now=datetime(2026, 12, 1, tzinfo=UTC)).out.startswith(TITLE)


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
    of_two = "the median of 2 months from 2026-09 to 2026-10"
    said = (
        f"company: 420.00, {of_two} (417.25) rounded up to 10 USD\n"
        "platform anthropic: 50.00, the median of 2026-10 (41.50) rounded up to 10 USD\n"
        f"platform cursor: 400.00, {of_two} (396.50) rounded up to 10 USD\n"
    )
    wrote = f"Wrote {file}. Read it, and rename it to budgets.csv.\n"
    assert unnamed.text == (
        f"{said}"
        "Not proposed: 2 departments, so that no cost of fewer than 5 people is shown. --names proposes all.\n"
        f"{wrote}"
    )
    assert unnamed.out == wrote
    file.unlink()
    done = warehouse.budget("--propose --names")
    assert (done.code, done.text) == (
        0,
        (
            f"{said}"
            f"department Data: 370.00, {of_two} (366.00) rounded up to 10 USD\n"
            f"department Law: 40.00, {of_two} (30.50) rounded up to 10 USD\n"
            f"{wrote}"
        ),
    )
    # September has 30 days of 13, October has 31 and what nobody caused; August is not loaded to its first day
    assert file.read_text(encoding="utf-8") == (
        "scope,name,usd_per_month,valid_from,valid_to\n"
        "company,,420.00,2026-11-01,\n"
        "platform,anthropic,50.00,2026-11-01,\n"
        "platform,cursor,400.00,2026-11-01,\n"
        "department,Data,370.00,2026-11-01,\n"
        "department,Law,40.00,2026-11-01,\n"
    )
    again = warehouse.budget("--propose")
    assert (again.code, again.text) == (
        1,
        f"error: {file} exists already. Rename it to budgets.csv, or delete it.\n",
    )
    file.rename(file.with_name("budgets.csv"))
    assert len(budgets(file.parent)) == 5


def test_without_a_whole_month_nothing_is_proposed_and_nothing_is_written(warehouse: Warehouse) -> None:
    with warehouse.engine.session() as session:
        session.execute("delete from load_log where day in (date '2026-09-03', date '2026-10-03')")
    done = warehouse.budget("--propose")
    assert (done.code, done.text) == (
        1,
        (
            "error: No month of 2026-05-01...2026-10-31 is loaded to its end, so there is nothing to propose budgets from. Load a "
            "whole month with `ai-usage fetch`.\n"
        ),
    )
    assert [path.name for path in (warehouse.folder / "identity").iterdir()] == ["people.csv"]


def test_a_proposal_of_one_department_that_cannot_be_written_is_refused(warehouse: Warehouse) -> None:
    # without the lawyer's cost, Law has no cost to propose a budget from
    with warehouse.engine.session() as session:
        session.execute(f"delete from fct_cost_daily where user_email = '{LAWYER}'")
    done = warehouse.budget("--propose")
    assert done.code == 0, done.text
    assert "Not proposed" not in done.text
    assert "department Data: 370.00" in done.text
    warehouse.env["AI_USAGE_IDENTITY_DIR"] = str(warehouse.folder / "ai_usage.duckdb")
    refused = warehouse.budget("--propose")
    assert (refused.code, refused.text) == (
        1,
        (
            f"error: {warehouse.folder}/ai_usage.duckdb/budgets.proposed.csv cannot be written (FileExistsError). Check the "
            "folder AI_USAGE_IDENTITY_DIR.\n"
        ),
    )
