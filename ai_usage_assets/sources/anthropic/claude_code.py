"""Claude Code's records as rows of two tables: what a record counts once, and what it counts for each model.

One request is about one day. Several days are requested at once.
"""

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.tables.anthropic import RAW_CLAUDE_CODE_MODELS, RAW_CLAUDE_CODE_USAGE
from ai_usage_assets.sources.anthropic.records import ClaudeCodeRecord
from ai_usage_assets.sources.anthropic.rows import UNKNOWN_MODEL
from ai_usage_assets.sources.columnar import build, group_by_key, key_columns, known_dollars, known_sum

if TYPE_CHECKING:
    import pyarrow as pa


TABLES = (RAW_CLAUDE_CODE_USAGE, RAW_CLAUDE_CODE_MODELS)

MAX_DAYS = 31
"""Days in memory at a time."""
DAYS_AT_ONCE = 8
FINALIZATION_LAG = timedelta(hours=1)
"""The vendor withholds each record for this time, and so it withholds the end of a day."""

ACTOR_KEY = (
    *("ingest_date", "actor_type", "actor_email", "api_key_name"),
    *("customer_type", "subscription_type", "terminal_type", "is_remote"),
)


class DayNotFinalError(AiUsageError):
    """A run includes a day of which the vendor still withholds records."""

    def __init__(self, day: date, final_at: datetime) -> None:
        super().__init__(
            f"Claude Code's {day} is not final before {final_at:%Y-%m-%d %H:%M} UTC, an hour after it ends. "
            "Nothing was requested or written.",
            "Run the day again from then on.",
        )


def refuse_unfinished(days: Days, now: datetime) -> None:
    """Refuse a run that includes a day of which the vendor still withholds records.

    Raises:
        DayNotFinalError: it names the run's last day, and the time from which it is final.
    """
    final_at = days.ending_at + FINALIZATION_LAG
    if now < final_at:
        raise DayNotFinalError(days.last, final_at)


def fetch(
    records_of: Callable[[date], Iterable[ClaudeCodeRecord]], days: Days, fetched_at: datetime
) -> "tuple[pa.Table, pa.Table]":
    """Rows of both tables. The first day that fails ends the fetch, and days that have not begun are dropped."""
    with ThreadPoolExecutor(DAYS_AT_ONCE, thread_name_prefix="claude_code") as pool:
        records = [record for day in pool.map(lambda day: list(records_of(day)), days) for record in day]
    return usage_rows(records, fetched_at), model_rows(records, fetched_at)


def usage_rows(records: Iterable[ClaudeCodeRecord], fetched_at: datetime) -> "pa.Table":
    """raw_claude_code_usage; records of two machines with the same terminal become one row with their sum."""
    groups = group_by_key((_actor_key(record), record) for record in records)
    duplicates = groups.values()
    return build(
        RAW_CLAUDE_CODE_USAGE,
        {
            **key_columns(ACTOR_KEY, groups),
            "sessions": [sum(record.core_metrics.num_sessions for record in same) for same in duplicates],
            "lines_added": [
                sum(record.core_metrics.lines_of_code.added for record in same) for same in duplicates
            ],
            "lines_removed": [
                sum(record.core_metrics.lines_of_code.removed for record in same) for same in duplicates
            ],
            "commits": [
                known_sum(record.core_metrics.commits_by_claude_code for record in same)
                for same in duplicates
            ],
            "pull_requests": [
                known_sum(record.core_metrics.pull_requests_by_claude_code for record in same)
                for same in duplicates
            ],
            "tool_accepts": [known_sum(_accepts(record) for record in same) for same in duplicates],
            "tool_rejects": [known_sum(_rejects(record) for record in same) for same in duplicates],
            "fetched_at": [fetched_at] * len(groups),
        },
    )


def model_rows(records: Iterable[ClaudeCodeRecord], fetched_at: datetime) -> "pa.Table":
    """raw_claude_code_models; the estimate is in cents. A record without a model has no row in this table."""
    groups = group_by_key(
        ((*_actor_key(record), used.model or UNKNOWN_MODEL), used)
        for record in records
        for used in record.model_breakdown
    )
    duplicates = groups.values()
    return build(
        RAW_CLAUDE_CODE_MODELS,
        {
            **key_columns((*ACTOR_KEY, "model"), groups),
            "input_tokens": [sum(used.tokens.input for used in same) for same in duplicates],
            "output_tokens": [sum(used.tokens.output for used in same) for same in duplicates],
            "cache_read_tokens": [sum(used.tokens.cache_read for used in same) for same in duplicates],
            "cache_creation_tokens": [
                sum(used.tokens.cache_creation for used in same) for same in duplicates
            ],
            "estimated_cost_usd": [
                known_dollars(used.estimated_cost.amount if used.estimated_cost else None for used in same)
                for same in duplicates
            ],
            "fetched_at": [fetched_at] * len(groups),
        },
    )


def _actor_key(record: ClaudeCodeRecord) -> tuple[Hashable, ...]:
    actor = record.actor
    return (
        *(record.date, actor.type, actor.email_address, actor.api_key_name),
        *(record.customer_type, record.subscription_type, record.terminal_type, record.is_remote),
    )


def _accepts(record: ClaudeCodeRecord) -> int | None:
    tools = record.tool_actions
    return None if tools is None else sum(tool.accepted for tool in tools.values())


def _rejects(record: ClaudeCodeRecord) -> int | None:
    tools = record.tool_actions
    return None if tools is None else sum(tool.rejected for tool in tools.values())
