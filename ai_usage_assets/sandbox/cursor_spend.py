"""Cursor's spend of the billing cycle, which is the calendar month: what the events since its start were charged."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.sandbox import truth
from ai_usage_assets.sandbox.company import Company
from ai_usage_assets.sandbox.cursor_events import SERVICE, SERVICE_EMAIL, service_id

Charges = dict[str, Decimal]


def cycle_start(today: date) -> date:
    return today.replace(day=1)


def spend(
    company: Company, members: list[dict[str, Any]], today: date, until_ms: int
) -> list[dict[str, Any]]:
    """A row for every member, and one for the service account, in whole cents."""
    charged, overall = _charges(company, today, until_ms)
    service = {
        "id": service_id(company.registers),
        "name": SERVICE,
        "email": SERVICE_EMAIL,
        "role": "service_account",
    }
    return [
        {
            "userId": row["id"],
            "name": row["name"],
            "email": row["email"],
            "role": row["role"],
            "spendCents": int(charged[row["id"]].to_integral_value()),
            "overallSpendCents": int(overall[row["id"]].to_integral_value()),
            "fastPremiumRequests": 0,
            "hardLimitOverrideDollars": 0 if place % 3 else None,
            "monthlyLimitDollars": 200 if place % 4 == 0 else None,
        }
        for place, row in enumerate([*members, service])
    ]


def _charges(company: Company, today: date, until_ms: int) -> tuple[Charges, Charges]:
    """By member: what comes on top of the seats, and that with what the seats include."""
    charged: Charges = defaultdict(Decimal)
    overall: Charges = defaultdict(Decimal)
    for day in Days(cycle_start(today), today):
        for call in company.cursor(day).calls:
            worth = truth.charged(call.event)
            if worth is not None and call.at <= until_ms:
                overall[call.member] += worth
                charged[call.member] += worth if truth.is_paid_for(call.event) else 0
    return charged, overall
