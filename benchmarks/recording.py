"""The vendors' responses on disk, by request. They are recorded from the sandbox once, so that its work is not measured."""

import hashlib
import json
import mmap
from pathlib import Path
from typing import Any

import msgspec

from ai_usage_assets.demo import sandbox

HOME = Path(".local") / "bench"


def version() -> str:
    """A hash of the sandbox's source code, because a changed sandbox may give other responses."""
    digest = hashlib.sha256()
    for source in sorted(Path(sandbox.__path__[0]).rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def folder(people: int) -> Path:
    return HOME / "recordings" / f"{people}-{version()}"


def request_key(method: str, path: str, query: str, body: bytes) -> str:
    """One key per request, whatever the order of its parameters and the spaces in its body."""
    parameters = "&".join(sorted(query.split("&"))) if query else ""
    fields: Any = msgspec.json.decode(body) if body else None
    return f"{method} {path}?{parameters} {json.dumps(fields, sort_keys=True)}"


class Recording:
    """Responses, appended to one file and read through a memory map, so that the page cache holds them."""

    def __init__(self, where: Path) -> None:
        where.mkdir(parents=True, exist_ok=True)
        self._index = where / "index.jsonl"
        self._file = (where / "bodies.bin").open("a+b")
        self._places: dict[str, tuple[int, int]] = {}
        if self._index.exists():
            for line in self._index.read_text(encoding="utf-8").splitlines():
                key, start, length = json.loads(line)
                self._places[key] = start, length
        self._mapped: mmap.mmap | None = None

    def get(self, key: str) -> bytes | None:
        place = self._places.get(key)
        if place is None:
            return None
        start, length = place
        if self._mapped is None or start + length > len(self._mapped):
            self._mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._mapped[start : start + length]

    def put(self, key: str, response: bytes) -> None:
        self._file.seek(0, 2)
        start = self._file.tell()
        self._file.write(response)
        self._file.flush()
        # the body first: after a crash the index must not point past the end of the bodies
        with self._index.open("a", encoding="utf-8") as index:
            index.write(json.dumps([key, start, len(response)]) + "\n")
        self._places[key] = start, len(response)

    def close(self) -> None:
        if self._mapped is not None:
            self._mapped.close()
        self._file.close()
