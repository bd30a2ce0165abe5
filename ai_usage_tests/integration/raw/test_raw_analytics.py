"""The vendor's own split of cost and usage: fetched only if it is wanted, and no failure if it is not offered."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_tests.support.harness import NOW, Harness, failed_checks, step_errors

pytestmark = pytest.mark.slow

COST, USAGE = "/v1/organizations/analytics/cost", "/v1/organizations/analytics/usage"
COSTS, USAGES = "raw_anthropic_analytics_cost", "raw_anthropic_analytics_usage"
TABLES = {COSTS: COST, USAGES: USAGE}
MONTH = Days(date(2026, 10, 21), date(2026, 11, 19))
NEWEST = Days.one(MONTH.last)
SETTLED = Days(date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture
def wanted(harness: Harness) -> Harness:
    harness.env["ANTHROPIC_ANALYTICS"] = "true"
    return harness


def of_company(sandbox: Sandbox, days: Days) -> dict[tuple[date, str], Decimal]:
    """Dollars per day and workspace of the cost report, credits aside, under the default workspace's real id."""
    default = sandbox.company.directory.default_workspace.id
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for day in days:
        for line in sandbox.company.anthropic(day).cost:
            if "Credit" not in (line.description or ""):
                sums[day, line.workspace_id or default] += Decimal(line.amount) / 100
    return dict(sums)


def of_table(harness: Harness) -> dict[tuple[date, str], Decimal]:
    rows = harness.rows(COSTS, "ingest_date, workspace_id, sum(amount_usd) as usd", "true group by 1, 2")
    return {(row["ingest_date"], row["workspace_id"]): row["usd"] for row in rows}


def test_without_the_setting_the_tables_are_shown_and_not_fetched(harness: Harness) -> None:
    defs = build_defs(Settings.from_env(harness.env))
    graph = defs.resolve_asset_graph()
    for table in TABLES:
        node = graph.get(dg.AssetKey(table))
        assert not node.is_executable
        assert (node.description or "").endswith("Not fetched: ANTHROPIC_ANALYTICS is not true.")
    checks = {key.name for key in graph.asset_check_keys if key.asset_key.path[-1] in TABLES}
    assert checks == {"columns_as_declared", "key_unique", "not_null", "valid_values"}


def test_with_the_setting_they_are_daily_assets_of_the_vendors_sensor(harness: Harness) -> None:
    defs = build_defs(Settings.from_env(harness.env | {"ANTHROPIC_ANALYTICS": "TRUE"}))
    graph, code = defs.resolve_asset_graph(), defs.get_repository_def()
    job = code.get_job(str(code.get_sensor_def("anthropic_availability").job_name))
    targets = {key.path[-1] for key in job.asset_layer.executable_asset_keys}
    assert targets >= TABLES.keys()
    for table in TABLES:
        assert graph.get(dg.AssetKey(table)).is_executable
        checks = {key.name for key in graph.asset_check_keys if key.asset_key.path[-1] == table}
        assert checks > {"is_offered", "newest_closed_day_is_loaded", "columns_as_declared", "key_unique"}


def test_a_day_of_everything_with_the_setting_is_green_and_compares_both_splits(wanted: Harness) -> None:
    start = {"AI_USAGE_START_DATE": str(NEWEST.first), "AI_USAGE_IDENTITY_DIR": "identity-of-nobody"}
    result = wanted.materialize("*", NEWEST, env=start)
    assert step_errors(result) == {}
    (check,) = [
        c for c in result.get_asset_check_evaluations() if c.check_name == "allocation_matches_vendor_split"
    ]
    assert check.passed
    assert check.asset_key == dg.AssetKey("fct_cost_daily")
    # yesterday is still revised
    assert 0 < float(str(check.metadata["workspace_share"].value)) < 0.02


def test_a_setting_that_is_neither_true_nor_false_is_refused(harness: Harness) -> None:
    with pytest.raises(SettingError, match="ANTHROPIC_ANALYTICS is 'yes', which is neither true nor false"):
        Settings.from_env(harness.env | {"ANTHROPIC_ANALYTICS": "yes"})


def test_settled_days_have_the_cost_reports_sums_and_recent_ones_are_still_revised(wanted: Harness) -> None:
    for days in (SETTLED, MONTH):
        assert wanted.errors(COSTS, days) == {}
    theirs, ours = of_table(wanted), of_company(wanted.sandbox, SETTLED)
    assert {key: round(usd, 4) for key, usd in ours.items()} == {key: round(theirs[key], 4) for key in ours}
    recent = of_company(wanted.sandbox, MONTH)
    off = {day for day, space in recent if round(recent[day, space], 4) != round(theirs[day, space], 4)}
    assert MONTH.last in off
    assert 0 < len(off) < len(MONTH) / 3


def test_discounts_kinds_of_actor_and_a_deleted_account_are_loaded(wanted: Harness) -> None:
    assert wanted.errors(f"{COSTS},{USAGES}", MONTH) == {}
    (sums,) = wanted.rows(
        COSTS, "sum(amount_usd) as paid, sum(list_amount_usd) as listed, count(requests) as n"
    )
    assert sums["paid"] < sums["listed"] < 2 * sums["paid"]
    assert sums["n"] == 0, "requests are not counted by kind of token"
    kinds = {row["actor_type"] for row in wanted.rows(COSTS, "distinct actor_type")}
    assert kinds == {"user_actor", "service_account_actor", "federated_actor", "api_actor", None}
    (deleted,) = wanted.rows(COSTS, "distinct actor_id, actor_email", "actor_is_deleted")
    assert deleted == {"actor_id": wanted.sandbox.company.directory.user(6)["id"], "actor_email": None}
    assert {row["data_refreshed_at"] for row in wanted.rows(COSTS, "distinct data_refreshed_at")} == {
        NOW.replace(hour=8)
    }
    usage = {
        row["day"]: row
        for row in wanted.rows(
            USAGES, "ingest_date as day, sum(output_tokens) as n, sum(requests) as r", "true group by 1"
        )
    }
    settled = [
        day
        for day, truth in wanted.sandbox.company.totals(MONTH).items()
        if usage.get(day, {}).get("n") == truth.anthropic.output_tokens
    ]
    assert len(settled) > len(MONTH) / 2
    assert all(row["r"] > 0 for row in usage.values())


def test_a_month_takes_the_fewest_requests_that_a_thousand_rows_a_page_allow(wanted: Harness) -> None:
    assert wanted.errors(f"{COSTS},{USAGES}", MONTH) == {}
    # cost rows by kind of token are not counted against the thousand
    groups = len(wanted.rows(COSTS, "distinct ingest_date, actor_id, api_key_id, workspace_id, model"))
    assert wanted.sandbox.requests[COST] == -(-groups // 999)
    assert wanted.sandbox.requests[USAGE] == -(-len(wanted.rows(USAGES)) // 999)
    wanted.sandbox.requests.clear()
    assert wanted.errors(COSTS, Days(date(2026, 8, 21), MONTH.last)) == {}
    assert wanted.sandbox.requests[COST] >= 3


def expired(body: dict[str, Any], _: object) -> None:
    """The cursor of a page that the vendor no longer knows: it was made before the data was renewed."""
    body["next_page"] = f"2026112000-{body['next_page'].partition('-')[2]}"


@pytest.mark.parametrize("table", TABLES)
def test_paging_starts_again_once_when_its_cursor_is_too_old(wanted: Harness, table: str) -> None:
    days = Days(date(2026, 9, 1), date(2026, 10, 1))
    wanted.sandbox.faults.next(TABLES[table], faults.Fault(damage=expired))
    assert wanted.errors(table, days) == {}
    rows = len(wanted.rows(table))
    requested = wanted.sandbox.requests[TABLES[table]]
    wanted.sandbox.requests.clear()
    assert wanted.errors(table, days) == {}
    assert len(wanted.rows(table)) == rows
    # the page that was thrown away, and the question for the one that was not known
    assert requested == wanted.sandbox.requests[TABLES[table]] + 2


@pytest.mark.parametrize("table", TABLES)
def test_a_cursor_that_is_too_old_twice_fails_and_keeps_the_rows(wanted: Harness, table: str) -> None:
    assert wanted.errors(table, SETTLED) == {}
    before = wanted.rows(table)
    # an answer that says where it goes on, and then does not know the place: twice
    for _ in range(2):
        wanted.sandbox.faults.next(TABLES[table], faults.Fault(damage=expired))
        wanted.sandbox.faults.next(TABLES[table], faults.status(410))
    message = wanted.errors(table, SETTLED)[table]
    assert f"Anthropic no longer has the requested page ({TABLES[table]}, HTTP 410)" in message
    assert wanted.rows(table) == before


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_organization_without_the_endpoint_gets_a_warning_and_a_successful_run(
    wanted: Harness, table: str, status: int
) -> None:
    wanted.sandbox.faults.next(TABLES[table], faults.status(status))
    result = wanted.materialize(table, NEWEST)
    assert step_errors(result) == {}
    assert failed_checks(result) == [f"{table}:is_offered"]
    (check,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "is_offered"]
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert f"{table} stays as it is, because Anthropic does not offer it" in (check.description or "")
    assert f"({TABLES[table]}, HTTP {status})" in (check.description or "")
    assert wanted.rows(table) == []
    (materialized,) = result.asset_materializations_for_node(table)
    assert "not_offered" in materialized.metadata


def test_a_refusal_keeps_the_rows_and_a_later_response_passes_the_check(wanted: Harness) -> None:
    assert wanted.errors(COSTS, NEWEST) == {}
    rows = wanted.rows(COSTS)
    wanted.sandbox.faults.next(COST, faults.status(403))
    assert failed_checks(wanted.materialize(COSTS, NEWEST)) == [f"{COSTS}:is_offered"]
    assert wanted.rows(COSTS) == rows
    assert failed_checks(wanted.materialize(COSTS, NEWEST)) == []


def test_another_failure_is_a_failure(wanted: Harness) -> None:
    wanted.sandbox.faults.next(COST, faults.html())
    assert "cannot be decoded" in wanted.errors(COSTS, NEWEST)[COSTS]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (Days(date(2025, 12, 20), date(2025, 12, 31)), None),
        (Days(date(2025, 12, 25), date(2026, 1, 5)), date(2026, 1, 1)),
    ],
)
def test_days_that_the_vendor_does_not_report_are_not_requested(
    wanted: Harness, days: Days, first: date | None, capfd: pytest.CaptureFixture[str]
) -> None:
    assert wanted.errors(COSTS, days) == {}
    requested = [requested.query for requested in wanted.sandbox.last_requests if requested.path == COST]
    assert all(f"starting_at={first}T00" in query for query in requested)
    assert bool(requested) == (first is not None)
    assert {row["ingest_date"] for row in wanted.rows(COSTS, "distinct ingest_date")} <= set(days)
    assert "days before 2026-01-01 are not requested" in capfd.readouterr().err


def test_a_year_back_is_the_oldest_day(wanted: Harness, tmp_path: Path) -> None:
    wanted.sandbox.now = NOW + timedelta(days=300)
    later = wanted.sandbox.now
    oldest = later.date() - timedelta(days=364)
    days = Days(oldest - timedelta(days=3), oldest + timedelta(days=3))
    assert wanted.errors(COSTS, days, now=later) == {}
    (requested,) = [requested.query for requested in wanted.sandbox.last_requests if requested.path == COST]
    assert f"starting_at={oldest}T00" in requested
