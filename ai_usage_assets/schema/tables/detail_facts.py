"""The detailed facts, which keep dimensions that `fct_usage_daily` and `fct_cost_daily` do not have."""

from ai_usage_assets.schema.columns import (
    PERSON,
    PLATFORM,
    PROCESSED_AT,
    count,
    money,
    person,
    required,
    text,
)
from ai_usage_assets.schema.model import BOOLEAN, DATE, STRING, Column, Layer, Table, numeric, one_of
from ai_usage_assets.schema.tables.curated import ACTOR_TYPES

USAGE_DATE = Column("usage_date", DATE, "The UTC day of the usage: the partition.", is_required=True)
ACTOR_TYPE = Column(
    "actor_type",
    STRING,
    "A person, a service (user_email is responsible for its key, or is the id of a Cursor service account), or unknown.",
    rule=ACTOR_TYPES,
)
MODEL_FAMILY = text(
    "model_family", "One name for a model across platforms: claude-sonnet-5-5 for claude-5.5-sonnet too."
)

FCT_ANTHROPIC_TOKENS_DAILY = Table(
    name="fct_anthropic_tokens_daily",
    layer=Layer.CURATED,
    grain="UTC day, workspace, API key, person, model, service tier and context window of Anthropic",
    description=(
        "Tokens by kind, and their cost, for prices per token, cache-hit rates, batch and web search. The tokens of a day "
        "equal those of raw_anthropic_usage. The cost of a day equals that of raw_anthropic_cost, so it equals the anthropic "
        "cost of fct_cost_daily to four decimals. A cost line is allocated to the usage that it prices, in proportion to the "
        "tokens of its kind. A line without matching usage has a row with cost and no tokens. NULL cost means that no cost "
        "line prices the usage, as for priority tiers. With ANTHROPIC_ANALYTICS=true, fct_cost_daily can have the vendor's own "
        "split by key; this table always has ours. The amounts are estimates until the invoice."
    ),
    columns=(
        USAGE_DATE,
        text("workspace_id", "The workspace (dim_workspaces); `default` is the default workspace."),
        text(
            "api_key_id",
            "The API key (dim_api_keys); NULL for usage without a key, and for cost without usage.",
        ),
        required(PERSON),
        ACTOR_TYPE,
        text("model", "The model; `unknown` if the usage has none, NULL if the charge has none."),
        MODEL_FAMILY,
        text(
            "service_tier",
            "standard, batch, priority, flex, ... of the usage; NULL if the vendor gives none. flex is billed as standard unless "
            "a cost line names it.",
        ),
        text(
            "context_window",
            "0-200k or 200k-1M; NULL if the vendor gives none, and for usage without a key, because that report has none.",
        ),
        count("uncached_input_tokens", "Input tokens neither read from nor written to the cache."),
        count("cache_read_tokens", "Input tokens read from the cache."),
        count("cache_write_5m_tokens", "Input tokens written to the 5 minute cache."),
        count("cache_write_1h_tokens", "Input tokens written to the 1 hour cache."),
        count("output_tokens", "Output tokens, including thinking."),
        count("web_search_requests", "Server-side web searches."),
        money(
            "cost_usd",
            "All cost of the row in US dollars: tokens, searches, other charges and credits; NULL if no cost line prices it.",
        ),
        money(
            "token_cost_usd",
            "The part of cost_usd for tokens, before credits. For a price, divide it by the tokens of those rows that have both it "
            "and output_tokens: others are cost without usage, or usage without cost.",
        ),
        money("web_search_cost_usd", "The part of cost_usd for web searches."),
        money("credit_usd", "The part of cost_usd that is credited: negative."),
        PROCESSED_AT,
        money("uncached_input_cost_usd", "The part of token_cost_usd for uncached_input_tokens."),
        money("cache_read_cost_usd", "The part of token_cost_usd for cache_read_tokens."),
        money("cache_write_5m_cost_usd", "The part of token_cost_usd for cache_write_5m_tokens."),
        money("cache_write_1h_cost_usd", "The part of token_cost_usd for cache_write_1h_tokens."),
        money("output_cost_usd", "The part of token_cost_usd for output_tokens."),
    ),
    key=(
        "usage_date",
        "workspace_id",
        "api_key_id",
        "user_email",
        "model",
        "service_tier",
        "context_window",
    ),
    partition="usage_date",
    cluster=("user_email", "api_key_id"),
    total_columns=("uncached_input_tokens", "cache_read_tokens", "output_tokens", "cost_usd"),
)

FCT_ACTIVITY_DAILY = Table(
    name="fct_activity_daily",
    layer=Layer.CURATED,
    grain="UTC day, platform, person, API key and customer type of Claude Code and Cursor",
    description=(
        "What people did: sessions, lines, suggestions, commits and requests. Unlike in fct_usage_daily, no count stands on a "
        "model. NULL means that the platform does not report it. Per day and platform, every sum equals that of the raw table. "
        "Inactive days of Cursor with zeros only have no row. Lines of the two platforms are counted in different ways: do not "
        "add them. What a service did is under the person who is responsible for it: take actor_type = 'person' for what people "
        "did themselves."
    ),
    columns=(
        USAGE_DATE,
        Column(
            "platform",
            STRING,
            "claude_code or cursor.",
            is_required=True,
            rule=one_of("claude_code", "cursor"),
        ),
        required(PERSON),
        text("api_key_id", "The key of an automated Claude Code run, if its name names one key; else NULL."),
        text("customer_type", "Claude Code: api or subscription. Cursor: NULL."),
        ACTOR_TYPE,
        Column(
            "is_active",
            BOOLEAN,
            "Whether the person used the tool: Claude Code with a session, or Cursor by its own flag.",
        ),
        count("sessions", "Claude Code sessions."),
        count("lines_added", "Lines added. Claude Code: by it. Cursor: in the editor, typed ones included."),
        count("lines_removed", "Lines removed, counted as lines_added."),
        count("lines_accepted", "Cursor: AI lines accepted; can exceed lines_added."),
        count("accepts", "Suggestions accepted."),
        count(
            "rejects", "Suggestions rejected. The acceptance rate is accepts / (accepts + rejects), of sums."
        ),
        count("commits", "Claude Code: commits made by it."),
        count("pull_requests", "Claude Code: pull requests made by it."),
        count(
            "input_tokens",
            "Claude Code: all input of its own records, also of API customers. For ratios such as tokens per commit; never add "
            "it to fct_usage_daily, which has the API part under anthropic.",
        ),
        count("output_tokens", "Claude Code: output of its own records, as input_tokens."),
        count("applies", "Cursor: diffs applied."),
        count("tabs_shown", "Cursor: Tab completions shown."),
        count("tabs_accepted", "Cursor: Tab completions accepted."),
        count("composer_requests", "Cursor: Composer requests."),
        count("chat_requests", "Cursor: chat requests."),
        count("agent_requests", "Cursor: agent requests."),
        count("cmdk_usages", "Cursor: inline edits (Cmd-K)."),
        count("bugbot_usages", "Cursor: Bugbot reviews."),
        count("api_key_requests", "Cursor: requests with an API key of the person or the company."),
        PROCESSED_AT,
    ),
    key=("usage_date", "platform", "user_email", "api_key_id", "customer_type"),
    partition="usage_date",
    cluster=("platform", "user_email"),
    total_columns=("sessions", "lines_added", "accepts", "commits"),
)

FCT_CURSOR_REQUESTS_DAILY = Table(
    name="fct_cursor_requests_daily",
    layer=Layer.CURATED,
    grain="UTC day, person or service account, model and kind of call of Cursor, with the flags of the calls",
    description=(
        "Cursor's calls with what each kind of call costs: headless and cloud agents, Max mode, charged, included and failed "
        "calls. Requests and tokens of a day equal those of raw_cursor_events. cost_usd equals the overage of cursor in "
        "fct_cost_daily to four decimals."
    ),
    columns=(
        USAGE_DATE,
        required(
            person(
                "user_email",
                "The person, or the id of the service account (actor_type = 'service'); `unattributed` if there is none.",
            )
        ),
        ACTOR_TYPE,
        Column(
            "model", STRING, "The model, in Cursor's naming; `unknown` if it gives none.", is_required=True
        ),
        MODEL_FAMILY,
        text("kind", "Cursor's billing kind, such as Usage-based; NULL if it gives none."),
        Column(
            "charge_kind",
            STRING,
            "What the kind means: usage, included, errored, aborted, not_charged, free, own_key, custom_subscription, missing "
            "or unknown.",
            is_required=True,
        ),
        Column("is_chargeable", BOOLEAN, "Cursor's flag isChargeable; NULL before 2026."),
        Column(
            "is_charged", BOOLEAN, "Whether the calls are charged in addition to the plan.", is_required=True
        ),
        Column("is_headless", BOOLEAN, "Whether a background agent made the calls; NULL if not reported."),
        Column(
            "is_cloud_agent",
            BOOLEAN,
            "Whether the calls belong to the run of a cloud agent.",
            is_required=True,
        ),
        Column("is_automation", BOOLEAN, "Whether an automation started the calls.", is_required=True),
        Column("is_max_mode", BOOLEAN, "Whether Max mode was on; NULL if not reported."),
        count("requests", "Calls, failed and included ones too."),
        Column(
            "request_units",
            numeric(38, 9),
            "Cursor's request units: neither requests nor money.",
        ),
        count("uncached_input_tokens", "Input tokens neither read from nor written to the cache."),
        count("cache_read_tokens", "Input tokens read from the cache."),
        count("cache_write_tokens", "Input tokens written to the cache."),
        count("output_tokens", "Output tokens."),
        money("cost_usd", "US dollars charged in addition to the plan; NULL if the calls are not charged."),
        money(
            "included_value_usd",
            "The list value of calls that the seat covers, in US dollars. It is not a cost: never add it to cost.",
        ),
        PROCESSED_AT,
    ),
    key=(
        "usage_date",
        "user_email",
        "model",
        "kind",
        "is_chargeable",
        "is_headless",
        "is_cloud_agent",
        "is_automation",
        "is_max_mode",
    ),
    partition="usage_date",
    cluster=("user_email", "model"),
    total_columns=("requests", "output_tokens", "cost_usd"),
)

FCT_SEATS_DAILY = Table(
    name="fct_seats_daily",
    layer=Layer.CURATED,
    grain="UTC day, platform, tier and seat holder",
    description=(
        "Who holds a seat on the day, what it costs, and when it was last used. Cursor's holders come from its members' list. "
        "Paid seats without a holder, seats of members without an e-mail, and all seats of other platforms are "
        "under `unattributed`. Without a price in seats.csv, cost_usd is NULL. cost_usd equals the seats of fct_cost_daily. A "
        "seat is idle on a day if last_active_date is NULL: the cost of such seats is an exposure, not a saving."
    ),
    columns=(
        Column("seat_date", DATE, "The UTC day: the partition.", is_required=True),
        required(PLATFORM),
        Column("tier", STRING, "The tier of the seat; standard if none is given.", is_required=True),
        required(PERSON),
        required(count("seats", "Seats: 1 for a person, the number of seats for `unattributed`.")),
        money(
            "cost_usd",
            "The price of these seats for this day, in US dollars; NULL if seats.csv has none.",
            numeric(10, 4),
        ),
        Column(
            "is_active",
            BOOLEAN,
            "Whether Cursor counts the holder as active on the day; NULL for `unattributed`.",
        ),
        Column(
            "last_active_date",
            DATE,
            "The last day, of this one and the 29 before, on which the holder was active; NULL if there is none, and for "
            "`unattributed`. A day that is not loaded counts as a day without activity.",
        ),
        PROCESSED_AT,
    ),
    key=("seat_date", "platform", "tier", "user_email"),
    partition="seat_date",
    cluster=("platform", "user_email"),
    total_columns=("seats", "cost_usd"),
)
