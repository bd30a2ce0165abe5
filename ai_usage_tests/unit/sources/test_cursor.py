"""The client of Cursor's Admin API: windows without gaps, pages that agree, and exact money."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.cursor.endpoints import fetch_events
from ai_usage_assets.sources.endpoint import MAX_RECORDS
from ai_usage_assets.sources.http.errors import InvalidAnswerError, TooManyRecordsError, VendorError
from ai_usage_assets.sources.http.limiter import WINDOW_SECONDS, Limiter
from ai_usage_tests.support.messages import exactly, undecodable, unusable
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer

DAY = date(2026, 11, 20)
ONE = Days.one(DAY)
START = 1795132800000
DAY_MS = 86_400_000
EVENTS, DAILY, SPENT = "/teams/filtered-usage-events", "/teams/daily-usage-data", "/teams/spend"

ROW: dict[str, Any] = {
    "userId": "user_Ab12",
    "day": "2026-11-20",
    "date": START,
    "email": "alex@example.com",
    "isActive": True,
    "totalLinesAdded": 840,
    "acceptedLinesAdded": 910,
    "mostUsedModel": "gpt-5",
}
EVENT: dict[str, Any] = {
    "timestamp": "1795170000123",
    "userEmail": "alex@example.com",
    "model": "claude-5.5-sonnet",
    "kind": "Usage-based",
    "maxMode": False,
    "requestsCosts": 1.4,
    "isTokenBasedCall": True,
    "isChargeable": True,
    "tokenUsage": {
        "inputTokens": 900,
        "outputTokens": 1400,
        "cacheReadTokens": 41000,
        "totalCents": 20.18232,
    },
    "chargedCents": 4.72,
    "cursorTokenFee": 1.21,
}
SPEND: dict[str, Any] = {"userId": 7, "email": "alex@example.com", "spendCents": 12.5}
NOT_MILLIS = "usageEvents[0].timestamp: Expected milliseconds since 1970"
CHANGED = "changed its totals between pages 1 and 2: the list changed while it was read"


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}


def daily(*rows: Any, page: int = 1, pages: int = 1, users: int = 1, **changed: Any) -> dict[str, Any]:
    pagination = {"page": page, "totalPages": pages, "totalUsers": users, "hasNextPage": page < pages}
    return {"data": list(rows), "pagination": pagination | changed}


def calls(
    *events: Any, page: int = 1, pages: int = 1, total: int | None = None, **changed: Any
) -> dict[str, Any]:
    return {
        "totalUsageEventsCount": len(events) if total is None else total,
        "pagination": {"currentPage": page, "numPages": pages, "hasNextPage": page < pages} | changed,
        "usageEvents": list(events),
    }


def spend(*members: Any, pages: int = 1, total: int = 1, start: int = START) -> dict[str, Any]:
    return {
        "teamMemberSpend": list(members),
        "subscriptionCycleStart": start,
        "totalMembers": total,
        "totalPages": pages,
    }


def at(ms: int) -> dict[str, Any]:
    return EVENT | {"timestamp": str(ms)}


# the key


def test_the_key_is_the_user_name_and_the_password_is_empty(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with({"teamMembers": []})

    assert cursor.members() == []
    # crsr_not_to_be_seen: in base64
    assert server.requests[0].headers["authorization"] == "Basic Y3Jzcl9ub3RfdG9fYmVfc2Vlbjo="


@pytest.mark.parametrize(
    ("status", "what", "hint"),
    [
        (
            401,
            "refused the key",
            "check that CURSOR_ADMIN_API_KEY holds a current team key; the Read-only scope is enough",
        ),
        (
            403,
            "does not allow this key to read the endpoint",
            (
                "Cursor's Admin API needs the Enterprise plan, or Teams as others report, and a key of the team, whose "
                "Read-only scope is enough"
            ),
        ),
    ],
)
def test_the_error_of_a_refused_key_says_which_plan_and_scope_are_enough(
    server: ScriptedServer, cursor: CursorAdmin, status: int, what: str, hint: str
) -> None:
    server.respond_with(Answer(status=status))

    with pytest.raises(VendorError, match=exactly(f"Cursor {what} (/teams/members, HTTP {status}): {hint}.")):
        cursor.members()


# members


def test_a_removed_member_stays_listed_and_an_id_may_be_a_number_or_absent(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        {
            "teamMembers": [
                {"id": 12, "name": "", "email": "a@example.com", "role": "member", "isRemoved": True},
                {"id": "user_1", "name": "B", "email": "b@example.com", "role": "owner"},
                {"email": "c@example.com"},
            ]
        }
    )

    members = cursor.members()
    assert [member.id for member in members] == ["12", "user_1", None]
    assert [member.is_removed for member in members] == [True, None, None]
    assert members[0].name is None


# windows


def test_a_window_runs_from_the_first_to_the_last_millisecond(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(calls())

    list(cursor.usage_events(Days(DAY, date(2026, 11, 21))))
    assert server.requests[0].body == {
        "startDate": START,
        "endDate": START + 2 * DAY_MS - 1,
        "pageSize": 1000,
        "page": 1,
    }


def test_neighboring_windows_share_no_millisecond_and_miss_none(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(daily())
    year = Days(date(2026, 1, 1), date(2026, 12, 31))

    for window in year.chunks(CursorAdmin.MAX_DAYS):
        list(cursor.daily_usage(window))
    requested = [(body["startDate"], body["endDate"]) for body in (one.body for one in server.requests)]
    assert len(requested) == 13
    assert all(earlier[1] + 1 == later[0] for earlier, later in pairwise(requested))
    assert all(end - start < 30 * DAY_MS for start, end in requested)


@pytest.mark.parametrize("method", ["daily_usage", "usage_events"])
def test_more_than_thirty_days_are_refused_before_any_request(
    server: ScriptedServer, cursor: CursorAdmin, method: str
) -> None:
    with pytest.raises(
        ValueError,
        match=exactly("2026-10-01...2026-10-31 has 31 days, and one request to Cursor takes at most 30."),
    ):
        getattr(cursor, method)(Days(date(2026, 10, 1), date(2026, 10, 31)))
    assert server.requests == []


def test_events_of_the_first_and_last_millisecond_belong_to_the_day(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(calls(at(START), at(START + DAY_MS - 1)))

    (events,) = cursor.usage_events(ONE)
    assert [event.timestamp for event in events] == [
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2026, 11, 20, 23, 59, 59, 999000, tzinfo=UTC),
    ]


def test_several_days_with_too_many_events_are_given_up_after_their_first_page(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        calls(at(START), pages=29_000, total=MAX_RECORDS + 1), calls(at(START), total=MAX_RECORDS)
    )

    with pytest.raises(TooManyRecordsError) as announced:
        fetch_events(cursor, Days(DAY - timedelta(days=1), DAY), datetime(2026, 11, 22, tzinfo=UTC))
    assert announced.value.count == MAX_RECORDS + 1
    assert len(server.requests) == 1
    # as many as are requested at once are read, and here there are fewer than announced
    what = f"announced {MAX_RECORDS} records and sent 1"
    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", EVENTS, what)):
        fetch_events(cursor, Days(DAY - timedelta(days=1), DAY), datetime(2026, 11, 22, tzinfo=UTC))


def test_the_span_of_an_open_day_is_not_empty_and_at_most_thirty_days(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    start = datetime(2026, 11, 1, 9, 30, 5, tzinfo=UTC)
    server.respond_with(calls())

    assert list(cursor.usage_events_between(start, start + timedelta(days=30))) == [[]]
    for end, until in (
        (start, "2026-11-01 09:30:05"),
        (start + timedelta(days=30, milliseconds=1), "2026-12-01 09:30:05"),
    ):
        refusal = exactly(f"The span 2026-11-01 09:30:05 to {until} UTC is empty, or longer than 30 days.")
        with pytest.raises(ValueError, match=refusal):
            cursor.usage_events_between(start, end)


def test_the_calls_of_a_day_are_counted_by_one_request_for_a_page_of_one_call(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(calls(EVENT, pages=70, total=70))

    assert cursor.count_events(ONE) == 70
    (request,) = server.requests
    assert request.body == {"startDate": START, "endDate": START + DAY_MS - 1, "page": 1, "pageSize": 1}


@pytest.mark.parametrize(("ms", "day"), [(START - 1, "2026-11-19"), (START + DAY_MS, "2026-11-21")])
def test_an_event_a_millisecond_outside_is_refused(
    server: ScriptedServer, cursor: CursorAdmin, ms: int, day: str
) -> None:
    server.respond_with(calls(at(ms)))

    what = f"sent an event of {day} in the answer for 2026-11-20"
    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", EVENTS, what)):
        list(cursor.usage_events(ONE))


def test_a_daily_row_of_another_day_is_left_out(server: ScriptedServer, cursor: CursorAdmin) -> None:
    """The vendor has added a day to a window that does not end at midnight."""
    server.respond_with(daily(ROW, ROW | {"day": "2026-11-21"}))

    assert [[row.day for row in page] for page in cursor.daily_usage(ONE)] == [[DAY]]


# pages


def test_paging_follows_the_totals_of_the_answer_and_not_the_length_of_a_page(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        calls(EVENT, pages=3, total=2),
        calls(page=2, pages=3, total=2),
        calls(at(START), page=3, pages=3, total=2),
    )

    assert [len(page) for page in cursor.usage_events(ONE)] == [1, 0, 1]
    assert [request.body["page"] for request in server.requests] == [1, 2, 3]


def test_a_page_of_daily_usage_counts_people_not_rows(server: ScriptedServer, cursor: CursorAdmin) -> None:
    sam = ROW | {"userId": "user_Cd34", "email": "sam@example.com"}
    server.respond_with(daily(ROW, pages=2, users=2), daily(sam, sam, sam, page=2, pages=2, users=2))

    assert sum(len(page) for page in cursor.daily_usage(ONE)) == 4
    assert server.requests[0].body["pageSize"] == 1000


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([calls(EVENT, total=2)], "announced 2 records and sent 1"),
        ([calls(EVENT, EVENT, total=1)], "announced 1 records and sent 2"),
        ([calls(EVENT, page=2, pages=2, total=1)], "sent page 2 instead of page 1"),
        ([calls(EVENT, pages=2, total=2)], "sent page 1 instead of page 2"),
        (
            [calls(EVENT, hasNextPage=True)],
            "contradicts itself on page 1 of 1 about whether another page follows",
        ),
        (
            [calls(EVENT, pages=2, total=2, hasNextPage=False)],
            "contradicts itself on page 1 of 2 about whether another page follows",
        ),
        ([calls(EVENT, pages=2, total=2), calls(EVENT, page=2, pages=2, total=3)], CHANGED),
        ([calls(EVENT, pages=2, total=2), calls(EVENT, page=2, pages=3, total=2)], CHANGED),
        ([calls(pages=100_001, total=0)], "announced 100001 pages"),
        ([calls(pages=100_000, total=0)], "sent page 1 instead of page 2"),
    ],
)
def test_pages_of_events_that_do_not_agree_are_refused(
    server: ScriptedServer, cursor: CursorAdmin, answers: list[Any], message: str
) -> None:
    server.respond_with(*answers)

    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", EVENTS, message)):
        list(cursor.usage_events(ONE))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (calls(hasNextPage="true"), "pagination.hasNextPage: Expected bool, got str"),
        (without(calls(EVENT), "pagination"), "pagination is missing"),
        (without(calls(EVENT), "usageEvents"), "usageEvents is missing"),
    ],
)
def test_an_answer_without_what_says_whether_there_is_more_is_refused_by_its_place(
    server: ScriptedServer, cursor: CursorAdmin, answer: Any, why: str
) -> None:
    server.respond_with(answer)

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", EVENTS, why)):
        list(cursor.usage_events(ONE))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([daily(ROW, pages=2), daily(ROW, page=2, pages=2, users=2)], CHANGED),
        ([daily(ROW, pages=2)], "sent page 1 instead of page 2"),
    ],
)
def test_pages_of_daily_usage_that_do_not_agree_are_refused(
    server: ScriptedServer, cursor: CursorAdmin, answers: list[Any], message: str
) -> None:
    server.respond_with(*answers)

    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", DAILY, message)):
        list(cursor.daily_usage(ONE))


def test_no_pages_at_all_is_an_empty_answer(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(calls(pages=0))

    assert [page for page in cursor.usage_events(ONE) if page] == []


# daily usage


def test_an_old_row_without_a_day_has_the_day_of_its_date(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(daily(without(ROW, "day") | {"date": START + 18 * 3_600_000}))

    assert [[row.day for row in page] for page in cursor.daily_usage(ONE)] == [[DAY]]


@pytest.mark.parametrize("missing", ["", None])
def test_every_way_of_sending_a_missing_value_becomes_none(
    server: ScriptedServer, cursor: CursorAdmin, missing: Any
) -> None:
    server.respond_with(daily(ROW | {"mostUsedModel": missing, "applyMostUsedExtension": missing}))

    ((row,),) = cursor.daily_usage(ONE)
    assert (row.most_used_model, row.apply_most_used_extension, row.client_version) == (None, None, None)
    assert row.total_rejects is None


def test_more_accepted_lines_than_lines_are_accepted_as_sent(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(daily(ROW))

    ((row,),) = cursor.daily_usage(ONE)
    assert (row.accepted_lines_added, row.total_lines_added) == (910, 840)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (without(ROW, "day", "date"), "data[0]: day and date are both missing"),
        (ROW | {"userId": 1.5}, "data[0].userId: Expected a string or a whole number"),
        (ROW | {"totalLinesAdded": -1}, "data[0].totalLinesAdded: Expected int >= 0"),
        (ROW | {"day": "alex@example.com"}, "data[0].day: Invalid RFC3339 encoded date"),
    ],
)
def test_a_row_without_a_day_is_refused_without_naming_a_person(
    server: ScriptedServer, cursor: CursorAdmin, row: Any, message: str
) -> None:
    server.respond_with(daily(row))

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", DAILY, message)):
        list(cursor.daily_usage(ONE))


# events


def test_two_calls_with_equal_fields_are_two_calls(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(calls(EVENT, EVENT))

    ((one, other),) = cursor.usage_events(ONE)
    assert one == other


def test_money_and_units_keep_every_digit_of_the_text(server: ScriptedServer, cursor: CursorAdmin) -> None:
    sent = json.dumps(calls(EVENT)).encode().replace(b"20.18232", b"0.1234567890123456789012345")
    server.respond_with(Answer(sent))

    ((event,),) = cursor.usage_events(ONE)
    assert event.token_usage is not None
    assert event.token_usage.total_cents == Decimal("0.1234567890123456789012345")
    assert (event.charged_cents, event.requests_costs) == (Decimal("4.72"), Decimal("1.4"))


def test_an_event_of_2025_has_a_kind_label_and_no_charge(server: ScriptedServer, cursor: CursorAdmin) -> None:
    old = without(EVENT, "kind", "isChargeable", "chargedCents", "tokenUsage") | {"kindLabel": "Usage-based"}
    server.respond_with(calls(old))

    ((event,),) = cursor.usage_events(ONE)
    assert event.kind == "Usage-based"
    assert (event.is_chargeable, event.charged_cents, event.token_usage) == (None, None, None)


def test_a_single_kind_of_token_may_be_missing(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(calls(EVENT))

    ((event,),) = cursor.usage_events(ONE)
    assert event.token_usage is not None
    assert (event.token_usage.input_tokens, event.token_usage.cache_write_tokens) == (900, None)


def test_an_unnamed_model_or_person_is_none(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(calls(EVENT | {"model": "", "userEmail": ""}))

    ((event,),) = cursor.usage_events(ONE)
    assert (event.model, event.user_email) == (None, None)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (without(EVENT, "timestamp"), "usageEvents[0].timestamp is missing"),
        (EVENT | {"timestamp": "2026-11-20"}, NOT_MILLIS),
        (EVENT | {"timestamp": 1e30}, NOT_MILLIS),
        (EVENT | {"timestamp": "999999999999999"}, NOT_MILLIS),
        (EVENT | {"timestamp": "١٧٩٥١٧٠٠٠٠١٢٣"}, NOT_MILLIS),
        (
            EVENT | {"chargedCents": "NaN"},
            "usageEvents[0]: chargedCents is not a finite number that the warehouse can hold",
        ),
        (
            EVENT | {"chargedCents": "4.72"},
            "usageEvents[0]: chargedCents is not a finite number that the warehouse can hold",
        ),
        (
            EVENT | {"requestsCosts": "1.4"},
            "usageEvents[0]: requestsCosts is not a finite number that the warehouse can hold",
        ),
        (
            EVENT | {"tokenUsage": {"totalCents": True}},
            "usageEvents[0].tokenUsage.totalCents: Expected a number",
        ),
        (
            EVENT | {"tokenUsage": {"inputTokens": "900"}},
            "usageEvents[0].tokenUsage.inputTokens: Expected int | null, got str",
        ),
        (EVENT | {"kind": 7}, "usageEvents[0].kind: Expected str | null, got int"),
        (EVENT | {"isChargeable": "true"}, "usageEvents[0].isChargeable: Expected bool | null, got str"),
        (
            EVENT | {"tokenUsage": {"totalCents": "-Infinity"}},
            "usageEvents[0].tokenUsage: totalCents is not a finite number that the warehouse can hold",
        ),
        (
            EVENT | {"tokenUsage": {"inputTokens": -1}},
            "usageEvents[0].tokenUsage.inputTokens: Expected int >= 0",
        ),
        (
            EVENT | {"tokenUsage": {"inputTokens": 2**63}},
            "usageEvents[0].tokenUsage.inputTokens: Expected int <= 9223372036854775807",
        ),
        (
            EVENT | {"tokenUsage": {"inputTokens": 1.5}},
            "usageEvents[0].tokenUsage.inputTokens: Expected int | null, got float",
        ),
    ],
)
def test_an_incomplete_event_is_refused_by_its_place(
    server: ScriptedServer, cursor: CursorAdmin, event: Any, message: str
) -> None:
    server.respond_with(calls(event))

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", EVENTS, message)):
        list(cursor.usage_events(ONE))


# spend


def test_spend_is_all_pages_and_keeps_the_start_of_the_cycle(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(spend(SPEND, pages=2, total=2), spend(SPEND | {"userId": 8}, pages=2, total=2))

    found = cursor.spend()
    assert found.subscription_cycle_start == datetime(2026, 11, 20, tzinfo=UTC)
    assert [(member.user_id, member.spend_cents) for member in found.members] == [
        ("7", Decimal("12.5")),
        ("8", Decimal("12.5")),
    ]
    # an order that does not change while the pages are read
    order = {"sortBy": "user", "sortDirection": "asc", "pageSize": 100}
    assert [request.body for request in server.requests] == [order | {"page": number} for number in (1, 2)]


def test_a_cycle_that_ends_while_it_is_read_is_refused(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(spend(SPEND, pages=2, total=2), spend(SPEND, pages=2, total=2, start=START + 1))

    what = CHANGED
    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", SPENT, what)):
        cursor.spend()


def test_spend_that_leaves_a_member_out_is_refused(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(spend(SPEND, total=2))

    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", SPENT, "announced 2 records and sent 1")):
        cursor.spend()


# the limits per minute


@pytest.fixture
def waits(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests had been sent when one had to wait for its turn. It does not wait here."""
    found: list[int] = []

    def book(limiter: Limiter) -> None:
        if seconds := limiter.book():
            assert 0 < seconds <= WINDOW_SECONDS
            found.append(len(server.requests))

    monkeypatch.setattr(Limiter, "wait", book)
    return found


def test_the_twenty_first_request_of_a_minute_waits_and_does_not_delay_events(
    server: ScriptedServer, cursor: CursorAdmin, waits: list[int]
) -> None:
    server.respond_with(*[{"teamMembers": []}] * 21, calls())
    for _ in range(20):
        cursor.members()
    assert waits == []

    cursor.members()
    for _ in range(60):
        list(cursor.usage_events(ONE))
    assert waits == [20]


def test_the_sixty_first_request_for_events_waits_and_does_not_delay_the_others(
    server: ScriptedServer, cursor: CursorAdmin, waits: list[int]
) -> None:
    server.respond_with(*[calls()] * 61, {"teamMembers": []})
    for _ in range(60):
        list(cursor.usage_events(ONE))
    assert waits == []

    list(cursor.usage_events(ONE))
    for _ in range(20):
        cursor.members()
    assert waits == [60]


def test_a_configured_limit_replaces_both_limits(server: ScriptedServer) -> None:
    server.respond_with(*[{"teamMembers": []}] * 25, calls())

    with CursorAdmin("crsr_x", server.url, 1000) as client:
        for _ in range(25):
            client.members()
        for _ in range(65):
            list(client.usage_events(ONE))
    assert client.requests == {"/teams/members": 25, "/teams/filtered-usage-events": 65}


def test_a_limit_of_zero_requests_is_refused(server: ScriptedServer) -> None:
    with pytest.raises(
        ValueError, match=exactly("The limit is 0 requests per minute; it must be at least one.")
    ):
        CursorAdmin("crsr_x", server.url, 0)
