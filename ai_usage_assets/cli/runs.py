"""A run of Dagster's that a verb waits for: its progress, its errors as sentences, and what was left when it ends early."""

import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster_shared.error import SerializableErrorInfo
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ai_usage_assets.cli import output
from ai_usage_assets.defs.sensors.alerts.message import CHECKS_WITHOUT_DAYS, chain, sentence
from ai_usage_assets.ops.materialize import materialize
from ai_usage_assets.report.text import plural

if TYPE_CHECKING:
    from dagster._core.events import DagsterEvent

MAX_WARNINGS, MAX_NAMES = 10, 8
WIDTH = 30
"""Of the longest name of a table."""


def _is_interrupt(error: SerializableErrorInfo | None) -> bool:
    return any(each.cls_name == DagsterExecutionInterruptedError.__name__ for each in chain(error))


class RunProgress:
    """What a run has done so far. In a terminal it has a bar of the days of tables; for a pipe, a line a table.

    Attributes:
        loaded: by table, the partitions that were written; None stands for a table without partitions.
        errors: what failed, a sentence each.
        warnings: the checks that did not pass, a sentence each.
    """

    def __init__(self, expected: Mapping[str, int], *, lists_tables: bool = True) -> None:
        self.loaded: dict[str, set[str | None]] = defaultdict(set)
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.has_failed_checks = self.is_interrupted = False
        self._expected, self._lists_tables = expected, lists_tables
        self._rows: dict[str, Counter[str]] = defaultdict(Counter)
        console = output.console(sys.stderr)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("tables and days", total=sum(expected.values()))

    def run(
        self, defs: dg.Definitions, tags: Mapping[str, str], assets: Collection[str] | None = None
    ) -> bool:
        """Whether everything was written. False also if it was interrupted: then `is_interrupted` is true."""
        try:
            with self._bar:
                return materialize(defs, tags, self._note, assets).success and not self.is_interrupted
        except (KeyboardInterrupt, DagsterExecutionInterruptedError):
            self.is_interrupted = True
            return False

    @property
    def left(self) -> str:
        """The tables that were not written for every expected day, those that are loaded from a vendor first."""
        names = [name for name, days in self._expected.items() if len(self.loaded[name]) < days]
        names.sort(key=lambda name: (not name.startswith("raw_"), name))
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        return f"{', '.join(names[:MAX_NAMES])}{more}" or "nothing"

    def _note(self, event: "DagsterEvent") -> None:
        step = str(event.step_key)
        if event.is_step_start:
            self._bar.update(self._task, description=step.ljust(WIDTH))
        elif event.is_step_materialization and event.asset_key:
            self._note_rows(step, event.step_materialization_data.materialization)
        elif event.is_step_success and self._lists_tables:
            for table, rows in self._rows.pop(step, Counter()).items():
                output.say(f"{table:<{WIDTH}} {rows:>10,} {'row' if rows == 1 else 'rows'}")
        elif event.is_step_failure and _is_interrupt(event.step_failure_data.error):
            self.is_interrupted = True
        elif event.is_step_failure:
            self.errors.append(f"{step}: {sentence(event.step_failure_data.error)}")
        elif event.is_resource_init_failure:
            self.errors.append(sentence(event.engine_event_data.error))
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._note_check(event.asset_check_evaluation_data)

    def _note_rows(self, step: str, found: dg.AssetMaterialization) -> None:
        table = found.asset_key.path[-1]
        rows = found.metadata.get("dagster/row_count")
        # a day may be recorded twice: when its window was written, and when the step has ended
        if found.partition not in self.loaded[table]:
            self.loaded[table].add(found.partition)
            self._bar.advance(self._task)
            self._rows[step][table] += rows.value if rows and isinstance(rows.value, int) else 0

    def _note_check(self, found: dg.AssetCheckEvaluation) -> None:
        # the other checks are about days that this run does not have
        if not found.passed and found.check_name not in CHECKS_WITHOUT_DAYS:
            self.has_failed_checks |= found.severity is dg.AssetCheckSeverity.ERROR
            self.warnings.append(
                f"check {found.check_name} of {found.asset_key.path[-1]}: {found.description or 'did not pass'}"
            )

    def report(self) -> None:
        """Print the errors, and the first of the checks that did not pass."""
        for error in self.errors:
            output.warn(error, "error")
        for warning in self.warnings[:MAX_WARNINGS]:
            output.warn(warning, "warning")
        if more := len(self.warnings[MAX_WARNINGS:]):
            output.warn(f"{plural(more, 'more check')} did not pass; the UI lists them.", "warning")
