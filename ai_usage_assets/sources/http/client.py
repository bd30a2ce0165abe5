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
from typing import Any, TypeVar

import httpx
import stamina

from ai_usage_assets.sources.http import decode as wire
from ai_usage_assets.sources.http import errors
from ai_usage_assets.sources.http.deadline import SHORTEST_SECONDS, bound_reads, deadline
from ai_usage_assets.sources.http.limiter import Limiter
from ai_usage_assets.sources.http.retry import Course, Retry, retry_after
from ai_usage_assets.urls import SAFE_URL, is_loopback, is_safe

T = TypeVar("T")

USER_AGENT = f"ai-usage-assets/{version('ai-usage-assets')} (urn:ai-usage-assets)"
READ_SECONDS, CONNECT_SECONDS = 30.0, 10.0
"""At most, for one read and for connecting to one address; `Retry.seconds` bounds the call as a whole."""
MOST_BYTES = 256 << 20
"""Of one answer, unpacked: far more than a page holds, and little enough to be held."""

REFUSALS = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    410: errors.PageExpiredError,
    429: errors.RateLimited,
}


@dataclass(frozen=True)
class Vendor:
    """What the door has to know of a vendor in order to say what to do."""

    name: str
    key_variable: str
    url_variable: str
    entitlement: str
    """What a 403 is remedied by."""
    key: str = "Admin key"
    """What kind of key it wants, with the least scope."""


class VendorHttp:
    """A vendor's API behind its base URL. Safe between threads; close it, or use it as a context manager."""

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
        """Requests sent, retries included, by path, or by the name that an endpoint is counted under."""
        self._counting = Lock()
        self._limiter = limiter
        self._retry = retry or Retry()
        url = checked_url(vendor, base_url)
        self._client = httpx.Client(
            base_url=url,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})},
            auth=auth,
            verify=trusted(),
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

    def call(self, method: str, endpoint: "Endpoint", answer: type[T], **question: Any) -> T:
        """Ask, again if that may help, and read the answer."""
        path = endpoint.path
        limiter = self._limiter(path)
        if limiter:
            limiter.wait()
        course = Course(self._retry, limiter)
        for attempt in stamina.retry_context(course.pause, attempts=None, timeout=None):
            with attempt:
                with self._counting:
                    self.requests[endpoint.counted_as] += 1
                response, body = self._send(method, path, course.left, question)
        try:
            return wire.read(body, answer)
        except wire.Unreadable as error:
            raise self.bad_answer(path, f"gave an answer that cannot be read: {error}", response) from error

    def _send(
        self, method: str, path: str, seconds: float, question: Mapping[str, Any]
    ) -> tuple[httpx.Response, bytes]:
        answered = False
        bounds: dict[str, Any] = {"timeout": step_timeouts(seconds), "extensions": {"trace": bound_reads}}
        try:
            with deadline(seconds), self._client.stream(method, path, **question, **bounds) as response:
                answered = True
                if not response.is_success:
                    raise self._refusal(path, response)
                return response, self._body(path, response)
        except (httpx.RequestError, TimeoutError) as error:
            slow = isinstance(error, httpx.ReadTimeout | TimeoutError)
            failure = errors.CutOff if answered else errors.TooSlow if slow else errors.Unreachable
            said = f"{failure.what} ({type(error).__name__})"
        # no cause: the HTTP library quotes what it cannot read, and Dagster keeps causes with the run
        raise failure(self.vendor.name, path, what=said)

    def _body(self, path: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise self.bad_answer(path, f"sent more than {MOST_BYTES >> 20} MiB in one answer", response)
        return bytes(body)

    def _refusal(self, path: str, response: httpx.Response) -> errors.VendorError:
        status = response.status_code
        if status < 400:
            return self.bad_answer(
                path, "answered with a redirect, and redirects are never followed", response
            )
        kind = REFUSALS.get(status, errors.ServerTrouble if status >= 500 else errors.BadRequest)
        wait = retry_after(response.headers.get("retry-after")) if kind.passing else None
        remedies = {
            errors.Unauthorized: f"check that {self.vendor.key_variable} holds a current {self.vendor.key}",
            errors.Forbidden: self.vendor.entitlement,
        }
        come_back = None
        if wait is not None:
            moment = datetime.now(UTC) + timedelta(seconds=wait)
            come_back = f"come back after {moment:%Y-%m-%d %H:%M:%S} UTC"
        return kind(
            self.vendor.name,
            path,
            status=status,
            request_id=request_id(response),
            remedy=remedies.get(kind, come_back),
            retry_after=wait,
        )

    def bad_answer(
        self, path: str, what: str, response: httpx.Response | None = None, remedy: str | None = None
    ) -> errors.BadAnswer:
        return errors.BadAnswer(
            self.vendor.name,
            path,
            what=what,
            status=response.status_code if response else None,
            request_id=request_id(response) if response else None,
            remedy=remedy,
        )


@dataclass(frozen=True)
class Endpoint:
    """One path of a vendor, to ask and to name in errors."""

    http: VendorHttp
    path: str
    counted_as: str
    headers: Mapping[str, str] | None = None
    """Sent with each question, besides those that every endpoint wants."""

    def get(self, answer: type[T], params: Mapping[str, Any] | None = None) -> T:
        return self.http.call("GET", self, answer, params=params, headers=self.headers)

    def post(self, answer: type[T], body: Mapping[str, Any] | None = None) -> T:
        """Cursor asks its questions by POST; none of them changes anything, so they are as safe to repeat."""
        return self.http.call("POST", self, answer, json=body)

    def bad(self, what: str, remedy: str | None = None) -> errors.BadAnswer:
        """The error for an answer that was read but cannot be right."""
        return self.http.bad_answer(self.path, what, remedy=remedy)


def step_timeouts(seconds: float) -> httpx.Timeout:
    """The timeout of each step of an attempt, none of them longer than the call may still take."""
    left = max(SHORTEST_SECONDS, seconds)
    return httpx.Timeout(min(READ_SECONDS, left), connect=min(CONNECT_SECONDS, left))


@cache
def trusted() -> SSLContext:
    """The certificates that are trusted, read once: it takes longer than a request."""
    return httpx.create_ssl_context()


def checked_key(vendor: Vendor, key: str) -> str:
    """The key, if a header can hold it: the HTTP library would refuse it with the key in the message."""
    if not re.fullmatch(r"[!-9;-~]+", key, re.ASCII):
        raise errors.Misconfigured(
            vendor.name,
            what="cannot be asked with this key: it is empty, or has blanks or signs that no key has",
            remedy=f"copy it into {vendor.key_variable} again",
        )
    return key


def checked_url(vendor: Vendor, base_url: str) -> httpx.URL:
    """The base URL, if a key may be sent there."""
    if is_safe(base_url):
        # a host of other letters may still be no name
        with suppress(httpx.InvalidURL):
            return httpx.URL(base_url)
    raise errors.Misconfigured(
        vendor.name,
        what=f"cannot be asked at this base URL: {SAFE_URL}",
        remedy=f"check {vendor.url_variable}",
    )


def request_id(response: httpx.Response) -> str | None:
    """The vendor's id of the request, if it looks like one."""
    given = response.headers.get("request-id") or response.headers.get("x-request-id") or ""
    return given if re.fullmatch(r"[\w.:-]{1,100}", given, re.ASCII) else None
