"""The prefetcher starts the fetches of all planned steps, and a step that is retried fetches anew."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.prefetch import Prefetcher
from ai_usage_assets.defs.window_buffer import FLUSH_AT_ROWS
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.sources.anthropic.claude_code import DayNotFinalError
from ai_usage_assets.sources.endpoint import MAX_RECORDS, Endpoint
from ai_usage_assets.sources.http.errors import TooManyRecordsError

TWO_DAYS = dg.PartitionKeyRange("2026-10-01", "2026-10-02")
MONTH = dg.PartitionKeyRange("2026-10-01", "2026-10-30")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Client:
    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()

    def ask(self, path: str, days: Days) -> list[pa.Table]:
        self.requests[path] += 1
        return [pa.table({"day": [str(days.first)]})]


def endpoint(name: str, max_days: int = 1, **options: Any) -> Endpoint[Any]:
    def fetch(client: Client, days: Days, fetched_at: datetime) -> Sequence[pa.Table]:
        return client.ask(name, days)

    return Endpoint(name, (BY_NAME[name],), name, max_days, fetch, **options)


USAGE, EVENTS = endpoint("raw_cursor_usage"), endpoint("raw_cursor_events", 30)


class Context:
    """The parts of an asset's context that the prefetcher uses."""

    partition_key_range = TWO_DAYS
    log = logging.getLogger("prefetch")

    def __init__(self, *planned: str) -> None:
        self._planned = planned

    def get_step_execution_context(self) -> Any:
        return SimpleNamespace(execution_plan=SimpleNamespace(step_keys_to_execute=self._planned))


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def prefetcher(client: Client) -> Prefetcher:
    return Prefetcher({"cursor": SimpleNamespace(client=client)}, [USAGE, EVENTS], lambda: NOW)


def fetched(prefetcher: Prefetcher, client: Client, of: Endpoint[Any], *planned: str) -> list[date]:
    context: Any = Context(*planned)
    chunks = prefetcher.chunks(context, client, of).chunks
    return [day for chunk in chunks for day in chunk.days or ()]


BOTH_DAYS = [date(2026, 10, 1), date(2026, 10, 2)]


def test_a_retried_step_fetches_its_windows_again(prefetcher: Prefetcher, client: Client) -> None:
    for attempt in (1, 2, 3):
        assert fetched(prefetcher, client, USAGE, USAGE.name, EVENTS.name) == BOTH_DAYS
        assert client.requests[USAGE.name] == 2 * attempt


def test_a_step_that_failed_halfway_starts_from_the_first_day(prefetcher: Prefetcher, client: Client) -> None:
    context: Any = Context(USAGE.name)
    first = next(prefetcher.chunks(context, client, USAGE).chunks)
    assert first.days
    assert first.days.first == BOTH_DAYS[0]
    assert fetched(prefetcher, client, USAGE, USAGE.name) == BOTH_DAYS


def test_nothing_more_is_requested_for_a_step_that_failed_halfway() -> None:
    is_requested, has_failed = threading.Event(), threading.Event()

    def fetch(client: Client, days: Days, fetched_at: datetime) -> Sequence[pa.Table]:
        client.ask(USAGE.path, days)
        if days.first == BOTH_DAYS[0]:
            # so many rows do not wait for more
            return [pa.table({"n": pa.nulls(FLUSH_AT_ROWS)})]
        is_requested.set()
        assert has_failed.wait(60)
        return [pa.table({"n": [1]})]

    client, context = Client(), Context()
    context.partition_key_range = MONTH
    usage = Endpoint("failed_halfway", USAGE.tables, USAGE.path, 1, fetch)
    prefetcher = Prefetcher({"cursor": SimpleNamespace(client=client)}, [usage], lambda: NOW)
    chunks: Any = prefetcher.chunks(context, client, usage).chunks  # type: ignore[arg-type]
    assert next(chunks).days == Days.one(BOTH_DAYS[0])
    assert is_requested.wait(60)
    chunks.close()
    has_failed.set()
    for thread in threading.enumerate():
        if thread.name == usage.name:
            thread.join(60)
    assert client.requests == {USAGE.path: 2}


def test_a_step_whose_days_are_not_final_fails_without_failing_another(client: Client) -> None:
    def refuse(days: Days, now: datetime) -> None:
        raise DayNotFinalError(days.last, now)

    unfinished = endpoint(EVENTS.name, require_final=refuse)
    prefetcher = Prefetcher({"cursor": SimpleNamespace(client=client)}, [USAGE, unfinished], lambda: NOW)
    assert fetched(prefetcher, client, USAGE, USAGE.name, unfinished.name) == BOTH_DAYS
    with pytest.raises(DayNotFinalError):
        fetched(prefetcher, client, unfinished, USAGE.name, unfinished.name)
    assert client.requests == {USAGE.name: 2}


def test_planned_steps_are_fetched_once_and_others_not_at_all(prefetcher: Prefetcher, client: Client) -> None:
    assert fetched(prefetcher, client, USAGE, USAGE.name) == BOTH_DAYS
    assert client.requests[EVENTS.name] == 0
    assert fetched(prefetcher, client, EVENTS, USAGE.name) == BOTH_DAYS
    assert client.requests == {USAGE.name: 2, EVENTS.name: 1}


def test_a_prefetched_step_takes_what_was_fetched(prefetcher: Prefetcher, client: Client) -> None:
    assert fetched(prefetcher, client, USAGE, USAGE.name, EVENTS.name) == BOTH_DAYS
    assert fetched(prefetcher, client, EVENTS, USAGE.name, EVENTS.name) == BOTH_DAYS
    assert client.requests[EVENTS.name] == 1


def windows(found: int, max_days: int = 30, *, is_announced: bool) -> tuple[list[int], int]:
    """The lengths of the windows of a month with so many records a day, and how often the vendor was asked."""

    def fetch(client: Client, days: Days, fetched_at: datetime) -> Sequence[pa.Table]:
        records = found * len(days)
        client.ask("events", days)
        if is_announced and records > MAX_RECORDS and len(days) > 1:
            raise TooManyRecordsError(records)
        return [pa.table({"n": pa.nulls(records)})]

    client, context = Client(), Context()
    context.partition_key_range = MONTH
    events = Endpoint("raw_cursor_events", (BY_NAME["raw_cursor_events"],), "events", max_days, fetch)
    prefetcher = Prefetcher({"cursor": SimpleNamespace(client=client)}, [events], lambda: NOW)
    chunks = list(prefetcher.chunks(context, client, events).chunks)  # type: ignore[arg-type]
    assert [day for chunk in chunks for day in chunk.days or ()] == [
        *Days(date(2026, 10, 1), date(2026, 10, 30))
    ]
    return [len(chunk.days or ()) for chunk in chunks], client.requests["events"]


@pytest.mark.parametrize(
    ("records_a_day", "lengths", "requests"),
    [
        (MAX_RECORDS // 30, [30], 1),
        (MAX_RECORDS // 10, [10, 10, 10], 4),
        (MAX_RECORDS // 2 + 1, [1] * 30, 31),
        (MAX_RECORDS * 3, [1] * 30, 31),
    ],
)
def test_an_answer_with_too_many_records_is_requested_by_fewer_days(
    records_a_day: int, lengths: list[int], requests: int
) -> None:
    assert windows(records_a_day, is_announced=True) == (lengths, requests)


def test_windows_get_shorter_after_one_that_had_too_many_rows() -> None:
    assert windows(MAX_RECORDS // 10, max_days=20, is_announced=False) == ([20, 10], 2)
    assert windows(MAX_RECORDS // 5, max_days=20, is_announced=False) == ([20, 5, 5], 3)
