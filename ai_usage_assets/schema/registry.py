"""The list of all tables, in the order of the graph."""

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables import anthropic_account_usage as account_usage
from ai_usage_assets.schema.tables import anthropic_analytics as analytics
from ai_usage_assets.schema.tables import curated, cursor_spend, identity, list_changes, load_log, raw, views
from ai_usage_assets.schema.tables import lists as registers
from ai_usage_assets.schema.tables import restatements as ledger

TABLES: tuple[Table, ...] = (
    identity.IDENTITY_PEOPLE,
    identity.IDENTITY_ALIASES,
    identity.IDENTITY_API_KEY_OWNERS,
    identity.IDENTITY_SEATS,
    identity.IDENTITY_SEAT_TIERS,
    registers.RAW_ANTHROPIC_USERS,
    registers.RAW_ANTHROPIC_API_KEYS,
    registers.RAW_ANTHROPIC_WORKSPACES,
    registers.RAW_CURSOR_MEMBERS,
    registers.RAW_CURSOR_GROUPS,
    list_changes.RAW_LIST_CHANGES,
    raw.RAW_ANTHROPIC_USAGE,
    account_usage.RAW_ANTHROPIC_ACCOUNT_USAGE,
    raw.RAW_ANTHROPIC_COST,
    raw.RAW_CLAUDE_CODE_USAGE,
    raw.RAW_CLAUDE_CODE_MODELS,
    analytics.RAW_ANTHROPIC_ANALYTICS_COST,
    analytics.RAW_ANTHROPIC_ANALYTICS_USAGE,
    raw.RAW_CURSOR_USAGE,
    raw.RAW_CURSOR_EVENTS,
    cursor_spend.RAW_CURSOR_SPEND,
    cursor_spend.RAW_CURSOR_OPEN_DAY,
    curated.DIM_USERS,
    curated.DIM_API_KEYS,
    curated.FCT_USAGE_DAILY,
    curated.FCT_COST_DAILY,
    ledger.FCT_RESTATEMENTS,
    load_log.LOAD_LOG,
    views.AGG_MONTHLY_FINANCE,
    views.AGG_USER_SUMMARY,
    views.AGG_INCLUDED_VALUE,
    views.AGG_MISSING_DAYS,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
DAILY: tuple[Table, ...] = tuple(table for table in TABLES if table.partition)
"""The tables that have a partition for each UTC day."""


def layer(wanted: Layer) -> tuple[Table, ...]:
    return tuple(table for table in TABLES if table.layer is wanted)
