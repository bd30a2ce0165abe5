"""The errors of a vendor's client. Each message says what happened, where, and what to do about it.

VendorError
├── MisconfiguredError        nothing was sent: the key or the base URL cannot be used (also a ValueError)
├── UnauthorizedError         401: the key is wrong, expired or revoked
├── ForbiddenError            403: the key may not read this endpoint
├── NotFoundError             404: there is no such endpoint
├── PageExpiredError          410: the vendor renewed its data while the pages were read
├── BadRequestError           any other 4xx: the vendor rejected the request
├── RateLimitedError          429: too many requests; `retry_after` is the vendor's own wait
├── ServerError               5xx and 529: an error inside the vendor
├── UnreachableError          no answer: the connection was refused or dropped
│   └── DeadlineError         no answer in time
└── InvalidAnswerError        an answer that cannot be used: not JSON, a wrong type, wrong paging, a redirect
    └── TruncatedAnswerError  an answer that stopped before its end

A message never contains a key, a part of an answer's body, or a person.
"""

from typing import ClassVar

from ai_usage_assets.errors import AiUsageError


class VendorError(AiUsageError):
    """Base of all errors that a vendor's client raises on purpose.

    Attributes:
        vendor: the vendor's name.
        endpoint: the requested path; None if nothing was sent.
        status: the HTTP status; None without an answer.
        request_id: the vendor's id of the request, for its support; None if there is none.
        retry_after: seconds that the vendor asks to wait; None if it does not say.
    """

    what: ClassVar[str] = "failed"
    default_hint: ClassVar[str] = "try again later"
    is_retryable: ClassVar[bool] = False
    """Whether the same request may succeed soon."""

    def __init__(
        self,
        vendor: str,
        endpoint: str | None = None,
        *,
        status: int | None = None,
        request_id: str | None = None,
        what: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.vendor = vendor
        self.endpoint = endpoint
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        details = [
            endpoint,
            f"HTTP {status}" if status else None,
            f"request {request_id}" if request_id else None,
        ]
        place = ", ".join(detail for detail in details if detail)
        message = f"{vendor} {what or self.what}{f' ({place})' if place else ''}:"
        super().__init__(message, f"{hint or self.default_hint}.")


class MisconfiguredError(VendorError, ValueError):
    what = "cannot be called"


class UnauthorizedError(VendorError):
    what = "refused the key"


class ForbiddenError(VendorError):
    what = "does not allow this key to read the endpoint"


class NotFoundError(VendorError):
    what = "has no such endpoint"
    default_hint = "check the base URL, and whether the vendor has removed the endpoint"


class PageExpiredError(VendorError):
    what = "no longer has the requested page"
    default_hint = "the vendor renewed its data while the pages were read, and none of it was used; try again"


class BadRequestError(VendorError):
    what = "rejected the request"
    default_hint = "ask the vendor about the request id; the same request would be rejected again"


class RateLimitedError(VendorError):
    what = "received too many requests"
    default_hint = "try again in a minute, or send fewer requests"
    is_retryable = True


class ServerError(VendorError):
    what = "had an internal error"
    default_hint = "try again later, and look at the vendor's status page"
    is_retryable = True


class UnreachableError(VendorError):
    what = "could not be reached"
    default_hint = "check the base URL and the network, then try again"
    is_retryable = True


class DeadlineError(UnreachableError):
    what = "did not begin to answer in time"


class InvalidAnswerError(VendorError):
    what = "sent an answer that cannot be used"
    default_hint = "none of it was used; try again, and if it happens again, the API has changed"


class TruncatedAnswerError(InvalidAnswerError):
    what = "sent an answer that stopped before its end"
    default_hint = "none of it was used; try again"
    is_retryable = True


REFUSALS = (BadRequestError, ForbiddenError, NotFoundError)
"""How a vendor refuses an endpoint that the plan does not have."""


class TooManyRecordsError(Exception):
    """An answer has more records than are requested at once. Only its first page was requested, and the
    caller asks for less; so it is no error of the vendor, and nobody reads it.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count
