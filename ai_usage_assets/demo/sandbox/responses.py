"""Responses of the sandbox: encoded once, money as exact decimals; and refusals."""

from typing import Any

import msgspec
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")
encode = _ENCODER.encode


class VendorRefusalError(Exception):
    """The vendor refuses a request: the status, the vendor's name for the kind of error, and a message."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def fragment(record: Any) -> msgspec.Raw:
    """The bytes of a record, for use in several responses."""
    return msgspec.Raw(encode(record))


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(content), status, headers, "application/json")
