"""The raw daily tables: what the vendors answered for one UTC day, unchanged in meaning."""

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
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    INT64,
    POSITIVE,
    TIMESTAMP,
    Column,
    Layer,
    Table,
    numeric,
)

RAW_ANTHROPIC_USAGE = Table(
    name="raw_anthropic_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Anthropic usage row of one UTC day, per API key, workspace, model, service tier and context window",
    description=(
        "Tokens of the Messages API (usage_report/messages, daily buckets). A null key (console, OAuth) is "
        "`no_api_key`, a null workspace `default`, a null model `unknown`."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(API_KEY_ID),
        required(WORKSPACE_ID),
        required(MODEL),
        count("uncached_input_tokens", "Input tokens neither read from nor written to the cache."),
        count("output_tokens", "Output tokens, thinking included."),
        count("cache_read_input_tokens", "Input tokens read from the cache."),
        count("cache_creation_tokens", "Input tokens written to the cache: 5 minute and 1 hour together."),
        text("service_tier", "standard, batch, priority, flex, ...; NULL if the vendor gives none."),
        text("context_window", "0-200k or 200k-1M; NULL if the vendor gives none."),
        Column("starting_at", TIMESTAMP, "Start of the vendor's bucket (UTC, inclusive).", is_required=True),
        Column("ending_at", TIMESTAMP, "End of the vendor's bucket (UTC, exclusive).", is_required=True),
        count("cache_creation_5m_tokens", "Input tokens written to the 5 minute cache."),
        count("cache_creation_1h_tokens", "Input tokens written to the 1 hour cache."),
        count("web_search_requests", "Server-side web searches."),
    ),
    key=("ingest_date", "api_key_id", "workspace_id", "model", "service_tier", "context_window"),
    partition="ingest_date",
    cluster=("api_key_id", "model"),
    total_columns=(
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_creation_tokens",
        "output_tokens",
    ),
)

RAW_CURSOR_USAGE = Table(
    name="raw_cursor_usage",
    layer=Layer.RAW,
    vendor="cursor",
    grain="person and UTC day, as Cursor counts activity",
    description=(
        "Lines, accepts, rejects and requests per person (teams/daily-usage-data). Inactive people are listed "
        "too; rows of a day that name nobody, by id or e-mail, are summed to one. Requests are counts of events, not "
        "billable units; tokens and money are in raw_cursor_events."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(
            text(
                "email", "The e-mail as Cursor spells it; `unattributed` if it gives none.", is_personal=True
            )
        ),
        Column("usage_date", DATE, "The UTC day of the activity; equals ingest_date.", is_required=True),
        count("total_lines_added", "Lines added in the editor, typed and pasted ones included."),
        count("accepted_lines_added", "AI lines accepted; can exceed total_lines_added."),
        count("total_accepts", "Suggested diffs accepted."),
        count("total_rejects", "Suggested diffs rejected."),
        count("subscription_included_reqs", "Requests covered by the seat: events, not billable units."),
        count("usage_based_reqs", "Requests billed by use: events, not billable units."),
        text("most_used_model", "In Cursor's own vocabulary; NULL where Cursor says nothing."),
        text("client_version", "Version of the editor; NULL where Cursor says nothing."),
        text("user_id", "Cursor's id of the person."),
        Column("is_active", BOOLEAN, "Whether Cursor counts the person as active that day."),
        count("total_lines_deleted", "Lines deleted in the editor."),
        count("accepted_lines_deleted", "Deletions of AI diffs accepted."),
        count("total_applies", "Diffs applied."),
        count("total_tabs_shown", "Tab completions shown."),
        count("total_tabs_accepted", "Tab completions accepted."),
        count("composer_requests", "Composer requests."),
        count("chat_requests", "Chat requests."),
        count("agent_requests", "Agent requests."),
        count("cmdk_usages", "Inline edits (Cmd-K)."),
        count("bugbot_usages", "Bugbot reviews."),
        count("api_key_reqs", "Requests on a key of the person's or company's own."),
        text("apply_most_used_extension", "File extension most applied to; NULL where Cursor says nothing."),
        text("tab_most_used_extension", "File extension most completed in; NULL where Cursor says nothing."),
    ),
    key=("ingest_date", "coalesce(user_id, email)"),
    partition="ingest_date",
    cluster=("email", "usage_date"),
    total_columns=("total_lines_added", "accepted_lines_added", "total_accepts", "total_rejects"),
    has_rolling_history=True,
    email_column="email",
    match_columns=("ingest_date", "user_id"),
)

RAW_CURSOR_EVENTS = Table(
    name="raw_cursor_events",
    layer=Layer.RAW,
    vendor="cursor",
    grain="call that Cursor recorded",
    description=(
        "Tokens and money per call (teams/filtered-usage-events). Cursor gives no id: calls alike in every field "
        "are all real, and `occurrence` numbers them. charged_usd already contains the token fee, and is not "
        "zero on calls that the seat includes."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        Column("event_at", TIMESTAMP, "When the call was made (UTC, milliseconds).", is_required=True),
        text("email", "The e-mail as Cursor spells it; NULL if it gives none.", is_personal=True),
        text("model", "The model, in Cursor's own vocabulary; NULL if it gives none."),
        text("kind", "Cursor's billing kind, such as Usage-based; NULL if it gives none."),
        Column("is_chargeable", BOOLEAN, "Whether the call is charged; NULL in answers of before 2026."),
        Column("is_token_based", BOOLEAN, "Whether the call is priced by tokens."),
        Column("is_headless", BOOLEAN, "Whether a background agent made the call."),
        Column("max_mode", BOOLEAN, "Whether max mode was on."),
        Column("request_units", numeric(38, 9), "Cursor's request units: neither requests nor money."),
        count(
            "input_tokens", "Input tokens neither read from nor written to the cache; NULL if not reported."
        ),
        count("output_tokens", "Output tokens; NULL if not reported."),
        count("cache_write_tokens", "Input tokens written to the cache; NULL if not reported."),
        count("cache_read_tokens", "Input tokens read from the cache; NULL if not reported."),
        money("model_cost_usd", "What the model cost (tokenUsage.totalCents), in dollars."),
        money(
            "charged_usd", "What Cursor values the call at, token fee included, in dollars; NULL before 2026."
        ),
        money("cursor_token_fee_usd", "Cursor's token fee, in dollars; already inside charged_usd."),
        Column(
            "occurrence",
            INT64,
            "Numbers calls alike in every field, from 1.",
            is_required=True,
            rule=POSITIVE,
        ),
        text("user_id", "Cursor's id of the person; NULL if it gives none."),
        text("service_account_id", "The service account that made the call; NULL for a person's call."),
        text("service_account_name", "The name of that service account."),
        text("conversation_id", "The conversation that the call is part of; NULL if Cursor gives none."),
        text("cloud_agent_id", "The cloud agent whose run made the call; NULL if none did."),
        text("automation_id", "The automation that started the call; NULL if none did."),
        Column(
            "discount_percent",
            numeric(38, 9),
            "Percent that Cursor took off the model's price (tokenUsage.discountPercentOff); NULL if it gives none.",
        ),
    ),
    key=(
        "ingest_date",
        "event_at",
        "email",
        "model",
        "kind",
        "is_chargeable",
        "is_token_based",
        "is_headless",
        "max_mode",
        "request_units",
        "input_tokens",
        "output_tokens",
        "cache_write_tokens",
        "cache_read_tokens",
        "model_cost_usd",
        "charged_usd",
        "cursor_token_fee_usd",
        "user_id",
        "service_account_id",
        "service_account_name",
        "conversation_id",
        "cloud_agent_id",
        "automation_id",
        "discount_percent",
        "occurrence",
    ),
    partition="ingest_date",
    cluster=("email", "model"),
    total_columns=("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens", "charged_usd"),
    has_rolling_history=True,
    email_column="email",
    occurrence_column="occurrence",
)

RAW_ANTHROPIC_COST = Table(
    name="raw_anthropic_cost",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="cost line of one UTC day, per workspace and description",
    description=(
        "What Anthropic bills (cost_report by workspace and description), in dollars; the vendor sends decimal "
        "cents. Priority Tier is not in the vendor's report. Estimates until invoiced."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(WORKSPACE_ID),
        text("cost_type", "tokens, web_search, code_execution, session_usage, ..."),
        text("token_type", "The kind of token that the line prices; NULL where the cost is not of tokens."),
        text("model", "The model; NULL where the cost is not of a model."),
        text("service_tier", "standard, batch, ...; NULL if the vendor gives none."),
        text("context_window", "0-200k or 200k-1M; NULL if the vendor gives none."),
        text("inference_geo", "global, us or not_available; NULL if the vendor gives none."),
        text("description", "The vendor's free text; never parsed."),
        required(money("amount_usd", "US dollars at the vendor's precision; negative for a credit.")),
        required(text("currency", "Always USD; anything else is refused.")),
        Column("starting_at", TIMESTAMP, "Start of the vendor's bucket (UTC, inclusive).", is_required=True),
        Column("ending_at", TIMESTAMP, "End of the vendor's bucket (UTC, exclusive).", is_required=True),
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
    text("actor_email", "The e-mail of a user_actor, as Anthropic spells it.", is_personal=True),
    text("api_key_name", "The name, not the id, of an api_actor's key; not unique."),
    text("customer_type", "api or subscription."),
    text("subscription_type", "enterprise or team; NULL for api."),
    text("terminal_type", "vscode, iTerm.app, tmux, ..."),
    Column(
        "is_remote", BOOLEAN, "Whether it ran remotely; NULL where the record does not say, as before 2026."
    ),
)
CLAUDE_CODE_KEY = ("ingest_date", *(column.name for column in CLAUDE_CODE_ACTOR))

RAW_CLAUDE_CODE_USAGE = Table(
    name="raw_claude_code_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Claude Code record of one UTC day, per actor, customer type, subscription, terminal and place",
    description=(
        "Sessions, lines, commits and answers to suggestions (usage_report/claude_code, one call a day). Records "
        "alike in all dimensions are summed. Seats of Claude Team and Enterprise are often missing at the vendor."
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
        "Tokens per model of the records in raw_claude_code_usage, from the same answer. The estimate is Claude "
        "Code's own, at list price: API spend is in raw_anthropic_cost already, so never add it."
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
        money("estimated_cost_usd", "Claude Code's own estimate, in dollars; never added to cost."),
    ),
    key=(*CLAUDE_CODE_KEY, "model"),
    partition="ingest_date",
    cluster=("actor_email", "model"),
    total_columns=("input_tokens", "output_tokens", "estimated_cost_usd"),
)
