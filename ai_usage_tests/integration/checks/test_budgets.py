"""What the checks of budgets say: who is over, by how much, and of whom they do not tell."""

from datetime import date, timedelta
from decimal import Decimal

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.budgets import CHECKS
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.harness import NOW, Harness, check_metadata
from ai_usage_tests.support.rule_cases import Row, insert

DAYS = Days(date(2026, 10, 20), date(2026, 11, 18))


def given(harness: Harness, **rows: list[Row]) -> None:
    tables = [BY_NAME[name] for name in rows]
    with harness.engine.session() as session:
        ensure_tables(harness.engine, session, tables)
        for table in tables:
            if rows[table.name]:
                session.execute(insert(table, rows[table.name]))


def cost(email: str, usd: int | Decimal, actor_type: str | None = None) -> list[Row]:
    row = {
        "platform": "cursor",
        "user_email": email,
        "actor_type": actor_type,
        "cost_type": "overage",
        "cost_usd": usd,
    }
    return [{**row, "cost_date": day} for day in DAYS]


def budget(scope: str, name: str, usd: int | Decimal) -> Row:
    return {"scope": scope, "name": name, "usd_per_month": usd}


def test_each_check_names_the_budgets_that_are_over_and_no_person(harness: Harness) -> None:
    # a day costs 10.04 in Data with five people, 2 in Law with one, and 0.21 in Ops with four and a service of a fifth
    # as floats, 3.78 of 4.20 is less than 0.9
    departments = {"ann": "Data", **dict.fromkeys(("d1", "d2", "d3", "d4"), "Data"), "ben": "Law"}
    departments |= dict.fromkeys(("cat", "c1", "c2", "c3", "c4"), "Ops")
    daily_usd = dict.fromkeys(departments, Decimal("0.01"))
    daily_usd |= {"ann": Decimal(10), "ben": Decimal(2), "cat": Decimal("0.17")}
    always = {"valid_from": date.min, "valid_to": date.max}
    given(
        harness,
        fct_cost_daily=[
            row
            for each, usd in daily_usd.items()
            for row in cost(f"{each}@example.com", usd, "service" if each == "c4" else None)
        ],
        load_log=[{"table_name": "fct_cost_daily", "day": day, "state": "rows"} for day in DAYS],
        dim_users=[{"user_id": each, "email": f"{each}@example.com"} for each in departments],
        dim_user_history=[
            {"email": f"{each}@example.com", "department": name, **always}
            for each, name in departments.items()
        ],
        identity_budgets=[
            budget("company", "company", 400),
            budget("platform", "cursor", 288),
            budget("department", "Data", 190),
            budget("department", "Law", 47),
            budget("department", "Ops", Decimal("4.2")),
            budget("person", "ann@example.com", 179),
            budget("person", "ann@exmaple.com", 500),
        ],
    )
    found = {check.__name__: harness.check(check.__name__)["fct_budget_daily"] for check in CHECKS}
    assert [evaluation.passed for evaluation in found.values()] == [False, False, False, False]
    data = "- department Data: 180.72 of 190.00 USD spent (95.1%), forecast 301.20"
    law = "- a department: 36.00 of 47.00 USD spent (76.6%), forecast 60.00"
    ops = "- a department: 3.78 of 4.20 USD spent (90.0%), forecast 6.30"
    person = "- a person: 180.00 of 179.00 USD spent (100.6%), forecast 300.00"
    cursor = "- platform cursor: 220.50 of 288.00 USD spent (76.6%), forecast 367.50"
    rows = {
        name: str(check_metadata(evaluation, "offending_rows")).splitlines()
        for name, evaluation in found.items()
    }
    assert {name: sorted(lines) for name, lines in rows.items()} == {
        "spend_is_under_75_percent": sorted([data, law, ops, person, cursor]),
        "spend_is_under_90_percent": sorted([data, ops, person]),
        "budgets_will_not_be_exceeded": sorted([data, law, ops, person, cursor]),
        "budgets_name_known_people": ["- a person: 0.00 of 500.00 USD spent (0.0%)"],
    }
    assert check_metadata(found["spend_is_under_90_percent"], "until") == "2026-11-18"


def test_without_a_budget_or_a_loaded_day_nothing_is_over(harness: Harness) -> None:
    given(
        harness,
        fct_cost_daily=cost("ann@example.com", 10),
        load_log=[{"table_name": "fct_cost_daily", "day": day, "state": "rows"} for day in DAYS],
        identity_budgets=[],
    )
    assert harness.check("budgets_will_not_be_exceeded")["fct_budget_daily"].passed
    later = NOW + timedelta(days=90)
    assert harness.check("budgets_will_not_be_exceeded", now=later)["fct_budget_daily"].passed
