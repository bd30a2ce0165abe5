"""The clients against the sandbox, which is as strict as the vendors: all data arrives, and the sums agree."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.cursor.records import UsageEvent
from ai_usage_assets.sources.http import errors
from ai_usage_assets.sources.http.retry import Retry

QUICK = Retry(max_seconds=10.0, first_wait_seconds=0.01, max_wait_seconds=0.02)
NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
DAYS = Days(date(2026, 9, 23), date(2026, 11, 21))
"""Sixty days, so that both vendors' windows have a boundary inside."""
OLD = Days(date(2025, 10, 1), date(2025, 10, 5))
"""Days before the vendor added the fields of 2026."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=NOW) as server:
        yield server


@pytest.fixture
def anthropic(sandbox: Sandbox) -> Iterator[AnthropicAdmin]:
    with AnthropicAdmin(sandbox.anthropic_key, sandbox.url, retry=QUICK) as client:
        yield client
    sandbox.faults.clear()


@pytest.fixture
def cursor(sandbox: Sandbox) -> Iterator[CursorAdmin]:
    with CursorAdmin(sandbox.cursor_key, sandbox.url, 10_000, retry=QUICK) as client:
        yield client
    sandbox.faults.clear()


def events_by_day(cursor: CursorAdmin, days: Days) -> dict[date, list[UsageEvent]]:
    found: dict[date, list[UsageEvent]] = {day: [] for day in days}
    for window in days.chunks(cursor.MAX_DAYS):
        for page in cursor.usage_events(window):
            for event in page:
                found[event.timestamp.date()].append(event)
    return found


@pytest.mark.parametrize("days", [DAYS, OLD])
def test_every_token_of_every_day_arrives_from_anthropic(
    sandbox: Sandbox, anthropic: AnthropicAdmin, days: Days
) -> None:
    truth = sandbox.company.totals(days)

    buckets = list(anthropic.messages_usage(days))
    assert [bucket.starting_at.date() for bucket in buckets] == list(days)
    for bucket in buckets:
        expected, rows = truth[bucket.starting_at.date()].anthropic, bucket.results
        assert sum(row.uncached_input_tokens for row in rows) == expected.uncached_input_tokens
        assert sum(row.output_tokens for row in rows) == expected.output_tokens
        assert sum(row.cache_read_input_tokens for row in rows) == expected.cache_read_input_tokens
        made = [row.cache_creation for row in rows]
        assert sum(row.ephemeral_5m_input_tokens for row in made) == expected.ephemeral_5m_input_tokens
        assert sum(row.ephemeral_1h_input_tokens for row in made) == expected.ephemeral_1h_input_tokens
        assert sum(row.server_tool_use.web_search_requests for row in rows) == expected.web_search_requests


def test_without_groups_a_day_of_anthropic_is_one_equal_sum(anthropic: AnthropicAdmin) -> None:
    plain, grouped = anthropic.messages_usage(OLD, groups=()), anthropic.messages_usage(OLD)
    for one, many in zip(plain, grouped, strict=True):
        assert len(one.results) == 1
        assert one.results[0].output_tokens == sum(row.output_tokens for row in many.results)

    plain_cost, lines = anthropic.cost_report(OLD, groups=()), anthropic.cost_report(OLD)
    for total, each in zip(plain_cost, lines, strict=True):
        assert [line.amount for line in total.results] == [sum(line.amount for line in each.results)]


def test_events_of_cursor_are_counted_in_one_request(cursor: CursorAdmin) -> None:
    expected = sum(len(events) for events in events_by_day(cursor, OLD).values())
    before = cursor.requests["/teams/filtered-usage-events"]

    assert cursor.count_events(OLD) == expected > 0
    assert cursor.requests["/teams/filtered-usage-events"] == before + 1


def test_every_cent_of_every_day_arrives_from_anthropic(sandbox: Sandbox, anthropic: AnthropicAdmin) -> None:
    truth = sandbox.company.totals(DAYS)

    for bucket in anthropic.cost_report(DAYS):
        cents = sum((line.amount for line in bucket.results), Decimal(0))
        assert cents == truth[bucket.starting_at.date()].anthropic.total_cents


def test_every_claude_code_record_of_a_day_arrives(sandbox: Sandbox, anthropic: AnthropicAdmin) -> None:
    for window in (Days(date(2026, 11, 16), date(2026, 11, 20)), OLD):
        for day, expected in sandbox.company.totals(window).items():
            records = list(anthropic.claude_code(day))
            expected_of = expected.claude_code.values()
            assert len(records) == sum(truth.records for truth in expected_of)
            assert sum(record.core_metrics.num_sessions for record in records) == sum(
                truth.num_sessions for truth in expected_of
            )
            assert sum(
                (
                    spent.estimated_cost.amount
                    for record in records
                    for spent in record.model_breakdown
                    if spent.estimated_cost
                ),
                Decimal(0),
            ) == sum((truth.estimated_cents for truth in expected_of), Decimal(0))


@pytest.mark.parametrize("days", [DAYS, OLD])
def test_every_call_of_every_day_arrives_from_cursor_once_over_all_page_boundaries(
    sandbox: Sandbox, cursor: CursorAdmin, days: Days
) -> None:
    truth = sandbox.company.totals(days)

    for day, events in events_by_day(cursor, days).items():
        expected, usages = truth[day].cursor, [event.token_usage for event in events if event.token_usage]
        assert len(events) == expected.events
        assert sum(usage.input_tokens or 0 for usage in usages) == expected.input_tokens
        assert sum(usage.output_tokens or 0 for usage in usages) == expected.output_tokens
        assert sum(usage.cache_read_tokens or 0 for usage in usages) == expected.cache_read_tokens
        assert sum(usage.cache_write_tokens or 0 for usage in usages) == expected.cache_write_tokens
        if days is DAYS:
            worth = sum((event.charged_cents or Decimal(0) for event in events), Decimal(0))
            assert worth == expected.chargeable_cents + expected.included_cents


@pytest.mark.parametrize("days", [DAYS, OLD])
def test_every_person_and_day_arrives_from_cursor(sandbox: Sandbox, cursor: CursorAdmin, days: Days) -> None:
    truth = sandbox.company.totals(days)
    rows = [
        row for window in days.chunks(cursor.MAX_DAYS) for page in cursor.daily_usage(window) for row in page
    ]

    counted = Counter(row.day for row in rows)
    assert counted == Counter({day: expected.cursor.members for day, expected in truth.items()})
    for day, expected in truth.items():
        of_day = [row for row in rows if row.day == day]
        assert sum(row.is_active or False for row in of_day) == expected.cursor.active_members
        assert sum(row.accepted_lines_added or 0 for row in of_day) == expected.cursor.accepted_lines_added


def test_the_fewest_requests_are_made(
    sandbox: Sandbox, anthropic: AnthropicAdmin, cursor: CursorAdmin
) -> None:
    month = Days(date(2026, 10, 23), date(2026, 11, 21))
    list(anthropic.messages_usage(month))
    list(anthropic.cost_report(month))
    rows = sum(len(page) for page in cursor.usage_events(month))
    list(cursor.daily_usage(month))

    assert set(anthropic.requests.values()) == {1}
    assert cursor.requests["/teams/daily-usage-data"] == 1
    # the sandbox's pages are one event shorter than the requested size
    assert cursor.requests["/teams/filtered-usage-events"] == -(-rows // 999)


def test_snapshots_are_complete(sandbox: Sandbox, anthropic: AnthropicAdmin, cursor: CursorAdmin) -> None:
    directory = sandbox.company.directory

    assert len(anthropic.users()) == len(directory.user_list(NOW))
    assert len(anthropic.api_keys()) == len(directory.api_key_list(NOW))
    assert len(anthropic.workspaces()) == len(directory.workspace_list(NOW))
    assert len(cursor.members()) == len(directory.member_list(NOW))
    assert cursor.spend().members
    assert anthropic.organization().name


def test_a_vendor_with_occasional_errors_still_delivers_everything(
    sandbox: Sandbox, cursor: CursorAdmin
) -> None:
    before = sandbox.faults.served
    sandbox.faults.some(0.3, faults.status(500), faults.status(529), faults.rate_limited(), faults.reset())

    found = events_by_day(cursor, DAYS)
    truth = sandbox.company.totals(DAYS)
    assert {day: len(events) for day, events in found.items()} == {
        day: expected.cursor.events for day, expected in truth.items()
    }
    assert sandbox.faults.served > before


@pytest.mark.parametrize("fault", [faults.html(), faults.invalid_json(), faults.more_without_cursor()])
def test_a_broken_answer_is_refused_and_does_not_end_the_paging(
    sandbox: Sandbox, anthropic: AnthropicAdmin, cursor: CursorAdmin, fault: faults.Fault
) -> None:
    sandbox.faults.next("/v1/organizations/users", fault, times=3)
    sandbox.faults.next("/v1/organizations/usage_report/messages", fault, times=3)
    sandbox.faults.next("/teams/filtered-usage-events", fault, times=20)

    with pytest.raises(errors.InvalidAnswerError):
        anthropic.users()
    with pytest.raises(errors.InvalidAnswerError):
        list(anthropic.messages_usage(DAYS))
    with pytest.raises(errors.InvalidAnswerError):
        events_by_day(cursor, DAYS)


def test_a_loop_of_pages_is_refused(sandbox: Sandbox, anthropic: AnthropicAdmin, cursor: CursorAdmin) -> None:
    sandbox.faults.next("/v1/organizations/users", faults.repeated_cursor(), times=3)
    sandbox.faults.next("/teams/filtered-usage-events", faults.repeated_cursor(), times=30)

    with pytest.raises(errors.InvalidAnswerError):
        anthropic.users()
    with pytest.raises(errors.InvalidAnswerError):
        events_by_day(cursor, DAYS)


def test_an_answer_truncated_once_is_requested_again(sandbox: Sandbox, anthropic: AnthropicAdmin) -> None:
    sandbox.faults.next("/v1/organizations/users", faults.cut_off())

    assert len(anthropic.users()) == len(sandbox.company.directory.user_list(NOW))


@pytest.mark.parametrize("key", ["sk-ant-admin01-wrong", "sk-ant-api03-of-a-workspace"])
def test_a_wrong_key_is_refused_after_one_request(sandbox: Sandbox, key: str) -> None:
    with (
        AnthropicAdmin(key, sandbox.url) as client,
        pytest.raises((errors.UnauthorizedError, errors.ForbiddenError)) as caught,
    ):
        client.organization()
    assert client.requests.total() == 1
    assert "ANTHROPIC_ADMIN_API_KEY" in str(caught.value)
    assert key not in str(caught.value)
