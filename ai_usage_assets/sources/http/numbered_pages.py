"""Pages that have a number. Such a page is a place in a list, and the list may move while it is read.

What shows in the totals is refused. A record that moves from the end of one page to the start of the next, while another
leaves, does not show there: the same record comes twice, another one not at all, and the counts agree. Two equal records
may also be two calls of one millisecond on both sides of the seam. One reading cannot tell these apart; two can, because
a list that is at rest answers the same again. So a reading with equal records on neighboring pages is not believed until
the next reading holds the same records on the same pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from ai_usage_assets.sources.http.client import Endpoint
from ai_usage_assets.sources.http.paging import MOST_PAGES, Repeats, hashes

T = TypeVar("T")
P = TypeVar("P", bound="NumberedPage")
R = TypeVar("R")

MAX_READINGS = 3
"""Of one list, the first included."""


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


class NumberedPages(Generic[P, T]):
    """All pages of one question, as what each of them holds. Every iteration asks the vendor anew."""

    def __init__(
        self, endpoint: Endpoint, page: type[P], body: Mapping[str, Any], content: Callable[[P], T]
    ) -> None:
        self._endpoint, self._page, self._body, self._content = endpoint, page, body, content

    def __iter__(self) -> Iterator[T]:
        """The pages, held in memory until all of them are believed."""
        return iter(self.read(list))

    def read(self, build: Callable[[Iterator[T]], R]) -> R:
        """What `build` makes of all pages, one at a time; it is called again, from page 1, for another reading.

        Raises:
            BadAnswer: the pages do not agree, or the list moved in every reading.
        """
        before: Reading | None = None
        for _ in range(MAX_READINGS):
            reading = Reading()
            built = build(map(self._content, self._pages(reading)))
            if reading.seam is None or (before and before.digest == reading.digest):
                return built
            before = reading
        assert before is not None
        raise self._endpoint.bad(
            f"moved in each of {MAX_READINGS} readings: records of page {before.seam} came again on the next page",
            "nothing of it was used; run the same days again when the vendor has stopped changing them",
        )

    def _pages(self, reading: "Reading") -> Iterator[P]:
        """Pages 1, 2, 3, until the answer says that no more follow; then the totals have to agree."""
        endpoint = self._endpoint
        first: P | None = None
        collected = 0
        for number in count(1):
            answer = endpoint.post(self._page, {**self._body, "page": number})
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
            if answer.pages > 1 and reading.has_had(answer.records):
                raise endpoint.bad(f"sent the records of an earlier page again as page {number}")
            collected += len(answer.records)
            yield answer
            if not more:
                break
        if answer.total not in (None, collected):
            raise endpoint.bad(f"announced {answer.total} records and sent {collected}")


class Reading:
    """What one reading of the list has held so far."""

    def __init__(self) -> None:
        self.digest = 0
        """Equal for readings that hold the same records on the same pages."""
        self.seam: int | None = None
        """The first page that has a record in common with the next one; None if there is none."""
        self._number = 0
        self._page: set[int] = set()
        self._repeated = Repeats()

    def has_had(self, records: Sequence[object]) -> bool:
        """Take the next page in; whether an earlier one held the very same records."""
        found = hashes(records)
        if self.seam is None and not self._page.isdisjoint(found):
            self.seam = self._number
        self.digest = hash((self.digest, *sorted(found)))
        self._number, self._page = self._number + 1, set(found)
        return self._repeated.page(found)
