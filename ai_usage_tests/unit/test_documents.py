"""The documents agree with the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_usage_assets.curated.tables_page import tables_page
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.schema.readme import with_tables
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.source import SOURCES

ROOT = Path(__file__).parents[2]


def test_the_readmes_list_of_tables_is_the_declared_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_tables(readme) == readme, "run: .venv/bin/python -m ai_usage_assets.schema.readme README.md"


def test_the_example_environment_lists_every_variable_that_is_read() -> None:
    names = r"\b(?:ANTHROPIC|CURSOR|BIGQUERY|AI_USAGE)_[A-Z_]+\b"
    read = {str(field.validation_alias) for field in Settings.model_fields.values()}
    for source in SOURCES:
        read |= {source.key_variable, source.url_variable}
        read |= {source.retention_variable} if source.retention_days else set()
    listed = set(
        re.findall(rf"^#? ?({names})=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert listed == read


def test_the_readmes_commands_are_in_the_makefile() -> None:
    commands = set(
        re.findall(r"(?:^|`)make ([\w-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert commands <= targets


def test_every_command_that_keeps_records_is_given_with_the_projects_records() -> None:
    kept_by = r"\.venv/bin/(?:dagster|dg (?:dev|launch|scaffold))\b"
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".env.example"]
    assert [page.name for page in pages if re.search(kept_by, page.read_text(encoding="utf-8"))] == []


def links() -> Iterator[tuple[Path, str, str]]:
    """Each document with the path and the anchor of each link to another file or to a heading."""
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("mutants/*.md"),
    ]
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                path, _, anchor = target.partition("#")
                yield page, path, anchor


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_between_documents_leads_to_a_file_and_a_heading() -> None:
    broken = []
    for page, path, anchor in links():
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{page.relative_to(ROOT)}: {path}#{anchor}")
    assert not broken


@pytest.mark.parametrize(
    "name", ["people", "api_key_owners", "seats", "seat_tiers", "invoices", "fx", "budgets"]
)
def test_the_columns_of_an_identity_file_are_those_of_its_example(name: str) -> None:
    page = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8")
    section = page.split(f"## {name}.csv\n")[1].split("\n## ")[0]
    header = (ROOT / "identity" / f"{name}.example.csv").read_text(encoding="utf-8").splitlines()[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == header.split(",")


def test_the_page_of_tables_is_generated_from_the_declarations() -> None:
    queries, page = (
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("queries.md", "tables.md")
    )
    assert page == tables_page(queries), (
        "run: .venv/bin/python -m ai_usage_assets.curated.tables_page docs/tables.md"
    )


def test_every_check_is_described() -> None:
    settings = Settings.from_env(
        {"ANTHROPIC_ADMIN_API_KEY": "k", "CURSOR_ADMIN_API_KEY": "k", "ANTHROPIC_ANALYTICS": "true"}
    )
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    described = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)))
    parts = (build_defs(settings), build_monthly_defs(settings))
    checks = {key for part in parts for key in part.resolve_asset_graph().asset_check_keys}
    assert sorted(described) == sorted({check.name for check in checks})
