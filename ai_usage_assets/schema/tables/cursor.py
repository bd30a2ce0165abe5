"""Cursor's tables: activity and events by day, totals of the billing cycle, and the lists of members and groups."""

from dataclasses import replace

from ai_usage_assets.schema.columns import FETCHED_AT, INGEST_DATE, count, money, required, text
from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    INT64,
    POSITIVE,
    STRING,
    TIMESTAMP,
    Column,
    Layer,
    Table,
    numeric,
    one_of,
)
from ai_usage_assets.schema.snapshots import snapshot_table

EMAIL = text("email", "The e-mail as Cursor writes it; NULL if there is none.", is_personal=True)
NAME = text("name", "The full name, in one string.", is_personal=True)
ROLE = text("role", "owner, member, free-owner, ...")
MEMBER_ID = required(
    text("member_id", "Cursor's id of the person, or the e-mail if the response has no id.", is_personal=True)
)

DASHBOARD_CSV = "dashboard_csv"
"""The source of calls that were imported from an export of Cursor's dashboard."""

RAW_CURSOR_USAGE = Table(
    name="raw_cursor_usage",
    layer=Layer.RAW,
    vendor="cursor",
    grain="person and UTC day, as Cursor counts activity",
    description=(
        "Lines, accepts, rejects and requests per person (teams/daily-usage-data). Inactive people are listed too. The "
        "rows of a day without id and e-mail are summed to one row. Requests are counts of events, not billable units. "
        "Tokens and money are in raw_cursor_events."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(
            text(
                "email",
                "The e-mail as Cursor writes it; `unattributed` if there is none.",
                is_personal=True,
            )
        ),
        Column("usage_date", DATE, "The UTC day of the activity; equals ingest_date.", is_required=True),
        count("total_lines_added", "Lines added in the editor, typed and pasted ones included."),
        count("accepted_lines_added", "AI lines accepted; can exceed total_lines_added."),
        count("total_accepts", "Suggested diffs accepted."),
        count("total_rejects", "Suggested diffs rejected."),
        count("subscription_included_reqs", "Requests covered by the seat: events, not billable units."),
        count("usage_based_reqs", "Requests billed by usage: events, not billable units."),
        text("most_used_model", "The most used model, in Cursor's naming; NULL if Cursor gives none."),
        text("client_version", "Version of the editor; NULL if Cursor gives none."),
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
        count("api_key_reqs", "Requests with an API key of the person or the company."),
        text("apply_most_used_extension", "The file extension with the most applied diffs; NULL if none."),
        text("tab_most_used_extension", "The file extension with the most completions; NULL if none."),
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
        "Tokens and money per call (teams/filtered-usage-events). Cursor gives no id. Calls that are equal in every field "
        "are different calls, and `occurrence` numbers them. charged_usd includes the token fee, and is not zero for calls "
        "that the seat includes."
    ),
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        Column("event_at", TIMESTAMP, "When the call was made (UTC, milliseconds).", is_required=True),
        EMAIL,
        text("model", "The model, in Cursor's naming; NULL if there is none."),
        text("kind", "Cursor's billing kind, such as Usage-based; NULL if there is none."),
        Column("is_chargeable", BOOLEAN, "Whether the call is charged; NULL in responses from before 2026."),
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
            "charged_usd",
            "The value of the call by Cursor, with the token fee, in dollars; NULL before 2026.",
        ),
        money("cursor_token_fee_usd", "Cursor's token fee, in dollars; charged_usd includes it."),
        Column(
            "occurrence",
            INT64,
            "Numbers calls that are equal in every field, from 1.",
            is_required=True,
            rule=POSITIVE,
        ),
        text("user_id", "Cursor's id of the person; NULL if there is none."),
        text("service_account_id", "The service account that made the call; NULL if a person made it."),
        text("service_account_name", "The name of the service account."),
        text("conversation_id", "The conversation that the call is part of; NULL if there is none."),
        text("cloud_agent_id", "The cloud agent whose run made the call; NULL if there is none."),
        text("automation_id", "The automation that started the call; NULL if there is none."),
        Column(
            "discount_percent",
            numeric(38, 9),
            "The discount on the model's price in percent (tokenUsage.discountPercentOff); NULL if there is none.",
        ),
        Column(
            "source",
            STRING,
            "dashboard_csv if the call was imported from an export of Cursor's dashboard; NULL if the API reported it.",
            rule=one_of(DASHBOARD_CSV),
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
    total_columns=(
        "input_tokens",
        "output_tokens",
        "cache_write_tokens",
        "cache_read_tokens",
        "charged_usd",
    ),
    has_rolling_history=True,
    email_column="email",
    import_match_columns=(
        "ingest_date",
        "event_at",
        "model",
        "input_tokens",
        "output_tokens",
        "cache_write_tokens",
        "cache_read_tokens",
    ),
    occurrence_column="occurrence",
)

RAW_CURSOR_SPEND = Table(
    name="raw_cursor_spend",
    layer=Layer.TOTALS,
    vendor="cursor",
    grain="billing cycle and member of the Cursor team, as last listed",
    description=(
        "Cumulative totals from the start of the cycle to fetched_at (teams/spend, which has the present cycle only). Rows "
        "of earlier cycles, and of members who are no longer listed, stay as they were last seen. Use it for "
        "reconciliation; never add it to cost."
    ),
    columns=(
        Column(
            "cycle_start", TIMESTAMP, "When the billing cycle began (UTC, milliseconds).", is_required=True
        ),
        required(
            text(
                "member_id",
                "Cursor's id of the person, or the e-mail if the response has no id. The rows of a response that have "
                "neither are summed to one row, `unattributed`.",
                is_personal=True,
            )
        ),
        EMAIL,
        NAME,
        ROLE,
        money("spend_usd", "On-demand spend of the cycle, without what the plan includes, in dollars."),
        money("overall_spend_usd", "On-demand and included spend, in dollars; NULL in responses from 2025."),
        money("monthly_limit_usd", "The member's monthly limit, in dollars; NULL if there is no limit."),
        money("hard_limit_override_usd", "The member's own hard limit, in dollars; 0 if there is none."),
        money(
            "effective_limit_usd",
            "The limit that applies to the member, in dollars; NULL if there is none.",
        ),
        Column("fast_premium_requests", numeric(38, 9), "Fast premium requests of the cycle (older plans)."),
        text("billing_tier", "The tier of the seat; not documented by Cursor, NULL if there is none."),
        FETCHED_AT,
    ),
    key=("cycle_start", "member_id"),
)

RAW_CURSOR_OPEN_DAY = replace(
    RAW_CURSOR_EVENTS,
    name="raw_cursor_open_day",
    layer=Layer.OPEN_DAY,
    grain="call that Cursor recorded on the UTC day that was not over when teams/spend was requested",
    description=(
        "Events from the start of that day, or of the billing cycle if it is later, to the moment of the request. The next "
        "response replaces all rows. When the day is over, its events are in raw_cursor_events. Use it only to compare "
        "events with raw_cursor_spend."
    ),
    partition=None,
    cluster=(),
    has_rolling_history=False,
)

RAW_CURSOR_MEMBERS = snapshot_table(
    "raw_cursor_members",
    "cursor",
    "member, present or past, of the Cursor team",
    "From teams/members.",
    MEMBER_ID,
    EMAIL,
    NAME,
    ROLE,
    Column("is_removed", BOOLEAN, "Whether Cursor marks the person as removed; NULL in responses from 2025."),
    tracked_columns=("email", "role", "is_current"),
)

RAW_CURSOR_GROUPS = snapshot_table(
    "raw_cursor_groups",
    "cursor",
    "membership, present or past, of a person in a billing group of the Cursor team",
    (
        "From teams/groups, which some plans do not have: without it the table stays as it is. People in no group have no "
        "row."
    ),
    Column("group_id", STRING, "Cursor's id of the billing group.", is_required=True),
    MEMBER_ID,
    Column("joined_at", TIMESTAMP, "When the person joined the group (UTC); NULL if Cursor gives no date."),
    Column("left_at", TIMESTAMP, "When the person left the group (UTC); NULL for a member."),
    text("group_name", "The group's name, often a department."),
    EMAIL,
    money(
        "spend_usd",
        "What the member spent in the group in the billing cycle that was last listed, in dollars.",
    ),
    Column("cycle_start", TIMESTAMP, "The start of that billing cycle (UTC)."),
    key=("group_id", "member_id", "joined_at"),
)
