"""Cursor's records with the vendor's field names. A field that the vendor omits is unset."""

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType


class TokenUsage(msgspec.Struct, rename="camel", frozen=True, gc=False):
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    total_cents: Decimal
    cache_write_tokens: int | UnsetType = UNSET
    discount_percent_off: int | UnsetType = UNSET


class UsageEvent(msgspec.Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """One call as the vendor returns it. Fields that it omits are unset."""

    timestamp: str
    user_email: str | UnsetType
    model: str | UnsetType
    kind: str | UnsetType = UNSET
    kind_label: str | UnsetType = UNSET
    max_mode: bool
    requests_costs: Decimal | UnsetType = UNSET
    is_token_based_call: bool
    is_chargeable: bool | UnsetType = UNSET
    is_headless: bool | UnsetType = UNSET
    token_usage: TokenUsage | UnsetType = UNSET
    charged_cents: Decimal | UnsetType = UNSET
    cursor_token_fee: Decimal | UnsetType = UNSET
    is_free_bugbot: bool | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    service_account_id: str | UnsetType = UNSET
    service_account_name: str | UnsetType = UNSET
    conversation_id: str | UnsetType = UNSET
    cloud_agent_id: str | UnsetType = UNSET
    automation_id: str | UnsetType = UNSET
    region_hint: str = "us-east"


class Call(msgspec.Struct, frozen=True, gc=False):
    """An event with data that the vendor does not return: the member, the mode, and the request counter."""

    at: int
    """Milliseconds since the epoch."""
    member: str
    mode: str
    counted: str
    """The counter of the daily row that it is part of: included, usage or own_key."""
    event: UsageEvent


class DailyUsage(msgspec.Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """A member's day, without `date`, which depends on the time of day of the request."""

    user_id: str
    day: str
    email: str
    is_active: bool = False
    total_lines_added: int = 0
    total_lines_deleted: int = 0
    accepted_lines_added: int = 0
    accepted_lines_deleted: int = 0
    total_applies: int = 0
    total_accepts: int = 0
    total_rejects: int = 0
    total_tabs_shown: int = 0
    total_tabs_accepted: int = 0
    composer_requests: int = 0
    chat_requests: int = 0
    agent_requests: int = 0
    cmdk_usages: int = 0
    bugbot_usages: int = 0
    subscription_included_reqs: int = 0
    usage_based_reqs: int = 0
    api_key_reqs: int = 0
    most_used_model: str | None = ""
    apply_most_used_extension: str | None = ""
    tab_most_used_extension: str | None = ""
    client_version: str | None | UnsetType = UNSET
    team_id: int = 4711
