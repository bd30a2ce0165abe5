"""All pages of an answer, with one generator for each kind of paging.

Paging never ends because a page is short, and it refuses a loop of pages. Cursor numbers its pages: see
`numbered_pages.py`.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from ai_usage_assets.sources.http.client import Endpoint


T = TypeVar("T")
C = TypeVar("C", bound="IdPage[Any] | TokenPage[Any]")

NESTED = (msgspec.Struct, list, dict)
MAX_PAGES = 100_000
"""Far more than any answer has. It ends a list whose pages never end."""


class IdPage(msgspec.Struct, Generic[T]):
    """A page of a list; the next page begins after `last_id`."""

    data: list[T]
    has_more: bool
    last_id: str | None = None


class TokenPage(msgspec.Struct, Generic[T]):
    """A page of a report; the next page is `next_page`, with all other parameters the same."""

    data: list[T]
    has_more: bool
    next_page: str | None = None


def after_id(endpoint: "Endpoint", page: type[IdPage[T]], params: Mapping[str, Any]) -> Iterator[list[T]]:
    """Pages of Anthropic's lists: `after_id` is the `last_id` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "after_id", lambda answer: answer.last_id)


def page_token(
    endpoint: "Endpoint", page: type[TokenPage[T]], params: Mapping[str, Any]
) -> Iterator[list[T]]:
    """Pages of Anthropic's reports: `page` is the `next_page` of the page before, until `has_more` is false."""
    return _follow(endpoint, page, params, "page", lambda answer: answer.next_page)


class SeenPages:
    """The pages seen so far, to find a repeated one. Two records may be equal, but two pages never are."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def is_repeated(self, record_hashes: Sequence[int]) -> bool:
        """Add a page; whether an earlier page held the same records, in whatever order."""
        if not record_hashes:
            return False
        known = len(self._seen)
        self._seen.add(hash(tuple(sorted(record_hashes))))
        return len(self._seen) == known


def hashes(records: Sequence[object]) -> list[int]:
    """A hash of each record. Equal records have equal hashes, also if an amount is written with more zeros."""
    return list(map(_hash, records))


def _hash(record: object) -> int:
    try:
        return hash(record)
    except TypeError:
        # the record is not frozen, or it has a list
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
    seen = SeenPages()
    answer = endpoint.get(page, params)
    if answer.has_more:
        seen.is_repeated(hashes(answer.data))
    yield answer.data
    while answer.has_more:
        cursor = cursor_of(answer)
        if not cursor:
            raise endpoint.invalid_answer("announced another page and sent no cursor for it")
        if cursor in followed:
            raise endpoint.invalid_answer("sent the same cursor twice")
        if len(followed) == MAX_PAGES:
            raise endpoint.invalid_answer(f"did not end after {MAX_PAGES} pages")
        followed.add(cursor)
        answer = endpoint.get(page, {**params, parameter: cursor})
        if seen.is_repeated(hashes(answer.data)):
            raise endpoint.invalid_answer("sent the records of an earlier page again")
        yield answer.data
