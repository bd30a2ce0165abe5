"""Claude Code's records with the vendor's field names. A field that the vendor omits is unset."""

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType


class Actor(msgspec.Struct, frozen=True):
    type: str
    email_address: str | UnsetType = UNSET
    api_key_name: str | UnsetType = UNSET


class LinesOfCode(msgspec.Struct, frozen=True):
    added: int
    removed: int


class CoreMetrics(msgspec.Struct, frozen=True):
    num_sessions: int
    lines_of_code: LinesOfCode
    commits_by_claude_code: int
    pull_requests_by_claude_code: int


class ToolAction(msgspec.Struct, frozen=True):
    accepted: int
    rejected: int


class Tokens(msgspec.Struct, frozen=True):
    input: int
    output: int
    cache_read: int
    cache_creation: int


class EstimatedCost(msgspec.Struct, frozen=True):
    amount: Decimal
    """Cents. It is a number here, and a string in the cost report."""
    currency: str = "USD"


class ModelBreakdown(msgspec.Struct, frozen=True):
    model: str
    tokens: Tokens
    estimated_cost: EstimatedCost


class ClaudeCode(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the vendor returns it. Fields that it does not have, or not before 2026, are unset."""

    date: str
    actor: Actor
    organization_id: str
    customer_type: str
    subscription_type: str | None | UnsetType = UNSET
    terminal_type: str
    is_remote: bool | UnsetType = UNSET
    core_metrics: CoreMetrics
    tool_actions: dict[str, ToolAction]
    model_breakdown: list[ModelBreakdown]
    client_channel: str = "stable"


class Activity(msgspec.Struct, frozen=True):
    """A record with data that the vendor does not return: its API key and its last minute."""

    record: ClaudeCode
    api_key_id: str | None
    last_minute: int
