"""How an answer leaves the sandbox: encoded once, money never as a float, and what a refusal carries."""

from typing import Any

import msgspec
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")
encode = _ENCODER.encode


class VendorRefusalError(Exception):
    """The vendor says no: status, its own word for the kind of error, and a sentence."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def fragment(record: Any) -> msgspec.Raw:
    """A record's bytes, to be put into many answers."""
    return msgspec.Raw(encode(record))


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(content), status, headers, "application/json")
