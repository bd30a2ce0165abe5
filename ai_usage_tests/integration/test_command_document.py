"""docs/command.md: every command of the page, in its order, over a month of a small company, with the whole output.

`AI_USAGE_WRITE_DOCUMENTS=1` writes the outputs into the page instead.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.sources.identity.owners import api_key_owners
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.command import BLOCK, ai_usage
from ai_usage_tests.support.harness import NOW, environment

PAGE = Path(__file__).parents[2] / "docs" / "command.md"
FOLDER = "/srv/ai-usage"
"""How the page writes the folder of the test."""
SKIPPED = "...\n"
"""Stands for some lines of an output."""
EXPORTED = """\
Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost
"2026-10-31T15:12:40.318Z","ana@tidewater.example","On-Demand","gpt-5","No","0","900","12000","410","13310","0.04"
"2026-11-02T09:30:00.125Z","ana@tidewater.example","Included","auto","No","5200","900","41000","1400","48500","Included"
"2026-11-02T09:41:17.007Z","ana@tidewater.example","On-Demand","gpt-5","Yes","0","3100","52000","2250","57350","0.31"
"""
"""An export of Cursor's dashboard; the API has loaded the first of its days."""
CODES = {"close 2026-10": [0, 1], "close 2026-11": [1]}


@dataclass(frozen=True)
class Example:
    line: str
    expected: str
    """What the page shows."""
    text: str
    """What the command prints."""
    code: int


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("command")


@pytest.fixture(scope="module")
def run_page(folder: Path) -> list[Example]:
    """Each command of the page, run in a folder that has a `.env` and identity files, and nothing else."""
    with running(Company(people=12), now=NOW) as sandbox:
        write_identity(sandbox.company, folder / "identity")
        variables = environment(sandbox, DuckDBEngine(folder / "unused"), folder) | {
            "AI_USAGE_START_DATE": "2026-10-01",
            "AI_USAGE_DUCKDB_PATH": ".local/ai_usage.duckdb",
            "AI_USAGE_IDENTITY_DIR": "identity",
        }
        lines = "".join(f"{name}='{value}'\n" for name, value in variables.items())
        (folder / ".env").write_text(lines, encoding="utf-8")
        (folder / "team-usage-events.csv").write_text(EXPORTED, encoding="utf-8")
        return list(run_examples(folder))


def run_examples(folder: Path) -> Iterator[Example]:
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ai-usage ", block, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            done = ai_usage(line, folder)
            yield Example(line, expected, done.text.replace(str(folder), FOLDER), done.code)


def test_the_page_shows_what_the_commands_print(run_page: list[Example]) -> None:
    if os.environ.get("AI_USAGE_WRITE_DOCUMENTS"):
        write(run_page)
        pytest.skip("the page was written")
    for example in run_page:
        parts = [re.escape(part) for part in example.expected.split(SKIPPED)]
        assert re.fullmatch("(?:.*\n)*".join(parts), example.text), (example.line, example.text)


def test_every_command_ends_as_the_page_says(run_page: list[Example]) -> None:
    codes: dict[str, list[int]] = {}
    for example in run_page:
        codes.setdefault(example.line, []).append(example.code)
    assert codes == {line: CODES.get(line, [0]) for line in codes}
    verbs = {example.line.split()[0] for example in run_page}
    assert verbs == {
        "--help",
        "doctor",
        "fetch",
        "import",
        "spend",
        "keys",
        "close",
        "report",
        "export",
        "budget",
    }


def write(found: list[Example]) -> None:
    """Put the outputs into the page; one that the page shows in part stays as it is."""
    examples = iter(found)

    def block(match: re.Match[str]) -> str:
        commands = re.findall(r"^\$ ai-usage .*$", match[1], re.MULTILINE)
        shown = (next(examples) for _ in commands)
        text = "".join(
            f"$ ai-usage {each.line}\n{each.expected if SKIPPED in each.expected else each.text}"
            for each in shown
        )
        return f"```console\n{text}```"

    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(block, page), encoding="utf-8")


def test_proposed_lines_can_be_appended_to_the_file_as_it_is(run_page: list[Example], folder: Path) -> None:
    file = folder / "identity" / "api_key_owners.csv"
    before = file.read_text(encoding="utf-8")
    quoted = '"email", purpose ,"api_key_id",\u00a0valid_from,"valid_to"\n'
    for content in (
        "",
        before,
        before.rstrip("\n"),
        "email,purpose,api_key_id,valid_from,valid_to",
        "\ufeff" + quoted,
    ):
        file.write_text(content, encoding="utf-8")
        done = ai_usage("keys --unowned", folder)
        assert done.code == 0
        with file.open("a", encoding="utf-8") as appended:
            appended.write(done.out)
        rows = api_key_owners(file.parent)
        assert {"apikey_01ZtuSuh5Ec6e3QXJ6eT9j9D", "apikey_01uyRvtSFQDNdHHkaWB3XnDY"} <= {
            row["api_key_id"] for row in rows
        }
        assert "@" in rows[-1]["email"]
    file.write_text(before, encoding="utf-8")
