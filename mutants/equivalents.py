"""The mutants that no test can kill, because the product does the same with them: `equivalents.yaml`, with the reasons."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LIST = Path(__file__).with_name("equivalents.yaml")


@dataclass(frozen=True)
class Equivalent:
    """A change of a file, by its lines before and after, and the reason why nothing can notice it."""

    file: str
    before: str
    after: str
    reason: str

    @property
    def change(self) -> tuple[str, str, str]:
        return self.file, plain(self.before), plain(self.after)


def plain(lines: str) -> str:
    """Lines without what their place in the file decides."""
    return " ".join(lines.split())


def change(file: str, diff: str) -> tuple[str, str, str]:
    """The change of a mutant, from its file and its changed lines."""
    before, after = (
        " ".join(line[1:] for line in diff.splitlines() if line.startswith(sign)) for sign in ("-", "+")
    )
    return file, plain(before), plain(after)


def equivalents(text: str | None = None) -> dict[tuple[str, str, str], Equivalent]:
    """The list, by change.

    Raises:
        TypeError: an entry lacks a field or a reason, or has another field.
    """
    entries: list[dict[str, Any]] = (
        yaml.safe_load(text if text is not None else LIST.read_text("utf-8")) or []
    )
    listed = [Equivalent(**entry) for entry in entries]
    return {entry.change: entry for entry in listed}
