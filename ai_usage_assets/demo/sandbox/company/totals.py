"""The totals of a day, from the company's own records and never from what was served."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from msgspec import UNSET

from ai_usage_assets.demo.sandbox.anthropic.claude_code_shapes import ClaudeCode
from ai_usage_assets.demo.sandbox.anthropic.cost import Cost, counts
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import Usage
from ai_usage_assets.demo.sandbox.cursor.kinds import is_paid
from ai_usage_assets.demo.sandbox.cursor.shapes import DailyUsage, UsageEvent


@dataclass
class AnthropicTotals:
    uncached_input_tokens: int = 0
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    web_search_requests: int = 0
    cost_cents: dict[str, Decimal] = field(default_factory=dict)
    """By cost_type."""
    credit_cents: Decimal = Decimal(0)
    """The part of it that is negative lines, of any cost_type."""
    account_tokens: dict[str, int] = field(default_factory=dict)
    """Tokens of every kind without an API key, by account or service account."""

    @property
    def total_cents(self) -> Decimal:
        return sum(self.cost_cents.values(), Decimal(0))


@dataclass
class ClaudeCodeTotals:
    """The totals of one customer_type."""

    records: int = 0
    num_sessions: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    commits: int = 0
    pull_requests: int = 0
    accepted: int = 0
    rejected: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    estimated_cents: Decimal = Decimal(0)


@dataclass
class CursorTotals:
    events: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    chargeable_cents: Decimal = Decimal(0)
    included_cents: Decimal = Decimal(0)
    unpriced_events: int = 0
    """Events of before 2026, whose responses contain no cost."""
    members: int = 0
    active_members: int = 0
    total_lines_added: int = 0
    total_lines_deleted: int = 0
    accepted_lines_added: int = 0
    accepted_lines_deleted: int = 0
    total_accepts: int = 0
    total_rejects: int = 0
    requests: int = 0
    """Requests in the members' daily rows. Events of the contractor and of the service account are in no row."""


@dataclass(frozen=True)
class DayTotals:
    day: date
    anthropic: AnthropicTotals
    claude_code: dict[str, ClaudeCodeTotals]
    """By customer_type."""
    cursor: CursorTotals


def anthropic_totals(rows: Iterable[Usage], lines: Iterable[Cost]) -> AnthropicTotals:
    totals = AnthropicTotals()
    for row in rows:
        totals.uncached_input_tokens += row.uncached_input_tokens
        totals.ephemeral_5m_input_tokens += row.cache_creation.ephemeral_5m_input_tokens
        totals.ephemeral_1h_input_tokens += row.cache_creation.ephemeral_1h_input_tokens
        totals.cache_read_input_tokens += row.cache_read_input_tokens
        totals.output_tokens += row.output_tokens
        totals.web_search_requests += row.server_tool_use.web_search_requests
        if account := row.account_id or row.service_account_id:
            tokens = totals.account_tokens.get(account, 0) + sum(counts(row))
            totals.account_tokens[account] = tokens
    for line in lines:
        kind = line.cost_type or ""
        totals.cost_cents[kind] = totals.cost_cents.get(kind, Decimal(0)) + Decimal(line.amount)
        totals.credit_cents += min(Decimal(line.amount), Decimal(0))
    return totals


def claude_code_totals(records: Iterable[ClaudeCode]) -> dict[str, ClaudeCodeTotals]:
    totals_by_type = {"api": ClaudeCodeTotals(), "subscription": ClaudeCodeTotals()}
    for record in records:
        totals, metrics = totals_by_type[record.customer_type], record.core_metrics
        totals.records += 1
        totals.num_sessions += metrics.num_sessions
        totals.lines_added += metrics.lines_of_code.added
        totals.lines_removed += metrics.lines_of_code.removed
        totals.commits += metrics.commits_by_claude_code
        totals.pull_requests += metrics.pull_requests_by_claude_code
        totals.accepted += sum(tool.accepted for tool in record.tool_actions.values())
        totals.rejected += sum(tool.rejected for tool in record.tool_actions.values())
        for usage in record.model_breakdown:
            totals.input += usage.tokens.input
            totals.output += usage.tokens.output
            totals.cache_read += usage.tokens.cache_read
            totals.cache_creation += usage.tokens.cache_creation
            totals.estimated_cents += usage.estimated_cost.amount
    return totals_by_type


def cursor_totals(events: Iterable[UsageEvent], rows: Iterable[DailyUsage]) -> CursorTotals:
    totals = CursorTotals()
    for event in events:
        totals.events += 1
        if event.token_usage is not UNSET:
            totals.input_tokens += event.token_usage.input_tokens
            totals.output_tokens += event.token_usage.output_tokens
            totals.cache_read_tokens += event.token_usage.cache_read_tokens
            totals.cache_write_tokens += event.token_usage.cache_write_tokens or 0
        cents = charged(event)
        if cents is None:
            totals.unpriced_events += 1
        elif is_billable(event):
            totals.chargeable_cents += cents
        else:
            totals.included_cents += cents
    for row in rows:
        totals.members += 1
        totals.active_members += row.is_active
        totals.total_lines_added += row.total_lines_added
        totals.total_lines_deleted += row.total_lines_deleted
        totals.accepted_lines_added += row.accepted_lines_added
        totals.accepted_lines_deleted += row.accepted_lines_deleted
        totals.total_accepts += row.total_accepts
        totals.total_rejects += row.total_rejects
        totals.requests += row.subscription_included_reqs + row.usage_based_reqs + row.api_key_reqs
    return totals


def is_billable(event: UsageEvent) -> bool:
    """Whether the event is billed on top of the plan."""
    return is_paid(event.kind or event.kind_label or None, event.is_chargeable)


def charged(event: UsageEvent) -> Decimal | None:
    """The charge in cents, or None if an old response does not contain it."""
    if event.charged_cents is not UNSET:
        return event.charged_cents
    if event.token_usage is UNSET:
        return None
    fee = Decimal(0) if event.cursor_token_fee is UNSET else event.cursor_token_fee
    return event.token_usage.total_cents + fee
