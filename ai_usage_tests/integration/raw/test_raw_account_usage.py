"""Usage without an API key as it lands: whose account it is, and nothing that has a key."""

from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_tests.support.harness import DAY, Harness

PATH = "/v1/organizations/usage_report/messages"
TABLE = "raw_anthropic_account_usage"
WEEK = Days(DAY.replace(day=12), DAY)
ALL_TOKENS = "uncached_input_tokens + output_tokens + cache_read_input_tokens + cache_creation_tokens"


def load(harness: Harness, *results: dict[str, Any]) -> str | None:
    """The refusal, if there was one, of a day on which the vendor tells these results alone."""

    def only(body: dict[str, Any]) -> None:
        one = body["data"][0]["results"][0]
        body["data"][0]["results"] = [
            {**one, "account_id": None, "service_account_id": None, **result} for result in results
        ]

    harness.change_response(PATH, only)
    return harness.errors(TABLE, Days.one(DAY)).get(TABLE)


def test_each_account_has_the_tokens_that_the_company_used_without_a_key(harness: Harness) -> None:
    assert harness.errors(TABLE, WEEK) == {}
    found: dict[Any, dict[str, int]] = {}
    for row in harness.rows(
        TABLE, f"ingest_date, coalesce(account_id, service_account_id) as who, {ALL_TOKENS} as n"
    ):
        tokens = found.setdefault(row["ingest_date"], {})
        tokens[row["who"]] = tokens.get(row["who"], 0) + row["n"]
    truth = harness.sandbox.company.totals(WEEK)
    expected = {day: of.anthropic.account_tokens for day, of in truth.items() if of.anthropic.account_tokens}
    assert found == expected
    # people and a service account, more than one of a workspace
    assert len(found[DAY]) >= 5


def test_a_week_is_one_request_by_exactly_five_groups(harness: Harness) -> None:
    assert harness.errors(TABLE, WEEK) == {}
    (requested,) = [requested for requested in harness.sandbox.last_requests if requested.path == PATH]
    groups = [part.partition("=")[2] for part in requested.query.split("&") if part.startswith("group_by")]
    assert groups == ["account_id", "service_account_id", "workspace_id", "model", "service_tier"]


def test_usage_without_an_account_is_not_loaded(harness: Harness) -> None:
    assert (
        load(harness, {"model": "keyed"}, {"account_id": "user_1"}, {"service_account_id": "svac_1"}) is None
    )
    rows = harness.rows(TABLE, "account_id, service_account_id")
    assert sorted(rows, key=str) == [
        {"account_id": "user_1", "service_account_id": None},
        {"account_id": None, "service_account_id": "svac_1"},
    ]


def test_a_null_workspace_is_the_default_one_and_a_null_model_unknown(harness: Harness) -> None:
    nulls = {"workspace_id": None, "model": None, "service_tier": None}
    assert load(harness, {"account_id": "user_1", **nulls}) is None
    (row,) = harness.rows(TABLE, "workspace_id, model, service_tier")
    assert row == {"workspace_id": "default", "model": "unknown", "service_tier": None}


def test_an_answer_that_does_not_say_whose_it_is_is_refused_by_name(harness: Harness) -> None:
    """Without the grouping, the usage could not be attributed: none of it is loaded."""
    assert load(harness, {"account_id": "user_1"}) is None

    def without(body: dict[str, Any], _: object) -> None:
        del body["data"][0]["results"][0]["account_id"]

    harness.sandbox.faults.next(PATH, Fault(damage=without))
    message = harness.errors(TABLE, Days.one(DAY))[TABLE]
    assert "data[0].results[0].account_id is missing" in message
    assert len(harness.rows(TABLE)) == 1
