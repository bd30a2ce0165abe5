"""The first answer to a client's method, as the vendor sent it: its bytes, the record that was expected, and the time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from ai_usage_assets.days import utc_now
from ai_usage_assets.sources.http.client import Endpoint, VendorClient

ClientT = TypeVar("ClientT", bound=VendorClient)


@dataclass(frozen=True)
class Answer:
    """An answer that was received and not decoded."""

    answer_type: Any
    """The record that the client would decode it to."""
    body: bytes
    clock_skew: timedelta | None
    """How far this machine's clock is ahead of the vendor's; None if the vendor does not say the time."""


class _FirstAnswer(Exception):  # noqa: N818 - it ends the method, and is no error
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def first_answer(client: ClientT, request: Callable[[ClientT], object]) -> Answer:
    """Send the first request of a method, and no other.

    Raises:
        VendorError: there is no answer.
    """

    def end(endpoint: Endpoint, answer_type: object, date: str | None, body: bytes) -> None:
        raise _FirstAnswer(Answer(answer_type, body, _skew(date)))

    client.observe(end)
    try:
        found = request(client)
        if isinstance(found, Iterable):
            next(iter(found), None)
    except _FirstAnswer as ended:
        return ended.answer
    finally:
        client.observe(None)
    raise AssertionError("The method sent no request.")


def _skew(date: str | None) -> timedelta | None:
    try:
        return utc_now() - parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return None
