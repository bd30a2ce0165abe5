"""The kinds of Cursor's events: how the vendor words them, what its flag says with each, and what a customer pays for."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from msgspec import UNSET, UnsetType


@dataclass(frozen=True)
class Kind:
    text: str
    counted: Literal["included", "usage", "own_key"]
    """Which of the daily row's request counters it is in."""
    flag: bool = False
    """`isChargeable`."""
    worth: Literal["all", "fee", "nothing"] = "all"
    """What is in `chargedCents`: model and token fee, the fee alone, or nothing."""
    says_null: bool = False
    """The vendor writes the word `null` where the service account would stand."""


INCLUDED = Kind("Included in Business", "included")
USAGE_BASED = Kind("Usage-based", "usage", flag=True)
FREE_BUGBOT = Kind("Included in Business", "included", worth="nothing")

_FAILED = (
    Kind("Errored, Not Charged", "included", worth="nothing"),
    Kind("Aborted, Not Charged", "included", worth="nothing"),
    Kind("USAGE_EVENT_KIND_ERRORED_NOT_CHARGED", "included", worth="nothing"),
    Kind("Errored, Not Charged", "included", worth="nothing"),
)
_OWN_KEY = Kind("User API Key", "own_key", worth="fee")
_CUSTOM = Kind("Custom subscription", "own_key", worth="fee")
_TRIAL = Kind("Free Trial", "included", worth="nothing")
# a recorded answer has the first of them: within the plan, although its flag says chargeable
_INCLUDED = (
    Kind("Included in Business", "included", flag=True, says_null=True),
    Kind("USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS", "included"),
    Kind("included in business", "included", flag=True),
    _TRIAL,
)
_USAGE = (
    Kind("On-Demand", "usage", flag=True),
    Kind("USAGE_EVENT_KIND_USAGE_BASED", "usage", flag=True),
    Kind("Usage-based", "usage", flag=False),
    Kind("on demand", "usage", flag=True),
)
_WORDED = date(2026, 1, 1)
"""Since when the wordings vary."""


def choose(*, included: bool, own_key: str | None, draw: float, day: date) -> Kind:
    """The kind of a call within or beyond what the plan includes; `draw` is even in 0..1."""
    varied = day >= _WORDED
    if draw < 0.02:
        return _FAILED[int(draw * 200) if varied else 0]
    if draw < 0.035 and own_key:
        return _CUSTOM if varied and own_key == "custom" else _OWN_KEY
    if varied and 0.30 <= draw < 0.34:
        return (_INCLUDED if included else _USAGE)[int((draw - 0.30) * 100) % 4]
    return INCLUDED if included else USAGE_BASED


_NEVER_PAID = ("included", "errored", "aborted", "free", "userapikey", "customsubscription")
_PAID = ("usagebased", "ondemand")


def is_paid(text: str | None, flag: bool | UnsetType) -> bool:
    """Whether a customer pays for the event on top of the plan; the kind decides, and the flag where it is unknown."""
    bare = "".join(letter for letter in (text or "").lower() if letter.isalnum()).removeprefix(
        "usageeventkind"
    )
    if bare.startswith(_NEVER_PAID) or "notcharged" in bare:
        return False
    return bare.startswith(_PAID) if flag is UNSET else flag
