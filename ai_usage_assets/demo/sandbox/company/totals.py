"""What a day truly came to: sums over the company's own records, never over what was served."""

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
    """The part of it that is negative lines, of whatever cost_type."""
    account_tokens: dict[str, int] = field(default_factory=dict)
    """Tokens of every kind without an API key, by account or service account."""

    @property
    def total_cents(self) -> Decimal:
        return sum(self.cost_cents.values(), Decimal(0))


@dataclass
class ClaudeCodeTotals:
    """Of one customer_type."""

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
    """Of before 2026: nothing in the answer says what they were worth."""
    members: int = 0
    active_members: int = 0
    total_lines_added: int = 0
    total_lines_deleted: int = 0
    accepted_lines_added: int = 0
    accepted_lines_deleted: int = 0
    total_accepts: int = 0
    total_rejects: int = 0
    requests: int = 0
    """As the members' rows count them; the contractor's and the service's events are in no row."""


@dataclass(frozen=True)
class DayTotals:
    day: date
    anthropic: AnthropicTotals
    claude_code: dict[str, ClaudeCodeTotals]
    """By customer_type."""
    cursor: CursorTotals


def anthropic_totals(rows: Iterable[Usage], lines: Iterable[Cost]) -> AnthropicTotals:
    truth = AnthropicTotals()
    for row in rows:
        truth.uncached_input_tokens += row.uncached_input_tokens
        truth.ephemeral_5m_input_tokens += row.cache_creation.ephemeral_5m_input_tokens
        truth.ephemeral_1h_input_tokens += row.cache_creation.ephemeral_1h_input_tokens
        truth.cache_read_input_tokens += row.cache_read_input_tokens
        truth.output_tokens += row.output_tokens
        truth.web_search_requests += row.server_tool_use.web_search_requests
        if account := row.account_id or row.service_account_id:
            tokens = truth.account_tokens.get(account, 0) + sum(counts(row))
            truth.account_tokens[account] = tokens
    for line in lines:
        kind = line.cost_type or ""
        truth.cost_cents[kind] = truth.cost_cents.get(kind, Decimal(0)) + Decimal(line.amount)
        truth.credit_cents += min(Decimal(line.amount), Decimal(0))
    return truth


def claude_code_totals(records: Iterable[ClaudeCode]) -> dict[str, ClaudeCodeTotals]:
    truths = {"api": ClaudeCodeTotals(), "subscription": ClaudeCodeTotals()}
    for record in records:
        truth, metrics = truths[record.customer_type], record.core_metrics
        truth.records += 1
        truth.num_sessions += metrics.num_sessions
        truth.lines_added += metrics.lines_of_code.added
        truth.lines_removed += metrics.lines_of_code.removed
        truth.commits += metrics.commits_by_claude_code
        truth.pull_requests += metrics.pull_requests_by_claude_code
        truth.accepted += sum(tool.accepted for tool in record.tool_actions.values())
        truth.rejected += sum(tool.rejected for tool in record.tool_actions.values())
        for spent in record.model_breakdown:
            truth.input += spent.tokens.input
            truth.output += spent.tokens.output
            truth.cache_read += spent.tokens.cache_read
            truth.cache_creation += spent.tokens.cache_creation
            truth.estimated_cents += spent.estimated_cost.amount
    return truths


def cursor_totals(events: Iterable[UsageEvent], rows: Iterable[DailyUsage]) -> CursorTotals:
    truth = CursorTotals()
    for event in events:
        truth.events += 1
        if event.token_usage is not UNSET:
            truth.input_tokens += event.token_usage.input_tokens
            truth.output_tokens += event.token_usage.output_tokens
            truth.cache_read_tokens += event.token_usage.cache_read_tokens
            truth.cache_write_tokens += event.token_usage.cache_write_tokens or 0
        worth = charged(event)
        if worth is None:
            truth.unpriced_events += 1
        elif is_billable(event):
            truth.chargeable_cents += worth
        else:
            truth.included_cents += worth
    for row in rows:
        truth.members += 1
        truth.active_members += row.is_active
        truth.total_lines_added += row.total_lines_added
        truth.total_lines_deleted += row.total_lines_deleted
        truth.accepted_lines_added += row.accepted_lines_added
        truth.accepted_lines_deleted += row.accepted_lines_deleted
        truth.total_accepts += row.total_accepts
        truth.total_rejects += row.total_rejects
        truth.requests += row.subscription_included_reqs + row.usage_based_reqs + row.api_key_reqs
    return truth


def is_billable(event: UsageEvent) -> bool:
    """Whether it comes on top of what the plan covers."""
    return is_paid(event.kind or event.kind_label or None, event.is_chargeable)


def charged(event: UsageEvent) -> Decimal | None:
    """Cents, or None where an old answer holds nothing to tell."""
    if event.charged_cents is not UNSET:
        return event.charged_cents
    if event.token_usage is UNSET:
        return None
    fee = Decimal(0) if event.cursor_token_fee is UNSET else event.cursor_token_fee
    return event.token_usage.total_cents + fee
