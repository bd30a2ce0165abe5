"""The kinds of Cursor's events: their wordings, the flag of each, and whether a customer pays for them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from msgspec import UNSET, UnsetType


@dataclass(frozen=True)
class Kind:
    text: str
    counted: Literal["included", "usage", "own_key"]
    """The request counter of the daily row that it is part of."""
    flag: bool = False
    """`isChargeable`."""
    charged: Literal["all", "fee", "nothing"] = "all"
    """What `chargedCents` contains: model cost and token fee, the fee only, or nothing."""
    has_null_text: bool = False
    """Whether the field of the service account contains the word `null`."""


INCLUDED = Kind("Included in Business", "included")
USAGE_BASED = Kind("Usage-based", "usage", flag=True)
FREE_BUGBOT = Kind("Included in Business", "included", charged="nothing")

_FAILED = (
    Kind("Errored, Not Charged", "included", charged="nothing"),
    Kind("Aborted, Not Charged", "included", charged="nothing"),
    Kind("USAGE_EVENT_KIND_ERRORED_NOT_CHARGED", "included", charged="nothing"),
    Kind("Errored, Not Charged", "included", charged="nothing"),
)
_OWN_KEY = Kind("User API Key", "own_key", charged="fee")
_CUSTOM = Kind("Custom subscription", "own_key", charged="fee")
_TRIAL = Kind("Free Trial", "included", charged="nothing")
# a recorded response has the first of them: within the plan, although its flag says chargeable
_INCLUDED = (
    Kind("Included in Business", "included", flag=True, has_null_text=True),
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
_VARIED_FROM = date(2026, 1, 1)
"""The day from which the wordings vary."""


def choose(*, included: bool, own_key: str | None, draw: float, day: date) -> Kind:
    """The kind of a call within or beyond the plan. `draw` is uniform between 0 and 1."""
    has_variants = day >= _VARIED_FROM
    if draw < 0.02:
        return _FAILED[int(draw * 200) if has_variants else 0]
    if draw < 0.035 and own_key:
        return _CUSTOM if has_variants and own_key == "custom" else _OWN_KEY
    if has_variants and 0.30 <= draw < 0.34:
        return (_INCLUDED if included else _USAGE)[int((draw - 0.30) * 100) % 4]
    return INCLUDED if included else USAGE_BASED


_NEVER_PAID = ("included", "errored", "aborted", "free", "userapikey", "customsubscription")
_PAID = ("usagebased", "ondemand")


def is_paid(text: str | None, flag: bool | UnsetType) -> bool:
    """Whether the event is billed on top of the plan. The kind decides, or the flag if the kind is unknown."""
    normalized = "".join(letter for letter in (text or "").lower() if letter.isalnum()).removeprefix(
        "usageeventkind"
    )
    if normalized.startswith(_NEVER_PAID) or "notcharged" in normalized:
        return False
    return normalized.startswith(_PAID) if flag is UNSET else flag
