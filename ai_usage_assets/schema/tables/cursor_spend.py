"""Cursor's own totals of a billing cycle, and the events of the open day that complete ours up to the same moment."""

from dataclasses import replace

from ai_usage_assets.schema.columns import FETCHED_AT, money, required, text
from ai_usage_assets.schema.model import TIMESTAMP, Column, Layer, Table, numeric
from ai_usage_assets.schema.tables.raw import RAW_CURSOR_EVENTS

RAW_CURSOR_SPEND = Table(
    name="raw_cursor_spend",
    layer=Layer.TOTALS,
    vendor="cursor",
    grain="billing cycle and member of the Cursor team, as last listed",
    description=(
        "Cumulative totals from the cycle's start to fetched_at (teams/spend, which knows the running cycle alone). "
        "Earlier cycles, and members who are no longer listed, stay as they were last seen. For reconciliation: not to "
        "be added to cost."
    ),
    columns=(
        Column(
            "cycle_start", TIMESTAMP, "When the billing cycle began (UTC, milliseconds).", is_required=True
        ),
        required(
            text(
                "member_id",
                "Cursor's id of the person; the e-mail where the answer has no id; `unattributed` for all rows "
                "of an answer that have neither, summed.",
                is_personal=True,
            )
        ),
        text("email", "The e-mail as Cursor spells it; NULL if it gives none.", is_personal=True),
        text("name", "The whole name, in one string.", is_personal=True),
        text("role", "owner, member, free-owner, ..."),
        money("spend_usd", "On-demand spend of the cycle, without what the plan includes, in dollars."),
        money("overall_spend_usd", "On-demand and included spend, in dollars; NULL in answers of 2025."),
        money("monthly_limit_usd", "The member's monthly limit, in dollars; NULL is no limit."),
        money("hard_limit_override_usd", "The member's own hard limit, in dollars; 0 is none."),
        money(
            "effective_limit_usd",
            "The limit that applies to the member, in dollars; NULL if Cursor gives none.",
        ),
        Column("fast_premium_requests", numeric(38, 9), "Fast premium requests of the cycle (older plans)."),
        text("billing_tier", "The seat's tier; not documented by Cursor, NULL if it gives none."),
        FETCHED_AT,
    ),
    key=("cycle_start", "member_id"),
)

RAW_CURSOR_OPEN_DAY = replace(
    RAW_CURSOR_EVENTS,
    name="raw_cursor_open_day",
    layer=Layer.OPEN_DAY,
    grain="call that Cursor recorded on the UTC day that was open when teams/spend was asked",
    description=(
        "Events from that day's start, or the billing cycle's if later, to the moment of asking. The next answer "
        "replaces them all; when the day is over its events are in raw_cursor_events. Only for the comparison with "
        "raw_cursor_spend."
    ),
    partition=None,
    cluster=(),
    has_rolling_history=False,
)
