"""The curated assets, each a function of its own name that selects with `curated/<name>.sql`.

Dependencies are read off the SQL, so that the graph cannot disagree with it. One is added: the facts come after the
dimensions whose keys they carry, so that every row of a fact joins.
"""

import hashlib
import sys
from datetime import date
from typing import Any

import dagster as dg

from ai_usage_assets.curated.column_lineage import lineage
from ai_usage_assets.curated.select import Thresholds, seen_values, select
from ai_usage_assets.days import Clock
from ai_usage_assets.defs import automation
from ai_usage_assets.defs.asset_functions import AssetFunction, Deployment, asset_of, functions_of
from ai_usage_assets.defs.asset_specs import Origins, attributes
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_assets.schema.tables.anomalies import AGG_ANOMALIES
from ai_usage_assets.schema.tables.budgets import FCT_BUDGET_DAILY
from ai_usage_assets.schema.tables.closed_months import AGG_ADJUSTMENTS, AGG_COST_CHANGE
from ai_usage_assets.schema.tables.cost_view import V_COST
from ai_usage_assets.schema.tables.coverage import AGG_COVERAGE
from ai_usage_assets.schema.tables.curated import (
    DIM_API_KEYS,
    DIM_USER_HISTORY,
    DIM_USERS,
    FCT_COST_DAILY,
    FCT_USAGE_DAILY,
)
from ai_usage_assets.schema.tables.detail_facts import (
    FCT_ACTIVITY_DAILY,
    FCT_ANTHROPIC_TOKENS_DAILY,
    FCT_CURSOR_REQUESTS_DAILY,
    FCT_SEATS_DAILY,
)
from ai_usage_assets.schema.tables.focus import FOCUS_COST_AND_USAGE
from ai_usage_assets.schema.tables.invoices import FCT_INVOICE_RECONCILIATION
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.schema.tables.rates import AGG_MONTHLY_RATES
from ai_usage_assets.schema.tables.report_views import (
    AGG_REPORT_ACTIVITY,
    AGG_REPORT_DAYS,
    AGG_REPORT_GROUPS,
    AGG_REPORT_MODELS,
    AGG_REPORT_PEOPLE,
    AGG_REPORT_TOKENS,
    AGG_REPORT_UNATTRIBUTED,
)
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.schema.tables.views import (
    AGG_ADOPTION,
    AGG_INCLUDED_VALUE,
    AGG_MISSING_DAYS,
    AGG_MONTHLY_FINANCE,
    AGG_USER_SUMMARY,
)
from ai_usage_assets.schema.tables.workspaces import DIM_WORKSPACES
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.engine import Select

DIMENSION_OF = {"user_email": DIM_USERS, "api_key_id": DIM_API_KEYS, "workspace_id": DIM_WORKSPACES}
"""The dimension that a column of a fact joins."""


class History(dg.ConfigurableResource[Any]):
    """What statements take from the settings: since when the tables are kept, and the thresholds of views."""

    start_date: str
    moderate_days: int = Thresholds.moderate_days
    heavy_days: int = Thresholds.heavy_days
    anomaly_floor_usd: int = Thresholds.anomaly_floor_usd

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.start_date)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.moderate_days, self.heavy_days, self.anomaly_floor_usd)


@asset_of(DIM_USERS)
def dim_users(history: History) -> Select:
    """People: one row per lower-cased e-mail."""
    return select(DIM_USERS, history.first_day, reads_all_days=False)


@asset_of(DIM_USER_HISTORY)
def dim_user_history(history: History) -> Select:
    """The department of each person and day."""
    return select(DIM_USER_HISTORY, history.first_day)


@asset_of(DIM_API_KEYS)
def dim_api_keys(history: History) -> Select:
    """API keys with their owners."""
    return select(DIM_API_KEYS, history.first_day, reads_all_days=False)


@asset_of(DIM_WORKSPACES)
def dim_workspaces(history: History) -> Select:
    """Workspaces with their names."""
    return select(DIM_WORKSPACES, history.first_day)


@asset_of(FCT_USAGE_DAILY)
def fct_usage_daily(history: History) -> Select:
    """Tokens and activity by day, person, key and model."""
    return select(FCT_USAGE_DAILY, history.first_day, reads_all_days=False)


@asset_of(FCT_COST_DAILY)
def fct_cost_daily(history: History) -> Select:
    """Dollars by day, person, key, model and cost type."""
    return select(FCT_COST_DAILY, history.first_day, reads_all_days=False)


@asset_of(FCT_ANTHROPIC_TOKENS_DAILY)
def fct_anthropic_tokens_daily(history: History) -> Select:
    """Anthropic's tokens by kind, and their cost, by day, key, person, model and tier."""
    return select(FCT_ANTHROPIC_TOKENS_DAILY, history.first_day)


@asset_of(FCT_ACTIVITY_DAILY)
def fct_activity_daily(history: History) -> Select:
    """Sessions, lines, suggestions and requests by day and person."""
    return select(FCT_ACTIVITY_DAILY, history.first_day)


@asset_of(FCT_CURSOR_REQUESTS_DAILY)
def fct_cursor_requests_daily(history: History) -> Select:
    """Cursor's calls by day, person, model and kind."""
    return select(FCT_CURSOR_REQUESTS_DAILY, history.first_day)


@asset_of(FCT_SEATS_DAILY)
def fct_seats_daily(history: History) -> Select:
    """Seats by day and holder."""
    return select(FCT_SEATS_DAILY, history.first_day, reads_all_days=False)


@asset_of(V_COST)
def v_cost(history: History) -> Select:
    """All cost with names."""
    return select(V_COST, history.first_day)


@asset_of(AGG_MONTHLY_FINANCE)
def agg_monthly_finance(history: History) -> Select:
    """Months by platform, cost type and department."""
    return select(AGG_MONTHLY_FINANCE, history.first_day)


@asset_of(AGG_MONTHLY_RATES)
def agg_monthly_rates(history: History) -> Select:
    """The currency beside the US dollar, and its rate, by month."""
    return select(AGG_MONTHLY_RATES, history.first_day)


@asset_of(AGG_USER_SUMMARY)
def agg_user_summary(history: History) -> Select:
    """Months by person."""
    return select(AGG_USER_SUMMARY, history.first_day)


@asset_of(AGG_INCLUDED_VALUE)
def agg_included_value(history: History) -> Select:
    """What Cursor's seats cover, at list price."""
    return select(AGG_INCLUDED_VALUE, history.first_day)


@asset_of(AGG_ADJUSTMENTS)
def agg_adjustments(history: History) -> Select:
    """What changed in closed months after they were closed."""
    return select(AGG_ADJUSTMENTS, history.first_day)


@asset_of(AGG_COST_CHANGE)
def agg_cost_change(history: History) -> Select:
    """Why a month costs more or less than the month before."""
    return select(AGG_COST_CHANGE, history.first_day)


@asset_of(AGG_ADOPTION)
def agg_adoption(history: History) -> Select:
    """How many people use a tool, and how much, by week and department."""
    return select(AGG_ADOPTION, history.first_day, thresholds=history.thresholds)


@asset_of(AGG_ANOMALIES)
def agg_anomalies(history: History) -> Select:
    """Days that left the usual range of a person, key, model or department."""
    return select(AGG_ANOMALIES, history.first_day, thresholds=history.thresholds)


@asset_of(AGG_COVERAGE)
def agg_coverage(history: History) -> Select:
    """What the APIs leave open, by month."""
    return select(AGG_COVERAGE, history.first_day)


@asset_of(AGG_MISSING_DAYS)
def agg_missing_days(history: History) -> Select:
    """Days that were never loaded."""
    return select(AGG_MISSING_DAYS, history.first_day)


@asset_of(FCT_INVOICE_RECONCILIATION)
def fct_invoice_reconciliation(history: History) -> Select:
    """Invoices by component: the cost of their days, and what is unexplained."""
    return select(FCT_INVOICE_RECONCILIATION, history.first_day)


@asset_of(FCT_BUDGET_DAILY)
def fct_budget_daily(history: History) -> Select:
    """Budgets by day: what is spent, and what the month is expected to cost."""
    return select(FCT_BUDGET_DAILY, history.first_day)


@asset_of(AGG_REPORT_DAYS)
def agg_report_days(history: History) -> Select:
    """Spend per day and platform."""
    return select(AGG_REPORT_DAYS, history.first_day)


@asset_of(AGG_REPORT_GROUPS)
def agg_report_groups(history: History) -> Select:
    """Spend per department, team and cost center."""
    return select(AGG_REPORT_GROUPS, history.first_day)


@asset_of(AGG_REPORT_MODELS)
def agg_report_models(history: History) -> Select:
    """Spend per model."""
    return select(AGG_REPORT_MODELS, history.first_day)


@asset_of(AGG_REPORT_PEOPLE)
def agg_report_people(history: History) -> Select:
    """Spend per person."""
    return select(AGG_REPORT_PEOPLE, history.first_day)


@asset_of(AGG_REPORT_TOKENS)
def agg_report_tokens(history: History) -> Select:
    """Cache-hit rate and price by model."""
    return select(AGG_REPORT_TOKENS, history.first_day)


@asset_of(AGG_REPORT_UNATTRIBUTED)
def agg_report_unattributed(history: History) -> Select:
    """Spend that no person can be named for, by reason."""
    return select(AGG_REPORT_UNATTRIBUTED, history.first_day)


@asset_of(AGG_REPORT_ACTIVITY)
def agg_report_activity(history: History) -> Select:
    """Acceptance, and what Claude Code committed."""
    return select(AGG_REPORT_ACTIVITY, history.first_day)


@asset_of(FOCUS_COST_AND_USAGE)
def focus_cost_and_usage(history: History) -> Select:
    """All cost in the columns of FOCUS."""
    return select(FOCUS_COST_AND_USAGE, history.first_day)


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    deployment, origins = Deployment.of(settings, clock), lineage()
    computed = [
        computed_asset(function, deployment, origins.get(function.tables[0].name, {}))
        for function in functions_of(sys.modules[__name__])
    ]
    written = [
        written_with_others(table, deployment) for table in (*layer(Layer.WRITE_LOG), *layer(Layer.LIST_LOG))
    ]
    history = History(
        start_date=settings.start_date.isoformat(),
        moderate_days=settings.moderate_days,
        heavy_days=settings.heavy_days,
        anomaly_floor_usd=settings.anomaly_floor_usd,
    )
    return dg.Definitions(assets=[*computed, *written], resources={"history": history})


def thresholds_of(settings: Settings) -> Thresholds:
    return Thresholds(settings.moderate_days, settings.heavy_days, settings.anomaly_floor_usd)


def computed_asset(function: AssetFunction, deployment: Deployment, origins: Origins) -> dg.AssetsDefinition:
    (table,) = function.tables
    settings = deployment.settings
    thresholds = thresholds_of(settings)
    statement = select(table, settings.start_date, thresholds=thresholds)
    joined = (
        [DIMENSION_OF[name] for name in table.column_names if name in DIMENSION_OF] if table.is_daily else []
    )
    return function.asset(
        deployment,
        origins,
        # a dimension reads its own past, to keep created_at
        deps=[dg.AssetKey(read.name) for read in (*statement.inputs, *joined) if read is not table],
        automation_condition=automation_condition(table),
        code_version=hashlib.sha256(statement.sql.encode()).hexdigest()[:12],
    )


def automation_condition(table: Table) -> dg.AutomationCondition[Any] | None:
    if table.layer is Layer.CLOSED:
        # a person decides
        return None
    if table.layer is Layer.VIEW:
        return automation.VIEW
    return automation.FACT if table.partition else automation.DIMENSION


def written_with_others(table: Table, deployment: Deployment) -> dg.AssetSpec:
    """An external asset: the writes of other tables write it too."""
    writers = {
        FCT_RESTATEMENTS: [fact for fact in TABLES if fact.restated_measures],
        RAW_LIST_CHANGES: layer(Layer.SNAPSHOT),
        LOAD_LOG: [daily for daily in TABLES if daily.is_daily],
        SEEN_VALUES: list(seen_values()),
        PSEUDONYMS: layer(Layer.SNAPSHOT),
    }
    shown = attributes(table, deployment.storage_kind)
    return dg.AssetSpec(**shown, deps=[writer.name for writer in writers[table]])


def raw_tables_by_fact() -> dict[Table, list[Table]]:
    """The daily tables that each fact's day is made of."""
    facts = (table for table in layer(Layer.CURATED) if table.partition)
    return {fact: [read for read in select(fact).inputs if read.layer is Layer.RAW] for fact in facts}
