"""What a vendor's error says, to the last word: what happened, where, and what to do."""

import pytest

from ai_usage_assets.sources.http import errors
from ai_usage_assets.sources.http.errors import VendorError


@pytest.mark.parametrize(
    ("kind", "what", "hint", "is_retryable"),
    [
        (errors.VendorError, "failed", "try again later", False),
        (errors.MisconfiguredError, "cannot be called", "try again later", False),
        (errors.UnauthorizedError, "refused the key", "try again later", False),
        (
            errors.ForbiddenError,
            "does not allow this key to read the endpoint",
            "try again later",
            False,
        ),
        (
            errors.NotFoundError,
            "has no such endpoint",
            "check the base URL, and whether the vendor has removed the endpoint",
            False,
        ),
        (
            errors.PageExpiredError,
            "no longer has the requested page",
            "the vendor renewed its data while the pages were read, and none of it was used; try again",
            False,
        ),
        (
            errors.BadRequestError,
            "rejected the request",
            "ask the vendor about the request id; the same request would be rejected again",
            False,
        ),
        (
            errors.RateLimitedError,
            "received too many requests",
            "try again in a minute, or send fewer requests",
            True,
        ),
        (
            errors.ServerError,
            "had an internal error",
            "try again later, and look at the vendor's status page",
            True,
        ),
        (
            errors.UnreachableError,
            "could not be reached",
            "check the base URL and the network, then try again",
            True,
        ),
        (
            errors.DeadlineError,
            "did not begin to answer in time",
            "check the base URL and the network, then try again",
            True,
        ),
        (
            errors.InvalidAnswerError,
            "sent an answer that cannot be used",
            "none of it was used; try again, and if it happens again, the API has changed",
            False,
        ),
        (
            errors.TruncatedAnswerError,
            "sent an answer that stopped before its end",
            "none of it was used; try again",
            True,
        ),
    ],
)
def test_an_error_says_what_happened_where_and_what_to_do(
    kind: type[VendorError], what: str, hint: str, is_retryable: bool
) -> None:
    answered = kind("Cursor", "/teams/spend", status=418, request_id="req_1", retry_after=2.5)
    own = kind("Cursor", what="is asleep", hint="wake it")

    assert str(answered) == f"Cursor {what} (/teams/spend, HTTP 418, request req_1): {hint}."
    assert (answered.vendor, answered.endpoint, answered.status) == ("Cursor", "/teams/spend", 418)
    assert (answered.request_id, answered.retry_after, answered.is_retryable) == ("req_1", 2.5, is_retryable)
    assert str(own) == "Cursor is asleep: wake it."
    assert str(kind("Cursor", "/me")) == f"Cursor {what} (/me): {hint}."
