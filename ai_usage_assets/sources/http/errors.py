"""What can go wrong with a vendor, each in one sentence: what, where, what to do.

VendorError
├── Misconfigured   nothing was sent: the key or the base URL cannot be used (also a ValueError)
├── Unauthorized    401: the key is wrong, expired or revoked
├── Forbidden       403: the key is not entitled to this
├── NotFound        404: no such endpoint
├── PageExpiredError   410: the data was renewed while its pages were read
├── BadRequest      any other 4xx: the question was refused
├── RateLimited     429: too many questions; `retry_after` says when to come back
├── ServerTrouble   5xx and 529: the vendor's own trouble
├── Unreachable     no answer at all: refused, dropped
│   └── TooSlow     none in time
└── BadAnswer       an answer that cannot be trusted: not JSON, a wrong type, broken paging, a redirect
    └── CutOff      an answer that stopped halfway

A message never holds a key, a piece of a body, or a person.
"""

from typing import ClassVar

from ai_usage_assets.errors import AiUsageError


class VendorError(AiUsageError):
    """Base of everything that a vendor's client raises on purpose.

    Attributes:
        vendor: the vendor's name.
        endpoint: the path that was asked, None if nothing was sent.
        status: the HTTP status, None without an answer.
        request_id: what the vendor's support wants to hear.
        remedy: what to do.
        retry_after: seconds that the vendor asks to wait, None if it does not say.
    """

    what: ClassVar[str] = "failed"
    remedy: str = "try again later"
    passing: ClassVar[bool] = False
    """Whether asking again soon may help."""

    def __init__(
        self,
        vendor: str,
        endpoint: str | None = None,
        *,
        status: int | None = None,
        request_id: str | None = None,
        what: str | None = None,
        remedy: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.vendor = vendor
        self.endpoint = endpoint
        self.status = status
        self.request_id = request_id
        self.remedy = remedy or self.remedy
        self.retry_after = retry_after
        where = [
            endpoint,
            f"HTTP {status}" if status else None,
            f"request {request_id}" if request_id else None,
        ]
        place = ", ".join(part for part in where if part)
        super().__init__(f"{vendor} {what or self.what}{f' ({place})' if place else ''}: {self.remedy}.")


class Misconfigured(VendorError, ValueError):
    what = "cannot be asked"


class Unauthorized(VendorError):
    what = "refused the key"


class Forbidden(VendorError):
    what = "does not entitle the key to this"


class NotFound(VendorError):
    what = "knows no such endpoint"
    remedy = "check the base URL, and whether the vendor has withdrawn the endpoint"


class PageExpiredError(VendorError):
    what = "no longer knows the page that was asked for"
    remedy = "its data was renewed while it was read, and nothing of it was used; try again"


class BadRequest(VendorError):
    what = "refused the question"
    remedy = "look the request id up with the vendor; the same question would be refused again"


class RateLimited(VendorError):
    what = "was asked too often"
    remedy = "come back in a minute, or ask less often"
    passing = True


class ServerTrouble(VendorError):
    what = "is in trouble"
    remedy = "come back later, and see the vendor's status page"
    passing = True


class Unreachable(VendorError):
    what = "could not be reached"
    remedy = "check the base URL and the network, then try again"
    passing = True


class TooSlow(Unreachable):
    """It was asked, and did not begin to answer in time."""


class BadAnswer(VendorError):
    what = "gave an answer that cannot be trusted"
    remedy = "nothing of it was used; try again, and if it stays so, the API has changed"


class CutOff(BadAnswer):
    what = "gave an answer that stopped halfway"
    remedy = "nothing of it was used; try again"
    passing = True
