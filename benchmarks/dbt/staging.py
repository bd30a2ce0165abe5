"""Our raw tables as staging models: what dlt loaded, under our names.

What belongs here: for each raw table, dlt's table and the DuckDB expression of each column. A column that is not named
is NULL. A raw table that is not named is not loaded by dlt, and is empty.
"""

from dataclasses import dataclass

from ai_usage_assets.schema.registry import BY_NAME

DATASET = "dlt_raw"
LOADED_AT = "to_timestamp(cast(r._dlt_load_id as double))"
HINTS = {"STRING": "text", "INT64": "bigint", "BOOLEAN": "bool", "TIMESTAMP": "timestamp"}


@dataclass(frozen=True)
class Staging:
    """A raw table over a table of dlt."""

    source: str
    columns: dict[str, str]
    """The expression of each of our columns. A plain name is a column of dlt."""
    join: str = ""
    where: str = "true"
    more_hints: tuple[str, ...] = ()
    """Columns of numbers that may be NULL in all rows: dlt makes a column only of a value or of a hint."""

    @property
    def sql(self) -> str:
        columns = {**self.columns, "fetched_at": LOADED_AT}
        listed = ", ".join(f"{_expression(sql)} as {name}" for name, sql in columns.items())
        grouped = "group by all" if "sum(" in listed else ""
        return f"select {listed} from {DATASET}.{self.source} as r {self.join} where {self.where} {grouped}"

    def hints(self, table: str) -> dict[str, dict[str, str]]:
        """dlt's hints for the columns that are taken as they are, so that each of them exists."""
        types = {
            source: HINTS[BY_NAME[table].by_name[name].type.name]
            for name, source in self.columns.items()
            if source.isidentifier()
        }
        return {
            name: {"data_type": kind}
            for name, kind in (types | dict.fromkeys(self.more_hints, "double")).items()
        }


def _expression(sql: str) -> str:
    return f'r."{sql}"' if sql.isidentifier() else sql


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _dollars(cents: str) -> str:
    # a decimal divided by a number is a double in DuckDB
    return f"cast({cents} as decimal(28, 12)) * 0.01"


def _filled(name: str, default: str) -> str:
    return f"coalesce(r.{name}, '{default}')"


BUCKET = {
    "ingest_date": "cast(r.day as date)",
    "starting_at": "day",
    "ending_at": "r.day + interval 1 day",
    "workspace_id": _filled("workspace_id", "default"),
}
TOKENS = {
    **BUCKET,
    "model": _filled("model", "unknown"),
    **_same("uncached_input_tokens", "output_tokens", "cache_read_input_tokens", "service_tier"),
    "cache_creation_tokens": (
        "r.cache_creation__ephemeral_5m_input_tokens + r.cache_creation__ephemeral_1h_input_tokens"
    ),
    "cache_creation_5m_tokens": "cache_creation__ephemeral_5m_input_tokens",
    "cache_creation_1h_tokens": "cache_creation__ephemeral_1h_input_tokens",
    "web_search_requests": "server_tool_use__web_search_requests",
}
CODE = {
    "ingest_date": 'cast(r."date" as date)',
    "actor_type": "actor__type",
    "actor_email": "actor__email_address",
    "api_key_name": "actor__api_key_name",
    **_same("customer_type", "subscription_type", "terminal_type", "is_remote"),
}
TOOLS = ("edit_tool", "multi_edit_tool", "notebook_edit_tool", "write_tool")


def _of_tools(decision: str) -> str:
    each = " + ".join(f"coalesce(r.tool_actions__{tool}__{decision}, 0)" for tool in TOOLS)
    return f"sum({each})"


LISTED = {"first_seen_at": LOADED_AT, "last_seen_at": LOADED_AT, "is_current": "(true)"}
EVENT_AT = "epoch_ms(cast(r.\"timestamp\" as bigint)) at time zone 'UTC'"
EVENTS = {
    "ingest_date": f"cast({EVENT_AT} as date)",
    "event_at": EVENT_AT,
    "email": "user_email",
    **_same("model", "kind", "is_chargeable", "is_headless", "max_mode"),
    "is_token_based": "is_token_based_call",
    "request_units": "cast(r.requests_costs as decimal(38, 9))",
    "input_tokens": "token_usage__input_tokens",
    "output_tokens": "token_usage__output_tokens",
    "cache_write_tokens": "token_usage__cache_write_tokens",
    "cache_read_tokens": "token_usage__cache_read_tokens",
    "model_cost_usd": _dollars("r.token_usage__total_cents"),
    "charged_usd": _dollars("r.charged_cents"),
    "cursor_token_fee_usd": _dollars("r.cursor_token_fee"),
    **_same("user_id", "service_account_id", "service_account_name", "conversation_id"),
    **_same("cloud_agent_id", "automation_id"),
    "discount_percent": "cast(r.token_usage__discount_percent_off as decimal(38, 9))",
}
"""A call; equal calls are numbered."""
STAGING = {
    "raw_anthropic_usage": Staging(
        "messages_usage",
        {**TOKENS, "api_key_id": _filled("api_key_id", "no_api_key"), "context_window": "context_window"},
    ),
    "raw_anthropic_account_usage": Staging(
        "account_usage",
        {**TOKENS, **_same("account_id", "service_account_id")},
        where="coalesce(r.account_id, r.service_account_id) is not null",
    ),
    "raw_anthropic_cost": Staging(
        "cost_report",
        {
            **BUCKET,
            **_same("cost_type", "token_type", "model", "service_tier", "context_window", "inference_geo"),
            **_same("description", "currency"),
            "amount_usd": _dollars("r.amount"),
        },
    ),
    "raw_claude_code_usage": Staging(
        "claude_code",
        {
            **CODE,
            # records of two machines with the same terminal become one row
            "sessions": "sum(r.core_metrics__num_sessions)",
            "lines_added": "sum(r.core_metrics__lines_of_code__added)",
            "lines_removed": "sum(r.core_metrics__lines_of_code__removed)",
            "commits": "sum(r.core_metrics__commits_by_claude_code)",
            "pull_requests": "sum(r.core_metrics__pull_requests_by_claude_code)",
            "tool_accepts": _of_tools("accepted"),
            "tool_rejects": _of_tools("rejected"),
        },
    ),
    "raw_claude_code_models": Staging(
        "claude_code",
        {
            **CODE,
            "model": "m.model",
            "input_tokens": "sum(m.tokens__input)",
            "output_tokens": "sum(m.tokens__output)",
            "cache_read_tokens": "sum(m.tokens__cache_read)",
            "cache_creation_tokens": "sum(m.tokens__cache_creation)",
            "estimated_cost_usd": _dollars("sum(m.estimated_cost__amount)"),
        },
        join=f"join {DATASET}.claude_code__model_breakdown as m on m._dlt_parent_id = r._dlt_id",
    ),
    "raw_cursor_usage": Staging(
        "daily_usage",
        {
            "ingest_date": "cast(r.day as date)",
            "usage_date": "cast(r.day as date)",
            "email": "coalesce(nullif(r.email, ''), 'unattributed')",
            **_same("total_lines_added", "accepted_lines_added", "total_accepts", "total_rejects"),
            **_same("subscription_included_reqs", "usage_based_reqs", "most_used_model", "client_version"),
            **_same("user_id", "is_active", "total_lines_deleted", "accepted_lines_deleted", "total_applies"),
            **_same("total_tabs_shown", "total_tabs_accepted", "composer_requests", "chat_requests"),
            **_same("agent_requests", "cmdk_usages", "bugbot_usages", "api_key_reqs"),
            **_same("apply_most_used_extension", "tab_most_used_extension"),
        },
    ),
    "raw_cursor_events": Staging(
        "usage_events",
        {
            **EVENTS,
            "occurrence": f"row_number() over (partition by {', '.join(map(_expression, EVENTS.values()))})",
        },
        more_hints=(
            *("requests_costs", "charged_cents", "cursor_token_fee"),
            *("token_usage__total_cents", "token_usage__discount_percent_off"),
        ),
    ),
    "raw_anthropic_users": Staging(
        "users", {"user_id": "id", **_same("email", "name", "role", "added_at"), **LISTED}
    ),
    "raw_anthropic_api_keys": Staging(
        "api_keys",
        {
            "api_key_id": "id",
            "workspace_id": _filled("workspace_id", "default"),
            "created_by_id": "created_by__id",
            "created_by_type": "created_by__type",
            "principal_id": "principal__id",
            "principal_type": "principal__type",
            **_same("name", "status", "partial_key_hint", "created_at", "expires_at"),
            **LISTED,
        },
    ),
    "raw_anthropic_workspaces": Staging(
        "workspaces", {"workspace_id": "id", **_same("name", "created_at", "archived_at"), **LISTED}
    ),
    "raw_cursor_members": Staging(
        "members",
        {
            "member_id": "cast(r.id as varchar)",
            "is_removed": "is_removed",
            **_same("email", "name", "role"),
            **LISTED,
        },
    ),
    "raw_cursor_groups": Staging(
        "groups",
        {
            "member_id": "user_id",
            "spend_usd": _dollars("r.spend_cents"),
            **_same("group_id", "group_name", "email", "joined_at", "left_at", "cycle_start"),
            **LISTED,
            "is_current": "is_current",
        },
    ),
}
