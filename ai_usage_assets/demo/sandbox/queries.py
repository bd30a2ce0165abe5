"""Parsing of requests, as strict as that of the vendors: unknown, missing and malformed parameters are refused."""

import re
from datetime import UTC, date, datetime
from typing import Any

from starlette.datastructures import QueryParams

from ai_usage_assets.demo.sandbox.responses import VendorRefusalError

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Query:
    """The query string of an Anthropic endpoint."""

    def __init__(
        self, path: str, params: QueryParams, single: set[str], several: frozenset[str] = frozenset()
    ) -> None:
        self._params = params
        for name in params:
            if name not in single and not (name.endswith("[]") and name[:-2] in several):
                raise invalid(f"{name}: Extra inputs are not permitted")
        for name in single:
            if len(params.getlist(name)) > 1:
                raise invalid(f"{name}: given more than once")
        given = sorted((name, value) for name, value in params.multi_items() if name != "page")
        self.identity = f"{path}?{given}"
        """What a page cursor is valid for."""
        self.shape = f"{path}?{[value for value in given if value[0].endswith('[]')]}"
        """The parameters that decide the content of a bucket, whatever the range of the request."""

    def get(self, name: str) -> str | None:
        return self._params.get(name)

    def values_of(self, name: str, allowed: tuple[str, ...] | None = None) -> list[str]:
        values = list(dict.fromkeys(self._params.getlist(f"{name}[]")))
        for value in values:
            if allowed is not None and value not in allowed:
                raise invalid(f"{name}[]: Input should be one of {', '.join(allowed)}")
        return values

    def integer(self, name: str, default: int, maximum: int) -> int:
        given = self._params.get(name)
        if given is None:
            return default
        if not given.isdecimal() or not 1 <= int(given) <= maximum:
            raise invalid(f"{name}: Input should be an integer from 1 to {maximum}")
        return int(given)

    def instant(self, name: str) -> datetime | None:
        given = self._params.get(name)
        if given is None:
            return None
        if not _INSTANT.fullmatch(given):
            raise invalid(f"{name}: Input should be a valid RFC 3339 datetime")
        try:
            return datetime.fromisoformat(given).astimezone(UTC)
        except ValueError as error:
            raise invalid(f"{name}: Input should be a valid RFC 3339 datetime") from error

    def day(self, name: str) -> date:
        given = self._params.get(name)
        if given is None:
            raise invalid(f"{name}: Field required")
        try:
            if _DAY.fullmatch(given):
                return date.fromisoformat(given)
        except ValueError:
            pass
        raise invalid(f"{name}: Input should be a date in the form YYYY-MM-DD")

    def flag(self, name: str) -> bool:
        given = self._params.get(name)
        if given not in (None, "true", "false"):
            raise invalid(f"{name}: Input should be a valid boolean")
        return given == "true"


def invalid(message: str) -> VendorRefusalError:
    return VendorRefusalError(400, "invalid_request_error", message)


class Body:
    """The JSON body of a Cursor endpoint."""

    def __init__(self, fields: Any, known: set[str]) -> None:
        if not isinstance(fields, dict):
            raise bad_request("The body must be a JSON object")
        if unknown := sorted(fields.keys() - known):
            raise bad_request(f"Unrecognized key(s): {', '.join(unknown)}")
        self._fields: dict[str, Any] = fields

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def integer(self, name: str, default: int | None = None, minimum: int = 1) -> int:
        given = self._fields.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int) or given < minimum:
            raise bad_request(
                f"{name} must be a whole number" + (" of milliseconds" if "Date" in name else "")
            )
        return given

    def text(
        self, name: str, default: str | None = None, allowed: tuple[str, ...] | None = None
    ) -> str | None:
        given = self._fields.get(name, default)
        if given is None or (isinstance(given, str) and (allowed is None or given in allowed)):
            return given
        raise bad_request(f"{name} is not valid")


def bad_request(message: str) -> VendorRefusalError:
    return VendorRefusalError(400, "Bad Request", message)
