"""What the verbs print, for a program that reads it, and for a person in a terminal."""

import csv
import os
import re
import subprocess
import sys
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from ai_usage_assets.cli.output import cents, finding, printable, say, show, warn, write_csv, write_json
from ai_usage_tests.support.hang import MAX_SECONDS

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
    "rich",
}


def loaded_by_help(verb: str) -> set[str]:
    code = LOADED.format(verb=verb)
    env = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=MAX_SECONDS, check=True
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
    assert rows == [["text", "usd"], *([text, "-1.5000"] for text in expected)]
    write_csv([], [("a", None, 1)])
    assert capsys.readouterr().out == "a,,1\n"


def test_a_name_moves_no_cursor_and_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    given, shown = (
        "[red]\x1b[31mEve\u202e[/red] :smile: 王\u200b小明",
        "[red]\ufffd[31mEve\ufffd[/red] :smile: 王\ufffd小明",
    )
    show(["name", "usd"], [(given, Decimal(1))], (given, Decimal(2)))
    say(given)
    warn(given)
    out, err = capsys.readouterr()
    assert [line.split("  ")[0] for line in out.splitlines()[1:]] == [shown, shown, shown]
    assert err == f"{shown}\n"
    assert printable("été 王 😀\n") == "été 王 😀\n"


ROWS = [
    ("Ann", Decimal("1234.50"), "12.5%", 9),
    (None, Decimal(-1), "under 1%", 1200),
    ("x" * 120, None, "", None),
]
TOTAL = ("total", Decimal("1233.50"), "100.0%", None)


def test_a_table_for_a_pipe_has_no_boxes_no_colors_and_no_cut_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(["name", "usd", "share", "days"], ROWS, TOTAL)
    show(["name", "state", "1 %"], [("a", "12.5 %", "12,5%"), ("b", "1% of it", None)])
    assert capsys.readouterr().out.splitlines() == [
        f"name{' ' * 123}usd     share   days",
        f"Ann{' ' * 119}1,234.50     12.5%      9",
        f"{' ' * 128}-1  under 1%  1,200",
        "x" * 120,
        f"total{' ' * 117}1,233.50    100.0%",
        *("name  state       1 %", "a     12.5 %    12,5%", "b     1% of it"),
    ]


def test_lines_for_a_pipe_are_never_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    text = "a word " * 40
    say(text, "bold")
    for kind in ("error", "warning", "note"):
        warn(text, kind)
    warn("By default, a note.")
    finding("ok", "settings", text, "")
    finding("fail", "Cursor key", "It is refused.", "Set it.")
    finding("warn", "a subject that is longer", "It is odd.", "")
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        text,
        f"ok    settings              {text.rstrip()}",
        "fail  Cursor key            It is refused. Set it.",
        "warn  a subject that is longer  It is odd.",
    ]
    assert err.splitlines() == [f"error: {text}", f"warning: {text}", text, "By default, a note."]


class Terminal(StringIO):
    """A stream that is read by a person."""

    def isatty(self) -> bool:
        return True


def in_terminal(monkeypatch: pytest.MonkeyPatch) -> tuple[Terminal, Terminal]:
    """Standard output and standard error in a terminal of 60 columns, for the rest of a test."""
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "60"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    streams = Terminal(), Terminal()
    for name, stream in zip(("stdout", "stderr"), streams, strict=True):
        monkeypatch.setattr(sys, name, stream)
    return streams


def colored(stream: Terminal) -> list[str]:
    """The lines, with the codes of colors in braces."""
    return [line.rstrip() for line in re.sub(r"\x1b\[([\d;]+)m", r"{\1}", stream.getvalue()).splitlines()]


def test_a_terminal_has_colors_and_wrapped_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = in_terminal(monkeypatch)
    say("[b] and :smile:", "bold")
    say("a word " * 10)
    for state in ("ok", "warn", "fail"):
        finding(state, "[b] key", "The key is accepted, and the line is long.", "Set :smile:.")
    finding("ok", "clock", "It is right.", "")
    show(
        ["name", "usd", "share"],
        [("[b]", Decimal("1234.5"), "12.5%"), (None, 1, "")],
        ("total", 12, "100.0%"),
    )
    wrapped = [
        "  [b] key               The key is accepted, and the",
        f"{' ' * 28}line is long.",
        f"{' ' * 28}Set :smile:.",
    ]
    assert colored(out) == [
        "{1}[b] and :smile:{0}",
        "a word a word a word a word a word a word a word a word a",
        "word a word",
        *("{32}ok  {0}" + wrapped[0], *wrapped[1:]),
        *("{33}warn{0}" + wrapped[0], *wrapped[1:]),
        *("{1;31}fail{0}" + wrapped[0], *wrapped[1:]),
        "{32}ok  {0}  clock                 It is right.",
        "{1}name {0}{1}  {0}{1}    usd{0}{1}  {0}{1} share{0}",
        "[b]    1,234.5   12.5%",
        "             1",
        "{1}total{0}  {1}     12{0}  {1}100.0%{0}",
    ]
    for kind in ("error", "warning", "note"):
        warn("gone", kind)
    assert colored(err) == ["{1;31}error: gone{0}", "{33}warning: gone{0}", "{2}gone{0}"]


def test_a_long_table_in_a_terminal_is_wrapped_within_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    out, _ = in_terminal(monkeypatch)
    show(["name", "usd"], [("a word " * 12, 1)])
    assert colored(out)[1:] == [f"{'a word ' * 8:<59}1", "a word a word a word a word"]


def test_json_has_numbers_and_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"name": "Zoë", "usd": Decimal("1.5000"), "rows": [None, 2]})
    assert capsys.readouterr().out == (
        '{\n  "name": "Zoë",\n  "usd": 1.5,\n  "rows": [\n    null,\n    2\n  ]\n}\n'
    )


def test_cents_add_up_to_the_rounded_sum() -> None:
    amounts = [Decimal("0.0049"), Decimal("0.0049"), Decimal("0.0049"), Decimal(0), Decimal("-0.0101")]
    assert cents(amounts) == [Decimal(usd) for usd in ("0.00", "0.01", "0.00", "0.00", "-0.01")]
    assert sum(cents(amounts)) == round(sum(amounts), 2)
    assert cents([Decimal("1.2345")]) == [Decimal("1.23")]
