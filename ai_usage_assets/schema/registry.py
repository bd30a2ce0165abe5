"""The registry: all declared tables, in the order of the asset graph."""

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables import (
    anthropic,
    anthropic_analytics,
    curated,
    cursor,
    identity,
    list_changes,
    load_log,
    restatements,
    views,
)

TABLES: tuple[Table, ...] = (
    identity.IDENTITY_PEOPLE,
    identity.IDENTITY_ALIASES,
    identity.IDENTITY_API_KEY_OWNERS,
    identity.IDENTITY_SEATS,
    identity.IDENTITY_SEAT_TIERS,
    anthropic.RAW_ANTHROPIC_USERS,
    anthropic.RAW_ANTHROPIC_API_KEYS,
    anthropic.RAW_ANTHROPIC_WORKSPACES,
    cursor.RAW_CURSOR_MEMBERS,
    cursor.RAW_CURSOR_GROUPS,
    list_changes.RAW_LIST_CHANGES,
    anthropic.RAW_ANTHROPIC_USAGE,
    anthropic.RAW_ANTHROPIC_ACCOUNT_USAGE,
    anthropic.RAW_ANTHROPIC_COST,
    anthropic.RAW_CLAUDE_CODE_USAGE,
    anthropic.RAW_CLAUDE_CODE_MODELS,
    anthropic_analytics.RAW_ANTHROPIC_ANALYTICS_COST,
    anthropic_analytics.RAW_ANTHROPIC_ANALYTICS_USAGE,
    cursor.RAW_CURSOR_USAGE,
    cursor.RAW_CURSOR_EVENTS,
    cursor.RAW_CURSOR_SPEND,
    cursor.RAW_CURSOR_OPEN_DAY,
    curated.DIM_USERS,
    curated.DIM_API_KEYS,
    curated.FCT_USAGE_DAILY,
    curated.FCT_COST_DAILY,
    restatements.FCT_RESTATEMENTS,
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
