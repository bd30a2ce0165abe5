"""The table in `docs/reliability.md`, between its markers."""

import re

from mutants.checkout import ROOT
from mutants.scores import Score, table

DOCUMENT = ROOT / "docs" / "reliability.md"
MARKED = re.compile(r"(<!-- scores -->\n).*?(<!-- /scores -->)", re.DOTALL)


def filled(document: str, day: str, commit: str, found: list[Score]) -> str:
    """The document with these scores in place of those that it has.

    Raises:
        ValueError: the document has no markers for the scores.
    """
    if not MARKED.search(document):
        raise ValueError(f"{DOCUMENT.name} has no markers for the scores")
    content = f"Measured on {day} at commit `{commit}`.\n\n{table(found)}\n"
    return MARKED.sub(lambda match: f"{match[1]}{content}{match[2]}", document)


def write(day: str, commit: str, found: list[Score]) -> None:
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8"), day, commit, found), encoding="utf-8")
