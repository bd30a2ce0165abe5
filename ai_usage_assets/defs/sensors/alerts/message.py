"""What a run that went wrong has to say to a person: which tables, which days, why, what to do, and where to look."""

import re
from collections.abc import Callable, Iterable, Iterator

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import freshness, retention, staleness, unexpectedly_empty
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.errors import AiUsageError

BY_THE_CLOCK = {freshness.CHECK, unexpectedly_empty.CHECK, retention.CHECK, staleness.CHECK}
"""Checks that do not look at the days of the run that they are in."""
MOST_LINES = 10
"""A graph that fails at its root says the same thing many times."""
MOST_LETTERS = 500
REMEDY = "Days that were finished are kept. When the cause is mended, run the same days again."

UNSET = re.compile(r'environment variable "(\w+)" which is not set')
"""Dagster's words, in the middle of an error of many lines."""

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


def sentence(error: SerializableErrorInfo | None, otherwise: str = "the run's log says why.") -> str:
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
    first_line = re.sub(r"\w+://\S+", "(address)", _said(errors[-1])).splitlines()
    return f"{errors[-1].cls_name}: {' '.join(first_line[:1])}"[:MOST_LETTERS]


def _said(error: SerializableErrorInfo) -> str:
    """A message without the class that Python writes before it."""
    return re.sub(r"^[\w.]+: ", "", error.message.strip())


def text(
    run: dg.DagsterRun, events: Iterable[dg.DagsterEvent], tables_of: TablesOf, ui_url: str | None
) -> str | None:
    """What to tell of a run that has ended; None if there is nothing to tell."""
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
                checks.append(verdict(found, days))
        elif event.event_type == dg.DagsterEventType.ENGINE_EVENT:
            # of a worker that could not even begin, it alone has the error
            why = event.engine_event_data.error or why
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            why = getattr(event.event_specific_data, "error", None) or why
            stopped = sentence(why, otherwise=str(event.message))
    failed = steps or ([f"The run of *{chosen(run)}* failed{when}: {stopped}"] if stopped else [])
    lines = failed + checks
    if not lines:
        return None
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} more."]
    where = f"{ui_url}/runs/{run.run_id}" if ui_url else f"Run {run.run_id}"
    return "\n".join([*lines, *([REMEDY] if failed else []), where])


def subject(found: dg.AssetCheckEvaluation, days: Days | None) -> str:
    """Which check it is, of which days if it looks at the run's."""
    when = f" for {days}" if days and found.check_name not in BY_THE_CLOCK else ""
    return f"*{found.asset_key.path[-1]}: {found.check_name}* has failed{when}"


def verdict(found: dg.AssetCheckEvaluation, days: Days | None) -> str:
    """What the check found, and what to do."""
    remedy = found.metadata.get("hint")
    said = [found.description, str(remedy.value) if remedy else None]
    sentences = [" ".join(each.split())[:MOST_LETTERS].rstrip(".") + "." for each in said if each]
    return f"Check {subject(found, days)}{': ' if sentences else '.'}{' '.join(sentences)}"


def chosen(run: dg.DagsterRun) -> str:
    names = sorted(key.path[-1] for key in run.asset_selection or ())
    return ", ".join(names[:MOST_LINES]) or "everything"
