"""Anthropic's records, with its own shape and names. A null stays None; `rows.py` gives it a meaning.

A field without a default is required: numbers, money and its currency, days, ids, and whether there is a key, an
account or a workspace. Without such a field the record would mean something else, so it is refused by the name of the
field. Any other field may be absent or null, so that one odd record does not hold back the others.
"""

from datetime import UTC, date, datetime
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec import Struct

from ai_usage_assets.sources.http.decode import Amount, Count, DecimalText, Instant, UtcDay, is_within_range
from ai_usage_assets.whitespace import trim

T = TypeVar("T")


class Timed(Struct, kw_only=True):
    """A record with times. They become UTC, whatever zone they were sent in, because days are read from them."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime) and value.tzinfo is not UTC:
                try:
                    setattr(self, name, value.astimezone(UTC))
                except OverflowError:
                    raise ValueError(f"{name} is not a time in UTC") from None


class Organization(Struct, kw_only=True):
    id: str
    name: str
    type: str


def _address(text: str | None) -> str | None:
    """An address without the blanks around it; None if it has only blanks."""
    return trim(text or "") or None


class User(Timed, kw_only=True):
    """A current member; a removed one is no longer listed."""

    id: str
    email: str | None = None
    role: str | None = None
    name: str | None = None
    added_at: Instant | None = None
    type: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        # here and not in SQL, which trims only white space and no invisible characters
        self.email = _address(self.email)


class Reference(Struct, kw_only=True):
    """A user or a service account: the creator of a key, or the one that the key acts for."""

    id: str | None = None
    type: str | None = None


class ApiKey(Timed, kw_only=True):
    id: str
    workspace_id: str | None
    """None for the default workspace."""
    name: str | None = None
    status: str | None = None
    created_at: Instant | None = None
    created_by: Reference | None = None
    principal: Reference | None = None
    expires_at: Instant | None = None
    partial_key_hint: str | None = None
    type: str | None = None


class Workspace(Timed, kw_only=True):
    """A workspace; the default one is listed too if the request includes it and the API supports that."""

    id: str
    name: str | None = None
    created_at: Instant | None = None
    archived_at: Instant | None = None
    tags: dict[str, Any] | None = None
    """Names and values that the company has set, such as the cost center."""
    type: str | None = None


class Bucket(Timed, Generic[T], kw_only=True):
    """One UTC day of a report; the end is exclusive."""

    starting_at: Instant
    ending_at: Instant
    results: list[T]

    @property
    def day(self) -> date:
        return self.starting_at.date()


class CacheCreation(Struct, kw_only=True):
    """Tokens written to the cache, by how long the cache keeps them."""

    ephemeral_5m_input_tokens: Count
    ephemeral_1h_input_tokens: Count


class ServerToolUse(Struct, kw_only=True):
    web_search_requests: Count


class MessagesTokens(Struct, kw_only=True):
    """Tokens of a day; the request decides about the groups."""

    uncached_input_tokens: Count
    cache_read_input_tokens: Count
    cache_creation: CacheCreation
    output_tokens: Count
    server_tool_use: ServerToolUse
    workspace_id: str | None
    """None for the default workspace."""
    model: str | None = None
    service_tier: str | None = None
    inference_geo: str | None = None


class MessagesUsage(MessagesTokens, kw_only=True):
    """Tokens of a day by key, workspace, model, tier and context window."""

    api_key_id: str | None
    """None for the console or OAuth."""
    context_window: str | None = None


class AccountUsage(MessagesTokens, kw_only=True):
    """Tokens of a day by account, service account, workspace, model and tier."""

    account_id: str | None
    """None for usage with an API key, or of a service account."""
    service_account_id: str | None
    """None for usage with an API key, or of a person."""


class CostLine(Struct, kw_only=True):
    """The cost of a day for one description in one workspace."""

    amount: DecimalText
    """Cents, with as many decimals as the vendor sends; negative for a credit."""
    currency: str
    workspace_id: str | None
    """None for the default workspace."""
    description: str | None = None
    cost_type: str | None = None
    token_type: str | None = None
    """None if the cost is not for tokens."""
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None


class Actor(Struct, kw_only=True):
    """A `user_actor` has an e-mail. An `api_actor` has the *name* of a key, which may not be unique."""

    type: str
    email_address: str | None = None
    api_key_name: str | None = None

    def __post_init__(self) -> None:
        self.email_address = _address(self.email_address)


class LinesOfCode(Struct, kw_only=True):
    added: Count
    removed: Count


class CoreMetrics(Struct, kw_only=True):
    num_sessions: Count
    lines_of_code: LinesOfCode
    commits_by_claude_code: Count | None = None
    pull_requests_by_claude_code: Count | None = None


class ToolAction(Struct, kw_only=True):
    accepted: Count
    rejected: Count


class ClaudeCodeTokens(Struct, kw_only=True):
    input: Count
    output: Count
    cache_read: Count
    cache_creation: Count


class EstimatedCost(Struct, kw_only=True):
    """Claude Code's own estimate. Its cost is also part of the cost report."""

    amount: Amount
    """Cents. It is a number here and a string in the cost report."""
    currency: str

    def __post_init__(self) -> None:
        if not is_within_range(self.amount):
            raise ValueError("amount is not a finite number that the warehouse can hold")


class ModelBreakdown(Struct, kw_only=True):
    tokens: ClaudeCodeTokens
    model: str | None = None
    estimated_cost: EstimatedCost | None = None


class ClaudeCodeRecord(Struct, kw_only=True):
    """One actor's day in one terminal. Sessions and lines are counted once a record, and not for each model."""

    date: UtcDay
    actor: Actor
    customer_type: str
    core_metrics: CoreMetrics
    model_breakdown: list[ModelBreakdown]
    tool_actions: dict[str, ToolAction] | None = None
    """By tool. The vendor may add tools, and each may be missing."""
    terminal_type: str | None = None
    organization_id: str | None = None
    subscription_type: str | None = None
    is_remote: bool | None = None
    """None if the record does not say it, as before 2026."""


UsageBucket: TypeAlias = Bucket[MessagesUsage]
AccountBucket: TypeAlias = Bucket[AccountUsage]
CostBucket: TypeAlias = Bucket[CostLine]
