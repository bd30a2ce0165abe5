"""What `docs/bigquery.md` lists between its HTML markers: calls, statements, costs, and the permissions that they need."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "bigquery.md"
KINDS = re.compile(
    r"(?:(?:CREATE|ALTER) (?:OR REPLACE )?(?:TABLE|VIEW)(?: IF NOT EXISTS)?|MERGE|UPDATE|DELETE)?"
)
PERMISSION = re.compile(r"`(?:bigquery)?(\.[\w.]+)`")
EXISTING_DATASET = {"bigquery.datasets.create"}
"""What a role does not need if somebody else creates the dataset."""


def marked(name: str) -> str:
    """The part of the page between the markers of this name."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def listed(name: str) -> set[str]:
    """The first column of a marked table."""
    return set(re.findall(r"^\| `([^`]+)` \|", marked(name), re.MULTILINE))


def kind(sql: str) -> str:
    """The first words of a statement, as the page lists them."""
    return KINDS.match(sql.upper())[0] or "SELECT"  # type: ignore[index]


def permissions(name: str) -> dict[str, set[str]]:
    """The permissions in the last column of a marked table, by its first column; without optional ones."""
    rows = re.findall(r"^\| `([^`]+)` \|(?:.*\|)?([^|]*)\|$", marked(name), re.MULTILINE)
    needed = ((first, last) for first, last in rows if "optional" not in last)
    return {first: {_full(found) for found in PERMISSION.findall(last)} for first, last in needed}


def _full(name: str) -> str:
    """`.update` stands for `bigquery.tables.update`."""
    return f"bigquery{name}" if name.count(".") > 1 else f"bigquery.tables{name}"


def documented_role() -> set[str]:
    """All permissions of the page: of a custom role for a writer whose dataset exists."""
    found = [*permissions("calls").values(), *permissions("statements").values()]
    return set().union(*found) - EXISTING_DATASET
