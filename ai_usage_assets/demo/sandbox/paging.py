"""The vendors' ways to page. A page may be shorter than was asked for although more follows."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from ai_usage_assets.demo.sandbox.responses import VendorRefusalError

T = TypeVar("T")


def page_length(asked: int, left: int) -> int:
    """How many records a page really holds: one less than it could when it is not the last."""
    return left if left <= asked else max(1, asked - 1)


def token(query: str, position: int) -> str:
    """An opaque cursor, good for this very query and no other."""
    return "page_" + base64.urlsafe_b64encode(
        f"{position}.{_seal(query, position)}".encode()
    ).decode().rstrip("=")


def position(query: str, page: str | None) -> int:
    if page is None:
        return 0
    try:
        plain = base64.urlsafe_b64decode(page.removeprefix("page_") + "==").decode()
        place, seal = plain.split(".")
        if page.startswith("page_") and seal == _seal(query, int(place)):
            return int(place)
    except (ValueError, binascii.Error):
        pass
    raise VendorRefusalError(
        400, "invalid_request_error", "page: the cursor is invalid, or belongs to other parameters"
    )


def _seal(query: str, place: int) -> str:
    return sha256(f"{query}|{place}".encode()).hexdigest()[:16]


def by_id(
    records: Sequence[Mapping[str, Any]], limit: int, after: str | None, before: str | None
) -> dict[str, Any]:
    """A list endpoint's page: `after_id` onwards, or what leads up to `before_id`."""
    if after and before:
        raise VendorRefusalError(
            400, "invalid_request_error", "after_id and before_id cannot be given together"
        )
    places = {record["id"]: place for place, record in enumerate(records)}
    if (after or before) and (after or before) not in places:
        raise VendorRefusalError(400, "invalid_request_error", f"no such id: {after or before}")
    if before:
        end = places[before]
        start = end - page_length(limit, end)
        page, more = records[start:end], start > 0
    else:
        start = places[after] + 1 if after else 0
        end = start + page_length(limit, len(records) - start)
        page, more = records[start:end], end < len(records)
    ends = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    return {"data": page, "has_more": more, "first_id": ends[0], "last_id": ends[1]}


def by_number(page: int, asked: int, total: int) -> tuple[int, int, int]:
    """A numbered page: from where, to where, of how many pages."""
    size = asked if total <= asked else max(1, asked - 1)
    pages = max(1, -(-total // size))
    start = min((page - 1) * size, total)
    return start, min(start + size, total), pages
