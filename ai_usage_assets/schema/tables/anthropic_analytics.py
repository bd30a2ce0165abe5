"""Anthropic's analytics tables (beta): the vendor's own split of cost and usage. They are loaded only if wanted."""

from ai_usage_assets.schema.columns import FETCHED_AT, INGEST_DATE, MODEL, count, money, required, text
from ai_usage_assets.schema.model import BOOLEAN, TIMESTAMP, Column, Layer, Table
from ai_usage_assets.schema.tables.anthropic import ENDING_AT, STARTING_AT, TOKENS, TOTAL_TOKENS

SETTING = "ANTHROPIC_ANALYTICS"

DIMENSIONS = (
    text("actor_type", "user_actor, service_account_actor, federated_actor or api_actor; NULL if unknown."),
    text(
        "actor_id",
        "The actor's id; actor_type says of which kind. For a federated_actor it is the id of the identity provider.",
        is_personal=True,
    ),
    text("actor_email", "The e-mail of a user_actor; NULL for a deleted account.", is_personal=True),
    Column(
        "actor_is_deleted", BOOLEAN, "Whether a user_actor is deleted or has left; NULL for other actors."
    ),
    text("api_key_id", "The key of the request, for any actor; NULL for traffic without a key."),
    required(
        text(
            "workspace_id",
            "Anthropic's workspace id, also for the default workspace "
            "(raw_anthropic_workspaces.is_default); `default` if the vendor gives none.",
        )
    ),
    MODEL,
)
TIMES = (
    Column(
        "data_refreshed_at",
        TIMESTAMP,
        "The time up to which the vendor's data is complete (UTC); NULL if the vendor gives none.",
    ),
    STARTING_AT,
    ENDING_AT,
)
KEY = ("ingest_date", "actor_type", "actor_id", "api_key_id", "workspace_id", "model")
CAVEAT = (
    f"Loaded only with {SETTING}=true. The vendor has the last 365 days, from 2026-01-01 on, and revises them for up to 30 "
    "days."
)

RAW_ANTHROPIC_ANALYTICS_COST = Table(
    name="raw_anthropic_analytics_cost",
    layer=Layer.RAW,
    vendor="anthropic",
    enabling_variable=SETTING,
    grain="part of Anthropic's cost of one UTC day: actor, API key, workspace, model, cost type and token type",
    description=(
        "What each actor and key cost (analytics/cost, beta), in dollars: after discounts, before credits. It is the same "
        f"money as in raw_anthropic_cost: never add the two tables. {CAVEAT}"
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *DIMENSIONS,
        text("token_type", "The kind of token; NULL if the cost is not for tokens."),
        text("cost_type", "tokens, web_search, code_execution, session_usage, ..."),
        money("amount_usd", "US dollars after discounts, before credits."),
        money("list_amount_usd", "US dollars before discounts; NULL if the vendor gives none."),
        text("currency", "Always USD; rows in another currency are refused."),
        count("requests", "Calls; NULL if the vendor does not count them, as in rows by cost or token type."),
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
        "Tokens and requests of each actor and key (analytics/usage, beta). It is the same traffic as in "
        f"raw_anthropic_usage: never add the two tables. {CAVEAT}"
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *DIMENSIONS,
        *TOKENS,
        count("requests", "Calls; NULL if the vendor gives none."),
        *TIMES,
    ),
    key=KEY,
    partition="ingest_date",
    cluster=("api_key_id", "actor_id"),
    total_columns=TOTAL_TOKENS,
    has_rolling_history=True,
)
