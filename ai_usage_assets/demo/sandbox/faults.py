"""Faults to order: for the next requests to a path, or for a random part of all requests.

A fault replaces the response, changes it, or resets the connection.
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
"""The fields that hold records, in the responses of all endpoints."""


@dataclass(frozen=True)
class Fault:
    status: int | None = None
    """Respond with this status, without calling the vendor's endpoint."""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    keep: float | None = None
    """Truncate the response after this part of it. Its Content-Length stays the full length."""
    damage: Damage | None = None
    """Change the content of the response."""
    reset: bool = False
    seconds: float = 0.0
    """Send the response slowly, over this many seconds."""
    earlier: bool = False
    """Replace the records by those of the previous response of the same path."""
    kind: str = ""
    """The name under which it is counted."""


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Any status. Header names have underscores instead of dashes."""
    header_values = {key.replace("_", "-"): value for key, value in headers.items()}
    kind = f"{code} with Retry-After" if "retry-after" in header_values else str(code)
    return Fault(code, body or b'{"error":"fault"}', header_values, kind=kind)


def rate_limited(retry_after: int | str | None = None) -> Fault:
    return status(429) if retry_after is None else status(429, retry_after=str(retry_after))


def html() -> Fault:
    """The HTML page of a proxy, with status 200."""
    page = b"<!doctype html><html><body>Just a moment...</body></html>"
    return replace(status(200, page, content_type="text/html"), kind="HTML with 200")


def invalid_json() -> Fault:
    response = status(200, b'{"data": [oops', content_type="application/json")
    return replace(response, kind="invalid JSON")


def cut_off(keep: float = 0.5) -> Fault:
    return Fault(keep=keep, kind="cut off")


def reset() -> Fault:
    return Fault(reset=True, kind="reset")


def slow(seconds: float) -> Fault:
    return Fault(seconds=seconds, kind="slow drip")


def out_of_order() -> Fault:
    """The records of another page, under the number and cursor of this page."""
    return Fault(earlier=True, kind="page out of order")


def backwards() -> Fault:
    """The records of the page in reverse order."""

    def damage(content: dict[str, Any], request: Request) -> None:
        for name in RECORDS & content.keys():
            content[name].reverse()

    return Fault(damage=damage, kind="records out of order")


def more_without_cursor() -> Fault:
    """More pages without a cursor. For Cursor, the field that says whether there are more is missing."""

    def damage(content: dict[str, Any], request: Request) -> None:
        if "pagination" in content:
            content["pagination"].pop("hasNextPage")
        elif "totalPages" in content or "teamMembers" in content:
            content["totalPages"] = None
        elif "last_id" in content:
            content |= {"has_more": True, "last_id": None}
        else:
            content |= {"has_more": True, "next_page": None}

    return Fault(damage=damage, kind="more without a cursor")


def repeated_cursor() -> Fault:
    """More pages, with the cursor of this same page. For Cursor, the pages never end."""

    def damage(content: dict[str, Any], request: Request) -> None:
        parameters = request.query_params
        if "pagination" in content:
            content["pagination"]["hasNextPage"] = True
        elif "totalPages" in content or "teamMembers" in content:
            content["totalPages"] = content.get("totalPages", 1) + 1
        elif "last_id" in content:
            content |= {"has_more": True, "last_id": parameters.get("after_id") or content["last_id"]}
        else:
            content |= {"has_more": True, "next_page": parameters.get("page") or "page_again"}

    return Fault(damage=damage, kind="repeated cursor")


class Faults:
    """The active faults. Faults for the next requests come first, in their order, then random ones."""

    def __init__(self) -> None:
        self._next: dict[str, list[Fault]] = {}
        self._random, self._fraction = Random(0), 0.0
        self._some: tuple[Fault, ...] = ()
        self._weights: Sequence[float] | None = None
        self.served = 0
        self.kinds: Counter[str] = Counter()
        """Faults that were served, by kind."""

    def next(self, path: str, fault: Fault, times: int = 1) -> None:
        """Apply a fault to the next requests to a path."""
        self._next.setdefault(path, []).extend([fault] * times)

    def some(
        self, fraction: float, *faults: Fault, seed: int = 0, weights: Sequence[float] | None = None
    ) -> None:
        """Apply one of the faults to a random part of all requests. Without weights, all are equally likely."""
        self._weights = weights
        self._random, self._fraction = Random(seed), fraction
        self._some = faults or (status(500), status(502), status(503), status(529), rate_limited(), reset())

    def clear(self) -> None:
        self._next.clear()
        self._fraction = 0.0

    def take(self, path: str) -> Fault | None:
        """The fault of this request, or None."""
        next_faults = self._next.get(path)
        if next_faults:
            fault = next_faults.pop(0)
        elif self._fraction and self._random.random() < self._fraction:
            (fault,) = self._random.choices(self._some, self._weights)
        else:
            return None
        self.served += 1
        self.kinds[fault.kind] += 1
        return fault


def damaged(fault: Fault, response: Response, request: Request, previous: bytes) -> Response:
    """The response with the fault applied. `previous` is the body of the previous response."""
    body = bytes(response.body)
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    if fault.earlier:
        content, earlier = json.loads(body), json.loads(previous)
        content |= {name: earlier[name] for name in RECORDS & earlier.keys()}
        return Response(json.dumps(content).encode(), response.status_code, headers)
    if fault.damage is not None:
        content = json.loads(body)
        fault.damage(content, request)
        return Response(json.dumps(content).encode(), response.status_code, headers)
    if fault.keep is not None:
        headers["content-length"] = str(len(body))
        return StreamingResponse(
            _send_once(body[: int(len(body) * fault.keep)]), response.status_code, headers
        )
    return StreamingResponse(_send_slowly(body, fault.seconds), response.status_code, headers)


async def _send_once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _send_slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    size = max(1, len(body) // 20)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / 20)
        yield body[start : start + size]
