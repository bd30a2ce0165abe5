"""The code location, written out by hand: what a person finds in the UI, and what loading it costs."""

import re
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ai_usage_assets import code_location
from ai_usage_assets.curated.select import Thresholds
from ai_usage_assets.days import utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.asset_specs import describe, group
from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.defs.curated import definitions
from ai_usage_assets.report.frames import INPUTS
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES, layer
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.hang import MAX_SECONDS

ENV = {"ANTHROPIC_ADMIN_API_KEY": "k", "CURSOR_ADMIN_API_KEY": "k", "AI_USAGE_START_DATE": "2026-01-01"}

GROUPS = {
    "identity": {
        "identity_people",
        "identity_aliases",
        "identity_api_key_owners",
        "identity_seats",
        "identity_seat_tiers",
        "identity_invoices",
        "identity_fx",
        "identity_budgets",
    },
    "anthropic": {
        "raw_anthropic_usage",
        "raw_anthropic_account_usage",
        "raw_anthropic_cost",
        "raw_claude_code_usage",
        "raw_claude_code_models",
        "raw_anthropic_users",
        "raw_anthropic_api_keys",
        "raw_anthropic_workspaces",
    },
    "cursor": {
        "raw_cursor_usage",
        "raw_cursor_events",
        "raw_cursor_members",
        "raw_cursor_groups",
        "raw_cursor_spend",
        "raw_cursor_open_day",
    },
    "curated": {
        "dim_users",
        "dim_user_history",
        "dim_api_keys",
        "dim_workspaces",
        "fct_usage_daily",
        "fct_cost_daily",
        "fct_anthropic_tokens_daily",
        "fct_activity_daily",
        "fct_cursor_requests_daily",
        "fct_seats_daily",
        "v_cost",
        "agg_adjustments",
        "agg_adoption",
        "agg_cost_change",
        "agg_report_activity",
        "agg_report_days",
        "agg_report_groups",
        "agg_report_models",
        "agg_report_people",
        "agg_report_tokens",
        "agg_report_unattributed",
        "agg_monthly_finance",
        "agg_monthly_rates",
        "agg_anomalies",
        "agg_coverage",
        "agg_missing_days",
        "agg_user_summary",
        "agg_included_value",
        "fct_budget_daily",
        "fct_invoice_reconciliation",
        "focus_cost_and_usage",
    },
}
DAILY = {
    "raw_anthropic_usage",
    "raw_anthropic_account_usage",
    "raw_anthropic_cost",
    "raw_claude_code_usage",
    "raw_claude_code_models",
    "raw_cursor_usage",
    "raw_cursor_events",
    "fct_usage_daily",
    "fct_cost_daily",
    "fct_anthropic_tokens_daily",
    "fct_activity_daily",
    "fct_cursor_requests_daily",
    "fct_seats_daily",
}
ODD_RECORDS = {
    *("raw_cursor_events", "raw_cursor_usage", "raw_cursor_members", "raw_cursor_groups"),
    "raw_anthropic_users",
}
LISTS_BY_DAY = {"raw_anthropic_api_keys", "raw_anthropic_users", "raw_cursor_members", "raw_list_changes"}
"""Who was listed how on a day."""
VENDORS_SPLIT = {"raw_anthropic_analytics_cost", "raw_anthropic_analytics_usage", "raw_anthropic_workspaces"}
"""What Anthropic itself says of keys and actors, where it is fetched."""
UPSTREAM = {
    "dim_api_keys": {
        "identity_aliases",
        "identity_api_key_owners",
        "raw_anthropic_api_keys",
        "raw_anthropic_users",
        "raw_anthropic_usage",
        *LISTS_BY_DAY,
    },
    "fct_usage_daily": {
        "dim_api_keys",
        "dim_users",
        "identity_aliases",
        "identity_api_key_owners",
        "raw_anthropic_account_usage",
        "raw_anthropic_cost",
        "raw_anthropic_usage",
        *VENDORS_SPLIT,
        "raw_claude_code_models",
        "raw_claude_code_usage",
        "raw_cursor_events",
        "raw_cursor_usage",
        *LISTS_BY_DAY,
    },
    "dim_user_history": {"dim_users", "identity_people"},
    "fct_anthropic_tokens_daily": {
        "dim_api_keys",
        "dim_users",
        "dim_workspaces",
        "identity_aliases",
        "identity_api_key_owners",
        "raw_anthropic_account_usage",
        "raw_anthropic_cost",
        "raw_anthropic_usage",
        *LISTS_BY_DAY,
    },
    "fct_activity_daily": {
        "dim_api_keys",
        "dim_users",
        "identity_aliases",
        "identity_api_key_owners",
        "raw_claude_code_models",
        "raw_claude_code_usage",
        "raw_cursor_usage",
        *LISTS_BY_DAY,
    },
    "fct_cursor_requests_daily": {"dim_users", "identity_aliases", "raw_cursor_events", *LISTS_BY_DAY},
    "fct_seats_daily": {
        "dim_users",
        "identity_aliases",
        "identity_seats",
        "identity_seat_tiers",
        "raw_cursor_usage",
        *LISTS_BY_DAY,
    },
    "dim_workspaces": {"raw_anthropic_workspaces"},
    "v_cost": {"dim_api_keys", "dim_users", "dim_user_history", "dim_workspaces", "fct_cost_daily"},
    "agg_monthly_finance": {"closed_months", "dim_user_history", "fct_cost_daily", "identity_fx", "load_log"},
    "agg_monthly_rates": {"closed_months", "identity_fx"},
    "agg_anomalies": {"dim_user_history", "fct_cost_daily", "fct_usage_daily", "load_log"},
    "agg_coverage": {
        *("dim_api_keys", "fct_anthropic_tokens_daily", "fct_cost_daily", "fct_cursor_requests_daily"),
        *("fct_restatements", "fct_usage_daily", "load_log"),
    },
    "agg_missing_days": {"load_log"},
    "agg_report_activity": {"dim_user_history", "fct_activity_daily"},
    "agg_report_days": {"fct_cost_daily", "load_log"},
    "agg_report_groups": {"dim_user_history", "fct_cost_daily"},
    "agg_report_models": {"fct_cost_daily"},
    "agg_report_people": {"dim_user_history", "dim_users", "fct_cost_daily"},
    "agg_report_tokens": {"fct_anthropic_tokens_daily"},
    "agg_report_unattributed": {"dim_api_keys", "fct_cost_daily"},
    "agg_adoption": {"dim_user_history", "fct_activity_daily", "fct_seats_daily", "load_log"},
    "agg_adjustments": {"closed_months", "dim_user_history", "fct_cost_daily", "fct_usage_daily"},
    "agg_cost_change": {"closed_months", "dim_users", "fct_cost_daily", "fct_usage_daily", "load_log"},
    "agg_user_summary": {"dim_users", "dim_user_history", "fct_cost_daily", "fct_usage_daily"},
    "fct_invoice_reconciliation": {
        *("identity_invoices", "identity_seats"),
        *("fct_cost_daily", "fct_restatements", "load_log", "raw_anthropic_usage"),
    },
    "fct_budget_daily": {"dim_user_history", "fct_cost_daily", "identity_budgets", "load_log"},
    "agg_included_value": {"fct_cursor_requests_daily"},
    "focus_cost_and_usage": {
        *("closed_months", "dim_workspaces", "identity_invoices", "fct_anthropic_tokens_daily"),
        *("fct_cost_daily", "fct_cursor_requests_daily", "fct_seats_daily"),
    },
    "fct_cost_daily": {
        "dim_api_keys",
        "dim_users",
        "dim_workspaces",
        "identity_aliases",
        "identity_api_key_owners",
        "identity_seats",
        "identity_seat_tiers",
        "raw_anthropic_account_usage",
        "raw_anthropic_cost",
        "raw_anthropic_usage",
        *VENDORS_SPLIT,
        "raw_cursor_events",
        "raw_cursor_usage",
        *LISTS_BY_DAY,
    },
}


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs(Settings.from_env(ENV))


@pytest.fixture(scope="module")
def monthly() -> dg.Definitions:
    return build_monthly_defs(Settings.from_env(ENV))


def test_the_code_location_is_loadable(defs: dg.Definitions, monthly: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    dg.Definitions.validate_loadable(monthly)


def test_the_pages_of_months_are_made_from_curated_tables_alone(monthly: dg.Definitions) -> None:
    graph = monthly.resolve_asset_graph()
    node = graph.get(dg.AssetKey("usage_report"))
    assert node.group_name == "report"
    assert {key.path[-1] for key in node.parent_keys} == set(INPUTS)
    assert {BY_NAME[name].layer for name in INPUTS} == {
        *(Layer.VIEW, Layer.WRITE_LOG, Layer.CLOSED),
    }
    assert isinstance(node.partitions_def, dg.MonthlyPartitionsDefinition)
    assert node.partitions_def.get_first_partition_key() == "2026-01"
    # the running month has a page too
    assert node.partitions_def.get_last_partition_key() == f"{datetime.now(UTC):%Y-%m}"


def test_months_are_closed_in_a_repository_of_their_own(monthly: dg.Definitions) -> None:
    graph = monthly.resolve_asset_graph()
    assert {key.path[-1] for key in graph.materializable_asset_keys} == {"closed_months", "usage_report"}
    node = graph.get(dg.AssetKey("closed_months"))
    assert node.automation_condition is None
    assert node.backfill_policy == dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
    assert isinstance(node.partitions_def, dg.MonthlyPartitionsDefinition)
    assert node.partitions_def.get_first_partition_key() == "2026-01"
    assert {key.path[-1] for key in node.parent_keys} == {
        "dim_user_history",
        "fct_cost_daily",
        "fct_usage_daily",
        "identity_fx",
    }
    assert {key.name for key in graph.asset_check_keys} == {
        *("columns_as_declared", "key_unique", "not_null", "valid_values"),
        *("last_month_is_closed", "closed_months_are_unchanged"),
    }


def test_the_ui_has_both_repositories() -> None:
    assert code_location.daily.name == "__repository__"
    assert code_location.monthly.name == "monthly"
    assert code_location.monthly.has_schedule_def("propose_month_close_monthly")


def test_the_graph_holds_these_tables_in_these_groups(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    found: dict[str, set[str]] = {}
    for key in graph.materializable_asset_keys:
        found.setdefault(graph.get(key).group_name, set()).add(key.path[-1])
    assert found == GROUPS


def test_an_asset_is_in_the_same_group_in_both_repositories(
    defs: dg.Definitions, monthly: dg.Definitions
) -> None:
    for repository in (defs, monthly):
        for node in repository.resolve_asset_graph().asset_nodes:
            name = node.key.path[-1]
            assert node.group_name == ("report" if name == "usage_report" else group(BY_NAME[name])), name


def test_every_table_is_an_asset_and_every_asset_a_table(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(BY_NAME)


def test_the_ledger_is_written_by_the_facts_writes_alone(defs: dg.Definitions) -> None:
    node = defs.resolve_asset_graph().get(dg.AssetKey("fct_restatements"))
    assert not node.is_executable
    assert {key.path[-1] for key in node.parent_keys} == {"fct_usage_daily", "fct_cost_daily"}


def test_these_tables_are_daily_in_utc_and_a_range_of_them_is_one_run(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    nodes = {key.path[-1]: graph.get(key) for key in graph.materializable_asset_keys}
    daily = {name for name, node in nodes.items() if node.partitions_def}
    assert daily == DAILY
    assert {node.backfill_policy for node in nodes.values()} == {dg.BackfillPolicy.single_run()}
    assert {str(nodes[name].partitions_def.timezone) for name in daily} == {"UTC"}  # type: ignore[union-attr]


def test_the_two_tables_of_claude_codes_one_answer_are_only_ever_fetched_together(
    defs: dg.Definitions,
) -> None:
    both = {dg.AssetKey("raw_claude_code_usage"), dg.AssetKey("raw_claude_code_models")}
    for key in both:
        assert defs.resolve_asset_graph().get(key).execution_set_asset_keys == both


@pytest.mark.parametrize("name", UPSTREAM)
def test_lineage_follows_the_sql(defs: dg.Definitions, name: str) -> None:
    parents = defs.resolve_asset_graph().get(dg.AssetKey(name)).parent_keys
    assert {key.path[-1] for key in parents} == UPSTREAM[name]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_person_sees_description_columns_owner_and_kind(
    defs: dg.Definitions, monthly: dg.Definitions, table: Table
) -> None:
    name = table.name
    node = (monthly if table.layer is Layer.CLOSED else defs).resolve_asset_graph().get(dg.AssetKey(name))
    columns = node.metadata["dagster/column_schema"].columns
    not_fetched = "\n\nNot fetched: ANTHROPIC_ANALYTICS is not true." if "analytics" in name else ""
    assert node.description == describe(BY_NAME[name]) + not_fetched
    assert [column.name for column in columns] == list(BY_NAME[name].column_names)
    assert all(column.description for column in columns)
    assert node.owners == ["team:ai-usage"]
    assert "duckdb" in node.kinds


def test_each_vendor_has_a_sensor_of_its_own_and_no_day_has_two(defs: dg.Definitions) -> None:
    code = defs.get_repository_def()
    targets = {
        name: code.get_job(str(code.get_sensor_def(name).job_name)).asset_layer.executable_asset_keys
        for name in ("anthropic_availability", "cursor_availability")
    }
    assert {name: {key.path[-1] for key in keys} for name, keys in targets.items()} == {
        "anthropic_availability": GROUPS["anthropic"],
        "cursor_availability": GROUPS["cursor"],
    }


def test_an_asset_links_to_its_code(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    shared = {
        "raw_claude_code_usage": "raw_claude_code",
        "raw_claude_code_models": "raw_claude_code",
        "raw_cursor_open_day": "raw_cursor_spend",
    }
    for key in graph.materializable_asset_keys:
        name = key.path[-1]
        (link,) = graph.get(key).metadata["dagster/code_references"].code_references
        lines = Path(link.file_path).read_text(encoding="utf-8").splitlines()
        if link.file_path.endswith(f"curated/{name}.sql"):
            continue
        # the decorator's line, and the function's below it
        here = "\n".join(lines[link.line_number - 1 : link.line_number + 2])
        assert re.search(rf"^def {shared.get(name, name)}\(", here, re.MULTILINE), (name, here)


def test_the_links_lead_into_the_repository_that_is_named() -> None:
    url = "https://git.example.com/data/ai-usage/tree/main"
    graph = build_defs(Settings.from_env({**ENV, "AI_USAGE_CODE_URL": f"{url}/"})).resolve_asset_graph()
    (link,) = graph.get(dg.AssetKey("fct_cost_daily")).metadata["dagster/code_references"].code_references
    assert link.url == f"{url}/ai_usage_assets/curated/fct_cost_daily.sql#L1"


def test_a_curated_column_has_its_source_columns(defs: dg.Definitions) -> None:
    metadata = defs.resolve_asset_graph().get(dg.AssetKey("agg_monthly_finance")).metadata
    lineage = metadata["dagster/column_lineage"].deps_by_column
    assert lineage["cost_usd"] == [dg.TableColumnDep(dg.AssetKey("fct_cost_daily"), "cost_usd")]
    (column,) = [c for c in metadata["dagster/column_schema"].columns if c.name == "is_complete"]
    assert column.description.endswith("From `load_log` (day).")


def test_the_code_location_has_one_name_everywhere() -> None:
    root = Path(__file__).parents[3]
    (place,) = yaml.safe_load((root / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["dagster"]
    assert place["python_module"]["location_name"] == project["code_location_name"] == "ai_usage_assets"
    # the command line has the daily assets, the UI those of `monthly` too
    assert project["module_name"] == "ai_usage_assets.definitions"
    assert place["python_module"]["module_name"] == "ai_usage_assets.code_location"


def test_these_checks_watch_them(defs: dg.Definitions) -> None:
    keys = defs.resolve_asset_graph().asset_check_keys
    found = {(key.asset_key.path[-1], key.name) for key in keys}
    declared = {
        (name, check)
        for name, table in BY_NAME.items()
        if table.layer is not Layer.CLOSED
        for check in ("columns_as_declared", "key_unique", "not_null", "valid_values")
    }
    assert found == declared | {
        *((name, "few_values_are_missing") for name in ODD_RECORDS),
        ("fct_usage_daily", "tokens_are_attributed"),
        ("fct_usage_daily", "token_attribution_is_stable"),
        ("fct_cost_daily", "cost_attribution_is_stable"),
        ("fct_cost_daily", "spend_is_usual"),
        ("fct_cost_daily", "cost_is_attributed"),
        ("fct_cost_daily", "cost_without_usage"),
        ("fct_cost_daily", "usage_without_cost"),
        ("fct_cost_daily", "seat_cost_matches_invoice"),
        ("fct_cost_daily", "events_are_priced"),
        ("fct_cost_daily", "kinds_of_cost_are_known"),
        ("fct_cost_daily", "kinds_of_events_are_known"),
        ("fct_cost_daily", "claude_code_estimate_matches_bill"),
        ("fct_invoice_reconciliation", "invoice_is_explained"),
        ("fct_budget_daily", "spend_is_under_75_percent"),
        ("fct_budget_daily", "spend_is_under_90_percent"),
        ("fct_budget_daily", "budgets_will_not_be_exceeded"),
        ("fct_budget_daily", "budgets_name_known_people"),
        ("identity_people", "names_are_consistent"),
        ("raw_cursor_spend", "cursor_charges_match_spend"),
        *((name, "no_stale_days") for name in DAILY if name.startswith("fct_")),
        *((name, "sums_equal_source") for name in DAILY if name.startswith("fct_")),
        ("raw_cursor_usage", "no_missing_day_near_retention_end"),
        ("raw_cursor_events", "no_missing_day_near_retention_end"),
        ("raw_cursor_usage", "no_day_kept_earlier_rows"),
        ("raw_cursor_events", "no_day_kept_earlier_rows"),
        *(
            (name, check)
            for name in DAILY
            if name.startswith("raw_")
            for check in ("newest_closed_day_is_loaded", "no_unexpectedly_empty_day")
        ),
    }


def test_every_executable_table_but_a_view_has_a_freshness_policy(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    without = {
        key.path[-1]
        for key in graph.materializable_asset_keys
        if not graph.get(key).freshness_policy_or_from_metadata
    }
    assert without == {view.name for view in layer(Layer.VIEW)}


def test_these_tables_are_built_by_automation(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    following = {
        key.path[-1] for key in graph.materializable_asset_keys if graph.get(key).automation_condition
    }
    assert following == GROUPS["curated"]


@pytest.mark.parametrize(
    ("url", "of_webhook"), [("", "STOPPED"), ("https://hooks.example.com/x", "RUNNING")], ids=["", "webhook"]
)
def test_what_runs_by_itself_is_on_from_the_start_and_what_sends_only_with_a_webhook(
    url: str, of_webhook: str
) -> None:
    defs = build_defs(Settings.from_env({**ENV, "AI_USAGE_ALERT_WEBHOOK_URL": url}))
    repository = defs.get_repository_def()
    sensors = {
        sensor.name: (sensor.minimum_interval_seconds, sensor.default_status.value)
        for sensor in repository.sensor_defs
    }
    assert sensors == {
        "anomalies": (300, of_webhook),
        "anthropic_availability": (60, "RUNNING"),
        "curated_automation": (30, "RUNNING"),
        "cursor_availability": (60, "RUNNING"),
        "digest": (300, of_webhook),
        "failures": (60, of_webhook),
        "identity_files": (60, "RUNNING"),
    }
    assert {schedule.name for schedule in repository.schedule_defs} == {
        "refresh_anthropic_weekly",
        "refresh_cursor_weekly",
    }


def test_old_addresses_are_cleared_every_night_if_a_setting_says_how_old() -> None:
    env = {**ENV, "AI_USAGE_PSEUDONYM_KEY": "k" * 32, "AI_USAGE_PERSONAL_RETENTION_DAYS": "62"}
    schedule = build_defs(Settings.from_env(env)).get_repository_def().get_schedule_def("personal_retention")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 3 * * *", "UTC")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "clear_old_addresses"


def test_validating_the_workspace_warns_of_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    env = {**ENV, "AI_USAGE_DUCKDB_PATH": str(tmp_path / "w.duckdb"), "PATH": "/usr/bin"}
    (tmp_path / "dagster.yaml").touch()
    env |= {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-W", "default", "-m", "dagster", "definitions", "validate", "-w"]
    done = subprocess.run(
        [*command, str(root / "workspace.yaml")],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=True,
    )
    message = (done.stdout + done.stderr).splitlines()
    assert any("Validation successful for code location ai_usage_assets" in line for line in message)
    # the command speaks of itself
    own = "`definitions_validate_command` is superseded"
    assert [line for line in message if re.search("warning", line, re.IGNORECASE) and own not in line] == []


def test_views_have_the_thresholds_and_the_first_day_of_the_settings() -> None:
    settings = Settings.from_env(
        {
            "AI_USAGE_MODERATE_DAYS": "3",
            "AI_USAGE_HEAVY_DAYS": "5",
            "AI_USAGE_ANOMALY_FLOOR_USD": "40",
            "AI_USAGE_START_DATE": "2026-01-02",
        }
    )
    history = (definitions(settings, utc_now).resources or {})["history"]
    assert (history.thresholds, history.first_day) == (Thresholds(3, 5, 40), date(2026, 1, 2))
