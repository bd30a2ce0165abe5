"""What can go wrong on the way: answers to order, for the next questions to a path or for a random part of all.

A fault either answers by itself or spoils the true answer; `reset` hangs up.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

Damage = Callable[[dict[str, Any], Request], None]
RECORDS = {"data", "usageEvents", "teamMemberSpend", "teamMembers", "groups"}
"""What holds the records, in whichever answer."""


@dataclass(frozen=True)
class Fault:
    status: int | None = None
    """Answer with this, and do not ask the vendor at all."""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    keep: float | None = None
    """Cut the true answer off after this part of it, under its full length."""
    damage: Damage | None = None
    """Change the true answer."""
    reset: bool = False
    seconds: float = 0.0
    """Let the answer drip for so long."""
    earlier: bool = False
    """Put the records of the answer before, to the same path, in the place of the true ones."""
    kind: str = ""
    """What to count it as."""


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Any status; header names with underscores for dashes."""
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    kind = f"{code} with Retry-After" if "retry-after" in given else str(code)
    return Fault(code, body or b'{"error":"fault"}', given, kind=kind)


def rate_limited(retry_after: int | str | None = None) -> Fault:
    return status(429) if retry_after is None else status(429, retry_after=str(retry_after))


def html() -> Fault:
    """A proxy's page, with status 200."""
    page = b"<!doctype html><html><body>Just a moment...</body></html>"
    return replace(status(200, page, content_type="text/html"), kind="HTML with 200")


def invalid_json() -> Fault:
    json_response = status(200, b'{"data": [oops', content_type="application/json")
    return replace(json_response, kind="invalid JSON")


def cut_off(keep: float = 0.5) -> Fault:
    return Fault(keep=keep, kind="cut off")


def reset() -> Fault:
    return Fault(reset=True, kind="reset")


def slow(seconds: float) -> Fault:
    return Fault(seconds=seconds, kind="slow drip")


def out_of_order() -> Fault:
    """The records of another page under this page's own number and cursor: the vendor never says so."""
    return Fault(earlier=True, kind="page out of order")


def backwards() -> Fault:
    """The records of the page, the last one first."""

    def damage(said: dict[str, Any], request: Request) -> None:
        for name in RECORDS & said.keys():
            said[name].reverse()

    return Fault(damage=damage, kind="records out of order")


def more_without_cursor() -> Fault:
    """Says that there is more, and not where; Cursor leaves out whether there is."""

    def damage(said: dict[str, Any], request: Request) -> None:
        if "pagination" in said:
            said["pagination"].pop("hasNextPage")
        elif "totalPages" in said or "teamMembers" in said:
            said["totalPages"] = None
        elif "last_id" in said:
            said |= {"has_more": True, "last_id": None}
        else:
            said |= {"has_more": True, "next_page": None}

    return Fault(damage=damage, kind="more without a cursor")


def repeated_cursor() -> Fault:
    """Says that there is more, at the place that was just asked for; Cursor goes on for ever."""

    def damage(said: dict[str, Any], request: Request) -> None:
        asked = request.query_params
        if "pagination" in said:
            said["pagination"]["hasNextPage"] = True
        elif "totalPages" in said or "teamMembers" in said:
            said["totalPages"] = said.get("totalPages", 1) + 1
        elif "last_id" in said:
            said |= {"has_more": True, "last_id": asked.get("after_id") or said["last_id"]}
        else:
            said |= {"has_more": True, "next_page": asked.get("page") or "page_again"}

    return Fault(damage=damage, kind="repeated cursor")


class Faults:
    """The faults in force. Ordered ones come first, in order; then chance decides."""

    def __init__(self) -> None:
        self._next: dict[str, list[Fault]] = {}
        self._random, self._fraction = Random(0), 0.0
        self._some: tuple[Fault, ...] = ()
        self._weights: Sequence[float] | None = None
        self.served = 0
        self.kinds: Counter[str] = Counter()
        """Served, by kind."""

    def next(self, path: str, fault: Fault, times: int = 1) -> None:
        """Spoil the next questions to a path."""
        self._next.setdefault(path, []).extend([fault] * times)

    def some(
        self, fraction: float, *faults: Fault, seed: int = 0, weights: Sequence[float] | None = None
    ) -> None:
        """Spoil a part of all questions, with one of the faults each; all as often, unless they have weights."""
        self._weights = weights
        self._random, self._fraction = Random(seed), fraction
        self._some = faults or (status(500), status(502), status(503), status(529), rate_limited(), reset())

    def clear(self) -> None:
        self._next.clear()
        self._fraction = 0.0

    def take(self, path: str) -> Fault | None:
        """The fault of this question, if it has one."""
        waiting = self._next.get(path)
        if waiting:
            fault = waiting.pop(0)
        elif self._fraction and self._random.random() < self._fraction:
            (fault,) = self._random.choices(self._some, self._weights)
        else:
            return None
        self.served += 1
        self.kinds[fault.kind] += 1
        return fault


def damaged(fault: Fault, true: Response, request: Request, before: bytes) -> Response:
    """The true answer with the fault in it; `before` is the body of the answer before it."""
    body = bytes(true.body)
    kept = {name: value for name, value in true.headers.items() if name != "content-length"}
    if fault.earlier:
        said, earlier = json.loads(body), json.loads(before)
        said |= {name: earlier[name] for name in RECORDS & earlier.keys()}
        return Response(json.dumps(said).encode(), true.status_code, kept)
    if fault.damage is not None:
        said = json.loads(body)
        fault.damage(said, request)
        return Response(json.dumps(said).encode(), true.status_code, kept)
    if fault.keep is not None:
        kept["content-length"] = str(len(body))
        return StreamingResponse(_once(body[: int(len(body) * fault.keep)]), true.status_code, kept)
    return StreamingResponse(_drip(body, fault.seconds), true.status_code, kept)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _drip(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    size = max(1, len(body) // 20)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / 20)
        yield body[start : start + size]
