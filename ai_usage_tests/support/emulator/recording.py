"""Records every call to BigQuery where the HTTP client sends it, so that none is missed."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests

import ai_usage_assets

PACKAGE = str(Path(ai_usage_assets.__file__).parent)
STAGED = re.compile(r"\b(staged_[a-z_]+?)_[0-9a-f]{12}(?![0-9a-f])")
IDS = (
    (r"/projects/[^/]+", "/projects/*"),
    (r"/datasets/[^/]+", "/datasets/*"),
    (r"/tables/[^/]+", "/tables/*"),
    (r"/(jobs|queries)/[^/]+", r"/\1/*"),
)


def endpoint(method: str, url: str) -> str:
    """Method and path of a request, with * for every name."""
    path = urlsplit(url).path
    for found, name in IDS:
        path = re.sub(found, name, path)
    return f"{method} {path}"


@dataclass(frozen=True)
class Call:
    """One request. `places` are the lines of the package that are on its call stack."""

    method: str
    url: str
    body: dict[str, Any]
    places: frozenset[tuple[str, int]]

    @property
    def endpoint(self) -> str:
        """Method and path, with * for every name."""
        return endpoint(self.method, self.url)

    @property
    def configuration(self) -> dict[str, Any]:
        """The configuration of the job that the request starts; empty if it starts none."""
        found: dict[str, Any] = self.body.get("configuration", {})
        return found

    @property
    def sql(self) -> str | None:
        """The statement, without the writer's suffix in the names of staged tables."""
        query = self.configuration.get("query", {}).get("query")
        return STAGED.sub(r"\1", query) if query else None

    @property
    def loads_into(self) -> str | None:
        table = self.configuration.get("load", {}).get("destinationTable", {}).get("tableId")
        return STAGED.sub(r"\1", table) if table else None


@contextmanager
def recording() -> Iterator[list[Call]]:
    """The calls to BigQuery that this process makes until the block ends, in order."""
    calls: list[Call] = []
    send = requests.Session.send

    def recorded(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if request.url and "/bigquery/v2/" in request.url:
            # the rows of an upload are sent with PUT
            body = {} if request.method == "PUT" else request_json(request.body)
            calls.append(Call(str(request.method), request.url, body, _places()))
        return send(self, request, **more)

    with patch.object(requests.Session, "send", recorded):
        yield calls


def request_json(body: Any) -> dict[str, Any]:
    """The JSON of a request. If the request has rows too, the JSON is its first part."""
    if not isinstance(body, str | bytes):
        return {}
    if isinstance(body, bytes) and body.startswith(b"--"):
        body = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
    found = json.loads(body)
    return found if isinstance(found, dict) else {}


def _places() -> frozenset[tuple[str, int]]:
    frame, found = sys._getframe(), set()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.startswith(PACKAGE):
            found.add((frame.f_code.co_filename.removeprefix(PACKAGE + "/"), frame.f_lineno))
    return frozenset(found)
