"""What `ai-usage report` builds and opens, and how `ai-usage up` starts Dagster."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs import report
from ai_usage_assets.ops import start
from ai_usage_assets.report import page
from ai_usage_assets.report.files import NUMBERS_FILE
from ai_usage_assets.report.options import Options
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.small_warehouse import SmallWarehouse

SECRET = b"s" * 32
NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


class Built:
    """A warehouse without tables, the months that were read of it, and the pages that were built."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = SmallWarehouse(folder, [], [])
        self.built: list[tuple[Days, Options]] = []
        self.opened: list[str] = []
        self.is_browser_missing = False

    def read(self, engine: DuckDBEngine, month: Days) -> Any:
        assert engine.exists()
        return {"month": month}

    def build(self, frames: Mapping[str, Days], month: Days, options: Options) -> page.Page:
        assert frames == {"month": month}
        self.built.append((month, options))
        figures: Any = None
        is_personal = options.has_names or options.person is not None
        return page.Page(page.file_name(month, options), "", "<p>Zoë</p>", {}, figures, is_personal)

    def launch(self, url: str) -> int:
        self.opened.append(url)
        return int(self.is_browser_missing)

    def run(self, line: str, **env: str) -> Done:
        return self.warehouse.run(f"report {line}", NOW, **env)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    found = Built(tmp_path)
    monkeypatch.setattr(report, "read", found.read)
    monkeypatch.setattr(page, "build", found.build)
    monkeypatch.setattr(click, "launch", found.launch)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / NUMBERS_FILE).write_bytes(SECRET)
    return found


def test_a_page_is_built_of_the_newest_month_that_is_over_and_its_path_is_printed(built: Built) -> None:
    reports = built.warehouse.folder / "reports"
    done = built.run("")
    assert done == Done(0, f"{reports}/2026-10.html\n", f"{reports}/2026-10.html\n")
    assert built.built == [(Days.parse("2026-10-01...2026-10-31"), Options(False, None, NOW, SECRET))]
    assert (reports / "2026-10.html").read_text(encoding="utf-8") == "<p>Zoë</p>"
    assert built.opened == []
    for line, env in (("--names", {}), ("", {"AI_USAGE_REPORT_NAMES": "true"})):
        assert built.run(f"--month 2026-11 {line}", **env).out == f"{reports}/2026-11-names.html\n"
        assert built.built.pop() == (Days.parse("2026-11-01...2026-11-30"), Options(True, None, NOW, SECRET))
    assert built.run("--month 2026-12").text == "error: 2026-12 has not begun. Give an earlier month.\n"


def test_a_persons_own_page_is_found_by_the_address_or_by_its_pseudonym(built: Built) -> None:
    key = "k" * 32
    for env, person in (
        ({}, "ann@x.example"),
        ({"AI_USAGE_PSEUDONYM_KEY": key}, Pseudonyms(key.encode()).of("ann@x.example")),
    ):
        assert built.run("--person ' Ann@X.example '", **env).code == 0
        assert built.built.pop()[1] == Options(False, person, NOW, SECRET)


def test_the_page_is_opened_if_that_is_wished(built: Built) -> None:
    url = f"file://{built.warehouse.folder}/reports/2026-10.html"
    assert built.run("--open").text == f"{built.warehouse.folder}/reports/2026-10.html\n"
    built.is_browser_missing = True
    done = built.run("--open")
    assert (done.code, done.text) == (0, f"{done.out}warning: No browser could be opened.\n")
    assert built.opened == [url, url]


def test_up_starts_dagster_at_the_address_and_warns_if_there_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, int, str | None]] = []
    monkeypatch.setattr(
        start, "dev", lambda host, port: started.append((host, port, os.environ.get("CURSOR_ADMIN_API_KEY")))
    )
    no_key = "warning: No vendor has a key, so nothing can be loaded. Set ANTHROPIC_ADMIN_API_KEY or CURSOR_ADMIN_API_KEY in .env.\n"
    starts = "Dagster's UI starts at http://127.0.0.1:3000. Press Ctrl-C to stop it.\n"
    assert ai_usage("up", tmp_path) == Done(0, "", no_key + starts)
    (tmp_path / ".env").write_text("CURSOR_ADMIN_API_KEY=key_1\n")
    said = "Dagster's UI starts at http://0.0.0.0:65535. Press Ctrl-C to stop it.\n"
    assert ai_usage("up --host 0.0.0.0 --port 65535", tmp_path) == Done(0, "", said)
    # Dagster reads .env itself
    assert started == [("127.0.0.1", 3000, None), ("0.0.0.0", 65535, None)]
