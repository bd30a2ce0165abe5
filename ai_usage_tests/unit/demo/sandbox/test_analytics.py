"""The analytics endpoints of the sandbox: valid requests, paging, and totals."""

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


def send(client_of_both: Any, path: str, headers: dict[str, str] = BETA, **changed: Any) -> httpx.Response:
    params = {**WEEK, **BY_DAY, **changed}
    named = {
        f"{name}[]" if isinstance(value, tuple) else name: value for name, value in params.items() if value
    }
    response: httpx.Response = client_of_both.anthropic.get(path, params=named, headers=headers)
    return response


def rows(client_of_both: Any, path: str, **changed: Any) -> list[dict[str, Any]]:
    response = read(send(client_of_both, path, limit=100, **changed))
    found: list[dict[str, Any]] = response["data"]
    while response["has_more"]:
        response = read(send(client_of_both, path, limit=100, page=response["next_page"], **changed))
        found += response["data"]
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
def test_an_invalid_request_is_refused(shared: Any, path: str, changed: Any) -> None:
    response = send(shared, path, **changed)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")


def test_only_cost_can_be_grouped_by_kind_and_kinds_do_not_count_as_dimensions(shared: Any) -> None:
    five = (*FOUR, "service_tier")
    assert send(shared, COST, group_by=(*five, "cost_type", "token_type")).status_code == 200
    assert send(shared, USAGE, group_by=("token_type",)).status_code == 400


def test_the_limit_of_a_page_counts_rows_before_they_are_split_by_kind(shared: Any) -> None:
    by_kind = read(send(shared, COST, group_by=(*FOUR, "cost_type", "token_type")))
    plain = read(send(shared, COST, group_by=FOUR))
    assert len(by_kind["data"]) > 20 >= len(plain["data"]) > 10
    assert by_kind["has_more"] and plain["has_more"]


def test_the_cost_does_not_depend_on_the_grouping_and_requests_have_no_kind(shared: Any) -> None:
    plain, by_kind = (
        rows(shared, COST, group_by=FOUR),
        rows(shared, COST, group_by=(*FOUR, "cost_type", "token_type")),
    )
    for name in ("amount", "list_amount"):
        whole, parts = (
            sum((Decimal(row["cost"][name]) for row in found), Decimal(0)) for found in (plain, by_kind)
        )
        assert abs(whole - parts) < Decimal("1e-6")
    assert {row["cost"]["requests"] for row in by_kind} == {None}
    assert sum(row["cost"]["requests"] for row in plain) > 0


def test_the_cost_equals_the_cost_report_per_day_and_workspace_without_credits(
    shared: Any, company: Any
) -> None:
    sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for row in rows(shared, COST, group_by=("workspace_id",)):
        sums[row["starting_at"][:10], row["group"]["workspace_id"]] += Decimal(row["cost"]["amount"])
    default = company.directory.default_workspace.id
    expected: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for day in Days(date(2026, 10, 1), date(2026, 10, 7)):
        for line in company.anthropic(day).cost:
            if "Credit" not in line.description:
                expected[str(day), line.workspace_id or default] += Decimal(line.amount)
    assert {key: round(cents, 6) for key, cents in sums.items()} == {
        key: round(cents, 6) for key, cents in expected.items()
    }


def test_the_tokens_equal_the_usage_report(shared: Any, company: Any) -> None:
    found = rows(shared, USAGE, group_by=FOUR)
    for day, day_totals in company.totals(Days(date(2026, 10, 1), date(2026, 10, 7))).items():
        of_day = [row["usage"] for row in found if row["starting_at"][:10] == str(day)]
        assert sum(usage["output_tokens"] for usage in of_day) == day_totals.anthropic.output_tokens
        assert (
            sum(usage["cache_read_input_tokens"] for usage in of_day)
            == day_totals.anthropic.cache_read_input_tokens
        )


def test_the_cost_of_a_day_is_final_after_thirty_days(private: Any) -> None:
    def cents() -> Decimal:
        found = rows(private, COST, starting_at="2026-11-21T00:00:00Z", ending_at="2026-11-22T00:00:00Z")
        return sum((Decimal(row["cost"]["amount"]) for row in found), Decimal(0))

    fresh = cents()
    private.sandbox.now = NOW.replace(month=12, day=28)
    settled = cents()
    assert Decimal("0.9") * settled < fresh < settled
    private.sandbox.now = NOW.replace(year=2027, month=3)
    assert cents() == settled


def test_an_open_day_and_a_day_without_usage_have_no_rows(shared: Any) -> None:
    found = rows(shared, COST, starting_at="2026-11-14T00:00:00Z", ending_at="2026-11-23T00:00:00Z")
    assert [row["starting_at"][:10] for row in found] == [
        f"2026-11-{day}" for day in (14, 16, 17, 18, 19, 20, 21)
    ]


def test_a_cursor_expires_when_the_data_is_refreshed(private: Any) -> None:
    response = read(send(private, COST, group_by=FOUR))
    again = send(private, COST, group_by=FOUR, page=response["next_page"])
    assert (again.status_code, again.json()["data_refreshed_at"]) == (200, response["data_refreshed_at"])
    private.sandbox.now = NOW.replace(day=23)
    assert send(private, COST, group_by=FOUR, page=response["next_page"]).status_code == 410


def test_actors_have_all_four_types_and_each_key_acts_as_its_principal(shared: Any, company: Any) -> None:
    found = [row["group"] for row in rows(shared, COST, group_by=FOUR)]
    kinds = {group["actor"]["type"] for group in found if group["actor"]}
    assert kinds == {"user_actor", "service_account_actor", "federated_actor", "api_actor"}
    gateway = company.directory.keys["gateway"]
    (actor,) = {str(group["actor"]) for group in found if group["api_key_id"] == gateway.id}
    assert gateway.principal["id"] in actor
