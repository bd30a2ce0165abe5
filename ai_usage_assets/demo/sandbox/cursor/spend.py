"""Cursor's spend of the billing cycle: what its events were charged since the last renewal of the subscription."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company import people, totals
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.cycle import cycle_start, milliseconds
from ai_usage_assets.demo.sandbox.cursor.events import SERVICE, SERVICE_EMAIL, service_id

Charges = dict[str, Decimal]

_TIERS = {0: "premium", 1: "standard"}


def spend(
    company: Company, members: list[dict[str, Any]], now: datetime, until_ms: int
) -> list[dict[str, Any]]:
    """A row for every member, one for the service account, and one without an id for the contractor."""
    charged, overall = _charges(company, now, until_ms)
    service = {
        "id": service_id(company.directory),
        "name": SERVICE,
        "email": SERVICE_EMAIL,
        "role": "service_account",
    }
    contractor = {"id": "", "name": "", "email": people.CONTRACTOR, "role": "member"}
    return [
        {
            **({"userId": row["id"]} if row["id"] else {}),
            "name": row["name"],
            "email": row["email"],
            "role": row["role"],
            "spendCents": charged[row["id"]],
            "overallSpendCents": overall[row["id"]],
            "fastPremiumRequests": 0,
            "hardLimitOverrideDollars": 0 if place % 3 else None,
            "monthlyLimitDollars": 200 if place % 4 == 0 else None,
            **({"effectivePerUserLimitDollars": 200 if place % 4 == 0 else 500} if place % 5 else {}),
            **({"billingTier": _TIERS[place % 3]} if place % 3 in _TIERS else {}),
        }
        for place, row in enumerate([*members, service, contractor])
    ]


def _charges(company: Company, now: datetime, until_ms: int) -> tuple[Charges, Charges]:
    """By member: the charges on top of the seats, and all charges."""
    charged: Charges = defaultdict(Decimal)
    overall: Charges = defaultdict(Decimal)
    start = cycle_start(now)
    start_ms = milliseconds(start)
    for day in Days(start.date(), now.date()):
        for call in company.cursor(day).calls:
            cents = totals.charged(call.event)
            if cents is not None and start_ms <= call.at <= until_ms:
                overall[call.member] += cents
                charged[call.member] += cents if totals.is_billable(call.event) else 0
    return charged, overall
