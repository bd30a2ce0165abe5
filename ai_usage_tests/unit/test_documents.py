"""What the documents say of the code is true."""

import re
from pathlib import Path

from ai_usage_assets.schema.readme import with_tables

ROOT = Path(__file__).parents[2]


def test_the_readmes_list_of_tables_is_the_declared_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_tables(readme) == readme, "run: .venv/bin/python -m ai_usage_assets.schema.readme README.md"


def test_the_example_environment_lists_every_variable_that_is_read() -> None:
    names = r"\b(?:ANTHROPIC|CURSOR|BIGQUERY|AI_USAGE)_[A-Z_]+\b"
    read = set(
        re.findall(
            rf'"({names})"', (ROOT / "ai_usage_assets" / "defs" / "resources.py").read_text(encoding="utf-8")
        )
    )
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
