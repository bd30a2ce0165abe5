"""The vendors' kinds of paging. A page may be shorter than requested although more pages follow."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from ai_usage_assets.demo.sandbox.responses import VendorRefusalError

T = TypeVar("T")


def page_length(requested: int, remaining: int) -> int:
    """How many records a page holds: one less than requested, unless it is the last page."""
    return remaining if remaining <= requested else max(1, requested - 1)


def token(query: str, position: int) -> str:
    """An opaque cursor that is valid for this query only."""
    return "page_" + base64.urlsafe_b64encode(
        f"{position}.{_signature(query, position)}".encode()
    ).decode().rstrip("=")


def position(query: str, page: str | None) -> int:
    if page is None:
        return 0
    try:
        plain = base64.urlsafe_b64decode(page.removeprefix("page_") + "==").decode()
        index, signature = plain.split(".")
        if page.startswith("page_") and signature == _signature(query, int(index)):
            return int(index)
    except (ValueError, binascii.Error):
        pass
    raise VendorRefusalError(
        400, "invalid_request_error", "page: the cursor is invalid, or belongs to other parameters"
    )


def _signature(query: str, index: int) -> str:
    return sha256(f"{query}|{index}".encode()).hexdigest()[:16]


def by_id(
    records: Sequence[Mapping[str, Any]], limit: int, after: str | None, before: str | None
) -> dict[str, Any]:
    """One page of a list endpoint: the records after `after_id`, or those before `before_id`."""
    if after and before:
        raise VendorRefusalError(
            400, "invalid_request_error", "after_id and before_id cannot be given together"
        )
    indexes = {record["id"]: index for index, record in enumerate(records)}
    if (after or before) and (after or before) not in indexes:
        raise VendorRefusalError(400, "invalid_request_error", f"no such id: {after or before}")
    if before:
        end = indexes[before]
        start = end - page_length(limit, end)
        page, more = records[start:end], start > 0
    else:
        start = indexes[after] + 1 if after else 0
        end = start + page_length(limit, len(records) - start)
        page, more = records[start:end], end < len(records)
    first_and_last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    return {"data": page, "has_more": more, "first_id": first_and_last[0], "last_id": first_and_last[1]}


def by_number(page: int, requested: int, total: int) -> tuple[int, int, int]:
    """The first and last position of a numbered page, and the number of pages."""
    size = requested if total <= requested else max(1, requested - 1)
    pages = max(1, -(-total // size))
    start = min((page - 1) * size, total)
    return start, min(start + size, total), pages
