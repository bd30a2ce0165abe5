"""Every raw column of Cursor: one answer in which each field has a different value, and its complete row.

The answers are served by a real server and read by the real client. A second answer says nothing but what it has to.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.tables.cursor import (
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_GROUPS,
    RAW_CURSOR_MEMBERS,
    RAW_CURSOR_OPEN_DAY,
    RAW_CURSOR_SPEND,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.sources.cursor import rows
from ai_usage_assets.sources.cursor import spend_rows as cursor_spend
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.cursor.endpoints import ENDPOINTS
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_assets.spool import in_memory
from ai_usage_tests.support.messages import undecodable, unusable
from ai_usage_tests.support.scripted_server import ScriptedServer

DAY = date(2026, 11, 20)
ONE = Days.one(DAY)
MIDNIGHT = 1795132800000
ASKED_AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield scripted
    scripted.shutdown()
    scripted.server_close()


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[CursorAdmin]:
    with CursorAdmin("crsr_pinned", base_url=server.url) as client:
        yield client


def landed(client: CursorAdmin, table: str) -> list[dict[str, Any]]:
    """The rows that a run loads."""
    (endpoint,) = (each for each in ENDPOINTS if each.name == table)
    (found,) = endpoint.fetch(client, ONE, ASKED_AT)
    assert isinstance(found, pa.Table)
    return list(found.to_pylist())


def events(*said: Any, page: int = 1, pages: int = 1, total: int | None = None) -> dict[str, Any]:
    return {
        "totalUsageEventsCount": len(said) if total is None else total,
        "pagination": {"currentPage": page, "numPages": pages, "hasNextPage": page < pages},
        "usageEvents": list(said),
    }


EVENT: dict[str, Any] = {
    "timestamp": str(MIDNIGHT + 3_723_004),
    "userId": "user_Event1",
    "userEmail": "Event.Person@example.com",
    "model": "claude-5.5-sonnet",
    "kind": "Usage-based",
    "kindLabel": "the older name",
    "maxMode": True,
    "requestsCosts": 1.4,
    "isTokenBasedCall": False,
    "isChargeable": True,
    "isHeadless": False,
    "tokenUsage": {
        "inputTokens": 901,
        "outputTokens": 1402,
        "cacheWriteTokens": 5203,
        "cacheReadTokens": 41004,
        "totalCents": 20.18232,
        "discountPercentOff": 12.5,
    },
    "chargedCents": 24.72,
    "cursorTokenFee": 4.53768,
    "isFreeBugbot": False,
    "serviceAccountId": "sa_1",
    "serviceAccountName": "release-notes",
    "conversationId": "conversation_1",
    "cloudAgentId": "agent_1",
    "automationId": "automation_1",
}
EVENT_ROW = {
    "ingest_date": DAY,
    "fetched_at": ASKED_AT,
    "event_at": datetime(2026, 11, 20, 1, 2, 3, 4000, tzinfo=UTC),
    "email": "Event.Person@example.com",
    "model": "claude-5.5-sonnet",
    "kind": "Usage-based",
    "is_chargeable": True,
    "is_token_based": False,
    "is_headless": False,
    "max_mode": True,
    "request_units": Decimal("1.4"),
    "input_tokens": 901,
    "output_tokens": 1402,
    "cache_write_tokens": 5203,
    "cache_read_tokens": 41004,
    "model_cost_usd": Decimal("0.2018232"),
    "charged_usd": Decimal("0.2472"),
    "cursor_token_fee_usd": Decimal("0.0453768"),
    "occurrence": 1,
    "user_id": "user_Event1",
    "service_account_id": "sa_1",
    "service_account_name": "release-notes",
    "conversation_id": "conversation_1",
    "cloud_agent_id": "agent_1",
    "automation_id": "automation_1",
    "discount_percent": Decimal("12.5"),
    "source": None,
}
EVENT_KEYS = {"ingest_date", "fetched_at", "event_at", "occurrence"}


def nothing_but(row: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    return {name: value if name in kept else None for name, value in row.items()}


def test_the_pinned_rows_have_every_declared_column() -> None:
    pinned = {
        RAW_CURSOR_EVENTS: EVENT_ROW,
        RAW_CURSOR_USAGE: DAILY_ROW,
        RAW_CURSOR_MEMBERS: MEMBER_ROW,
        RAW_CURSOR_GROUPS: GROUP_ROW,
        RAW_CURSOR_SPEND: SPEND_ROW,
        RAW_CURSOR_OPEN_DAY: EVENT_ROW,
    }
    for table, row in pinned.items():
        assert sorted(row) == sorted(table.column_names)


def test_every_column_of_an_event(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with(events(EVENT))

    assert landed(client, "raw_cursor_events") == [EVENT_ROW]


def test_each_flag_of_an_event_is_read_from_its_own_field(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    flags = {
        "maxMode": "max_mode",
        "isTokenBasedCall": "is_token_based",
        "isChargeable": "is_chargeable",
        "isHeadless": "is_headless",
    }
    for field, column in flags.items():
        server.script.clear()
        server.respond_with(events(EVENT | dict.fromkeys(flags, False) | {field: True}))
        (row,) = landed(client, "raw_cursor_events")
        assert {name for name in flags.values() if row[name]} == {column}


def test_an_event_of_2025_has_the_kind_of_its_label(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with(events({name: value for name, value in EVENT.items() if name != "kind"}))

    assert landed(client, "raw_cursor_events") == [EVENT_ROW | {"kind": "the older name"}]


@pytest.mark.parametrize(
    "said",
    [
        {},
        dict.fromkeys(EVENT),
        dict.fromkeys(EVENT) | {"tokenUsage": dict.fromkeys(("inputTokens", "totalCents"))},
        {
            **dict.fromkeys(("userId", "userEmail", "model", "kind", "kindLabel"), "null"),
            **dict.fromkeys(("serviceAccountId", "serviceAccountName", "conversationId"), "null"),
            **dict.fromkeys(("cloudAgentId", "automationId"), "null"),
        },
    ],
    ids=["absent", "null", "null in tokenUsage", "the word null"],
)
def test_missing_fields_of_an_event_are_null(server: ScriptedServer, client: CursorAdmin, said: Any) -> None:
    server.respond_with(events(said | {"timestamp": EVENT["timestamp"]}))

    assert landed(client, "raw_cursor_events") == [nothing_but(EVENT_ROW, EVENT_KEYS)]


def test_a_zero_of_an_event_is_a_zero(server: ScriptedServer, client: CursorAdmin) -> None:
    tokens = dict.fromkeys(EVENT["tokenUsage"], 0)
    zeros = {"chargedCents": 0, "cursorTokenFee": 0, "requestsCosts": 0, "tokenUsage": tokens}
    server.respond_with(events(EVENT | zeros))

    (row,) = landed(client, "raw_cursor_events")
    numbers = {name: value for name, value in row.items() if isinstance(value, Decimal | int)}
    flags = {"is_chargeable", "is_token_based", "is_headless", "max_mode", "occurrence"}
    assert {name for name, value in numbers.items() if value == 0} - flags == {
        *("request_units", "input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"),
        *("model_cost_usd", "charged_usd", "cursor_token_fee_usd", "discount_percent"),
    }


def test_duplicates_on_two_pages_are_numbered_across_pages(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    pages = events(EVENT, EVENT, pages=2, total=3), events(EVENT, page=2, pages=2, total=3)
    server.respond_with(*pages, *pages)

    found = landed(client, "raw_cursor_events")
    assert found == [EVENT_ROW | {"occurrence": number} for number in (1, 2, 3)]


OTHERS: dict[str, tuple[str, Any]] = {
    **{name: (name, "other") for name in ("userEmail", "model", "kind", "userId")},
    **{name: (name, "other") for name in ("serviceAccountId", "serviceAccountName", "conversationId")},
    **{name: (name, "other") for name in ("cloudAgentId", "automationId")},
    **{name: (name, None) for name in ("isChargeable", "isTokenBasedCall", "isHeadless", "maxMode")},
    **{name: (name, 7) for name in ("requestsCosts", "chargedCents", "cursorTokenFee")},
    "timestamp": ("timestamp", str(MIDNIGHT)),
    **{name: ("tokenUsage", {**EVENT["tokenUsage"], name: 7}) for name in EVENT["tokenUsage"]},
}


@pytest.mark.parametrize("field", OTHERS)
def test_calls_that_differ_in_one_field_are_not_duplicates(
    server: ScriptedServer, client: CursorAdmin, field: str
) -> None:
    place, value = OTHERS[field]
    server.respond_with(events(EVENT, EVENT | {place: value}))

    assert [row["occurrence"] for row in landed(client, "raw_cursor_events")] == [1, 1]


def daily(*said: Any) -> dict[str, Any]:
    return {
        "data": list(said),
        "pagination": {"page": 1, "totalPages": 1, "totalUsers": len(said), "hasNextPage": False},
    }


DAILY = {
    "userId": "user_Daily1",
    "day": "2026-11-20",
    "date": MIDNIGHT + 66_388_000,
    "email": "Daily.Person@example.com",
    "isActive": True,
    "totalLinesAdded": 101,
    "totalLinesDeleted": 102,
    "acceptedLinesAdded": 103,
    "acceptedLinesDeleted": 104,
    "totalApplies": 105,
    "totalAccepts": 106,
    "totalRejects": 107,
    "totalTabsShown": 108,
    "totalTabsAccepted": 109,
    "composerRequests": 110,
    "chatRequests": 111,
    "agentRequests": 112,
    "cmdkUsages": 113,
    "subscriptionIncludedReqs": 114,
    "apiKeyReqs": 115,
    "usageBasedReqs": 116,
    "bugbotUsages": 117,
    "mostUsedModel": "gpt-5",
    "applyMostUsedExtension": "py",
    "tabMostUsedExtension": "ts",
    "clientVersion": "2.4.1",
}
DAILY_ROW = {
    "ingest_date": DAY,
    "fetched_at": ASKED_AT,
    "email": "Daily.Person@example.com",
    "usage_date": DAY,
    "total_lines_added": 101,
    "accepted_lines_added": 103,
    "total_accepts": 106,
    "total_rejects": 107,
    "subscription_included_reqs": 114,
    "usage_based_reqs": 116,
    "most_used_model": "gpt-5",
    "client_version": "2.4.1",
    "user_id": "user_Daily1",
    "is_active": True,
    "total_lines_deleted": 102,
    "accepted_lines_deleted": 104,
    "total_applies": 105,
    "total_tabs_shown": 108,
    "total_tabs_accepted": 109,
    "composer_requests": 110,
    "chat_requests": 111,
    "agent_requests": 112,
    "cmdk_usages": 113,
    "bugbot_usages": 117,
    "api_key_reqs": 115,
    "apply_most_used_extension": "py",
    "tab_most_used_extension": "ts",
}
UNNAMED_ROW = nothing_but(DAILY_ROW, {"ingest_date", "fetched_at", "usage_date"}) | {"email": "unattributed"}


def test_every_column_of_a_day_of_activity(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with(daily(DAILY))

    assert landed(client, "raw_cursor_usage") == [DAILY_ROW]


@pytest.mark.parametrize(
    "said",
    [
        {},
        dict.fromkeys(DAILY),
        dict.fromkeys(("userId", "email", "mostUsedModel", "clientVersion"), "null"),
        dict.fromkeys(("userId", "email", "applyMostUsedExtension", "tabMostUsedExtension"), ""),
    ],
    ids=["absent", "null", "the word null", "blank"],
)
def test_missing_fields_of_a_day_of_activity_are_null(
    server: ScriptedServer, client: CursorAdmin, said: Any
) -> None:
    server.respond_with(daily(said | {"date": DAILY["date"]}))

    assert landed(client, "raw_cursor_usage") == [UNNAMED_ROW]


def test_a_row_with_an_id_or_an_e_mail_alone_is_a_row_of_its_own(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    server.respond_with(daily(DAILY | {"email": None}, DAILY | {"userId": None}))

    assert landed(client, "raw_cursor_usage") == [
        DAILY_ROW | {"email": "unattributed"},
        DAILY_ROW | {"user_id": None},
    ]


def test_unattributed_rows_of_a_day_are_one_row_with_their_sums(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    said = {name: value for name, value in DAILY.items() if name not in ("userId", "email")}
    more = {"totalRejects": 3, "chatRequests": None, "isActive": False, "clientVersion": None}
    server.respond_with(daily(said, DAILY, said | more | {"mostUsedModel": "auto"}))

    named, unnamed = landed(client, "raw_cursor_usage")
    assert named == DAILY_ROW
    counts = {name: 2 * value for name, value in DAILY_ROW.items() if type(value) is int}
    assert unnamed == DAILY_ROW | counts | {
        "user_id": None,
        "email": "unattributed",
        "total_rejects": 110,
        "chat_requests": 111,
        "most_used_model": None,
    }


MEMBER = {
    "id": "user_Member1",
    "name": "Member Person",
    "email": "Member.Person@example.com",
    "role": "free-owner",
    "isRemoved": False,
}
MEMBER_ROW = {
    "member_id": "user_Member1",
    "email": "Member.Person@example.com",
    "name": "Member Person",
    "role": "free-owner",
    "is_removed": False,
    "fetched_at": ASKED_AT,
    "first_seen_at": ASKED_AT,
    "last_seen_at": ASKED_AT,
    "is_current": True,
}


def members(client: CursorAdmin) -> list[dict[str, Any]]:
    return list(rows.member_rows(client.members(), ASKED_AT).to_pylist())


def test_every_column_of_a_member(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with({"teamMembers": [MEMBER, MEMBER | {"id": 12, "isRemoved": True}]})

    removed = {"member_id": "12", "is_removed": True, "is_current": False}
    assert members(client) == [MEMBER_ROW, MEMBER_ROW | removed]


@pytest.mark.parametrize("missing", [None, "null", ""])
def test_missing_fields_of_a_member_are_null(
    server: ScriptedServer, client: CursorAdmin, missing: Any
) -> None:
    server.respond_with(
        {
            "teamMembers": [
                {"id": "user_Member1"},
                dict.fromkeys(("email", "name", "role"), missing) | {"id": "user_Member2", "isRemoved": None},
                {"id": missing, "email": "Member.Person@example.com"},
            ]
        }
    )

    told = {"member_id", "fetched_at", "first_seen_at", "last_seen_at", "is_current"}
    nothing = nothing_but(MEMBER_ROW, told)
    address = "Member.Person@example.com"
    assert members(client) == [
        nothing,
        nothing | {"member_id": "user_Member2"},
        nothing | {"member_id": address, "email": address},
    ]


GROUP_MEMBER = {
    "userId": "user_Group1",
    "name": "Group Person",
    "email": "Group.Person@example.com",
    "joinedAt": "2026-02-03T04:05:06.789Z",
    "leftAt": "2026-05-06T09:08:09+02:00",
    "spendCents": 1240.5,
    "dailySpend": [{"date": "2026-11-19", "spendCents": 3}],
}
GROUPS: dict[str, Any] = {
    "groups": [
        {
            "id": "group_1",
            "name": "Engineering",
            "type": "BILLING",
            "directoryGroupId": None,
            "memberCount": 1,
            "createdAt": "2026-01-02T03:04:05Z",
            "updatedAt": "2026-01-03T03:04:05Z",
            "spendCents": 99,
            "currentMembers": [],
            "formerMembers": [GROUP_MEMBER],
            "dailySpend": [],
        }
    ],
    "unassignedGroup": {"currentMembers": [GROUP_MEMBER | {"userId": "user_Unassigned"}]},
    "billingCycle": {"cycleStart": "2026-11-01T00:00:00Z", "cycleEnd": "2026-12-01T00:00:00Z"},
}
GROUP_ROW = {
    "group_id": "group_1",
    "member_id": "user_Group1",
    "joined_at": datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC),
    "left_at": datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC),
    "group_name": "Engineering",
    "email": "Group.Person@example.com",
    "spend_usd": Decimal("12.405"),
    "cycle_start": datetime(2026, 11, 1, tzinfo=UTC),
    "fetched_at": ASKED_AT,
    "first_seen_at": ASKED_AT,
    "last_seen_at": ASKED_AT,
    "is_current": False,
}


def memberships(client: CursorAdmin) -> list[dict[str, Any]]:
    return list(rows.group_rows(client.groups(), ASKED_AT).to_pylist())


def test_every_column_of_a_membership_in_a_group(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with(GROUPS)

    assert memberships(client) == [GROUP_ROW]


@pytest.mark.parametrize("joined_at", [1795132800000, "1795132800000", "2026-11-20T02:00:00+02:00"])
def test_a_current_member_of_a_group_is_current(
    server: ScriptedServer, client: CursorAdmin, joined_at: Any
) -> None:
    (group,) = GROUPS["groups"]
    member = {"email": "Group.Person@example.com", "joinedAt": joined_at, "leftAt": None}
    said = group | {"currentMembers": [member], "formerMembers": None, "id": 7}
    server.respond_with(GROUPS | {"groups": [said]})

    assert memberships(client) == [
        GROUP_ROW
        | {
            "group_id": "7",
            "member_id": "Group.Person@example.com",
            "joined_at": datetime(2026, 11, 20, tzinfo=UTC),
            "left_at": None,
            "spend_usd": None,
            "is_current": True,
        }
    ]


@pytest.mark.parametrize("missing", ["absent", None, "null", ""])
def test_missing_fields_of_a_group_are_null(
    server: ScriptedServer, client: CursorAdmin, missing: Any
) -> None:
    texts = {} if missing == "absent" else dict.fromkeys(("name", "email"), missing)
    times = {} if missing == "absent" else dict.fromkeys(("joinedAt", "leftAt", "spendCents"))
    server.respond_with(
        {"groups": [{"id": "group_1", "formerMembers": [{"userId": "user_Group1"} | texts | times]} | texts]}
    )

    told = {"group_id", "member_id", "fetched_at", "first_seen_at", "last_seen_at", "is_current"}
    assert memberships(client) == [nothing_but(GROUP_ROW, told)]


@pytest.mark.parametrize("said", [{}, {"groups": []}, {"groups": None, "unassignedGroup": {"id": 1}}])
def test_a_team_without_groups_has_no_memberships(
    server: ScriptedServer, client: CursorAdmin, said: Any
) -> None:
    server.respond_with(said)

    assert memberships(client) == []


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ({"name": "Alex"}, "groups[0].formerMembers[0]: userId and email are both missing"),
        (
            {"userId": 1, "joinedAt": "2026-02-03T04:05:06"},
            "groups[0].formerMembers[0].joinedAt: Expected an RFC 3339 time with its offset, or milliseconds since 1970",
        ),
        (
            {"userId": 1, "spendCents": "12"},
            "groups[0].formerMembers[0]: spendCents is not a finite number that the warehouse can hold",
        ),
    ],
)
def test_a_membership_without_id_and_email_is_refused_by_its_place(
    server: ScriptedServer, client: CursorAdmin, member: Any, said: str
) -> None:
    server.respond_with({"groups": [{"id": "group_1", "formerMembers": [member]}]})

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", "/teams/groups", said)):
        client.groups()


CYCLE = datetime(2026, 11, 17, 9, 26, 53, 589000, tzinfo=UTC)
SPEND: dict[str, Any] = {
    "userId": "user_Spend1",
    "name": "Spend Person",
    "email": "Spend.Person@example.com",
    "role": "free-owner",
    "spendCents": 1240.5025,
    "overallSpendCents": 3241.75,
    "fastPremiumRequests": 7.5,
    "hardLimitOverrideDollars": 11,
    "monthlyLimitDollars": 220.5,
    "effectivePerUserLimitDollars": 330,
    "billingTier": "premium",
}
SPEND_ROW = {
    "cycle_start": CYCLE,
    "member_id": "user_Spend1",
    "email": "Spend.Person@example.com",
    "name": "Spend Person",
    "role": "free-owner",
    "spend_usd": Decimal("12.405025"),
    "overall_spend_usd": Decimal("32.4175"),
    "monthly_limit_usd": Decimal("220.5"),
    "hard_limit_override_usd": Decimal(11),
    "effective_limit_usd": Decimal(330),
    "fast_premium_requests": Decimal("7.5"),
    "billing_tier": "premium",
    "fetched_at": ASKED_AT,
}
SPEND_KEYS = {"cycle_start", "member_id", "fetched_at"}


def spend(client: CursorAdmin) -> list[dict[str, Any]]:
    return list(cursor_spend.spend_rows(client.spend(), ASKED_AT).to_pylist())


def spent(*said: Any) -> dict[str, Any]:
    return {
        "teamMemberSpend": list(said),
        "subscriptionCycleStart": 1794907613589,
        "totalMembers": len(said),
        "totalPages": 1,
    }


def test_every_column_of_a_members_spend(server: ScriptedServer, client: CursorAdmin) -> None:
    server.respond_with(spent(SPEND, SPEND | {"userId": 12, "billingTier": 3}))

    assert spend(client) == [SPEND_ROW, SPEND_ROW | {"member_id": "12", "billing_tier": "3"}]


@pytest.mark.parametrize("missing", ["absent", None, "null", ""])
def test_missing_fields_of_a_members_spend_are_null(
    server: ScriptedServer, client: CursorAdmin, missing: Any
) -> None:
    texts = ("name", "email", "role", "billingTier")
    numbers = {name: None for name, value in SPEND.items() if not isinstance(value, str)}
    said = {} if missing == "absent" else dict.fromkeys(texts, missing) | numbers
    server.respond_with(spent(said | {"userId": "user_Spend1"}))

    assert spend(client) == [nothing_but(SPEND_ROW, SPEND_KEYS)]


def test_a_zero_of_a_members_spend_is_a_zero(server: ScriptedServer, client: CursorAdmin) -> None:
    numbers = {name: 0 for name, value in SPEND.items() if not isinstance(value, str)}
    server.respond_with(spent(SPEND | numbers))

    (row,) = spend(client)
    assert [value for value in row.values() if isinstance(value, Decimal)] == [0] * 6


def test_spend_without_an_id_belongs_to_the_e_mail_and_without_both_is_one_row(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    """An unattributed row keeps its values. Several of them are summed, because they cannot be distinguished later."""
    address = SPEND | {"userId": None}
    unnamed = {"name": "Bot", "role": "service", "spendCents": 1, "overallSpendCents": 2}
    server.respond_with(
        spent(address, unnamed),
        spent(unnamed, unnamed | {"name": "Other", "spendCents": 0.25, "overallSpendCents": None}),
    )

    nothing = nothing_but(SPEND_ROW, SPEND_KEYS) | {"member_id": "unattributed"}
    assert spend(client) == [
        SPEND_ROW | {"member_id": "Spend.Person@example.com"},
        nothing
        | {"name": "Bot", "role": "service"}
        | {"spend_usd": Decimal("0.01"), "overall_spend_usd": Decimal("0.02")},
    ]
    assert spend(client) == [nothing | {"spend_usd": Decimal("0.0125"), "overall_spend_usd": Decimal("0.02")}]


def open_day(client: CursorAdmin, cycle_start: datetime, requested_at: datetime) -> list[dict[str, Any]]:
    return list(in_memory(cursor_spend.open_day_rows(client, cycle_start, requested_at)).to_pylist())


NOON = datetime(2026, 11, 20, 12, 0, 0, 7_008, tzinfo=UTC)


def test_an_event_of_the_open_day_has_the_columns_of_a_closed_day(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    server.respond_with(events(EVENT, EVENT))

    assert open_day(client, CYCLE, NOON) == [
        EVENT_ROW | {"fetched_at": NOON, "occurrence": number} for number in (1, 2)
    ]


@pytest.mark.parametrize(
    ("cycle_start", "start"),
    [
        (datetime(2026, 11, 17, 9, 26, tzinfo=UTC), MIDNIGHT),
        (datetime(2026, 11, 20, 9, 26, 53, 589000, tzinfo=UTC), MIDNIGHT + 34_013_589),
    ],
)
def test_the_open_day_is_requested_up_to_the_millisecond_of_the_request(
    server: ScriptedServer, client: CursorAdmin, cycle_start: datetime, start: int
) -> None:
    server.respond_with(events())

    assert open_day(client, cycle_start, NOON) == []
    (request,) = server.requests
    body = request.body
    assert (body["startDate"], body["endDate"]) == (start, MIDNIGHT + 43_200_007 - 1)


@pytest.mark.parametrize(
    "requested_at",
    [datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 20, microsecond=999, tzinfo=UTC), NOON],
)
def test_a_day_or_a_cycle_that_has_just_begun_is_not_requested(
    server: ScriptedServer, client: CursorAdmin, requested_at: datetime
) -> None:
    assert open_day(client, requested_at, requested_at) == []
    assert server.requests == []


def test_an_event_after_the_time_of_the_request_is_refused(
    server: ScriptedServer, client: CursorAdmin
) -> None:
    server.respond_with(events(EVENT | {"timestamp": str(MIDNIGHT + 43_200_007)}))

    what = "sent an event of 2026-11-20 in the answer for 2026-11-20 00:00:00 to 2026-11-20 12:00:00 UTC"
    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", "/teams/filtered-usage-events", what)):
        open_day(client, CYCLE, NOON)
