"""What a customer pays for on top of the plan, said once more by hand: the sandbox's own rule is held against it."""

from collections.abc import Mapping
from typing import Any

ON_TOP = {"Usage-based", "USAGE_EVENT_KIND_USAGE_BASED", "On-Demand", "on demand"}


def is_paid(event: Mapping[str, Any]) -> bool:
    return event["kind"] in ON_TOP and bool(event["isChargeable"])
