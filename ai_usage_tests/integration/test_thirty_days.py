"""Thirty days of the whole graph on each engine: every sum is the company's own, and a second run changes nothing."""

from decimal import Decimal

import pytest

from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.harness import failed_checks, step_errors
from ai_usage_tests.support.month_run import DAYS, MonthRun


def test_every_step_and_every_check_succeeds(month_run: MonthRun) -> None:
    assert step_errors(month_run.result) == {}
    assert failed_checks(month_run.result) == []
    assert month_run.result.success


def test_anthropics_tokens_are_the_companys_day_by_day(month_run: MonthRun) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    found = month_run.sums(
        "fct_usage_daily",
        "usage_date",
        "platform = 'anthropic'",
        input="input_tokens",
        output="output_tokens",
    )
    assert found == {
        day: {
            "input": t.anthropic.uncached_input_tokens
            + t.anthropic.cache_read_input_tokens
            + t.anthropic.ephemeral_5m_input_tokens
            + t.anthropic.ephemeral_1h_input_tokens,
            "output": t.anthropic.output_tokens,
        }
        for day, t in truth.items()
    }


def test_anthropics_raw_kinds_of_token_are_the_companys_day_by_day(month_run: MonthRun) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    kinds = {
        "uncached_input_tokens": "uncached_input_tokens",
        "cache_read_input_tokens": "cache_read_input_tokens",
        "ephemeral_5m_input_tokens": "cache_creation_5m_tokens",
        "ephemeral_1h_input_tokens": "cache_creation_1h_tokens",
        "output_tokens": "output_tokens",
        "web_search_requests": "web_search_requests",
    }
    found = month_run.sums("raw_anthropic_usage", "ingest_date", **kinds)
    assert found == {day: {kind: getattr(t.anthropic, kind) for kind in kinds} for day, t in truth.items()}


def test_anthropics_raw_cost_is_the_companys_by_day_and_cost_type(month_run: MonthRun) -> None:
    for kind in ("tokens", "web_search", "code_execution", "session_usage"):
        found = month_run.sums(
            "raw_anthropic_cost",
            "ingest_date",
            f"cost_type = '{kind}'",
            usd="coalesce(amount_usd, 0)",
            lines="1",
        )
        for day, t in month_run.sandbox.company.totals(DAYS).items():
            off = abs(found[day]["usd"] - t.anthropic.cost_cents.get(kind, Decimal(0)) / 100)
            # a line is rounded to nine decimals of a dollar at landing, and nothing else happens to it
            assert off <= found[day]["lines"] * Decimal("0.5e-9"), (day, kind)
    assert {row[0] for row in month_run.content("raw_anthropic_cost", ["cost_type"])} <= {
        "tokens",
        "web_search",
        "code_execution",
        "session_usage",
    }


@pytest.mark.parametrize("customer_type", ["api", "subscription"])
def test_claude_codes_raw_records_are_the_companys_day_by_day(
    month_run: MonthRun, customer_type: str
) -> None:
    counts = {
        "num_sessions": "sessions",
        "lines_added": "lines_added",
        "lines_removed": "lines_removed",
        "commits": "commits",
        "pull_requests": "pull_requests",
        "accepted": "tool_accepts",
        "rejected": "tool_rejects",
    }
    tokens = {kind: f"{kind}_tokens" for kind in ("input", "output", "cache_read", "cache_creation")}
    where = f"customer_type = '{customer_type}'"
    expected = {
        day: t.claude_code[customer_type] for day, t in month_run.sandbox.company.totals(DAYS).items()
    }
    for table, measures in (("raw_claude_code_usage", counts), ("raw_claude_code_models", tokens)):
        found = month_run.sums(table, "ingest_date", where, **measures)
        assert found == {day: {name: getattr(of, name) for name in measures} for day, of in expected.items()}


def test_claude_codes_estimates_are_the_companys_to_the_hundredth_of_a_cent(month_run: MonthRun) -> None:
    found = month_run.sums("raw_claude_code_models", "ingest_date", usd="estimated_cost_usd")
    assert found == {
        day: {"usd": sum(of.estimated_cents for of in t.claude_code.values()) / 100}
        for day, t in month_run.sandbox.company.totals(DAYS).items()
    }


def test_cursors_tokens_lines_and_answers_to_suggestions_are_the_companys_day_by_day(
    month_run: MonthRun,
) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    found = month_run.sums(
        "fct_usage_daily",
        "usage_date",
        "platform = 'cursor'",
        input="coalesce(input_tokens, 0)",
        output="coalesce(output_tokens, 0)",
        loc_added="coalesce(loc_added, 0)",
        loc_accepted="coalesce(loc_accepted, 0)",
        accepts="coalesce(accepts, 0)",
        rejects="coalesce(rejects, 0)",
    )
    assert found == {
        day: {
            "input": t.cursor.input_tokens + t.cursor.cache_write_tokens + t.cursor.cache_read_tokens,
            "output": t.cursor.output_tokens,
            "loc_added": t.cursor.total_lines_added,
            "loc_accepted": t.cursor.accepted_lines_added,
            "accepts": t.cursor.total_accepts,
            "rejects": t.cursor.total_rejects,
        }
        for day, t in truth.items()
    }


def test_all_of_cursors_events_are_loaded_with_duplicates_and_midnights(month_run: MonthRun) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    found = month_run.sums("raw_cursor_events", "ingest_date", events="1")
    assert found == {day: {"events": t.cursor.events} for day, t in truth.items()}


def test_cursors_overage_is_the_companys_to_four_decimals_a_day(month_run: MonthRun) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    found = month_run.sums("fct_cost_daily", "cost_date", "cost_type = 'overage'", usd="cost_usd")
    assert found == {
        day: {"usd": round(t.cursor.chargeable_cents / 100, 4) or Decimal(0)} for day, t in truth.items()
    }


def test_every_fact_row_joins_a_person(month_run: MonthRun) -> None:
    with month_run.engine.session() as session:
        lost = session.fetch(
            "select f.user_email from fct_usage_daily as f left join dim_users as u on u.email = f.user_email "
            f"where u.email is null and {within('usage_date', DAYS).replace('`usage_date`', 'f.usage_date')}"
        )
    assert lost.num_rows == 0


def test_thirty_days_take_the_fewest_requests_that_the_limits_allow(month_run: MonthRun) -> None:
    events = sum(t.cursor.events for t in month_run.sandbox.company.totals(DAYS).values())
    assert month_run.requests == {
        # by key, and by account
        "/v1/organizations/usage_report/messages": 2,
        "/v1/organizations/cost_report": 1,
        # it takes no range: a call is one day
        "/v1/organizations/usage_report/claude_code": len(DAYS),
        "/v1/organizations/users": 1,
        "/v1/organizations/api_keys": 1,
        "/v1/organizations/workspaces": 1,
        "/teams/members": 1,
        "/teams/groups": 1,
        "/teams/daily-usage-data": 1,
        # and the open day's
        "/teams/filtered-usage-events": -(-events // 1000) + 1,
        "/teams/spend": 1,
    }


def test_each_day_says_its_own_row_count(month_run: MonthRun) -> None:
    truth = month_run.sandbox.company.totals(DAYS)
    events = month_run.result.asset_materializations_for_node("raw_cursor_events")
    counts = {e.partition: e.metadata["dagster/row_count"].value for e in events}
    assert counts == {str(day): t.cursor.events for day, t in truth.items()}


def test_a_second_run_changes_only_the_times_of_fetching_and_computing(month_run: MonthRun) -> None:
    again = month_run.second_run
    assert step_errors(again.result) == {}
    assert failed_checks(again.result) == []
    assert [name for name in again.before if again.before[name] != again.after[name]] == []
