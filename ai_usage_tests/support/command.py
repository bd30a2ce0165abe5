"""The command `ai-usage` in this process, in a folder with a `.env`."""

import os
import re
import shlex
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from ai_usage_assets.cli.main import run
from ai_usage_assets.settings import SECRETS
from ai_usage_tests.support.harness import NOW

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Done:
    """What a command ended with. `text` has both streams in the order in which they were written."""

    code: int
    out: str
    text: str


class Both(StringIO):
    """A stream whose text is also written to another one."""

    def __init__(self, other: StringIO) -> None:
        super().__init__()
        self._other = other

    def write(self, text: str) -> int:
        self._other.write(text)
        return super().write(text)


def ai_usage(line: str, folder: Path, env: Mapping[str, str] | None = None, now: datetime = NOW) -> Done:
    """Run `ai-usage <line>` in the folder, with a pipe behind it, and without any variable of ours but `env`."""
    ours = re.compile(r"(ANTHROPIC|CURSOR|BIGQUERY|AI_USAGE|DAGSTER)_")
    plain = {name: value for name, value in os.environ.items() if not ours.match(name)}
    text = StringIO()
    out, error = Both(text), Both(text)
    with patch.dict(os.environ, {**plain, **(env or {})}, clear=True), chdir(folder):
        with redirect_stdout(out), redirect_stderr(error):
            code = run(shlex.split(line), lambda: now)
        secrets = [os.environ[name] for name in SECRETS if os.environ.get(name)]
    assert not [secret for secret in secrets if secret in text.getvalue()]
    return Done(code, out.getvalue(), text.getvalue())
