"""Odd answers of Cursor: records without a kind, model or e-mail, the word "null", and answers without fields."""

from typing import Any

import pytest

from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_tests.support.messages import undecodable, unusable
from ai_usage_tests.support.scripted_server import ScriptedServer
from ai_usage_tests.unit.sources.test_cursor import (
    DAILY,
    EVENT,
    EVENTS,
    ONE,
    ROW,
    SPEND,
    SPENT,
    START,
    calls,
    daily,
    spend,
    without,
)

MISSING = ("null", "NULL", " Null ", "", "  ", None)

EVENT_TEXTS = {
    "userEmail": "user_email",
    "model": "model",
    "kind": "kind",
    "userId": "user_id",
    "serviceAccountId": "service_account_id",
    "serviceAccountName": "service_account_name",
    "conversationId": "conversation_id",
    "cloudAgentId": "cloud_agent_id",
    "automationId": "automation_id",
}
ROW_TEXTS = {
    "userId": "user_id",
    "email": "email",
    "mostUsedModel": "most_used_model",
    "applyMostUsedExtension": "apply_most_used_extension",
    "tabMostUsedExtension": "tab_most_used_extension",
    "clientVersion": "client_version",
}
MEMBER: dict[str, Any] = {"id": "user_1", "email": "a@example.com", "name": "A", "role": "member"}


@pytest.mark.parametrize("sent", MISSING)
def test_the_word_null_and_blanks_are_missing_in_every_text_of_an_event(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    server.respond_with(calls(EVENT | dict.fromkeys(EVENT_TEXTS, sent)))

    ((event,),) = cursor.usage_events(ONE)
    assert {getattr(event, name) for name in EVENT_TEXTS.values()} == {None}


@pytest.mark.parametrize("sent", MISSING)
def test_the_word_null_and_blanks_are_missing_in_every_text_of_a_daily_row(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    server.respond_with(daily(ROW | dict.fromkeys(ROW_TEXTS, sent)))

    ((row,),) = cursor.daily_usage(ONE)
    assert {getattr(row, name) for name in ROW_TEXTS.values()} == {None}


@pytest.mark.parametrize("sent", MISSING)
def test_the_word_null_and_blanks_are_missing_for_members_and_their_spend(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    nothing = dict.fromkeys(("email", "name", "role"), sent)
    server.respond_with({"teamMembers": [MEMBER | nothing]}, spend(SPEND | nothing | {"userId": sent}))

    (member,) = cursor.members()
    assert (member.id, member.email, member.name, member.role) == ("user_1", None, None, None)
    (spent,) = cursor.spend().members
    assert (spent.user_id, spent.email, spent.name, spent.role) == (None, None, None, None)


def test_a_text_that_only_holds_the_word_null_is_a_text(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(
        calls(EVENT | {"model": "null-model", "kind": "nullable", "userId": 0, "conversationId": "nul"})
    )

    ((event,),) = cursor.usage_events(ONE)
    assert (event.model, event.kind, event.user_id, event.conversation_id) == (
        "null-model",
        "nullable",
        "0",
        "nul",
    )


def test_blanks_around_an_address_are_removed_and_those_of_another_text_are_kept(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        calls(EVENT | {"userEmail": " a@x.org\u200b", "model": " gpt-5 "}),
        daily(ROW | {"email": "\u00a0a@x.org ", "mostUsedModel": "gpt-5 "}),
    )

    ((event,),) = cursor.usage_events(ONE)
    assert (event.user_email, event.model) == ("a@x.org", " gpt-5 ")
    ((row,),) = cursor.daily_usage(ONE)
    assert (row.email, row.most_used_model) == ("a@x.org", "gpt-5 ")


def test_the_older_name_of_the_kind_is_used_if_the_newer_one_is_missing(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(calls(EVENT | {"kind": "null", "kindLabel": "Usage-based"}))

    ((event,),) = cursor.usage_events(ONE)
    assert event.kind == "Usage-based"


def test_an_event_without_kind_model_and_person_does_not_hold_back_the_others(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    odd = without(EVENT, "kind", "model", "userEmail")
    server.respond_with(calls(EVENT, odd))

    ((_, event),) = cursor.usage_events(ONE)
    assert (event.kind, event.model, event.user_email, event.user_id) == (None, None, None, None)
    assert str(event.charged_cents) == "4.72"


def test_a_daily_row_without_id_and_email_does_not_hold_back_the_others(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(daily(ROW, without(ROW, "userId", "email")))

    ((_, row),) = cursor.daily_usage(ONE)
    assert (row.user_id, row.email, row.total_lines_added) == (None, None, 840)


def test_a_member_without_email_is_accepted_and_one_without_email_and_id_is_refused(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        {"teamMembers": [without(MEMBER, "email")]}, {"teamMembers": [MEMBER, {"name": "Alex"}]}
    )

    assert [(member.id, member.email) for member in cursor.members()] == [("user_1", None)]
    why = "teamMembers[1]: id and email are both missing"
    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", "/teams/members", why)):
        cursor.members()


# answers without records

PAGINATION = {"page": 1, "pageSize": 1000, "totalUsers": 0, "totalPages": 0, "hasNextPage": False}
PERIOD = {"startDate": START, "endDate": START + 1}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"totalUsageEventsCount": 0},
        {"totalUsageEventsCount": 0, "usageEvents": None},
        {"usageEvents": []},
        {"usageEvents": [], "period": PERIOD, "pagination": {"currentPage": 1, "pageSize": 1000}},
        {"totalUsageEventsCount": 0, "pagination": {"numPages": 1, "hasNextPage": False}},
    ],
)
def test_an_answer_without_fields_has_no_events(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    server.respond_with(sent)

    assert [event for page in cursor.usage_events(ONE) for event in page] == []
    assert cursor.count_events(ONE) == 0


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"totalUsageEventsCount": 5}, "usageEvents is missing"),
        ({"totalUsageEventsCount": 5, "usageEvents": None}, "usageEvents: Expected array, got null"),
        ({"totalUsageEventsCount": 0, "pagination": {"numPages": 2}}, "pagination.currentPage is missing"),
        ({"totalUsageEventsCount": 0, "pagination": {"totalPages": 2}}, "pagination.currentPage is missing"),
        ({"totalUsageEventsCount": 0, "pagination": {"totalUsers": 1}}, "pagination.currentPage is missing"),
        (
            {"totalUsageEventsCount": 0, "pagination": {"hasNextPage": True}},
            "pagination.currentPage is missing",
        ),
        ({"totalUsageEventsCount": "0"}, "totalUsageEventsCount: Expected int, got str"),
        ({"events": [EVENT]}, "usageEvents is missing"),
        ({"error": "Internal Server Error"}, "usageEvents is missing"),
        ({"usageEvents": [EVENT]}, "totalUsageEventsCount is missing"),
        ([], "Expected object, got array"),
    ],
)
def test_an_answer_that_may_have_events_does_not_count_as_empty(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any, why: str
) -> None:
    server.respond_with(sent)

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", EVENTS, why)):
        list(cursor.usage_events(ONE))


def test_an_empty_answer_instead_of_another_page_is_refused(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(calls(EVENT, pages=2, total=2), {})

    with pytest.raises(InvalidAnswerError, match=unusable("Cursor", EVENTS, "sent page 1 instead of page 2")):
        list(cursor.usage_events(ONE))


@pytest.mark.parametrize(
    "sent",
    [{}, {"data": []}, {"pagination": PAGINATION}, {"data": None, "period": PERIOD}, {"period": PERIOD}],
)
def test_an_answer_without_fields_has_no_activity(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    server.respond_with(sent)

    assert [row for page in cursor.daily_usage(ONE) for row in page] == []


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"pagination": PAGINATION | {"totalUsers": 3}}, "data is missing"),
        ({"pagination": PAGINATION | {"totalPages": 2}}, "data is missing"),
        ({"data": [ROW]}, "pagination is missing"),
        ({"rows": [ROW]}, "data is missing"),
        ({"message": "Enterprise access required"}, "data is missing"),
    ],
)
def test_an_answer_that_may_have_activity_does_not_count_as_empty(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any, why: str
) -> None:
    server.respond_with(sent)

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", DAILY, why)):
        list(cursor.daily_usage(ONE))


@pytest.mark.parametrize("sent", [{}, {"teamMembers": None}, {"teamMembers": []}])
def test_a_list_without_members_is_an_empty_list(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any
) -> None:
    server.respond_with(sent)

    assert cursor.members() == []


def test_a_list_with_another_field_name_does_not_count_as_empty(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with({"members": [MEMBER]})

    with pytest.raises(
        InvalidAnswerError, match=undecodable("Cursor", "/teams/members", "teamMembers is missing")
    ):
        cursor.members()


def test_a_cycle_without_members_has_no_spend(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with({"subscriptionCycleStart": START, "totalMembers": 0})

    assert cursor.spend().members == []


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "teamMemberSpend is missing"),
        ({"teamMemberSpend": []}, "subscriptionCycleStart is missing"),
        (
            spend(SPEND) | {"subscriptionCycleStart": None},
            "subscriptionCycleStart: Expected milliseconds since 1970",
        ),
        # a list that is missing although there is a member, or another page
        ({"subscriptionCycleStart": START, "totalMembers": 2}, "teamMemberSpend is missing"),
        ({"subscriptionCycleStart": START, "totalPages": 2}, "teamMemberSpend is missing"),
    ],
)
def test_spend_without_its_cycle_or_its_members_is_refused(
    server: ScriptedServer, cursor: CursorAdmin, sent: Any, why: str
) -> None:
    server.respond_with(sent)

    with pytest.raises(InvalidAnswerError, match=undecodable("Cursor", SPENT, why)):
        cursor.spend()
