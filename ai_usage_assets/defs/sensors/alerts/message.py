"""The text of an alert: which tables and days failed, why, what to do, and where to look."""

import re
from collections.abc import Callable, Iterable, Iterator

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import freshness, retention, staleness, unexpectedly_empty
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.errors import AiUsageError

CHECKS_WITHOUT_DAYS = {freshness.CHECK, unexpectedly_empty.CHECK, retention.CHECK, staleness.CHECK}
"""Checks that do not check the days of the run that they are in."""
MAX_LINES = 10
"""A graph that fails at its root repeats the same failure many times."""
MAX_CHARACTERS = 500
DIGEST = "digest"
"""The job of the runs that record what was sent. They have no assets and no days."""
RETENTION = "clear_old_addresses"
"""The job that clears old addresses. It has no assets and no days either."""
HINT = "Days that were finished are kept. Fix the cause, and run the same days again."
OWN_HINTS = {
    DIGEST: "",
    RETENTION: "What was cleared stays so. Fix the cause; the run of the next night does the rest.",
}
"""Of the jobs without assets."""

UNSET = re.compile(r'environment variable "(\w+)" which is not set')
"""Dagster's sentence, which is in the middle of a long error."""

TablesOf = Callable[[str], list[str]]
"""The tables of a step."""


def full_names(error: type[Exception]) -> Iterator[str]:
    """The full names of an exception class and of its subclasses, as Python writes them before a message."""
    yield f"{error.__module__}.{error.__qualname__}"
    for subclass in error.__subclasses__():
        yield from full_names(subclass)


def own_message(error: SerializableErrorInfo) -> str | None:
    """The message of an `AiUsageError`, which is written for people and holds no secret. None for other errors.

    Dagster stores the bare class name, which is not unique: Google's client has a `Forbidden` too. The stored message
    begins with the full name, which Python writes there and which no message can change.
    """
    name, _, message = error.message.strip().partition(": ")
    return message if name in set(full_names(AiUsageError)) else None


def chain(error: SerializableErrorInfo | None) -> Iterator[SerializableErrorInfo]:
    while error:
        yield error
        error = error.cause


def sentence(error: SerializableErrorInfo | None, otherwise: str = "see the run's log.") -> str:
    """Why it failed: the message of an `AiUsageError`, else the first line of the innermost cause without addresses."""
    errors = list(chain(error))
    if not errors:
        return otherwise
    for each in errors:
        if message := own_message(each):
            return message
    unset = [name for each in errors for name in UNSET.findall(each.message)]
    if unset:
        return f"{unset[0]} is not set where the run was started: set it there."
    first_line = re.sub(r"\w+://\S+", "(address)", without_class_name(errors[-1])).splitlines()
    return f"{errors[-1].cls_name}: {' '.join(first_line[:1])}"[:MAX_CHARACTERS]


def without_class_name(error: SerializableErrorInfo) -> str:
    """The message without the class name that Python writes before it."""
    return re.sub(r"^[\w.]+: ", "", error.message.strip())


def text(
    run: dg.DagsterRun, events: Iterable[dg.DagsterEvent], tables_of: TablesOf, ui_url: str | None
) -> str | None:
    """The alert of a run that has ended; None if nothing failed."""
    days = days_tagged(run.tags)
    when = f" for {days}" if days else ""
    steps, checks, stopped, why = [], [], None, None
    for event in events:
        if event.is_step_failure:
            tables = ", ".join(tables_of(str(event.step_key)))
            steps.append(f"*{tables}* failed{when}: {sentence(event.step_failure_data.error)}")
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            found = event.asset_check_evaluation_data
            if not found.passed and found.severity is dg.AssetCheckSeverity.ERROR:
                checks.append(check_text(found, days))
        elif event.event_type == dg.DagsterEventType.ENGINE_EVENT:
            # of a worker that could not start, only this event has the error
            why = event.engine_event_data.error or why
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            why = getattr(event.event_specific_data, "error", None) or why
            stopped = sentence(why, otherwise=str(event.message))
    failed = steps or ([f"The run of *{selection_text(run)}* failed{when}: {stopped}"] if stopped else [])
    lines = failed + checks
    if not lines:
        return None
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"... and {len(lines) - MAX_LINES} more."]
    where = f"{ui_url}/runs/{run.run_id}" if ui_url else f"Run {run.run_id}"
    hint = OWN_HINTS.get(run.job_name, HINT) if failed else ""
    return "\n".join([*lines, *([hint] if hint else []), where])


def subject(found: dg.AssetCheckEvaluation, days: Days | None) -> str:
    """Which check failed, and for which days if it checks those of the run."""
    when = f" for {days}" if days and found.check_name not in CHECKS_WITHOUT_DAYS else ""
    return f"*{found.asset_key.path[-1]}: {found.check_name}* has failed{when}"


def check_text(found: dg.AssetCheckEvaluation, days: Days | None) -> str:
    """What the check found, and its hint."""
    hint = found.metadata.get("hint")
    parts = [found.description, str(hint.value) if hint else None]
    sentences = [" ".join(each.split())[:MAX_CHARACTERS].rstrip(".") + "." for each in parts if each]
    return f"Check {subject(found, days)}{': ' if sentences else '.'}{' '.join(sentences)}"


def selection_text(run: dg.DagsterRun) -> str:
    names = sorted(key.path[-1] for key in run.asset_selection or ())
    return ", ".join(names[:MAX_LINES]) or (run.job_name if run.job_name in OWN_HINTS else "everything")
