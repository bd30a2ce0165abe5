"""What a person is told to do when a check fails, and from which figure on a metric warns."""

import importlib
import pkgutil
from typing import Any

from ai_usage_assets.defs import checks
from ai_usage_assets.defs.checks.finance import COST_METRICS, USAGE_METRICS
from ai_usage_assets.defs.checks.metrics import Measure

HINTS = {
    "anomalies.HINT": (
        "Look the person up by user_id in dim_users and the key in dim_api_keys, and ask whether the use is "
        "intended. Revoke a key that nobody knows. docs/anomalies.md explains the range. "
        "AI_USAGE_ANOMALY_FLOOR_USD sets the least excess."
    ),
    "budgets.HINT": (
        "fct_budget_daily has the burn-down by day, and agg_cost_change says why the month costs more. Spend "
        "less, or change the budget in identity/budgets.csv."
    ),
    "budgets.NAMES_HINT": (
        "Correct the e-mail in identity/budgets.csv: it is in no list of a vendor, not in people.csv, and in "
        "no usage. Such a budget has no cost."
    ),
    "company_names.HINT": (
        "If the names mean the same, write them in one way in people.csv. Views by department, team or cost "
        "center show them apart until then."
    ),
    "constraints.ROWS_HINT": (
        "A write of this project refuses such rows, so something else wrote to the table. Materialize the "
        "days again to replace them."
    ),
    "constraints.COLUMNS_HINT": (
        "The table was changed outside this project. Change it back, or rename it and backfill it. A new "
        "nullable column is added by the next write."
    ),
    "cursor_spend.RELOAD_HINT": (
        "Events are missing here or were revised. Materialize raw_cursor_events for the days of the cycle, "
        "then raw_cursor_spend with raw_cursor_open_day."
    ),
    "cursor_spend.INVOICE_HINT": (
        "Compare with Cursor's invoice, kind by kind (metadata). Only curated/int_cursor_events.sql decides "
        "what is charged: if the invoice confirms Cursor's total, change it there and materialize "
        "fct_cost_daily again."
    ),
    "invoices.HINT": (
        "Look at the invoice in fct_invoice_reconciliation. Load missing days. Compare the periods, amounts "
        "and kinds in identity/invoices.csv with the invoice, and the seats with identity/seats.csv. Credits,"
        " tax and prorations are lines of their own (credit, tax, other). For Cursor, agg_included_value "
        "shows usage that the seats include. If nothing helps, ask the vendor about the amount."
    ),
    "kept_days.HINT": (
        "If the vendor's history no longer covers these days, do nothing: their rows are unchanged. If the "
        "vendor reports them again, materialize them, and the check passes. To delete their rows, materialize"
        " them and run it with the tag ai_usage/replace_with_nothing = true, or with "
        "AI_USAGE_REPLACE_WITH_NOTHING=true on the command line."
    ),
    "missing_values.HINT": (
        "Materialize the days again, because the vendor may have completed them. If the values are still "
        "missing, ask the vendor whether the field has a new name. Records without an e-mail are unattributed"
        " until then."
    ),
    "reconciliation.HINT": (
        "Materialize these days of the fact again, because its raw tables may have changed. If the difference"
        " stays, the fact's SQL loses or duplicates rows: report it with the days and figures above."
    ),
    "vendor_split.HINT": (
        "Materialize raw_anthropic_cost, raw_anthropic_usage and raw_anthropic_analytics_cost for these days,"
        " because one of them may be older than the others. A difference that stays comes from prices: here "
        "all tokens of a cost line have one price, and the vendor knows the price of each request."
    ),
}
METRICS = {
    "cost_is_attributed": (
        Measure.COVERAGE,
        0.8,
        "Name the owners of the keys below in identity/api_key_owners.csv, and materialize the days again.",
    ),
    "cost_attribution_is_stable": (
        Measure.SHARE,
        0.05,
        (
            "See fct_restatements for these days. A changed owner of a key, a changed identity file or a changed "
            "e-mail of the vendor moves figures that were already published. Inform those who use the earlier "
            "figures, or undo the change."
        ),
    ),
    "cost_without_usage": (
        Measure.SHARE,
        0.05,
        (
            "Materialize raw_anthropic_usage for these days: usage may have arrived late. Adjustments of the "
            "vendor have no usage and stay."
        ),
    ),
    "usage_without_cost": (
        Measure.SHARE,
        0.01,
        (
            "Materialize raw_anthropic_cost for these days: the cost may have arrived late. Refused requests have"
            " no cost."
        ),
    ),
    "events_are_priced": (
        Measure.COUNT,
        0,
        "This project cannot price these events. Compare the month with Cursor's invoice.",
    ),
    "kinds_of_events_are_known": (
        Measure.COUNT_WITH_WORTH,
        0,
        (
            "They are charged if Cursor sets isChargeable. Compare with Cursor's invoice, and add the kind to "
            "int_cursor_events.sql."
        ),
    ),
    "kinds_of_cost_are_known": (
        Measure.COUNT_WITH_WORTH,
        0,
        "Their whole cost is unattributed. Add the type to int_anthropic_lines.sql, so that it is shared out.",
    ),
    "seat_cost_matches_invoice": (
        Measure.COUNT,
        0,
        (
            "Materialize fct_cost_daily again for the billing months below: seats.csv may have changed since. If "
            "the difference stays, int_seat_charges.sql is wrong: report it with the figures."
        ),
    ),
    "claude_code_estimate_matches_bill": (
        Measure.RELATIVE_DIFFERENCE,
        0.25,
        (
            "A discount explains a constant difference. Otherwise materialize raw_claude_code_models and "
            "raw_anthropic_cost for these days: one of them may be incomplete."
        ),
    ),
    "tokens_are_attributed": (
        Measure.COVERAGE,
        0.8,
        "Name the owners of the keys below in identity/api_key_owners.csv, and materialize the days again.",
    ),
    "token_attribution_is_stable": (
        Measure.SHARE,
        0.05,
        (
            "See fct_restatements for these days. A changed owner of a key, a changed identity file or a changed "
            "e-mail of the vendor moves figures that were already published. Inform those who use the earlier "
            "figures, or undo the change."
        ),
    ),
}


class Arguments:
    """Stands in for the rows of a metric, and gives what its function would judge them by."""

    def result(self, *arguments: Any) -> Any:
        return arguments


def test_every_hint_says_what_to_do() -> None:
    modules = [
        importlib.import_module(f"{checks.__name__}.{found.name}")
        for found in pkgutil.iter_modules(checks.__path__)
    ]

    assert {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        # that one is a part of others
        if name.endswith("HINT") and name != "OVERRIDE_HINT"
    } == HINTS


def test_every_metric_has_its_measure_its_tolerance_and_its_hint() -> None:
    rows: Any = Arguments()
    found: dict[str, Any] = {check.__name__: check(rows) for check in (*COST_METRICS, *USAGE_METRICS)}

    assert found == METRICS
