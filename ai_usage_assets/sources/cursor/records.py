"""Cursor's records, with its own shape; the names are the vendor's in snake case.

Cursor has many ways to send a missing value: null, no field at all, a blank text, and the word "null". All of them
are None here, in every text and id. A record without a kind, model or e-mail is accepted. A record without a day or a
key is refused.
"""

import datetime as dt
from functools import cache
from typing import get_args

from msgspec import Struct, field
from msgspec.structs import fields, force_setattr

from ai_usage_assets.sources.http.decode import Amount, Count, EpochMillis, Id, Moment, is_within_range
from ai_usage_assets.whitespace import trim

ADDRESSES = ("email", "user_email")
"""Their blanks are removed, also the invisible ones, which SQL does not trim."""


class Record(Struct, rename="camel", kw_only=True, frozen=True):
    def __post_init__(self) -> None:
        texts, amounts = _of_kind(type(self))
        for name in texts:
            value = getattr(self, name)
            if value is not None:
                bare = trim(value)
                if not bare or (len(bare) == 4 and bare.lower() == "null"):
                    force_setattr(self, name, None)
                elif bare != value and name in ADDRESSES:
                    force_setattr(self, name, bare)
        for name, sent in amounts:
            value = getattr(self, name)
            if value is not None and not is_within_range(value):
                raise ValueError(f"{sent} is not a finite number that the warehouse can hold")


@cache
def _of_kind(record: type[Struct]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The names of a record's texts and ids, and of its amounts with the vendor's names for them."""
    types = {field.name: (field.encode_name, get_args(field.type)) for field in fields(record)}
    texts = tuple(name for name, (_, kinds) in types.items() if str in kinds or Id in kinds)
    return texts, tuple((name, sent) for name, (sent, kinds) in types.items() if Amount in kinds)


class Member(Record, frozen=True):
    """A member of the team; a removed one stays in the list."""

    id: Id | None = None
    email: str | None = None
    name: str | None = None
    role: str | None = None
    is_removed: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.id is None and self.email is None:
            raise ValueError("id and email are both missing")


class DailyUsage(Record, frozen=True):
    """One person's day in the editor. The request fields count events; they are not units and not money."""

    user_id: Id | None = None
    email: str | None = None
    stated_day: dt.date | None = field(default=None, name="day")
    date: EpochMillis | None = None
    """The start of the requested window plus whole days; its time of day has no meaning."""
    is_active: bool | None = None
    total_lines_added: Count | None = None
    total_lines_deleted: Count | None = None
    accepted_lines_added: Count | None = None
    accepted_lines_deleted: Count | None = None
    total_applies: Count | None = None
    total_accepts: Count | None = None
    total_rejects: Count | None = None
    total_tabs_shown: Count | None = None
    total_tabs_accepted: Count | None = None
    composer_requests: Count | None = None
    chat_requests: Count | None = None
    agent_requests: Count | None = None
    cmdk_usages: Count | None = None
    bugbot_usages: Count | None = None
    subscription_included_reqs: Count | None = None
    usage_based_reqs: Count | None = None
    api_key_reqs: Count | None = None
    most_used_model: str | None = None
    apply_most_used_extension: str | None = None
    tab_most_used_extension: str | None = None
    client_version: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stated_day is None and self.date is None:
            raise ValueError("day and date are both missing")

    @property
    def day(self) -> dt.date:
        """The UTC day of the row; answers of 2025 have it only in `date`."""
        if self.stated_day is not None:
            return self.stated_day
        assert self.date is not None
        return self.date.astimezone(dt.UTC).date()


class TokenUsage(Record, frozen=True):
    """Tokens of one call; each field may be missing."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_write_tokens: Count | None = None
    cache_read_tokens: Count | None = None
    total_cents: Amount | None = None
    """The cost of the model in cents, with a fraction."""
    discount_percent_off: Amount | None = None
    """The vendor's discount in percent."""


class UsageEvent(Record, frozen=True):
    """One call. It has no id, so two events with the same values in every field are two calls."""

    timestamp: EpochMillis
    model: str | None = None
    user_email: str | None = None
    kind: str | None = None
    """How the call is paid for, in the vendor's words; `kindLabel` in 2025, and None in odd records."""
    kind_label: str | None = None
    max_mode: bool | None = None
    requests_costs: Amount | None = None
    """Request units; they are not money."""
    is_token_based_call: bool | None = None
    is_chargeable: bool | None = None
    is_headless: bool | None = None
    token_usage: TokenUsage | None = None
    charged_cents: Amount | None = None
    """Cents, with Cursor's token fee; calls that the plan includes have it too."""
    cursor_token_fee: Amount | None = None
    """Cents; a part of `charged_cents`."""
    is_free_bugbot: bool | None = None
    user_id: Id | None = None
    service_account_id: Id | None = None
    """Set if a service account made the call."""
    service_account_name: str | None = None
    conversation_id: Id | None = None
    cloud_agent_id: Id | None = None
    automation_id: Id | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind is None:
            force_setattr(self, "kind", self.kind_label)


class GroupMember(Record, frozen=True):
    """A member of a billing group from `joined_at` to `left_at`."""

    user_id: Id | None = None
    email: str | None = None
    joined_at: Moment | None = None
    left_at: Moment | None = None
    spend_cents: Amount | None = None
    """In the billing cycle of the answer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.user_id is None and self.email is None:
            raise ValueError("userId and email are both missing")


class Group(Record, frozen=True):
    """A billing group, such as a department."""

    id: Id
    name: str | None = None
    current_members: list[GroupMember] | None = None
    former_members: list[GroupMember] | None = None


class BillingCycle(Record, frozen=True):
    cycle_start: Moment | None = None


class MemberSpend(Record, frozen=True):
    """The spend of a member since the billing cycle began, in cents."""

    email: str | None = None
    user_id: Id | None = None
    name: str | None = None
    role: str | None = None
    spend_cents: Amount | None = None
    """Spend on demand, without what the seat includes. The vendor has changed its meaning over time."""
    overall_spend_cents: Amount | None = None
    """Spend on demand and included usage; absent in 2025."""
    fast_premium_requests: Amount | None = None
    hard_limit_override_dollars: Amount | None = None
    monthly_limit_dollars: Amount | None = None
    effective_per_user_limit_dollars: Amount | None = None
    billing_tier: Id | None = None
    """Not documented."""


class Spend(Struct, kw_only=True):
    """The current billing cycle of the whole team."""

    subscription_cycle_start: EpochMillis
    members: list[MemberSpend]
