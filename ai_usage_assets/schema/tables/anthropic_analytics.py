"""Anthropic's own split of cost and usage over actors and keys (beta): tables that are fetched only if they are wanted."""

from ai_usage_assets.schema.columns import FETCHED_AT, INGEST_DATE, MODEL, count, money, required, text
from ai_usage_assets.schema.model import BOOLEAN, TIMESTAMP, Column, Layer, Table
from ai_usage_assets.schema.tables.anthropic_account_usage import TOKENS
from ai_usage_assets.schema.tables.raw import RAW_ANTHROPIC_USAGE

SETTING = "ANTHROPIC_ANALYTICS"

GROUP = (
    text("actor_type", "user_actor, service_account_actor, federated_actor or api_actor; NULL if unknown."),
    text(
        "actor_id",
        "The actor's id, of the kind that actor_type says; of a federated_actor what its provider calls it.",
        is_personal=True,
    ),
    text("actor_email", "The e-mail of a user_actor; NULL for a deleted account.", is_personal=True),
    Column(
        "actor_is_deleted", BOOLEAN, "Whether a user_actor is deleted or has left; NULL for other actors."
    ),
    text("api_key_id", "The key that authenticated, whoever the actor is; NULL is traffic without one."),
    required(
        text(
            "workspace_id",
            "Anthropic's workspace id, the real one for the default workspace too "
            "(raw_anthropic_workspaces.is_default); `default` if the vendor gives none.",
        )
    ),
    MODEL,
)
TIMES = (
    Column("data_refreshed_at", TIMESTAMP, "How new the vendor's data was (UTC); NULL if it does not say."),
    RAW_ANTHROPIC_USAGE.by_name["starting_at"],
    RAW_ANTHROPIC_USAGE.by_name["ending_at"],
)
KEY = ("ingest_date", "actor_type", "actor_id", "api_key_id", "workspace_id", "model")
CAVEAT = f"Only with {SETTING}=true; from 2026-01-01 on, within 365 days; revised for up to 30 days."

RAW_ANTHROPIC_ANALYTICS_COST = Table(
    name="raw_anthropic_analytics_cost",
    layer=Layer.RAW,
    vendor="anthropic",
    enabling_variable=SETTING,
    grain="part of Anthropic's cost of one UTC day: actor, API key, workspace, model, cost type and token type",
    description=(
        "What each actor and key cost (analytics/cost, beta), in dollars: after discounts, before credits. The same "
        f"money as in raw_anthropic_cost: never add the two tables. {CAVEAT}"
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *GROUP,
        text("token_type", "The kind of token; NULL where the cost is not of tokens."),
        text("cost_type", "tokens, web_search, code_execution, session_usage, ..."),
        money("amount_usd", "US dollars after discounts, before credits."),
        money("list_amount_usd", "US dollars before discounts; NULL if the vendor does not say."),
        text("currency", "Always USD; another one is refused."),
        count(
            "requests", "Calls; NULL where the vendor does not count them, as in rows by cost or token type."
        ),
        *TIMES,
    ),
    key=(*KEY, "token_type", "cost_type"),
    partition="ingest_date",
    cluster=("api_key_id", "actor_id"),
    total_columns=("amount_usd",),
    has_rolling_history=True,
)

RAW_ANTHROPIC_ANALYTICS_USAGE = Table(
    name="raw_anthropic_analytics_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    enabling_variable=SETTING,
    grain="part of Anthropic's usage of one UTC day: actor, API key, workspace and model",
    description=(
        "Tokens and requests of each actor and key (analytics/usage, beta). The same traffic as in "
        f"raw_anthropic_usage: never add the two tables. {CAVEAT}"
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *GROUP,
        *(RAW_ANTHROPIC_USAGE.by_name[name] for name in TOKENS),
        count("requests", "Calls; NULL if the vendor does not say."),
        *TIMES,
    ),
    key=KEY,
    partition="ingest_date",
    cluster=("api_key_id", "actor_id"),
    total_columns=(
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_creation_tokens",
        "output_tokens",
    ),
    has_rolling_history=True,
)
