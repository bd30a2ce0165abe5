"""Claude Code's records as rows of two tables: what a record counts once, and what it counts for each model.

The vendor is asked a day at a time, several days at once; a day is taken only when it is told whole.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.days import Days
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.tables.anthropic import RAW_CLAUDE_CODE_MODELS, RAW_CLAUDE_CODE_USAGE
from ai_usage_assets.sources.anthropic.records import ClaudeCodeRecord, ModelBreakdown, ToolAction
from ai_usage_assets.sources.anthropic.rows import UNKNOWN_MODEL
from ai_usage_assets.sources.columnar import dollars, known_sum, summed, total

if TYPE_CHECKING:
    import pyarrow as pa


TABLES = (RAW_CLAUDE_CODE_USAGE, RAW_CLAUDE_CODE_MODELS)

MAX_DAYS = 31
"""Days in memory at a time; the vendor itself is asked day by day."""
DAYS_AT_ONCE = 8
WITHHELD = timedelta(hours=1)
"""How long the vendor keeps back a record, and so the end of a day."""


class DayNotFinalError(AiUsageError):
    """A day that is asked for before the vendor tells all of it."""

    def __init__(self, day: date, until: datetime) -> None:
        super().__init__(
            f"Claude Code's {day} is not told whole before {until:%Y-%m-%d %H:%M} UTC, an hour after it ends: "
            "nothing was asked or written; run the day again from then on."
        )


def refuse_withheld(days: Days, now: datetime) -> None:
    """Refuse a run that reaches into a day that the vendor still keeps back.

    Raises:
        DayNotFinalError: names the run's last day, and when it can be had.
    """
    until = days.ending_at + WITHHELD
    if now < until:
        raise DayNotFinalError(days.last, until)


def fetch(
    ask: Callable[[date], Iterable[ClaudeCodeRecord]], days: Days, fetched_at: datetime
) -> "tuple[pa.Table, pa.Table]":
    """Rows of both tables, a call or more a day; the first day that fails ends it, and those not begun are dropped."""
    with ThreadPoolExecutor(DAYS_AT_ONCE, thread_name_prefix="claude_code") as pool:
        records = [record for day in pool.map(lambda day: list(ask(day)), days) for record in day]
    return usage_rows(records, fetched_at), model_rows(records, fetched_at)


ACTOR: Mapping[str, Callable[[ClaudeCodeRecord], Hashable]] = {
    "ingest_date": lambda r: r.date,
    "actor_type": lambda r: r.actor.type,
    "actor_email": lambda r: r.actor.email_address,
    "api_key_name": lambda r: r.actor.api_key_name,
    "customer_type": lambda r: r.customer_type,
    "subscription_type": lambda r: r.subscription_type,
    "terminal_type": lambda r: r.terminal_type,
    "is_remote": lambda r: r.is_remote,
}


def usage_rows(records: Iterable[ClaudeCodeRecord], fetched_at: datetime) -> "pa.Table":
    """raw_claude_code_usage; two machines with the same terminal are alike in all dimensions, and are summed."""
    return summed(
        RAW_CLAUDE_CODE_USAGE,
        records,
        dimensions=ACTOR,
        measures={
            "sessions": _sum(lambda r: r.core_metrics.num_sessions),
            "lines_added": _sum(lambda r: r.core_metrics.lines_of_code.added),
            "lines_removed": _sum(lambda r: r.core_metrics.lines_of_code.removed),
            "commits": known_sum(lambda r: r.core_metrics.commits_by_claude_code),
            "pull_requests": known_sum(lambda r: r.core_metrics.pull_requests_by_claude_code),
            "tool_accepts": known_sum(lambda r: _over_tools(r, lambda tool: tool.accepted)),
            "tool_rejects": known_sum(lambda r: _over_tools(r, lambda tool: tool.rejected)),
        },
        fetched_at=fetched_at,
    )


def model_rows(records: Iterable[ClaudeCodeRecord], fetched_at: datetime) -> "pa.Table":
    """raw_claude_code_models; the estimate comes in cents. A record without a model has no row here."""
    pairs: list[tuple[ClaudeCodeRecord, ModelBreakdown]] = [
        (r, m) for r in records for m in r.model_breakdown
    ]
    return summed(
        RAW_CLAUDE_CODE_MODELS,
        pairs,
        dimensions={
            **{name: _of_record(read) for name, read in ACTOR.items()},
            "model": lambda p: p[1].model or UNKNOWN_MODEL,
        },
        measures={
            "input_tokens": _sum(lambda p: p[1].tokens.input),
            "output_tokens": _sum(lambda p: p[1].tokens.output),
            "cache_read_tokens": _sum(lambda p: p[1].tokens.cache_read),
            "cache_creation_tokens": _sum(lambda p: p[1].tokens.cache_creation),
            "estimated_cost_usd": _estimate,
        },
        fetched_at=fetched_at,
    )


def _of_record(
    read: Callable[[ClaudeCodeRecord], Hashable],
) -> Callable[[tuple[ClaudeCodeRecord, Any]], Hashable]:
    return lambda pair: read(pair[0])


def _sum(read: Callable[[Any], int]) -> Callable[[Iterable[Any]], int]:
    return lambda records: sum(map(read, records))


def _over_tools(record: ClaudeCodeRecord, read: Callable[[ToolAction], int]) -> int | None:
    return None if record.tool_actions is None else sum(map(read, record.tool_actions.values()))


def _estimate(alike: Iterable[tuple[Any, ModelBreakdown]]) -> Decimal | None:
    known = [model.estimated_cost.amount for _, model in alike if model.estimated_cost]
    return dollars(total(known)) if known else None
