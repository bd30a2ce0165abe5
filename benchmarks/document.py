"""Pages whose tables are written between markers, in text that is written by hand."""

import re
from collections.abc import Mapping, Sequence


def markdown(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return "Not measured."
    head = list(rows[0])
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row.get(name, '') for name in head)} |" for row in rows]
    return "\n".join(lines)


def fill(text: str, name: str, content: str) -> str:
    """The text, with new content between the markers of this name.

    Raises:
        ValueError: the page has no markers of this name.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no markers for {name}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2].lstrip()}", text)
