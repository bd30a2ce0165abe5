"""The test files that touch a mutant, those that are most likely to notice it first.

The coverage map says which they are. What it does not have yet is found by names: a test file that has the module's name,
imports the module, mentions the changed definition, or lies in the folder that mirrors the module's.
"""

import ast
import re
from functools import cache
from pathlib import Path

from mutants.coverage_map import Touched
from mutants.folders import PRODUCT

TESTS = "ai_usage_tests"
INTERMEDIATE = re.compile(r"^[^-\n]*\b(?:from|join)\s+(int_\w+)", re.MULTILINE)
OF_STYLE = ("test_rules", "test_sql", "test_lineage")
OWN_FOLDERS = ("e2e", "stress", "live")
"""They start whole processes, a browser, or BigQuery."""


def test_files(checkout: Path) -> list[str]:
    """Every test file whose tests run in one process of their own."""
    found = sorted((checkout / TESTS).rglob("test_*.py"))
    relative = [path.relative_to(checkout) for path in found]
    return [str(path) for path in relative if path.parts[1] not in OWN_FOLDERS]


def touching(
    checkout: Path, path: Path, line: int, definition: str | None, known: dict[str, Touched]
) -> list[str]:
    """The test files for a change of this line, the most likely first."""
    lines = inner_lines((checkout / path).read_text("utf-8"), line)
    found = []
    for test in test_files(checkout):
        likeness = _likeness((checkout / test).read_text("utf-8"), test, path, definition)
        touched = known.get(test)
        is_touching = touched.runs(checkout, str(path), lines) if touched else likeness > 0
        if is_touching:
            found.append((-likeness, test))
    return [test for _, test in sorted(found)]


def sql_tests(checkout: Path, path: Path) -> list[str]:
    """The test files of `sql/` that name a table whose statement has this file in it, without the rule cases.

    The tests of style and lineage are left out: they notice any change, a right one too.
    """
    folder = checkout / path.parent
    tables = {found.stem for found in folder.glob("*.sql") if _reads(folder, found.stem, path.stem)}
    named = re.compile(rf"\b(?:{'|'.join(sorted(tables))})\b", re.IGNORECASE)
    found = sorted((checkout / TESTS / "sql").glob("test_*.py"))
    texts = {str(test.relative_to(checkout)): test.read_text("utf-8") for test in found}
    return [test for test, text in texts.items() if Path(test).stem not in OF_STYLE and named.search(text)]


def _reads(folder: Path, name: str, file: str) -> bool:
    inner = INTERMEDIATE.findall((folder / f"{name}.sql").read_text("utf-8"))
    return name == file or any(_reads(folder, one, file) for one in inner)


def inner_lines(source: str, line: int) -> set[int]:
    """The line, or every line within functions if this one runs at import: then each test file runs it."""
    inner = _function_lines(source)
    return {line} if line in inner else inner or {line}


@cache
def _function_lines(source: str) -> set[int]:
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {
        number
        for function in functions
        for number in range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)
    }


def _likeness(text: str, test: str, path: Path, definition: str | None) -> int:
    module = ".".join(path.with_suffix("").parts)
    parent, _, stem = module.rpartition(".")
    names = rf"from {re.escape(module)} import|import {re.escape(module)}\b|from {re.escape(parent)} import .*\b{stem}\b"
    # unit/warehouse and integration/warehouse mirror warehouse, integration/checks mirrors defs/checks
    own = {part for part in path.parent.parts if part not in {PRODUCT, "defs"}}
    is_mirror = not own.isdisjoint(Path(test).parent.parts)
    points = 4 * (is_mirror and stem in Path(test).stem) + is_mirror
    points += 3 * bool(re.search(names, text))
    return points + 2 * bool(
        definition and len(definition) > 4 and re.search(rf"\b{re.escape(definition)}\b", text)
    )
