"""E-mails as the vendors send them. Blanks around an address are removed, also the invisible ones."""

import json
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

from ai_usage_assets.sources.anthropic import claude_code
from ai_usage_assets.sources.anthropic import rows as anthropic
from ai_usage_assets.sources.anthropic.records import ClaudeCodeRecord, User
from ai_usage_assets.sources.cursor import rows as cursor
from ai_usage_assets.sources.cursor.records import DailyUsage, Member, UsageEvent
from ai_usage_assets.sources.http import decode
from ai_usage_assets.spool import in_memory

T = TypeVar("T")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
BLANKS = pytest.mark.parametrize(
    "blank", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u200d", "\u00a0", "\u3000", " \u200e\t"], ids=ascii
)


def sent(kind: type[T], **values: Any) -> T:
    return decode.decode_json(json.dumps(values).encode(), kind)


def record(address: str) -> ClaudeCodeRecord:
    return sent(
        ClaudeCodeRecord,
        date=str(DAY),
        actor={"type": "user_actor", "email_address": address},
        customer_type="subscription",
        terminal_type=None,
        core_metrics={
            "num_sessions": 1,
            "lines_of_code": {"added": 0, "removed": 0},
            "commits_by_claude_code": 0,
            "pull_requests_by_claude_code": 0,
        },
        tool_actions={},
        model_breakdown=[],
    )


@BLANKS
def test_an_address_loses_the_blanks_around_it_and_keeps_its_case(blank: str) -> None:
    address = f"{blank}Ann@X.example{blank}"

    tables = (
        cursor.member_rows([sent(Member, id="u1", email=address)], AT),
        in_memory(
            cursor.daily_usage_rows([[sent(DailyUsage, userId="u1", day=str(DAY), email=address)]], AT)
        ),
        in_memory(cursor.event_rows([[sent(UsageEvent, timestamp="1795170000123", userEmail=address)]], AT)),
        anthropic.user_rows([sent(User, id="u1", email=address, role="user")], AT),
    )
    code = claude_code.usage_rows([record(address)], AT)

    assert [each["email"].to_pylist() for each in tables] == [["Ann@X.example"]] * 4
    assert code["actor_email"].to_pylist() == ["Ann@X.example"]


@BLANKS
def test_an_address_of_blanks_alone_is_missing(blank: str) -> None:
    member = sent(Member, id="u1", email=blank)
    daily = sent(DailyUsage, userId="u1", day=str(DAY), email=blank)

    assert cursor.member_rows([member], AT)["email"].to_pylist() == [None]
    assert in_memory(cursor.daily_usage_rows([[daily]], AT))["email"].to_pylist() == ["unattributed"]


def test_records_that_differ_only_in_such_a_blank_belong_to_one_person() -> None:
    code = claude_code.usage_rows([record("ann@x.example"), record("ann@x.example\u200b")], AT)
    calls = [
        sent(UsageEvent, timestamp="1795170000123", userEmail=address)
        for address in ("ann@x.example", "\ufeffann@x.example")
    ]

    assert code["sessions"].to_pylist() == [2]
    assert in_memory(cursor.event_rows([calls], AT))["occurrence"].to_pylist() == [1, 2]
