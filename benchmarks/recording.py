"""The vendors' answers on disk, by question: recorded from the sandbox once, so that its own work is not measured."""

import hashlib
import json
import mmap
from pathlib import Path
from typing import Any

import msgspec

from ai_usage_assets.demo import sandbox

HOME = Path(".local") / "bench"


def version() -> str:
    """Changes with the sandbox's source, whose answers these are."""
    made = hashlib.sha256()
    for source in sorted(Path(sandbox.__path__[0]).glob("*.py")):
        made.update(source.read_bytes())
    return made.hexdigest()[:12]


def folder(people: int) -> Path:
    return HOME / "recordings" / f"{people}-{version()}"


def question(method: str, path: str, query: str, body: bytes) -> str:
    """One key for one question, however a client orders and spaces it."""
    asked = "&".join(sorted(query.split("&"))) if query else ""
    told: Any = msgspec.json.decode(body) if body else None
    return f"{method} {path}?{asked} {json.dumps(told, sort_keys=True)}"


class Recording:
    """Answers, appended to one file and read from its mapping: the system's page cache is the memory."""

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

    def put(self, key: str, answer: bytes) -> None:
        self._file.seek(0, 2)
        start = self._file.tell()
        self._file.write(answer)
        self._file.flush()
        # the body first: an index that points at nothing would be believed after a crash
        with self._index.open("a", encoding="utf-8") as index:
            index.write(json.dumps([key, start, len(answer)]) + "\n")
        self._places[key] = start, len(answer)

    def close(self) -> None:
        if self._mapped is not None:
            self._mapped.close()
        self._file.close()
