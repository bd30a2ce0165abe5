"""The page of results: tables between markers, in prose that is written by hand."""

import re
from collections.abc import Mapping, Sequence

from benchmarks.homes import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"


def markdown(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return "Not measured."
    head = list(rows[0])
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row.get(name, '') for name in head)} |" for row in rows]
    return "\n".join(lines)


def fill(text: str, name: str, made: str) -> str:
    """The text with what stands between the name's markers replaced.

    Raises:
        ValueError: the document has no such markers.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the document has no place for {name}")
    return pattern.sub(lambda match: f"{match[1]}{made}\n{match[2].lstrip()}", text)
