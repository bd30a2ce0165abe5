"""Anthropic's tables: usage, cost and Claude Code by day, and the lists of users, API keys and workspaces."""

from ai_usage_assets.schema.columns import (
    API_KEY_ID,
    FETCHED_AT,
    INGEST_DATE,
    MODEL,
    WORKSPACE_ID,
    count,
    money,
    required,
    text,
)
from ai_usage_assets.schema.model import BOOLEAN, STRING, TIMESTAMP, Column, Layer, Table
from ai_usage_assets.schema.snapshots import snapshot_table

STARTING_AT = Column(
    "starting_at", TIMESTAMP, "Start of the vendor's bucket (UTC, inclusive).", is_required=True
)
ENDING_AT = Column("ending_at", TIMESTAMP, "End of the vendor's bucket (UTC, exclusive).", is_required=True)

UNCACHED_INPUT_TOKENS = count(
    "uncached_input_tokens", "Input tokens neither read from nor written to the cache."
)
OUTPUT_TOKENS = count("output_tokens", "Output tokens, including thinking.")
CACHE_READ_INPUT_TOKENS = count("cache_read_input_tokens", "Input tokens read from the cache.")
CACHE_CREATION_TOKENS = count(
    "cache_creation_tokens", "Input tokens written to the cache: 5 minute and 1 hour together."
)
CACHE_CREATION_5M_TOKENS = count("cache_creation_5m_tokens", "Input tokens written to the 5 minute cache.")
CACHE_CREATION_1H_TOKENS = count("cache_creation_1h_tokens", "Input tokens written to the 1 hour cache.")
WEB_SEARCH_REQUESTS = count("web_search_requests", "Server-side web searches.")
TOKENS = (
    UNCACHED_INPUT_TOKENS,
    OUTPUT_TOKENS,
    CACHE_READ_INPUT_TOKENS,
    CACHE_CREATION_TOKENS,
    CACHE_CREATION_5M_TOKENS,
    CACHE_CREATION_1H_TOKENS,
    WEB_SEARCH_REQUESTS,
)
TOTAL_TOKENS = ("uncached_input_tokens", "cache_read_input_tokens", "cache_creation_tokens", "output_tokens")
SERVICE_TIER = text("service_tier", "standard, batch, priority, flex, ...; NULL if the vendor gives none.")
CONTEXT_WINDOW = text("context_window", "0-200k or 200k-1M; NULL if the vendor gives none.")

RAW_ANTHROPIC_USAGE = Table(
    name="raw_anthropic_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Anthropic usage row of one UTC day, per API key, workspace, model, service tier and context window",
    description=(
        "Tokens of the Messages API (usage_report/messages, daily buckets). A null key (Console, OAuth) is stored as "
        "`no_api_key`, a null workspace as `default`, a null model as `unknown`."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(API_KEY_ID),
        required(WORKSPACE_ID),
        required(MODEL),
        UNCACHED_INPUT_TOKENS,
        OUTPUT_TOKENS,
        CACHE_READ_INPUT_TOKENS,
        CACHE_CREATION_TOKENS,
        SERVICE_TIER,
        CONTEXT_WINDOW,
        STARTING_AT,
        ENDING_AT,
        CACHE_CREATION_5M_TOKENS,
        CACHE_CREATION_1H_TOKENS,
        WEB_SEARCH_REQUESTS,
    ),
    key=("ingest_date", "api_key_id", "workspace_id", "model", "service_tier", "context_window"),
    partition="ingest_date",
    cluster=("api_key_id", "model"),
    total_columns=TOTAL_TOKENS,
)

RAW_ANTHROPIC_ACCOUNT_USAGE = Table(
    name="raw_anthropic_account_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Anthropic usage row of one UTC day, per account, service account, workspace, model and service tier",
    description=(
        "Tokens of the Messages API (usage_report/messages) grouped by account instead of by key. It has only the rows "
        "that name an account (Console, OAuth) or a service account (federation), which the report by key cannot assign "
        "to a person. The same traffic is in raw_anthropic_usage, mostly under `no_api_key`: never add the two tables. A "
        "null workspace is stored as `default`, a null model as `unknown`. This report has no context window, because it "
        "allows five dimensions at most."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        text(
            "account_id", "Anthropic's id of the person (raw_anthropic_users.user_id); NULL if there is none."
        ),
        text("service_account_id", "Anthropic's id of the service account; NULL if there is none."),
        required(WORKSPACE_ID),
        required(MODEL),
        SERVICE_TIER,
        *TOKENS,
        STARTING_AT,
        ENDING_AT,
    ),
    key=("ingest_date", "account_id", "service_account_id", "workspace_id", "model", "service_tier"),
    partition="ingest_date",
    cluster=("account_id", "model"),
    total_columns=TOTAL_TOKENS,
)

RAW_ANTHROPIC_COST = Table(
    name="raw_anthropic_cost",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="cost line of one UTC day, per workspace and description",
    description=(
        "What Anthropic bills (cost_report by workspace and description), in dollars. The vendor sends decimal cents. The "
        "vendor's report does not include Priority Tier. The amounts are estimates until the invoice."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(WORKSPACE_ID),
        text("cost_type", "tokens, web_search, code_execution, session_usage, ..."),
        text("token_type", "The kind of token that the line prices; NULL if the cost is not for tokens."),
        text("model", "The model; NULL if the cost is not for a model."),
        text("service_tier", "standard, batch, ...; NULL if the vendor gives none."),
        CONTEXT_WINDOW,
        text("inference_geo", "global, us or not_available; NULL if the vendor gives none."),
        text("description", "The vendor's free text; it is not parsed."),
        required(money("amount_usd", "US dollars with the vendor's precision; negative for a credit.")),
        required(text("currency", "Always USD; rows in another currency are refused.")),
        STARTING_AT,
        ENDING_AT,
    ),
    key=(
        "ingest_date",
        "workspace_id",
        "cost_type",
        "token_type",
        "model",
        "service_tier",
        "context_window",
        "inference_geo",
        "description",
    ),
    partition="ingest_date",
    cluster=("workspace_id", "model"),
    total_columns=("amount_usd",),
)

CLAUDE_CODE_ACTOR = (
    required(text("actor_type", "user_actor or api_actor.")),
    text("actor_email", "The e-mail of a user_actor, as Anthropic writes it.", is_personal=True),
    text("api_key_name", "The name, not the id, of an api_actor's key; not unique."),
    text("customer_type", "api or subscription."),
    text("subscription_type", "enterprise or team; NULL for api."),
    text("terminal_type", "vscode, iTerm.app, tmux, ..."),
    Column(
        "is_remote",
        BOOLEAN,
        "Whether Claude Code ran remotely; NULL if the record does not say, as before 2026.",
    ),
)
CLAUDE_CODE_KEY = ("ingest_date", *(column.name for column in CLAUDE_CODE_ACTOR))

RAW_CLAUDE_CODE_USAGE = Table(
    name="raw_claude_code_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Claude Code record of one UTC day, per actor, customer type, subscription, terminal and place",
    description=(
        "Sessions, lines, commits, and accepted and rejected suggestions (usage_report/claude_code, one request per day). "
        "Records that are equal in all dimensions are summed. The vendor often omits seats of Claude Team and Enterprise."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *CLAUDE_CODE_ACTOR,
        count("sessions", "Sessions."),
        count("lines_added", "Lines of code added."),
        count("lines_removed", "Lines of code removed."),
        count("commits", "Commits made by Claude Code."),
        count("pull_requests", "Pull requests made by Claude Code."),
        count("tool_accepts", "Suggestions accepted, over all tools."),
        count("tool_rejects", "Suggestions rejected, over all tools."),
    ),
    key=CLAUDE_CODE_KEY,
    partition="ingest_date",
    cluster=("actor_email", "api_key_name"),
    total_columns=("sessions", "lines_added"),
)

RAW_CLAUDE_CODE_MODELS = Table(
    name="raw_claude_code_models",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="model of a Claude Code record",
    description=(
        "Tokens per model of the records in raw_claude_code_usage, from the same response. The cost is Claude Code's own "
        "estimate at list price. Never add it to cost: raw_anthropic_cost already has the API spend."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        *CLAUDE_CODE_ACTOR,
        required(MODEL),
        count("input_tokens", "Input tokens neither read from nor written to the cache."),
        count("output_tokens", "Output tokens."),
        count("cache_read_tokens", "Input tokens read from the cache."),
        count("cache_creation_tokens", "Input tokens written to the cache."),
        money("estimated_cost_usd", "Claude Code's own estimate, in dollars; never add it to cost."),
    ),
    key=(*CLAUDE_CODE_KEY, "model"),
    partition="ingest_date",
    cluster=("actor_email", "model"),
    total_columns=("input_tokens", "output_tokens", "estimated_cost_usd"),
)

RAW_ANTHROPIC_USERS = snapshot_table(
    "raw_anthropic_users",
    "anthropic",
    "member, present or past, of the Anthropic organization",
    "From organizations/users.",
    Column("user_id", STRING, "Anthropic's id of the person.", is_required=True),
    text("email", "The e-mail as Anthropic writes it.", is_personal=True),
    text("name", "The full name, in one string.", is_personal=True),
    text("role", "The person's role in the organization."),
    Column("added_at", TIMESTAMP, "When the person joined the organization (UTC)."),
    tracked_columns=("email", "role", "is_current"),
)

RAW_ANTHROPIC_API_KEYS = snapshot_table(
    "raw_anthropic_api_keys",
    "anthropic",
    "API key of the Anthropic organization, of any status",
    "From organizations/api_keys.",
    Column("api_key_id", STRING, "Anthropic's id of the API key.", is_required=True),
    text("name", "The key's name; not unique."),
    text("status", "active, inactive, archived or expired."),
    text("workspace_id", "The key's workspace; `default` is the default workspace, which has no id."),
    text("created_by_id", "The id of the creator of the key; NULL for legacy and system keys."),
    text("created_by_type", "user or service_account."),
    text("principal_id", "The id of the account that the key acts as; NULL if the vendor gives none."),
    text("principal_type", "user or service_account."),
    text("partial_key_hint", "The vendor's redacted hint of the key."),
    Column("created_at", TIMESTAMP, "When the key was created (UTC)."),
    Column("expires_at", TIMESTAMP, "When the key expires (UTC); NULL if it never does."),
    tracked_columns=(
        "principal_id",
        "principal_type",
        "created_by_id",
        "created_by_type",
        "status",
        "workspace_id",
        "is_current",
    ),
)

RAW_ANTHROPIC_WORKSPACES = snapshot_table(
    "raw_anthropic_workspaces",
    "anthropic",
    "workspace of the Anthropic organization, archived ones included",
    (
        "From organizations/workspaces, with the default workspace if the API can list it. The usage and cost reports give "
        "the default workspace no id (`default` in our tables). This list and the analytics tables have its real id."
    ),
    Column("workspace_id", STRING, "Anthropic's id of the workspace.", is_required=True),
    text("name", "The workspace's name."),
    Column("created_at", TIMESTAMP, "When the workspace was created (UTC)."),
    Column("archived_at", TIMESTAMP, "When the workspace was archived (UTC); NULL if it is not archived."),
    text("tags", "The company's tags, as a JSON object with sorted names; NULL if the API has no tags."),
    Column(
        "is_default",
        BOOLEAN,
        "Whether it is the default workspace, by its name or because the list without the default one lacks it; NULL if "
        "unknown.",
    ),
    tracked_columns=("name", "is_current"),
)
