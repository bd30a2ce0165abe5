"""What a probe of the deployment found: ok, something to look at, or a failure, with what to do about it."""

from dataclasses import dataclass
from enum import Enum

from ai_usage_assets.errors import AiUsageError


class State(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of `ai-usage doctor`. It has no secret and no person."""

    subject: str
    state: State
    text: str
    hint: str = ""
    """What to do; empty if there is nothing to do."""


def ok(subject: str, text: str) -> Finding:
    return Finding(subject, State.OK, text)


def warning(subject: str, text: str, hint: str) -> Finding:
    return Finding(subject, State.WARN, text, hint)


def failure(subject: str, text: str, hint: str) -> Finding:
    return Finding(subject, State.FAIL, text, hint)


def failed(subject: str, error: AiUsageError, state: State = State.FAIL) -> Finding:
    return Finding(subject, state, error.message, error.hint)
