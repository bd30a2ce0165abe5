"""What the verbs print for a program that reads it."""

import csv
import os
import subprocess
import sys
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from ai_usage_assets.cli.output import cents, printable, show, write_csv

ROOT = Path(__file__).parents[3]
LOADED = """
import sys
from ai_usage_assets.cli.main import run
assert run(["{verb}", "--help"] if "{verb}" else ["--help"]) == 0
print("loaded", *sys.modules, file=sys.stderr)
"""
HEAVY = {
    "dagster",
    "pandas",
    "pyarrow",
    "duckdb",
    "google",
    "sqlglot",
    "altair",
    "jinja2",
    "httpx",
    "pydantic",
}


def loaded_by_help(verb: str) -> set[str]:
    code = LOADED.format(verb=verb)
    env = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    return {name.split(".")[0] for name in done.stderr.partition("loaded")[2].split()}


def test_the_help_loads_no_library_that_only_a_verb_needs() -> None:
    assert not loaded_by_help("") & HEAVY


def test_a_cell_that_is_a_formula_is_neutralised_and_numbers_stay_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", 'a "b", c', "a\r\nb"]
    write_csv(["text", "usd"], [(text, Decimal("-1.5000")) for text in texts])
    rows = list(csv.reader(StringIO(capsys.readouterr().out, newline="")))
    expected = ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "' =1", "' =1", 'a "b", c', "a b"]
    assert [row[0] for row in rows[1:]] == expected
    assert {row[1] for row in rows[1:]} == {"-1.5000"}


def test_a_name_moves_no_cursor_and_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(["name", "usd"], [("[red]\x1b[31mEve\u202e[/red] :smile: 王\u200b小明", Decimal(1))])
    assert "[red]\N{REPLACEMENT CHARACTER}[31mEve\N{REPLACEMENT CHARACTER}[/red] :smile: 王" in (
        capsys.readouterr().out
    )
    assert printable("été 王 😀") == "été 王 😀"


def test_a_table_for_a_pipe_has_no_boxes_no_colors_and_no_cut_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(["name", "usd"], [("x" * 300, Decimal("1234.50"))], ("total", Decimal("1234.50")))
    header, row, total = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "usd"]
    assert row == f"{'x' * 300}  1,234.50"
    assert total.split() == ["total", "1,234.50"]


def test_cents_add_up_to_the_rounded_sum() -> None:
    amounts = [Decimal("0.0049"), Decimal("0.0049"), Decimal("0.0049"), Decimal(0), Decimal("-0.0101")]
    assert sum(cents(amounts)) == round(sum(amounts), 2)
    assert cents([Decimal("1.2345")]) == [Decimal("1.23")]
