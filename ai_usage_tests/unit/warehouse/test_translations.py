"""A statement is translated once for all days, writers and processes, and no address is kept."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_usage_assets.warehouse import translations
from ai_usage_assets.warehouse.translations import selected_columns, to_duckdb

TRANSLATING = """
import sys
from ai_usage_assets.warehouse.translations import selected_columns, to_duckdb
print(to_duckdb("select date_sub(DATE '2026-10-0{day}', interval 1 day), safe_divide(1, 0)"))
print(selected_columns("select 1 as a, DATE '2026-10-0{day}' as b from t"))
print("sqlglot" in sys.modules)
"""


@pytest.fixture(autouse=True)
def folder(own_translations: Path) -> Path:
    return own_translations


def kept(folder: Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file()]


def statement(day: str, writer: str, at: str, entries: str) -> str:
    return (
        f"select * from `staged_t_{writer}`, `staged_t_{writer}_upserted` where d >= DATE '{day}'"
        f" and at < timestamp '{at}+00' and e in unnest(split('{entries}', ','))"
    )


def since(day: str) -> str:
    """A view over some days, as our own SQL writes dates."""
    return f"select * from t where d >= date '{day}'"


def test_one_translation_serves_all_days_times_and_writers(folder: Path) -> None:
    first = ("2026-10-01", "0123456789ab", "2026-10-02 00:00:00", "2026-09-30/124/rows")
    second = ("2026-11-01", "ba9876543210", "2026-11-03 04:05:06.78", "2026-11-01/0/empty,2026-11-02/7/kept")
    translated = to_duckdb(statement(*first))
    expected = translated
    for old, new in zip(first, second, strict=True):
        expected = expected.replace(old, new)

    assert to_duckdb(statement(*second)) == expected
    assert to_duckdb(since(first[0])).replace(first[0], second[0]) == to_duckdb(since(second[0]))
    assert all(value in translated for value in first)
    assert len(kept(folder)) == 2


def test_another_process_reads_what_was_translated() -> None:
    def answer(day: int) -> list[str]:
        code = TRANSLATING.replace("{day}", str(day))
        return subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.splitlines()

    sql, columns, is_parsed = answer(1)
    assert (columns, is_parsed) == ("('a', 'b')", "True")
    assert answer(2) == [sql.replace("2026-10-01", "2026-10-02"), "('a', 'b')", "False"]


def test_statement_with_an_address_is_not_kept(folder: Path) -> None:
    assert to_duckdb("select 'ada@tidewater.example' as email") == "SELECT 'ada@tidewater.example' AS email"
    assert kept(folder) == []


def test_translation_of_other_rules_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    before = translations.folder()
    translations.folder.cache_clear()
    monkeypatch.setattr(translations, "version", lambda name: "30.999")
    assert translations.folder() != before


@pytest.mark.parametrize(
    "damage", [lambda _: b"\xff", lambda _: b"", lambda whole: whole[:-12]], ids=["\\xff", "empty", "cut"]
)
def test_unusable_file_costs_a_translation_and_no_more(
    folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    sql, translated = "delete from `t` where day = 1", 'DELETE FROM "t" WHERE day = 1'
    assert to_duckdb(sql) == translated
    [file] = [file for file in folder.rglob("*") if file.is_file()]
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    for _ in range(2):
        translations._to_duckdb.cache_clear()
        assert to_duckdb(sql) == translated
        assert file.read_bytes() == whole


def test_a_file_that_is_not_finished_is_not_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path, __: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert to_duckdb("select 3") == "SELECT 3"
    assert kept(folder) == []


def test_unusable_folder_costs_a_translation_and_no_more(folder: Path) -> None:
    folder.mkdir()
    (folder / "plain").write_text("", encoding="utf-8")
    translations._to_duckdb.cache_clear()
    translations.folder.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "plain"))
        assert to_duckdb("select 2") == "SELECT 2"
        assert selected_columns("select 2 as two") == ("two",)
