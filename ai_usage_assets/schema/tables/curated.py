"""The curated tables, which finance and engineering leads query."""

from ai_usage_assets.schema.columns import PERSON, PLATFORM, PROCESSED_AT, count, person, required, text
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    RATE,
    STRING,
    TIMESTAMP,
    Column,
    Layer,
    Table,
    numeric,
    one_of,
)

ACTOR_TYPES = one_of("person", "service", "unknown")
NO_OWNER_REASONS = ("no_creator", "creator_not_listed", "service_account", "key_not_listed")

DIM_USERS = Table(
    name="dim_users",
    layer=Layer.CURATED,
    grain="person, by lower-case e-mail, and one row `unattributed` for usage and cost without a person",
    description=(
        "Everybody in a vendor's list or in people.csv, and every e-mail in raw usage. People who leave stay, with "
        "is_active = false."
    ),
    columns=(
        Column("user_id", STRING, "Derived from the e-mail only; it never changes.", is_required=True),
        required(person("email", "The person's main e-mail, trimmed and lower-case.")),
        text("first_name", "From people.csv, else the first word of the vendor's name.", is_personal=True),
        text("last_name", "From people.csv, else the rest of the vendor's name.", is_personal=True),
        text(
            "department",
            "Today's, from people.csv; NULL if it gives none for today. Past days: dim_user_history.",
        ),
        Column("is_active", BOOLEAN, "Whether any vendor lists the person as current.", default="TRUE"),
        Column("created_at", TIMESTAMP, "When the row was added (UTC).", default="CURRENT_TIMESTAMP()"),
        Column(
            "updated_at",
            TIMESTAMP,
            "When any other column, except the four days, last changed (UTC).",
            default="CURRENT_TIMESTAMP()",
        ),
        Column(
            "kind",
            STRING,
            "person; service for a Cursor service account (email is its id, first_name its name); unknown for "
            "`unattributed`.",
            rule=ACTOR_TYPES,
        ),
        text("team", "Today's, from people.csv; NULL if it gives none for today."),
        text("cost_center", "Today's, from people.csv; NULL if it gives none for today."),
        Column(
            "first_used_on",
            DATE,
            "First UTC day on which a loaded day of Claude Code or Cursor mentions the person; NULL if none does. Use of API "
            "keys does not count.",
        ),
        Column("last_used_on", DATE, "Last such day; NULL if there is none."),
        Column(
            "first_listed_on",
            DATE,
            "When Anthropic says that the person was added, or the day of the first list with them, whichever is earlier; NULL "
            "if no list had them. For Cursor, a person of the first list can have been there before.",
        ),
        Column(
            "left_on",
            DATE,
            "Day of the first list without the person; NULL while a vendor lists them, and if they left before the first list.",
        ),
    ),
    key=("email",),
)

DIM_USER_HISTORY = Table(
    name="dim_user_history",
    layer=Layer.CURATED,
    grain="person and period in which their department, team and cost center were the same row of people.csv",
    description=(
        "The department of each day. Every person of dim_users has exactly one row for each day from 0001-01-01 to "
        "9999-12-31: join a fact with `email = user_email and cost_date between valid_from and valid_to`. On days for which "
        "people.csv has no row of the person, the other columns are NULL."
    ),
    columns=(
        required(person("email", "The person (dim_users.email).")),
        text("department", "From people.csv; NULL if it gives none for these days."),
        text("team", "From people.csv; NULL if it gives none for these days."),
        text("cost_center", "From people.csv; NULL if it gives none for these days."),
        Column("valid_from", DATE, "First day; 0001-01-01 if there is no first day.", is_required=True),
        Column(
            "valid_to", DATE, "Last day, inclusive; 9999-12-31 if there is no last day.", is_required=True
        ),
    ),
    key=("email", "valid_from"),
)

DIM_API_KEYS = Table(
    name="dim_api_keys",
    layer=Layer.CURATED,
    grain="API key",
    description=(
        "API keys with their present owners. The facts use the owner of each day. A key that is only in usage is listed "
        "too, with its platform only."
    ),
    columns=(
        Column("api_key_id", STRING, "The vendor's id of the key.", is_required=True),
        text("name", "The key's name; not unique."),
        required(PLATFORM),
        text("workspace_id", "The key's workspace; `default` is the default workspace."),
        required(person("user_email", "The present owner; `unattributed` if there is none.")),
        Column(
            "owner_source",
            STRING,
            "The source of the owner: override, principal, creator or none.",
            is_required=True,
            rule=one_of("override", "principal", "creator", "none"),
        ),
        text("purpose", "From api_key_owners.csv."),
        Column("is_active", BOOLEAN, "Whether the vendor lists the key as active."),
        Column("created_at", TIMESTAMP, "When the vendor says the key was created (UTC)."),
        Column("updated_at", TIMESTAMP, "When any other column last changed (UTC)."),
        Column(
            "actor_type",
            STRING,
            "Who uses the key: service if its principal or creator is a service account or api_key_owners.csv says so, "
            "person if a person created it, else unknown. The owner is responsible for it in either case.",
            rule=ACTOR_TYPES,
        ),
        person("created_by_email", "The person who created the key; NULL if no person is known."),
        Column(
            "no_owner_reason",
            STRING,
            "Why the key has no owner; NULL if it has one. no_creator: the vendor names no account. creator_not_listed: the "
            "account is not in the list of users, as after the person left before the first list. service_account: a service "
            "account created the key. key_not_listed: the key is only in usage. An entry in api_key_owners.csv gives it an "
            "owner.",
            rule=one_of(*NO_OWNER_REASONS),
        ),
    ),
    key=("api_key_id",),
)

FCT_USAGE_DAILY = Table(
    name="fct_usage_daily",
    layer=Layer.CURATED,
    grain="UTC day, platform, person, API key and model",
    description=(
        "Usage per person. NULL means unknown, not zero. Sessions, lines, accepts, rejects and rate are on one row per "
        "person, key and day: for claude_code the row of the model with the most output tokens, for cursor that of the most "
        "used model of the day. Tokens of anthropic and claude_code can be added: Claude Code tokens of API customers are "
        "under anthropic only. Do not add Cursor's tokens to them: a Cursor call with the company's own Anthropic key can "
        "be in both."
    ),
    columns=(
        Column("usage_date", DATE, "The UTC day of the usage: the partition.", is_required=True),
        required(PLATFORM),
        required(PERSON),
        text("api_key_id", "The API key; NULL if the platform or the call has none."),
        Column(
            "model",
            STRING,
            "The model, in the platform's naming; `unknown` if it gives none.",
            is_required=True,
        ),
        count("input_tokens", "All input: uncached, cache read and cache write.", "0"),
        count("output_tokens", "Output tokens, including thinking.", "0"),
        count(
            "requests",
            "Calls. cursor: the number of events, also failed and included ones, or the daily counters if a day has no "
            "events; anthropic: only if the vendor's own split is used, else NULL; claude_code: NULL.",
            "0",
        ),
        count("sessions", "Claude Code sessions, on one row per person, key and day; else NULL.", "0"),
        count("loc_added", "Lines of code added, on one row per person, key and day.", "0"),
        count(
            "loc_accepted",
            "AI lines accepted (cursor only), on one row per person and day; can exceed loc_added.",
            "0",
        ),
        Column(
            "acceptance_rate",
            numeric(5, 4),
            "accepts / (accepts + rejects); NULL at 0/0. Never average it: divide the sums of accepts and rejects.",
            default="0",
            rule=RATE,
        ),
        PROCESSED_AT,
        count("accepts", "Suggestions accepted, on one row per person, key and day."),
        count("rejects", "Suggestions rejected, on one row per person, key and day."),
        text(
            "model_family",
            "One name for a model across platforms: claude-sonnet-5-5 for claude-5.5-sonnet too.",
        ),
        count("cache_read_tokens", "The part of input_tokens that was read from a cache; NULL if unknown."),
        count("cache_write_tokens", "The part of input_tokens that was written to a cache; NULL if unknown."),
        Column(
            "actor_type",
            STRING,
            "Who caused the usage: a person, a service (its key's actor_type, or a Cursor service account), or unknown.",
            rule=ACTOR_TYPES,
        ),
    ),
    key=("usage_date", "platform", "user_email", "api_key_id", "model"),
    partition="usage_date",
    cluster=("platform", "user_email"),
    total_columns=("input_tokens", "output_tokens", "requests"),
    restated_measures=("input_tokens", "output_tokens", "requests", "sessions", "loc_added", "loc_accepted"),
)

FCT_COST_DAILY = Table(
    name="fct_cost_daily",
    layer=Layer.CURATED,
    grain="UTC day, platform, workspace, API key, person, cost type, model and allocation",
    description=(
        "Metered charges as the vendors report them, and seats with the prices of identity/seats.csv. Per day and "
        "platform, the sum equals that of the source to four decimals. Tokens of the tiers priority and priority_on_demand "
        "have no cost, because the vendor's report does not include them. flex and flex_discount are billed as standard "
        "unless a cost line names the tier. Not included: Priority Tier, tax, Claude Team and Enterprise seats that "
        "seats.csv does not list, what a Cursor seat includes, Bedrock, Vertex and Foundry. Claude Code has no cost of its "
        "own, because its API spend is in Anthropic's cost. The amounts are estimates until the invoice. The allocation of "
        "a cost line to keys assumes one price per workspace, model, tier and context window. US geography, fast mode and "
        "Haiku's price above 100k tokens make it slightly inexact. A day without cost has no row: for a mean per day, count the "
        "days in load_log."
    ),
    columns=(
        Column("cost_date", DATE, "The UTC day of the charge: the partition.", is_required=True),
        required(PLATFORM),
        text("workspace_id", "Anthropic's workspace; NULL if the platform has none."),
        text("api_key_id", "The API key; NULL if the platform or the charge has none."),
        PERSON,
        Column("cost_usd", numeric(10, 4), "US dollars; negative for credits.", is_required=True),
        Column(
            "cost_type",
            STRING,
            "usage (tokens), web_search, code_execution, session_usage, credit (a negative line), overage (Cursor, beyond "
            "the plan) or subscription (seats).",
            default="'usage'",
        ),
        text("model", "The model, in the platform's naming; NULL if the charge has none."),
        PROCESSED_AT,
        Column(
            "allocation",
            STRING,
            "How the cost was allocated: key (the key's share of a cost line), account (usage without a key, by account), "
            "no_key (usage without a key and account), unmatched (no usage matches the cost line), event, seat, or vendor "
            "(the vendor's own split).",
            rule=one_of("key", "account", "no_key", "unmatched", "event", "seat", "vendor"),
        ),
        Column(
            "actor_type",
            STRING,
            "What caused the cost: a person, a service (its key's actor_type, or a Cursor service account), or unknown. "
            "The owner in user_email is responsible for the key in either case.",
            rule=ACTOR_TYPES,
        ),
        text(
            "model_family",
            "One name for a model across platforms: claude-sonnet-5-5 for claude-5.5-sonnet too; NULL if the charge has no "
            "model.",
        ),
    ),
    key=(
        "cost_date",
        "platform",
        "workspace_id",
        "api_key_id",
        "user_email",
        "cost_type",
        "model",
        "allocation",
    ),
    partition="cost_date",
    cluster=("platform", "user_email"),
    total_columns=("cost_usd",),
    restated_measures=("cost_usd",),
)
