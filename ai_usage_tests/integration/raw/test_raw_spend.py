"""Cursor's own totals and the open day's events, landed together: cycles and members stay, and 403 is no failure."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company import totals
from ai_usage_assets.demo.sandbox.faults import status
from ai_usage_tests.support.harness import NOW, Harness, step_errors

pytestmark = pytest.mark.slow

SPEND, OPEN_DAY, EVENTS = "raw_cursor_spend", "raw_cursor_open_day", "raw_cursor_events"
TOTALS = f"{SPEND},{OPEN_DAY}"
PATH, EVENTS_PATH = "/teams/spend", "/teams/filtered-usage-events"
DAY = Days.one(date(2026, 11, 18))
CLOSED = Days(date(2026, 11, 17), date(2026, 11, 19))
CYCLE = datetime(2026, 11, 17, 9, 26, 53, 589000, tzinfo=UTC)


def run(
    harness: Harness, tables: str = TOTALS, days: Days = DAY, now: datetime = NOW
) -> dg.ExecuteInProcessResult:
    harness.sandbox.now = now
    return harness.materialize(tables, days, now=now)


def check_result(result: dg.ExecuteInProcessResult) -> tuple[bool, str]:
    """Whether the check against Cursor's totals passed in that run, and its description."""
    (check,) = (
        each
        for each in result.get_asset_check_evaluations()
        if each.check_name == "cursor_charges_match_spend"
    )
    return check.passed, str(check.description)


def cents(harness: Harness, start: datetime, until: datetime) -> dict[str, tuple[Decimal, Decimal]]:
    """By member: what the company's own events are paid and worth, from a moment to another, both included."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for day in Days(start.date(), until.date()):
        for call in harness.sandbox.company.cursor(day).calls:
            at = datetime.fromtimestamp(call.at / 1000, UTC)
            worth = totals.charged(call.event)
            if start - timedelta(milliseconds=0.5) <= at <= until and worth is not None:
                paid, whole = found.get(call.member, (Decimal(0), Decimal(0)))
                found[call.member] = paid + (worth if totals.is_billable(call.event) else 0), whole + worth
    return found


def test_spend_is_the_companys_own_to_the_hundred_thousandth_of_a_cent(harness: Harness) -> None:
    assert step_errors(run(harness, now=NOW.replace(minute=34))) == {}

    rows = harness.rows(SPEND)
    assert {row["cycle_start"].astimezone(UTC) for row in rows} == {CYCLE}
    true = cents(harness, CYCLE, datetime(2026, 11, 20, 11, 59, 59, 999000, tzinfo=UTC))
    true["dana.reyes@fernhill-partners.example"] = true.pop("", (Decimal(0), Decimal(0)))
    found = {row["member_id"]: (row["spend_usd"] * 100, row["overall_spend_usd"] * 100) for row in rows}
    assert {member: amounts for member, amounts in found.items() if any(amounts)} == {
        member: amounts for member, amounts in true.items() if any(amounts)
    }
    assert sum(paid for paid, _ in found.values()) > 1000


def test_the_open_day_ends_at_the_moment_of_asking_and_the_next_replaces_it(harness: Harness) -> None:
    run(harness, now=datetime(2026, 11, 20, 12, 30, tzinfo=UTC))
    columns = "count(*) as n, min(ingest_date) as first, max(ingest_date) as last, count(distinct fetched_at) as asked"
    (noon,) = harness.rows(OPEN_DAY, columns)
    calls = harness.sandbox.company.cursor(date(2026, 11, 20)).calls
    until = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000
    assert noon == {
        "n": sum(call.at < until for call in calls),
        "first": date(2026, 11, 20),
        "last": date(2026, 11, 20),
        "asked": 1,
    }
    assert 0 < noon["n"] < len(calls)

    run(harness, now=datetime(2026, 11, 21, 0, 30, tzinfo=UTC))
    assert harness.rows(OPEN_DAY, "count(*) as n") == [{"n": 0}]


def test_a_step_sends_two_requests(harness: Harness) -> None:
    run(harness)

    assert dict(harness.sandbox.requests) == {PATH: 1, EVENTS_PATH: 1}


@pytest.mark.parametrize("minute", [0, 59])
def test_to_the_moment_of_asking_both_totals_are_the_events_sums(harness: Harness, minute: int) -> None:
    now = datetime(2026, 11, 20, 15, minute, 59, 999_999, tzinfo=UTC)
    passed, description = check_result(run(harness, f"{TOTALS},{EVENTS}", CLOSED, now))

    assert passed
    assert description.startswith("confirmed: the kind decides; ")
    true = cents(harness, CYCLE, datetime(2026, 11, 20, 14, 59, 59, 999000, tzinfo=UTC)).values()
    paid, worth = sum(paid for paid, _ in true) / 100, sum(worth for _, worth in true) / 100
    assert f"Cursor's on-demand total is {paid:.2f} USD; by kind {paid:.2f} USD are charged" in description
    assert f"All events sum to {worth:.2f} USD, Cursor's overall total is {worth:.2f} USD" in description


def test_half_an_hour_after_midnight_the_newest_closed_day_is_named_until_it_is_loaded(
    harness: Harness,
) -> None:
    now = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    passed, description = check_result(run(harness, f"{TOTALS},{EVENTS}", Days(CLOSED.first, DAY.last), now))
    assert passed
    assert description.endswith("days not loaded in raw_cursor_events: 2026-11-19")

    assert check_result(run(harness, f"{TOTALS},{EVENTS}", CLOSED, now))[1].startswith("confirmed: ")


def test_deleted_events_are_not_hidden_by_the_tolerance(harness: Harness) -> None:
    run(harness, EVENTS, CLOSED)
    harness.execute(
        f"delete from {EVENTS} where ingest_date = date '2026-11-18' and event_at < timestamp '2026-11-18 20:00:00+00'"
    )

    passed, description = check_result(run(harness))
    assert not passed
    assert description.startswith("neither agrees: ") and description.endswith(": they differ")


def test_a_cycle_stays_after_its_end_with_what_was_last_seen(harness: Harness) -> None:
    run(harness, days=Days.one(date(2026, 11, 10)), now=CYCLE - timedelta(hours=2))
    before = harness.rows(SPEND)
    assert len(before) > 20
    run(harness, now=CYCLE + timedelta(days=2))

    october = "cycle_start = timestamp '2026-10-17 09:26:53.589+00'"
    assert harness.rows(SPEND, where=october) == before
    assert harness.rows(SPEND, "count(distinct cycle_start) as n") == [{"n": 2}]
    assert harness.rows(SPEND, "count(*) as n") == [{"n": 2 * len(before)}]


def test_within_a_cycle_a_member_has_one_row_and_who_is_no_longer_listed_keeps_it(harness: Harness) -> None:
    run(harness)
    gone, *others = sorted(harness.rows(SPEND), key=lambda row: str(row["member_id"]))

    def removed(answer: dict[str, Any]) -> None:
        kept = [
            row for row in answer["teamMemberSpend"] if row.get("userId", row["email"]) != gone["member_id"]
        ]
        answer |= {"teamMemberSpend": kept, "totalMembers": len(kept)}

    harness.change_response(PATH, removed)
    later = NOW + timedelta(hours=3)
    run(harness, now=later)

    assert harness.rows(SPEND, where=f"member_id = '{gone['member_id']}'") == [gone]
    assert harness.rows(SPEND, "count(*) as n", f"fetched_at = timestamp '{later:%Y-%m-%d %H:%M:%S}+00'") == [
        {"n": len(others)}
    ]


def test_an_empty_list_removes_nothing(harness: Harness) -> None:
    run(harness)
    before = harness.rows(SPEND)
    harness.change_response(
        PATH, lambda answer: answer.update(teamMemberSpend=[], totalMembers=0, totalPages=0)
    )

    assert step_errors(run(harness)) == {}
    assert harness.rows(SPEND) == before


def test_a_team_that_is_not_entitled_gets_one_sentence_and_a_green_run(harness: Harness) -> None:
    harness.sandbox.faults.next(PATH, status(403))

    result = run(harness)

    assert step_errors(result) == {}
    assert harness.rows(SPEND) == harness.rows(OPEN_DAY) == []
    sentence = "raw_cursor_spend stays as it is, because the vendor does not offer it: Cursor "
    loaded = {str(each.asset_key.path[-1]): each for each in result.asset_materializations_for_node(SPEND)}
    assert set(loaded) == {SPEND, OPEN_DAY}
    assert str(loaded[SPEND].metadata["not_offered"].value).startswith(sentence)
    passed, description = check_result(result)
    assert passed
    assert description.startswith(f"not compared: {sentence}")
    assert "(/teams/spend, HTTP 403)" in description
    assert harness.sandbox.requests[EVENTS_PATH] == 0


@pytest.mark.parametrize(
    ("path", "code"), [(PATH, 401), (PATH, 404), (PATH, 400), (EVENTS_PATH, 403), (EVENTS_PATH, 400)]
)
def test_what_else_goes_wrong_fails_and_writes_nothing(harness: Harness, path: str, code: int) -> None:
    harness.sandbox.faults.next(path, status(code))

    assert set(step_errors(run(harness))) == {SPEND}
    assert harness.rows(SPEND) == harness.rows(OPEN_DAY) == []
