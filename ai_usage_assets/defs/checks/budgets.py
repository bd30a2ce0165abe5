"""Whether the running month stays within its budgets, as of the newest loaded day. All of these checks warn."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.curated import budgets
from ai_usage_assets.days import Clock
from ai_usage_assets.defs import automation
from ai_usage_assets.defs.checks.groups import is_shown, shown_groups
from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.budgets import FCT_BUDGET_DAILY
from ai_usage_assets.schema.tables.curated import DIM_USERS, FCT_COST_DAILY
from ai_usage_assets.schema.tables.identity import IDENTITY_BUDGETS

Row = dict[str, Any]
MAX_LISTED = 20
HINT = (
    "fct_budget_daily has the burn-down by day, and agg_cost_change says why the month costs more. Spend less, or change the "
    "budget in identity/budgets.csv."
)
NAMES_HINT = (
    "Correct the e-mail in identity/budgets.csv: it is in no list of a vendor, not in people.csv, and in no usage. Such a "
    "budget has no cost."
)
IS_UNKNOWN = f"scope = 'person' and budgets.name not in (select email from {DIM_USERS.name})"


def build(clock: Clock) -> list[dg.AssetChecksDefinition]:
    return [budget_checks(clock)]


def budget_checks(clock: Clock) -> dg.AssetChecksDefinition:
    """All checks of budgets: one step and one statement."""

    @dg.multi_asset_check(
        name="budgets",
        specs=[
            dg.AssetCheckSpec(
                check.__name__,
                asset=FCT_BUDGET_DAILY.name,
                description=check.__doc__,
                additional_deps=[FCT_COST_DAILY.name, IDENTITY_BUDGETS.name, DIM_USERS.name],
                automation_condition=automation.DAILY,
            )
            for check in CHECKS
        ],
        can_subset=True,
    )
    def check_budgets(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        days = budgets.newest_days(clock().date())
        sql = budgets.newest(days, f"{budgets.WITHOUT_PEOPLE} as name, {IS_UNKNOWN} as is_unknown")
        found = fetch_rows(context, warehouse.engine, FCT_BUDGET_DAILY, "budgets", sql)
        with_budget = [row for row in found if row["budget_usd"] is not None]
        listed = [(row["scope"], row["day"]) for row in with_budget if not is_fine(row)]
        shown = shown_groups(context, warehouse.engine, FCT_BUDGET_DAILY, "groups", listed)
        for row in with_budget:
            row["name"] = row["name"] if is_shown(shown, row["scope"], row["day"], row["name"]) else None
        selected = {key.name for key in context.selected_asset_check_keys}
        for check in CHECKS:
            if check.__name__ in selected:
                yield check(with_budget)

    return check_budgets


def spend_is_under_75_percent(rows: Sequence[Row]) -> dg.AssetCheckResult:
    """Of every budget of the month, less than 75 % is spent."""
    return spend_is_under(rows, "spend_is_under_75_percent", 75)


def spend_is_under_90_percent(rows: Sequence[Row]) -> dg.AssetCheckResult:
    """Of every budget of the month, less than 90 % is spent."""
    return spend_is_under(rows, "spend_is_under_90_percent", 90)


def budgets_will_not_be_exceeded(rows: Sequence[Row]) -> dg.AssetCheckResult:
    """No budget of the month is exceeded, or will be by the forecast."""
    over = [row for row in rows if row["state"] in ("will_exceed", "exceeded")]
    return result("budgets_will_not_be_exceeded", rows, over, HINT)


def budgets_name_known_people(rows: Sequence[Row]) -> dg.AssetCheckResult:
    """Every person with a budget is in dim_users."""
    unknown = [row for row in rows if row["is_unknown"]]
    return result("budgets_name_known_people", rows, unknown, NAMES_HINT)


CHECKS: tuple[Callable[[Sequence[Row]], dg.AssetCheckResult], ...] = (
    spend_is_under_75_percent,
    spend_is_under_90_percent,
    budgets_will_not_be_exceeded,
    budgets_name_known_people,
)


def is_fine(row: Row) -> bool:
    return row["state"] in ("no_budget", "under_75_percent")


def spend_is_under(rows: Sequence[Row], name: str, percent: int) -> dg.AssetCheckResult:
    reached = [row for row in rows if has_reached(row["spent_usd"], row["budget_usd"], percent)]
    return result(name, rows, reached, HINT)


def has_reached(spent_usd: Decimal, budget_usd: Decimal, percent: int) -> bool:
    """Whether so much of a budget is spent. Exact, as the column state is: a share as a float is not."""
    return spent_usd > 0 and 100 * spent_usd >= percent * budget_usd


def result(name: str, rows: Sequence[Row], warned: Sequence[Row], hint: str) -> dg.AssetCheckResult:
    lines = [f"- {line(row)}" for row in warned[:MAX_LISTED]]
    return dg.AssetCheckResult(
        passed=not warned,
        check_name=name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "budgets": len(rows),
            "warned": len(warned),
            **({"until": str(rows[0]["day"])} if rows else {}),
            **({"offending_rows": dg.MetadataValue.md("\n".join(lines)), "hint": hint} if lines else {}),
        },
    )


def line(row: Row) -> str:
    """A budget in one line. Neither a person nor a group of few people is named."""
    scope = row["scope"].replace("_", " ")
    whose = "the company" if scope == "company" else f"{scope} {row['name']}" if row["name"] else f"a {scope}"
    share = f" ({row['spent_share']:.1%})" if row["spent_share"] is not None else ""
    forecast = row["forecast_usd"]
    expected = "" if forecast is None else f", forecast {forecast:,.2f}"
    if forecast is not None and row["low_usd"] is not None:
        expected += f" ({row['low_usd']:,.2f} to {row['high_usd']:,.2f})"
    return f"{whose}: {row['spent_usd']:,.2f} of {row['budget_usd']:,.2f} USD spent{share}{expected}"
