"""Every page, one generator for each way to page. Never stops because a page is short, and never goes in circles.

Cursor numbers its pages: see `numbered_pages.py`.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from ai_usage_assets.sources.http.client import Endpoint


T = TypeVar("T")
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


def after_id(endpoint: "Endpoint", page: type[IdPage[T]], params: Mapping[str, Any]) -> Iterator[list[T]]:
    """Anthropic's lists: `after_id` is the `last_id` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "after_id", lambda answer: answer.last_id)


def page_token(
    endpoint: "Endpoint", page: type[TokenPage[T]], params: Mapping[str, Any]
) -> Iterator[list[T]]:
    """Anthropic's reports: `page` is the `next_page` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "page", lambda answer: answer.next_page)


class Repeats:
    """Have these records been a page before, in whatever order? Records may be alike, and pages never are."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def __call__(self, records: Sequence[object]) -> bool:
        return self.page(hashes(records))

    def page(self, of_records: Sequence[int]) -> bool:
        """The same of a page whose records are hashed already."""
        if not of_records:
            return False
        known = len(self._seen)
        self._seen.add(hash(tuple(sorted(of_records))))
        return len(self._seen) == known


def hashes(records: Sequence[object]) -> list[int]:
    """A number for each record, alike for records that are equal: an amount may be told with more or fewer zeros."""
    return list(map(_hash, records))


def _hash(record: object) -> int:
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
    endpoint: "Endpoint",
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
