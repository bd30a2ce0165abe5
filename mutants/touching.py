"""The tests that touch a mutant, those that are most likely to notice it first, as many as the time allows.

The coverage map says which they are. What it does not have yet is found by names: a test file that has the module's name,
imports the module, mentions the changed definition, or lies in the folder that mirrors the module's.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mutants.checkout import CHECKOUT
from mutants.coverage_map import Touched
from mutants.folders import PRODUCT

TESTS = "ai_usage_tests"
INTERMEDIATE = re.compile(r"^[^-\n]*\b(?:from|join)\s+(int_\w+)", re.MULTILINE)
OF_STYLE = ("test_rules", "test_sql", "test_lineage")
OF_EVERY_TABLE = "test_days"
"""Its tests have the table as their parameter."""
OWN_FOLDERS = ("e2e", "stress", "live")
"""They start whole processes, a browser, or BigQuery."""
LAST = ("support", "demo", "security", "test_documents", "test_mutants", "test_compose", "test_benchmarks")
"""What touches least of the measured folders."""
EXPECTED = 4
"""The likeness of a test file that has a changed text in it."""
UNKNOWN_SECONDS = 10.0
"""For a test file that the map does not have."""


@dataclass(frozen=True)
class Chosen:
    """Tests, or whole test files, in the order in which they run; how long they take on the product as it is."""

    tests: list[str]
    seconds: float


@dataclass(frozen=True)
class Candidate:
    """A test or a test file. The fixtures that it shares take their seconds once for all."""

    name: str
    likeness: int
    seconds: float
    shared: dict[str, float]

    @property
    def turn(self) -> float:
        """A quick test has its turn before a slow one that is more like the mutant, but not by much."""
        return (0.2 + self.seconds + sum(self.shared.values())) / (1 + self.likeness) ** 2


def test_files(checkout: Path) -> list[str]:
    """Every test file whose tests run in one process of their own, the most useful ones first."""
    found = ((path, path.relative_to(checkout)) for path in (checkout / TESTS).rglob("test_*.py"))
    relative = [path for _, path in found if path.parts[1] not in OWN_FOLDERS]

    def turn(path: Path) -> tuple[bool, bool, str]:
        return bool({*path.parts, path.stem} & {*LAST}), path.parts[1] != "unit", str(path)

    return [str(path) for path in sorted(relative, key=turn)]


def chosen(candidates: Iterable[Candidate], max_seconds: float) -> Chosen:
    """Candidates in the order of their turns, as many as fit into the time, and at least one."""
    taken: list[Candidate] = []
    fixtures: set[str] = set()
    seconds = 0.0
    for candidate in sorted(candidates, key=lambda candidate: candidate.turn):
        shared = sum(value for name, value in candidate.shared.items() if name not in fixtures)
        if not taken or seconds + candidate.seconds + shared <= max_seconds:
            taken.append(candidate)
            fixtures |= candidate.shared.keys()
            seconds += candidate.seconds + shared
    # the tests of a file run together, because they share fixtures
    files = list(dict.fromkeys(_file(candidate.name) for candidate in taken))
    names = [candidate.name for candidate in taken]
    return Chosen(sorted(names, key=lambda name: files.index(_file(name))), seconds)


def touching(
    checkout: Path,
    path: Path,
    line: int,
    definition: str | None,
    texts: Sequence[str],
    known: dict[str, Touched],
) -> list[Candidate]:
    """The tests for a change of this line."""
    source = (checkout / path).read_text("utf-8")
    lines, is_run_at_import = lines_of(source, line), line not in _function_lines(source)
    found = []
    for test in test_files(checkout):
        text = (checkout / test).read_text("utf-8")
        likeness = _likeness(text, test, path, definition)
        expected = _expected(checkout / test) if texts else ""
        likeness += EXPECTED * any(each in expected for each in texts)
        touched = known.get(test)
        if touched and lines:
            running = touched.running(checkout, str(path), lines)
            if touched.is_new(checkout):
                # a constant is used without a line of its module being run
                names = touched.tests if is_run_at_import and _imports(text, path) else running
                found += [_candidate(touched, name, likeness) for name in names]
            elif running or likeness:
                # its new tests are not in the map
                found += whole(test, likeness, None)
        elif likeness:
            found += whole(test, likeness, touched)
    return found


def lines_of(source: str, line: int) -> set[int]:
    """The lines of the statement there. One that runs at import decides what every function of the module does, too."""
    inner, statement = _function_lines(source), _statement_lines(source, line)
    return statement if line in inner else statement | inner


def sql_tests(checkout: Path, path: Path, known: dict[str, Touched]) -> list[Candidate]:
    """The test files of `sql/` that name a table whose statement has this file in it, without the rule cases.

    The tests of style and lineage are left out: they notice any change, a right one too.
    """
    folder = checkout / path.parent
    tables = {found.stem for found in folder.glob("*.sql") if _reads(folder, found.stem, path.stem)}
    named = re.compile(rf"\b(?:{'|'.join(sorted(tables))})\b", re.IGNORECASE)
    found = []
    for test in sorted((checkout / TESTS / "sql").glob("test_*.py")):
        name = str(test.relative_to(checkout))
        if test.stem == OF_EVERY_TABLE:
            of_all = whole(name, 0, known.get(name))
            found += [
                candidate for candidate in of_all if "[" not in candidate.name or named.search(candidate.name)
            ]
        elif test.stem not in OF_STYLE and named.search(test.read_text("utf-8")):
            found += whole(name, 0, known.get(name))
    return found


def check_tests(checkout: Path, path: Path, known: dict[str, Touched]) -> list[Candidate]:
    """The tests of the check with this statement: those of the files that name it, or a module that reads it.

    A module that imports the one that reads it counts as well.
    """
    name = re.compile(rf"\b{path.stem.removesuffix('_by_month')}\b")
    texts = {
        found.relative_to(checkout): found.read_text("utf-8")
        for found in (checkout / path.parent.parent).glob("*.py")
    }
    readers = [module for module, text in texts.items() if name.search(text)]
    modules = [
        module
        for module, text in texts.items()
        if module in readers or any(_imports(text, reader) for reader in readers)
    ]
    found = []
    for test in test_files(checkout):
        text = (checkout / test).read_text("utf-8")
        likeness = 8 * bool(name.search(text))
        likeness += max((_likeness(text, test, module, None) for module in modules), default=0)
        if likeness > 1:
            found += whole(test, likeness, known.get(test))
    return found


def whole(test: str, likeness: int, touched: Touched | None) -> list[Candidate]:
    """All tests of a file; the file itself if the map does not have it."""
    if touched is None or not touched.is_new(CHECKOUT):
        return [Candidate(test, likeness, UNKNOWN_SECONDS, {})]
    return [_candidate(touched, name, likeness) for name in touched.tests]


def _candidate(touched: Touched, name: str, likeness: int) -> Candidate:
    # the session's fixtures are the same for every file, and those of a module are not
    shared = {fixture: touched.seconds[fixture] for fixture in touched.fixtures(name)}
    return Candidate(name, likeness, touched.seconds[name], shared)


def _file(name: str) -> str:
    return name.partition("::")[0]


def _reads(folder: Path, name: str, file: str) -> bool:
    inner = INTERMEDIATE.findall((folder / f"{name}.sql").read_text("utf-8"))
    return name == file or any(_reads(folder, one, file) for one in inner)


@cache
def _expected(test: Path) -> str:
    """What the test file expects: its text, and that of the text files below its folder which it names."""
    text = test.read_text("utf-8")
    named = re.compile(rf'"({"|".join(re.escape(path.name) for path in test.parent.rglob("*"))})"')
    names = set(named.findall(text))
    files = (file for file in sorted(test.parent.rglob("*.txt")) if {file.name, file.parent.name} & names)
    return "\n".join([text, *(file.read_text("utf-8") for file in files)])


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


def _statement_lines(source: str, line: int) -> set[int]:
    """The lines of the innermost statement there; of one that has statements inside, those before them."""
    found = {line}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt):
            continue
        body = [*getattr(node, "body", []), *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
        last = min([inner.lineno - 1 for inner in body], default=node.end_lineno or node.lineno)
        if node.lineno <= line <= last:
            found = set(range(node.lineno, last + 1))
    return found


def _imports(text: str, path: Path) -> bool:
    """Whether a file with this text imports the module."""
    module = ".".join(path.with_suffix("").parts)
    parent, _, stem = module.rpartition(".")
    names = rf"from {re.escape(module)} import|import {re.escape(module)}\b|from {re.escape(parent)} import .*\b{stem}\b"
    return re.search(names, text) is not None


def _likeness(text: str, test: str, path: Path, definition: str | None) -> int:
    # unit/warehouse and integration/warehouse mirror warehouse, integration/checks mirrors defs/checks
    own = {part for part in path.parent.parts if part not in {PRODUCT, "defs"}}
    is_mirror = not own.isdisjoint(Path(test).parent.parts)
    points = 4 * (is_mirror and path.stem in Path(test).stem) + is_mirror
    points += 3 * _imports(text, path)
    return points + 2 * bool(
        definition and len(definition) > 4 and re.search(rf"\b{re.escape(definition)}\b", text)
    )
