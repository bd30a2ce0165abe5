"""The HTTP client of every vendor: one policy of retries, and one place where an answer becomes an error.

A call is bounded as a whole and not only read by read: see `deadline.py`.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from ssl import SSLContext
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import httpx
import stamina

from ai_usage_assets.sources.http import decode, errors
from ai_usage_assets.sources.http.deadline import SHORTEST_SECONDS, bound_reads, deadline
from ai_usage_assets.sources.http.limiter import Limiter
from ai_usage_assets.sources.http.retry import CallBudget, Retry, retry_after
from ai_usage_assets.sources.source import Source
from ai_usage_assets.urls import SAFE_URL, is_loopback, is_safe

T = TypeVar("T")
Observer: TypeAlias = Callable[["Endpoint", object, str | None, bytes], None]
"""Takes an endpoint, the type that its answer is decoded to, the answer's Date header, and its bytes."""

USER_AGENT = f"ai-usage-assets/{version('ai-usage-assets')} (urn:ai-usage-assets)"
READ_SECONDS, CONNECT_SECONDS = 30.0, 10.0
"""At most, for one read and for connecting to one address; `Retry.max_seconds` bounds the call as a whole."""
MAX_BYTES = 256 << 20
"""Of one answer after decompression: far more than a page has, and small enough for the memory."""

STATUS_ERRORS = {
    401: errors.UnauthorizedError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    410: errors.PageExpiredError,
    429: errors.RateLimitedError,
}


@dataclass(frozen=True)
class Vendor:
    """The facts of a vendor that the messages of errors need."""

    source: Source
    forbidden_hint: str
    """What to do about a 403."""
    key_kind: str = "Admin key"
    """The kind of key that the vendor requires, with the smallest scope."""

    @property
    def name(self) -> str:
        return self.source.title


class VendorHttp:
    """A vendor's API below its base URL. Safe between threads.

    Attributes:
        requests: requests sent, retries included, by path or by the name that an endpoint is counted as.
    """

    def __init__(
        self,
        vendor: Vendor,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        limiter: Callable[[str], Limiter | None] = lambda _: None,
        retry: Retry | None = None,
    ) -> None:
        self.vendor = vendor
        self.requests: Counter[str] = Counter()
        self._count_lock = Lock()
        self.observer: Observer | None = None
        self._limiter = limiter
        self._retry = retry or Retry()
        url = checked_url(vendor, base_url)
        self._client = httpx.Client(
            base_url=url,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})},
            auth=auth,
            verify=trusted_certificates(),
            follow_redirects=False,
            trust_env=not is_loopback(url.host),
        )

    def endpoint(
        self, path: str, counted_as: str | None = None, headers: Mapping[str, str] | None = None
    ) -> "Endpoint":
        return Endpoint(self, path, counted_as or path, headers)

    def close(self) -> None:
        """Close the connections; a call in another thread ends with its next read, within `READ_SECONDS`."""
        self._client.close()

    def call(self, method: str, endpoint: "Endpoint", answer_type: type[T], **request: Any) -> T:
        """Send the request, with retries, and decode the answer.

        Raises:
            VendorError: there is no usable answer within the time of the call.
        """
        path = endpoint.path
        limiter = self._limiter(path)
        if limiter:
            limiter.wait()
        budget = CallBudget(self._retry, limiter)
        for attempt in stamina.retry_context(budget.wait_after, attempts=None, timeout=None):
            with attempt:
                with self._count_lock:
                    self.requests[endpoint.counted_as] += 1
                response, body = self._send(method, path, budget.seconds_left, request)
        if self.observer:
            self.observer(endpoint, answer_type, response.headers.get("date"), body)
        try:
            return decode.decode_json(body, answer_type)
        except decode.DecodeError as error:
            what = f"sent an answer that cannot be decoded: {error}"
            raise self.invalid_answer(path, what, response) from error

    def _send(
        self, method: str, path: str, seconds: float, request: Mapping[str, Any]
    ) -> tuple[httpx.Response, bytes]:
        has_answered = False
        bounds: dict[str, Any] = {"timeout": step_timeouts(seconds), "extensions": {"trace": bound_reads}}
        try:
            with deadline(seconds), self._client.stream(method, path, **request, **bounds) as response:
                has_answered = True
                if not response.is_success:
                    raise self._error_of(path, response)
                return response, self._body(path, response)
        except (httpx.RequestError, TimeoutError) as error:
            kind: type[errors.VendorError] = errors.UnreachableError
            if has_answered:
                kind = errors.TruncatedAnswerError
            elif isinstance(error, httpx.ReadTimeout | TimeoutError):
                kind = errors.DeadlineError
            what = f"{kind.what} ({type(error).__name__})"
        # without a cause: httpx quotes bytes that it cannot parse, and Dagster stores causes with the run
        raise kind(self.vendor.name, path, what=what)

    def _body(self, path: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > MAX_BYTES:
                what = f"sent more than {MAX_BYTES >> 20} MiB in one answer"
                raise self.invalid_answer(path, what, response)
        return bytes(body)

    def _error_of(self, path: str, response: httpx.Response) -> errors.VendorError:
        status = response.status_code
        if status < 400:
            what = "answered with a redirect, and redirects are never followed"
            return self.invalid_answer(path, what, response)
        kind = STATUS_ERRORS.get(status, errors.ServerError if status >= 500 else errors.BadRequestError)
        wait = retry_after(response.headers.get("retry-after")) if kind.is_retryable else None
        hint = None
        if kind is errors.UnauthorizedError:
            hint = f"check that {self.vendor.source.key_variable} holds a current {self.vendor.key_kind}"
        elif kind is errors.ForbiddenError:
            hint = self.vendor.forbidden_hint
        elif wait is not None:
            hint = f"try again after {datetime.now(UTC) + timedelta(seconds=wait):%Y-%m-%d %H:%M:%S} UTC"
        return kind(
            self.vendor.name,
            path,
            status=status,
            request_id=request_id(response),
            hint=hint,
            retry_after=wait,
        )

    def invalid_answer(
        self, path: str, what: str, response: httpx.Response | None = None, hint: str | None = None
    ) -> errors.InvalidAnswerError:
        return errors.InvalidAnswerError(
            self.vendor.name,
            path,
            what=what,
            status=response.status_code if response else None,
            request_id=request_id(response) if response else None,
            hint=hint,
        )


class VendorClient:
    """Base of the vendors' clients. Safe between threads; close it, or use it as a context manager."""

    def __init__(self, http: VendorHttp) -> None:
        self._http = http
        self.requests = http.requests
        """Requests sent, as `VendorHttp.requests`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def observe(self, observer: "Observer | None") -> None:
        """Hand each answer to the observer before it is decoded; None ends that."""
        self._http.observer = observer

    def close(self) -> None:
        self._http.close()


@dataclass(frozen=True)
class Endpoint:
    """One path of a vendor. It sends requests, and it is named in errors."""

    http: VendorHttp
    path: str
    counted_as: str
    headers: Mapping[str, str] | None = None
    """Sent with each request, besides the headers of the client."""

    def get(self, answer_type: type[T], params: Mapping[str, Any] | None = None) -> T:
        return self.http.call("GET", self, answer_type, params=params, headers=self.headers)

    def post(self, answer_type: type[T], body: Mapping[str, Any] | None = None) -> T:
        """Cursor reads by POST; none of these requests changes anything, so a retry is safe."""
        return self.http.call("POST", self, answer_type, json=body)

    def invalid_answer(self, what: str, hint: str | None = None) -> errors.InvalidAnswerError:
        """The error for an answer that was decoded, but cannot be right."""
        return self.http.invalid_answer(self.path, what, hint=hint)


def step_timeouts(seconds: float) -> httpx.Timeout:
    """The timeout of each step of an attempt; no step is longer than the time that the call has left."""
    left = max(SHORTEST_SECONDS, seconds)
    return httpx.Timeout(min(READ_SECONDS, left), connect=min(CONNECT_SECONDS, left))


@cache
def trusted_certificates() -> SSLContext:
    """Read once for all clients: reading them takes longer than a request."""
    return httpx.create_ssl_context()


def checked_key(vendor: Vendor, key: str) -> str:
    """The key, if a header can hold it: httpx would refuse it with the key in the message.

    Raises:
        MisconfiguredError: the key is empty, or it has characters that no key has.
    """
    if not re.fullmatch(r"[!-9;-~]+", key, re.ASCII):
        raise errors.MisconfiguredError(
            vendor.name,
            what="cannot be called with this key, because it is empty, or has blanks or characters that no key has",
            hint=f"copy it into {vendor.source.key_variable} again",
        )
    return key


def checked_url(vendor: Vendor, base_url: str) -> httpx.URL:
    """The base URL, if a key may be sent there.

    Raises:
        MisconfiguredError: a key may not be sent there, or it is no URL.
    """
    if is_safe(base_url):
        # a host with characters of other scripts may still not be a valid name
        with suppress(httpx.InvalidURL):
            return httpx.URL(base_url)
    raise errors.MisconfiguredError(
        vendor.name,
        what=f"cannot be called at this base URL: {SAFE_URL}",
        hint=f"check {vendor.source.url_variable}",
    )


def request_id(response: httpx.Response) -> str | None:
    """The vendor's id of the request; None if there is none, or if it does not look like an id."""
    found = response.headers.get("request-id") or response.headers.get("x-request-id") or ""
    return found if re.fullmatch(r"[\w.:-]{1,100}", found, re.ASCII) else None
