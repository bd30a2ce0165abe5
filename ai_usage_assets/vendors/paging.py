"""Every page, one generator for each way to page. Never stops because a page is short, and never goes in circles."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from ai_usage_assets.vendors.http import Endpoint

T = TypeVar("T")
P = TypeVar("P", bound="NumberedPage")
C = TypeVar("C", bound="IdPage[Any] | TokenPage[Any]")

NESTED = (msgspec.Struct, list, dict)
MOST_PAGES = 100_000
"""Far more than any answer has; a vendor that makes up cursors for ever is stopped there."""


class IdPage(msgspec.Struct, Generic[T]):
    """A page of a list: go on after `last_id`."""

    data: list[T]
    has_more: bool
    last_id: str | None = None


class TokenPage(msgspec.Struct, Generic[T]):
    """A page of a report: go on at `next_page`, with all other parameters the same."""

    data: list[T]
    has_more: bool
    next_page: str | None = None


class NumberedPage(Protocol):
    """A page that knows its number, as far as the endpoint tells."""

    @property
    def records(self) -> Sequence[object]: ...

    @property
    def number(self) -> int | None:
        """Which page this is; None if the endpoint does not say."""

    @property
    def has_next(self) -> bool | None:
        """Whether more follows; None if the endpoint leaves it to the number of pages."""

    @property
    def pages(self) -> int: ...

    @property
    def fixed(self) -> tuple[object, ...]:
        """What has to be the same on every page."""

    @property
    def total(self) -> int | None:
        """How many records all pages hold together; None if the endpoint counts something else."""


def after_id(endpoint: Endpoint, page: type[IdPage[T]], params: Mapping[str, Any]) -> Iterator[list[T]]:
    """Anthropic's lists: `after_id` is the `last_id` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "after_id", lambda answer: answer.last_id)


def page_token(endpoint: Endpoint, page: type[TokenPage[T]], params: Mapping[str, Any]) -> Iterator[list[T]]:
    """Anthropic's reports: `page` is the `next_page` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "page", lambda answer: answer.next_page)


def page_number(endpoint: Endpoint, page: type[P], body: Mapping[str, Any]) -> Iterator[P]:
    """Cursor's lists: pages 1, 2, 3, until the answer says that no more follow; then the totals have to agree.

    A numbered page is a place in a list that may move while it is read, so whatever moves is refused.
    """
    first: P | None = None
    collected = 0
    repeated = Repeats()
    for number in count(1):
        answer = endpoint.post(page, {**body, "page": number})
        first = first or answer
        more = number < answer.pages
        if answer.pages > MOST_PAGES:
            raise endpoint.bad(f"announced {answer.pages} pages")
        if answer.number not in (None, number):
            raise endpoint.bad(f"sent page {answer.number} where page {number} was asked for")
        if answer.has_next not in (None, more):
            raise endpoint.bad(
                f"says two things on page {number} of {answer.pages} about whether more follows"
            )
        if answer.fixed != first.fixed:
            raise endpoint.bad(
                f"changed its totals between pages 1 and {number}: the list moved while it was read"
            )
        if answer.pages > 1 and repeated(answer.records):
            raise endpoint.bad(f"sent the records of an earlier page again as page {number}")
        collected += len(answer.records)
        yield answer
        if not more:
            break
    if answer.total not in (None, collected):
        raise endpoint.bad(f"announced {answer.total} records and sent {collected}")


class Repeats:
    """Have these records been a page before, in whatever order? Records may be alike, and pages never are."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def __call__(self, records: Sequence[object]) -> bool:
        if not records:
            return False
        known = len(self._seen)
        self._seen.add(hash(tuple(sorted(map(_hash, records)))))
        return len(self._seen) == known


def _hash(record: object) -> int:
    """Alike for records that are equal: an amount may be told with more or fewer zeros."""
    try:
        return hash(record)
    except TypeError:
        # it is not frozen, or holds a list
        return hash(_hashable(record))


def _hashable(value: Any) -> Hashable:
    if isinstance(value, msgspec.Struct):
        value = list(msgspec.structs.astuple(value))
    if isinstance(value, list):
        return tuple(_hashable(part) if isinstance(part, NESTED) else part for part in value)
    if isinstance(value, dict):
        return frozenset((key, _hashable(item)) for key, item in value.items())
    hashable: Hashable = value
    return hashable


def _follow(
    endpoint: Endpoint,
    page: type[C],
    params: Mapping[str, Any],
    parameter: str,
    cursor_of: Callable[[C], str | None],
) -> Iterator[list[Any]]:
    followed: set[str] = set()
    repeated = Repeats()
    answer = endpoint.get(page, params)
    if answer.has_more:
        repeated(answer.data)
    yield answer.data
    while answer.has_more:
        cursor = cursor_of(answer)
        if not cursor:
            raise endpoint.bad("says that more follows, and gives no cursor to it")
        if cursor in followed:
            raise endpoint.bad("gave the same cursor twice")
        if len(followed) == MOST_PAGES:
            raise endpoint.bad(f"does not end after {MOST_PAGES} pages")
        followed.add(cursor)
        answer = endpoint.get(page, {**params, parameter: cursor})
        if repeated(answer.data):
            raise endpoint.bad("sent the records of an earlier page again")
        yield answer.data
