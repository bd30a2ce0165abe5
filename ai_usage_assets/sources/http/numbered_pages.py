"""Pages that have a number. Such a page is a position in a list, and the list may change while it is read.

A change of the totals is refused. Another change leaves the totals equal: one record leaves the list, and so a record
moves from the start of a page to the end of the page before it, or the other way around. Then one record is read twice
and another one never. But two equal records on neighboring pages may also be two calls of the same millisecond. A
second reading decides, because an unchanged list gives the same answer again. So a reading with equal records on
neighboring pages is accepted only after the next reading has the same records on the same pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from ai_usage_assets.sources.http.client import Endpoint
from ai_usage_assets.sources.http.errors import TooManyRecordsError
from ai_usage_assets.sources.http.paging import MAX_PAGES, SeenPages, hashes

T = TypeVar("T")
P = TypeVar("P", bound="NumberedPage")
R = TypeVar("R")

MAX_READINGS = 3
"""Of one list, with the first one."""


class NumberedPage(Protocol):
    """A page of a numbered list. Endpoints leave out some of these facts."""

    @property
    def records(self) -> Sequence[object]: ...

    @property
    def number(self) -> int | None:
        """The number of this page; None if the endpoint does not send it."""

    @property
    def has_next(self) -> bool | None:
        """Whether another page follows; None if the endpoint sends only the number of pages."""

    @property
    def pages(self) -> int: ...

    @property
    def fixed(self) -> tuple[object, ...]:
        """The values that must be equal on every page."""

    @property
    def total(self) -> int | None:
        """The number of records on all pages; None if the endpoint counts something else."""


class NumberedPages(Generic[P, T]):
    """The content of all pages of one request. Every iteration sends the requests again."""

    def __init__(
        self, endpoint: Endpoint, page: type[P], body: Mapping[str, Any], content: Callable[[P], T]
    ) -> None:
        self._endpoint, self._page, self._body, self._content = endpoint, page, body, content

    def __iter__(self) -> Iterator[T]:
        """The content of the pages; all of it is in memory until the reading is accepted."""
        return iter(self.read(list))

    def read(self, build: Callable[[Iterator[T]], R], most: int | None = None) -> R:
        """The result of `build`, which reads the pages one at a time. For another reading it is called again.

        Raises:
            InvalidAnswerError: the pages do not agree, or the list changed during every reading.
            TooManyRecordsError: the first page announces more records than `most`.
        """
        before: Reading | None = None
        for _ in range(MAX_READINGS):
            reading = Reading()
            built = build(map(self._content, self._pages(reading, most)))
            if reading.shared_page is None or (before and before.digest == reading.digest):
                return built
            before = reading
        assert before is not None
        raise self._endpoint.invalid_answer(
            f"changed its list during each of {MAX_READINGS} readings: "
            f"records of page {before.shared_page} were also on the next page",
            "none of it was used; run the same days again when the vendor has stopped changing them",
        )

    def _pages(self, reading: "Reading", most: int | None) -> Iterator[P]:
        """The pages from 1 on, until the answer says that no other follows; then the totals must agree."""
        endpoint = self._endpoint
        first: P | None = None
        collected = 0
        for number in count(1):
            answer = endpoint.post(self._page, {**self._body, "page": number})
            first = first or answer
            if most is not None and (answer.total or 0) > most:
                raise TooManyRecordsError(answer.total or 0)
            more = number < answer.pages
            if answer.pages > MAX_PAGES:
                raise endpoint.invalid_answer(f"announced {answer.pages} pages")
            if answer.number not in (None, number):
                raise endpoint.invalid_answer(f"sent page {answer.number} instead of page {number}")
            if answer.has_next not in (None, more):
                raise endpoint.invalid_answer(
                    f"contradicts itself on page {number} of {answer.pages} about whether another page follows"
                )
            if answer.fixed != first.fixed:
                raise endpoint.invalid_answer(
                    f"changed its totals between pages 1 and {number}: the list changed while it was read"
                )
            if answer.pages > 1 and reading.is_repeated(answer.records):
                raise endpoint.invalid_answer(f"sent the records of an earlier page again as page {number}")
            collected += len(answer.records)
            yield answer
            if not more:
                break
        if answer.total not in (None, collected):
            raise endpoint.invalid_answer(f"announced {answer.total} records and sent {collected}")


class Reading:
    """What one reading of the list has found so far."""

    def __init__(self) -> None:
        self.digest = 0
        """Equal for readings with the same records on the same pages."""
        self.shared_page: int | None = None
        """The first page that shares a record with the next page; None if there is none."""
        self._number = 0
        self._page: set[int] = set()
        self._seen_pages = SeenPages()

    def is_repeated(self, records: Sequence[object]) -> bool:
        """Add the next page; whether an earlier page held the same records."""
        found = hashes(records)
        if self.shared_page is None and not self._page.isdisjoint(found):
            self.shared_page = self._number
        self.digest = hash((self.digest, *sorted(found)))
        self._number, self._page = self._number + 1, set(found)
        return self._seen_pages.is_repeated(found)
