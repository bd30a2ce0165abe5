"""The retry policy."""

from datetime import UTC, datetime

import pytest

from ai_usage_assets.sources.http import errors
from ai_usage_assets.sources.http.limiter import WINDOW_SECONDS, Limiter
from ai_usage_assets.sources.http.retry import FAIL_FAST, CallBudget, Retry, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SERVER_ERROR = errors.ServerError("Cursor")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("17", 17.0),
        (" 1.5 ", 1.5),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("99999999999999999999", None),
        ("١٢", None),
        ("Sun, 22 Nov 99999 12:00:30 GMT", None),
    ],
)
def test_a_retry_after_is_a_number_or_a_date_or_nothing(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_waits_double_up_to_a_maximum_with_a_random_part() -> None:
    retry = Retry()
    waits = [[retry.backoff(attempt) for _ in range(200)] for attempt in range(1, 9)]

    for plain, seen in zip([1, 2, 4, 8, 16, 32, 32, 32], waits, strict=True):
        assert plain <= min(seen) < max(seen) <= plain * 1.5


def test_without_a_retry_after_the_retries_outlast_a_limit_of_one_minute() -> None:
    retry = Retry()

    assert sum(retry.first_wait_seconds * 2**n for n in range(6)) > 60
    assert sum(retry.first_wait_seconds * 2**n for n in range(6)) * 1.5 > retry.max_seconds > 60


def test_the_vendors_own_wait_replaces_the_backoff() -> None:
    assert CallBudget(Retry(), None).wait_after(errors.RateLimitedError("Cursor", retry_after=42.0)) == 42.0


def test_a_retry_after_of_zero_still_waits() -> None:
    assert CallBudget(Retry(), None).wait_after(errors.RateLimitedError("Cursor", retry_after=0.0)) >= 1.0


def test_a_wait_beyond_the_deadline_gives_up_at_once() -> None:
    assert (
        CallBudget(Retry(max_seconds=90), None).wait_after(
            errors.RateLimitedError("Cursor", retry_after=91.0)
        )
        is False
    )
    assert CallBudget(Retry(max_seconds=0.5), None).wait_after(SERVER_ERROR) is False


def test_no_attempt_follows_the_last_one() -> None:
    budget = CallBudget(Retry(max_attempts=3, first_wait_seconds=0.1), None)

    assert [bool(budget.wait_after(SERVER_ERROR)) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "error",
    [
        errors.UnauthorizedError("Cursor"),
        errors.BadRequestError("Cursor"),
        errors.InvalidAnswerError("Cursor"),
        ValueError("ours"),
    ],
)
def test_an_error_that_is_not_retryable_is_not_retried(error: Exception) -> None:
    assert CallBudget(Retry(), None).wait_after(error) is False


def test_a_retry_waits_for_a_slot_of_the_limit_per_minute() -> None:
    limiter = Limiter(1, clock=lambda: 0.0)
    limiter.book()

    assert CallBudget(Retry(max_seconds=90), limiter).wait_after(SERVER_ERROR) == WINDOW_SECONDS


def test_a_retry_without_a_slot_before_the_deadline_gives_up_at_once() -> None:
    limiter = Limiter(1, clock=lambda: 0.0)
    limiter.book()

    assert CallBudget(Retry(max_seconds=WINDOW_SECONDS - 1), limiter).wait_after(SERVER_ERROR) is False


def test_a_poll_is_not_tried_again_and_has_twelve_seconds() -> None:
    assert FAIL_FAST.max_seconds == 12
    assert CallBudget(FAIL_FAST, None).wait_after(SERVER_ERROR) is False
