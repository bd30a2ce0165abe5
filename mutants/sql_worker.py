"""A process that runs the rule cases (`ai_usage_tests/sql`) of one statement after another, on DuckDB.

Each case runs as a SELECT over rows in memory first. A change that no case notices there goes through the write path, as in the tests.
One process serves many mutants, because its start takes longer than the cases. It reads one request a line, a JSON object
with `file` (the name of the `.sql` file without its suffix) and `sql`, and answers with the name of the first case that
fails in `failed`, or null. `cases` is how many ran.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ai_usage_assets.curated import select as product
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.sql.test_rules import Warehouse
from ai_usage_tests.support.rule_cases import Case, cases, comparable
from mutants.sql_rows import LoadedCases


def reads(name: str, file: str, text: Callable[[str], str] = product.text) -> bool:
    """Whether the statement of the table is this file, or has it in it."""
    inner = {found for found in product.READ.findall(text(name)) if found.startswith(product.PREFIX)}
    return name == file or any(reads(found, file, text) for found in inner)


class Rules:
    """The warehouse of the cases, and the product's own texts of its statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = product.text
        self.noticed: Counter[Case] = Counter()
        self.concerned = cache(self._concerned)
        self.loaded = LoadedCases()
        self.count = 0
        self._start()

    def _start(self) -> None:
        self.count += 1
        self.warehouse = Warehouse(DuckDBEngine(self.folder / f"rules-{self.count}.duckdb"))

    def _concerned(self, file: str) -> list[Case]:
        return [case for case in cases() if reads(case.table.name, file, self.text)]

    def failed(self, file: str, sql: str) -> tuple[str | None, int]:
        """The first case that fails with this text of the file, and how many cases read the file."""
        # a case that noticed one mistake is likely to notice the next one
        concerned = sorted(self.concerned(file), key=lambda case: -self.noticed[case])
        for case in concerned:
            self.loaded.load(case)
        product.text = lambda name: sql if name == file else self.text(name)  # type: ignore[assignment]
        try:
            for holds in (self._selects, self._writes):
                for case in concerned:
                    if not holds(case):
                        self.noticed[case] += 1
                        return str(case), len(concerned)
        finally:
            product.text = self.text
        return None, len(concerned)

    def _selects(self, case: Case) -> bool:
        """Whether its SELECT gives the expected rows."""
        since = datetime.now(UTC)
        # an engine refuses in many ways, and each of them is noticed
        with suppress(Exception):
            answer = self.loaded.answer(case, case.select.sql)
            return case.seen(comparable(row, since) for row in answer) == case.expected
        return False

    def _writes(self, case: Case) -> bool:
        """Whether it gives them after a write."""
        self.warehouse._answers.clear()
        with suppress(Exception):
            if case.seen(self.warehouse.answer(case)) == case.expected:
                return True
        # what a statement left behind must not change the next answer
        self._start()
        return False


def main() -> None:
    # libraries may print; the answers go to the real output alone
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory() as folder:
        rules = Rules(Path(folder))
        for line in sys.stdin:
            request = json.loads(line)
            failed, count = rules.failed(request["file"], request["sql"])
            answers.write(json.dumps({"failed": failed, "cases": count}) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
