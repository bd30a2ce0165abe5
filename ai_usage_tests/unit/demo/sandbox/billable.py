"""Which events are billed on top of the plan, written a second time by hand, to compare with the rule of the sandbox."""

from collections.abc import Mapping
from typing import Any

BILLABLE_KINDS = {"Usage-based", "USAGE_EVENT_KIND_USAGE_BASED", "On-Demand", "on demand"}


def is_billable(event: Mapping[str, Any]) -> bool:
    return event["kind"] in BILLABLE_KINDS and bool(event["isChargeable"])
