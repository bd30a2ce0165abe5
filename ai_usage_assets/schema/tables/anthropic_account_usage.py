"""Anthropic usage that names an account: traffic without an API key, which the report by key cannot give to a person."""

from ai_usage_assets.schema.columns import FETCHED_AT, INGEST_DATE, MODEL, WORKSPACE_ID, required, text
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables.raw import RAW_ANTHROPIC_USAGE

TOKENS = (
    "uncached_input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_tokens",
    "cache_creation_5m_tokens",
    "cache_creation_1h_tokens",
    "web_search_requests",
)

RAW_ANTHROPIC_ACCOUNT_USAGE = Table(
    name="raw_anthropic_account_usage",
    layer=Layer.RAW,
    vendor="anthropic",
    grain="Anthropic usage row of one UTC day, per account, service account, workspace, model and service tier",
    description=(
        "Tokens of the Messages API (usage_report/messages) grouped by account instead of by key: only rows that "
        "name an account (Console, OAuth) or a service account (federation). The same traffic is in "
        "raw_anthropic_usage, mostly under `no_api_key`: never add the two tables. A null workspace is `default`, a "
        "null model `unknown`. This report has no context window: five dimensions are its limit."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        text(
            "account_id", "Anthropic's id of the person (raw_anthropic_users.user_id); NULL if it has none."
        ),
        text("service_account_id", "Anthropic's id of the service account; NULL if it has none."),
        required(WORKSPACE_ID),
        required(MODEL),
        RAW_ANTHROPIC_USAGE.by_name["service_tier"],
        *(RAW_ANTHROPIC_USAGE.by_name[name] for name in TOKENS),
        RAW_ANTHROPIC_USAGE.by_name["starting_at"],
        RAW_ANTHROPIC_USAGE.by_name["ending_at"],
    ),
    key=("ingest_date", "account_id", "service_account_id", "workspace_id", "model", "service_tier"),
    partition="ingest_date",
    cluster=("account_id", "model"),
    total_columns=(
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_creation_tokens",
        "output_tokens",
    ),
)
