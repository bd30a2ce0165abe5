"""The report of the live suite: each test as answered, failed or not answered, with its figures.

It is written to `.local/live-report.md` (on the emulator `.local/live-report-emulator.md`) and names neither the project
nor the account, so that it can be pasted into an issue.
"""

import platform
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from ai_usage_tests.support.live.meter import GIB, METER, USD_PER_TIB
from ai_usage_tests.support.live.project import (
    LIVE_LOCATION,
    LIVE_PROJECT,
    LIVE_SERVICE_ACCOUNT,
    NOT_ANSWERED,
)

FOLDER = Path(__file__).parents[3] / ".local"
LIBRARIES = ("google-cloud-bigquery", "pyarrow", "dagster")
FIGURE, MARKER, TOPIC, JOBS, BILLED = "figure", "marker", "topic", "jobs", "billed bytes"
OUTCOMES = {"passed": "answered", "failed": "**failed**", "skipped": "not answered"}
MAX_REASON_CHARS = 400
GROUP = re.compile(r"@\w+$")
"""What pytest-xdist appends to the id of a test that belongs to a group."""


@dataclass
class Question:
    """A test with all its parameters."""

    topic: str
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """Figures, and why something failed or was not answered."""


class Report:
    """The tests of one kind, on the emulator or on BigQuery."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.questions: dict[str, Question] = {}
        self.jobs = self.billed_bytes = 0
        self._worst: dict[str, str] = {}

    def add(self, phase: pytest.TestReport) -> None:
        """Add one phase of a test: setup, call or teardown."""
        properties = dict(phase.user_properties)
        test = GROUP.sub("", phase.nodeid).split("[")[0]
        question = self.questions.setdefault(test, Question(str(properties.get(TOPIC, ""))))
        if phase.outcome != "passed":
            self._worst[phase.nodeid] = phase.outcome
            question.notes.append(_reason(phase))
        if phase.when == "teardown":
            question.outcomes[self._worst.get(phase.nodeid, "passed")] += 1
            question.notes += [str(value) for name, value in phase.user_properties if name == FIGURE]
            self.jobs += int(str(properties.get(JOBS, 0)))
            self.billed_bytes += int(str(properties.get(BILLED, 0)))

    @property
    def counts(self) -> Counter[str]:
        return sum((question.outcomes for question in self.questions.values()), Counter())

    @property
    def summary(self) -> str:
        counts = self.counts
        return (
            f"{counts['passed']} answered, {counts['failed']} failed, {counts['skipped']} not answered; "
            f"{self.jobs} jobs, {self.billed_bytes / GIB:.2f} GiB billed "
            f"({self.billed_bytes / GIB / 1024 * USD_PER_TIB:.3f} USD on demand)"
        )

    def markdown(self) -> str:
        """The report without the names of the project and the account."""
        lines = [
            f"# Live suite on {self.where}",
            "",
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_versions()}.",
            "",
        ]
        lines += [f"{self.summary}.", ""]
        topics: dict[str, list[tuple[str, Question]]] = {}
        for test, question in self.questions.items():
            topics.setdefault(question.topic, []).append((test, question))
        for topic, asked in topics.items():
            lines += [f"## {topic}", "", "| test | result | figures and reasons |", "|---|---|---|"]
            lines += [
                f"| {_sentence(test)} | {_result(question)} | {_notes(question)} |"
                for test, question in asked
            ]
            lines.append("")
        return anonymous("\n".join(lines))


def anonymous(text: str) -> str:
    """A text without the names of the live project and its service account."""
    for name, instead in ((LIVE_SERVICE_ACCOUNT, "the-service-account"), (LIVE_PROJECT, "my-project")):
        text = text.replace(name, instead) if name else text
    return text


def _reason(phase: pytest.TestReport) -> str:
    found: Any = phase.longrepr
    if isinstance(found, tuple):
        return str(found[2]).removeprefix("Skipped: ").removeprefix(f"{NOT_ANSWERED}: ")
    crash = getattr(found, "reprcrash", None)
    text = crash.message if crash else str(found)
    parameters = GROUP.sub("", phase.nodeid).partition("[")[2].removesuffix("]")
    return f"{parameters}: {text[:MAX_REASON_CHARS]}"


def _sentence(test: str) -> str:
    return test.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def _result(question: Question) -> str:
    if len(question.outcomes) == 1 and question.outcomes.total() == 1:
        return OUTCOMES[next(iter(question.outcomes))]
    return ", ".join(f"{number} {OUTCOMES[outcome]}" for outcome, number in question.outcomes.items())


def _notes(question: Question) -> str:
    return "; ".join(" ".join(note.replace("|", "/").split()) for note in dict.fromkeys(question.notes))


def _versions() -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"commit {commit or 'unknown'}, Python {platform.python_version()}, {libraries}"


EMULATED = Report("the BigQuery emulator (local-bigquery)")
LIVE = Report(f"BigQuery, location {LIVE_LOCATION}")


REPORTS = {"live_emulated": EMULATED, "live": LIVE}
"""By the marker of a test."""
BEFORE = pytest.StashKey[tuple[int, int]]()


def _marker(item: pytest.Item) -> str | None:
    return next((name for name in REPORTS if item.get_closest_marker(name)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[BEFORE] = len(METER.jobs), METER.billed_bytes


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Add what the report needs to know about a test. A worker process sends it to the main process."""
    marker = _marker(item)
    if marker and call.when == "setup":
        module = getattr(item, "module", None)
        topic = str(module.__doc__ or item.path.stem).splitlines()[0].split(":")[0].rstrip(".")
        item.user_properties += [(MARKER, marker), (TOPIC, topic)]
    if marker and call.when == "teardown":
        jobs, billed = item.stash[BEFORE]
        item.user_properties += [(JOBS, len(METER.jobs) - jobs), (BILLED, METER.billed_bytes - billed)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    marker = dict(report.user_properties).get(MARKER)
    if marker:
        REPORTS[str(marker)].add(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report, file in ((EMULATED, "live-report-emulator.md"), (LIVE, "live-report.md")):
        if not report.questions:
            continue
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / file).write_text(report.markdown(), encoding="utf-8")
        terminalreporter.section(f"live suite on {report.where}")
        terminalreporter.line(f"{report.summary}. The report is .local/{file}.")
