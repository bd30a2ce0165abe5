"""The analytics endpoints as the sandbox keeps to them: what may be asked, how rows are paged, and what they add up to."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ai_usage_assets.days import Days
from ai_usage_tests.unit.demo.sandbox.conftest import NOW, read

COST, USAGE = "/analytics/cost", "/analytics/usage"
BETA = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
WEEK = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-08T00:00:00Z"}
BY_DAY = {"time_bucket_width": "1d", "order_by": "time", "order": "asc"}
FOUR = ("actor", "api_key_id", "workspace_id", "model")


def ask(asker: Any, path: str, headers: dict[str, str] = BETA, **changed: Any) -> httpx.Response:
    params = {**WEEK, **BY_DAY, **changed}
    named = {
        f"{name}[]" if isinstance(value, tuple) else name: value for name, value in params.items() if value
    }
    response: httpx.Response = asker.anthropic.get(path, params=named, headers=headers)
    return response


def rows(asker: Any, path: str, **changed: Any) -> list[dict[str, Any]]:
    said = read(ask(asker, path, limit=1000, **changed))
    found: list[dict[str, Any]] = said["data"]
    while said["has_more"]:
        said = read(ask(asker, path, limit=1000, page=said["next_page"], **changed))
        found += said["data"]
    return found


@pytest.mark.parametrize("path", [COST, USAGE])
@pytest.mark.parametrize(
    "changed",
    [
        {"headers": {}},
        {"starting_at": None},
        {"ending_at": None},
        {"starting_at": "2025-12-31T00:00:00Z", "ending_at": "2026-01-02T00:00:00Z"},
        {"ending_at": "2026-11-02T00:00:00Z"},
        {"ending_at": "2026-10-01T00:00:00Z"},
        {"limit": 1001},
        {"limit": "0"},
        {"order": "up"},
        {"group_by": ("user",)},
        {"group_by": (*FOUR, "service_tier", "context_window")},
        {"group_by": "model"},
        {"page": "page_made-up"},
        {"bucket_width": "1d"},
    ],
)
def test_a_question_the_vendor_would_not_take_is_refused(still: Any, path: str, changed: Any) -> None:
    said = ask(still, path, **changed)
    assert (said.status_code, said.json()["error"]["type"]) == (400, "invalid_request_error")


def test_cost_alone_is_told_by_kind_and_kinds_do_not_count_against_the_five(still: Any) -> None:
    five = (*FOUR, "service_tier")
    assert ask(still, COST, group_by=(*five, "cost_type", "token_type")).status_code == 200
    assert ask(still, USAGE, group_by=("token_type",)).status_code == 400


def test_a_page_is_counted_in_rows_before_they_are_split_by_kind(still: Any) -> None:
    by_kind = read(ask(still, COST, group_by=(*FOUR, "cost_type", "token_type")))
    plain = read(ask(still, COST, group_by=FOUR))
    assert len(by_kind["data"]) > 20 >= len(plain["data"]) > 10
    assert by_kind["has_more"] and plain["has_more"]


def test_however_it_is_grouped_the_cost_is_the_same_and_requests_have_no_kind(still: Any) -> None:
    plain, by_kind = (
        rows(still, COST, group_by=FOUR),
        rows(still, COST, group_by=(*FOUR, "cost_type", "token_type")),
    )
    for name in ("amount", "list_amount"):
        whole, parts = (
            sum((Decimal(row["cost"][name]) for row in found), Decimal(0)) for found in (plain, by_kind)
        )
        assert abs(whole - parts) < Decimal("1e-6")
    assert {row["cost"]["requests"] for row in by_kind} == {None}
    assert sum(row["cost"]["requests"] for row in plain) > 0


def test_the_cost_is_the_cost_reports_per_day_and_workspace_credits_aside(still: Any, company: Any) -> None:
    sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for row in rows(still, COST, group_by=("workspace_id",)):
        sums[row["starting_at"][:10], row["group"]["workspace_id"]] += Decimal(row["cost"]["amount"])
    default = company.directory.default_workspace.id
    told: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for day in Days(date(2026, 10, 1), date(2026, 10, 7)):
        for line in company.anthropic(day).cost:
            if "Credit" not in line.description:
                told[str(day), line.workspace_id or default] += Decimal(line.amount)
    assert {key: round(cents, 6) for key, cents in sums.items()} == {
        key: round(cents, 6) for key, cents in told.items()
    }


def test_the_tokens_are_the_usage_reports(still: Any, company: Any) -> None:
    found = rows(still, USAGE, group_by=FOUR)
    for day, truth in company.totals(Days(date(2026, 10, 1), date(2026, 10, 7))).items():
        of_day = [row["usage"] for row in found if row["starting_at"][:10] == str(day)]
        assert sum(usage["output_tokens"] for usage in of_day) == truth.anthropic.output_tokens
        assert (
            sum(usage["cache_read_input_tokens"] for usage in of_day)
            == truth.anthropic.cache_read_input_tokens
        )


def test_a_days_cost_settles_within_thirty_days(own: Any) -> None:
    def cents() -> Decimal:
        found = rows(own, COST, starting_at="2026-11-21T00:00:00Z", ending_at="2026-11-22T00:00:00Z")
        return sum((Decimal(row["cost"]["amount"]) for row in found), Decimal(0))

    fresh = cents()
    own.sandbox.now = NOW.replace(month=12, day=28)
    settled = cents()
    assert Decimal("0.9") * settled < fresh < settled
    own.sandbox.now = NOW.replace(year=2027, month=3)
    assert cents() == settled


def test_a_day_that_is_not_over_has_no_row_and_a_silent_one_neither(still: Any) -> None:
    found = rows(still, COST, starting_at="2026-11-14T00:00:00Z", ending_at="2026-11-23T00:00:00Z")
    assert [row["starting_at"][:10] for row in found] == [
        f"2026-11-{day}" for day in (14, 16, 17, 18, 19, 20, 21)
    ]


def test_a_cursor_expires_when_the_data_is_renewed(own: Any) -> None:
    said = read(ask(own, COST, group_by=FOUR))
    again = ask(own, COST, group_by=FOUR, page=said["next_page"])
    assert (again.status_code, again.json()["data_refreshed_at"]) == (200, said["data_refreshed_at"])
    own.sandbox.now = NOW.replace(day=23)
    assert ask(own, COST, group_by=FOUR, page=said["next_page"]).status_code == 410


def test_the_actors_are_of_all_four_kinds_and_each_key_acts_as_its_principal(
    still: Any, company: Any
) -> None:
    found = [row["group"] for row in rows(still, COST, group_by=FOUR)]
    kinds = {group["actor"]["type"] for group in found if group["actor"]}
    assert kinds == {"user_actor", "service_account_actor", "federated_actor", "api_actor"}
    gateway = company.directory.keys["gateway"]
    (actor,) = {str(group["actor"]) for group in found if group["api_key_id"] == gateway.id}
    assert gateway.principal["id"] in actor
