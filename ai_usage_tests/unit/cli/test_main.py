"""The command as a whole: the help of every verb, and what its errors and interruptions end with.

`AI_USAGE_WRITE_DOCUMENTS=1` writes the help anew. Read the difference before you keep it.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from ai_usage_assets.cli import main, output, up
from ai_usage_assets.errors import AiUsageError
from ai_usage_tests.support.hang import MAX_SECONDS

ROOT = Path(__file__).parents[3]
HELP = Path(__file__).with_name("help.txt")
LINES = ["", *(name for names in main.VERBS.values() for name in names), "import cursor-csv", "export focus"]
USAGE = "Usage: ai-usage up [OPTIONS]\nTry 'ai-usage up --help' for help.\n\n"
BREAK = f"\n{'-' * 110}\n"


def test_the_help_of_every_verb_says_what_it_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    pages = []
    for line in LINES:
        short, long = [
            (main.run([*line.split(), option]), capsys.readouterr().out) for option in ("-h", "--help")
        ]
        assert short == long == (0, short[1])
        pages.append(short[1])
    if os.environ.get("AI_USAGE_WRITE_DOCUMENTS"):
        HELP.write_text(BREAK.join(pages), encoding="utf-8")
        pytest.skip("the help was written")
    assert pages == HELP.read_text(encoding="utf-8").split(BREAK)
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"ai-usage, version {version('ai-usage-assets')}\n"


def exits(code: object) -> Callable[[], None]:
    def ended() -> None:
        sys.exit(code)  # type: ignore[arg-type]  # as a library may

    return ended


def fails(error: BaseException) -> Callable[[], None]:
    def failed() -> None:
        raise error

    return failed


@pytest.mark.parametrize(
    ("verb", "code", "said"),
    [
        (lambda: None, 0, ""),
        (lambda: 0, 0, ""),
        (lambda: 3, 3, ""),
        (fails(click.ClickException("no")), 1, "Error: no\n"),
        (fails(click.UsageError("which?")), 2, USAGE + "Error: which?\n"),
        (fails(AiUsageError("No answer came.", "Try again.")), 1, "error: No answer came. Try again.\n"),
        (fails(click.Abort()), 130, "Interrupted.\n"),
        (fails(KeyboardInterrupt()), 130, "\nInterrupted.\n"),
        (exits(7), 7, ""),
        (exits("No such program."), 1, "error: No such program.\n"),
        (exits(None), 0, ""),
    ],
)
def test_whatever_ends_a_verb_has_an_exit_code_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: Callable[[], int | None],
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(up, "command", click.Command("up", callback=verb))
    assert main.run(["up"]) == code
    assert capsys.readouterr() == ("", said)


def test_a_character_that_the_terminal_lacks_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def greets() -> int:
        output.say("王")
        output.warn("小明")
        return 4

    monkeypatch.setattr(up, "command", click.Command("up", callback=greets))
    monkeypatch.setattr(sys, "argv", ["ai-usage", "up"])
    written = BytesIO(), BytesIO()
    for name, stream in zip(("stdout", "stderr"), written, strict=True):
        monkeypatch.setattr(sys, name, TextIOWrapper(stream, encoding="ascii"))
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 4
    assert [stream.getvalue() for stream in written] == [b"?\n", b"??\n"]


def test_what_is_left_for_a_closed_pipe_is_written_to_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        main._flush(lambda: None)
        os.write(stream.fileno(), b"read")
        main._flush(fails(BrokenPipeError()))
        os.write(stream.fileno(), b", not read")
        monkeypatch.undo()
    assert (tmp_path / "out").read_text() == "read"


BUFFERED = "from ai_usage_assets.cli import main; main.run = lambda: print('a line') or 3; main.main()"


def test_a_line_that_nobody_reads_any_more_is_no_error() -> None:
    """The line is in the buffer until the process ends."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", BUFFERED],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, "")
