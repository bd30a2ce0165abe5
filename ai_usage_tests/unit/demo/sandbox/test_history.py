"""Responses about earlier years, whose events and records lack some fields."""

from datetime import date
from typing import Any

from ai_usage_assets.days import Days


def test_events_before_2026_have_no_charge(shared: Any) -> None:
    old = shared.events(Days.one(date(2025, 12, 30)))
    assert old and not any("isChargeable" in event or "chargedCents" in event for event in old)
    assert any("cursorTokenFee" in event and event["kind"] == "Usage-based" for event in old)


def test_early_events_have_another_field_for_their_kind_and_no_fee(shared: Any) -> None:
    old = shared.events(Days.one(date(2025, 3, 4)))
    assert old and all("kindLabel" in event and "kind" not in event for event in old)
    assert not any("cursorTokenFee" in event or "isHeadless" in event for event in old)


def test_some_old_events_have_no_cost_and_the_totals_count_them(shared: Any, company: Any) -> None:
    day = date(2025, 3, 4)
    unpriced = [event for event in shared.events(Days.one(day)) if "tokenUsage" not in event]
    assert company.totals(Days.one(day))[day].cursor.unpriced_events == len(unpriced) > 0


def test_claude_code_has_no_remote_sessions_before_2026(shared: Any) -> None:
    old = shared.data("/usage_report/claude_code", starting_at="2025-12-30", limit=1000)
    assert old and not any("is_remote" in record for record in old)


def test_old_models_have_no_region(shared: Any) -> None:
    (bucket,) = shared.buckets(
        "/usage_report/messages", Days.one(date(2025, 3, 4)), group_by=("inference_geo",)
    )
    assert {row["inference_geo"] for row in bucket["results"]} <= {"not_available", None}


def test_there_is_no_usage_before_the_first_day(shared: Any) -> None:
    day = Days.one(date(2024, 10, 31))
    assert shared.buckets("/usage_report/messages", day)[0]["results"] == []
    assert shared.events(day) == shared.daily(day) == []
