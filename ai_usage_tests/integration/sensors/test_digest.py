"""The digest of a week: its whole text on both engines, and that it is sent once whatever happens."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.alerts import message
from ai_usage_assets.defs.sensors.alerts import webhook as alert_webhook
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError
from ai_usage_assets.defs.sensors.digest import record
from ai_usage_assets.digest import read
from ai_usage_assets.digest.figures import WeekFigures
from ai_usage_assets.report.text import REASONS, percent, usd
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_tests.support.digests import UI, Digests, closed
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.month_run import MonthRun
from ai_usage_tests.support.webhook import Webhook

WEEK, BEFORE = Days(date(2026, 11, 9), date(2026, 11, 15)), Days(date(2026, 11, 2), date(2026, 11, 8))
MONDAY = datetime(2026, 11, 16, 14, tzinfo=UTC)
"""When the digest of the week is due."""
SINCE = MONDAY - timedelta(days=5)
NAME = "week 2026-11-09"
ONE_WEEK = timedelta(days=7)
ZERO = Decimal()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Records in files, as several processes share them."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def digests(month_run_on_duckdb: MonthRun, webhook: Webhook, instance: dg.DagsterInstance) -> Digests:
    return Digests(month_run_on_duckdb, webhook, instance, SINCE)


# what it says


def sums(run: MonthRun, days: Days, by: str, where: str = "true") -> dict[str, Decimal]:
    """The dollars of the days in v_cost, the largest first."""
    rows = run.fetch(
        f"select {by} as name, sum(cost_usd) as usd from v_cost where cost_date between '{days.first}' and '{days.last}' "
        f"and {where} group by 1 having sum(cost_usd) != 0 order by 2 desc"
    )
    return {str(row["name"]): row["usd"] for row in rows}


def with_change(change: Decimal, earlier: Decimal) -> str:
    return f"{usd(change, is_signed=True)} ({percent(change, earlier, is_signed=True)})"


def expected(run: MonthRun) -> str:
    """The digest, from the views and in other words than the code's."""
    daily = {
        date.fromisoformat(day): cost
        for day, cost in sums(run, Days(date(2026, 10, 1), WEEK.last), "cost_date").items()
    }
    total, before = (sum((daily[day] for day in days), ZERO) for days in (WEEK, BEFORE))
    usual = {
        day: median(daily[day - n * ONE_WEEK] for n in (1, 2, 3, 4) if day - n * ONE_WEEK in daily)
        for day in WEEK
    }
    unusual = max(WEEK, key=lambda day: abs(daily[day] - usual[day]))
    cause = "concat(case platform when 'anthropic' then 'Anthropic API' else 'Cursor' end, ' ', coalesce(model_family, cost_type))"
    now, then = sums(run, WEEK, cause), sums(run, BEFORE, cause)
    moved = {name: now.get(name, ZERO) - then.get(name, ZERO) for name in now | then}
    first, second, third, *others = sorted(moved, key=lambda name: -abs(moved[name]))
    month = sum((daily[date(2026, 11, n)] for n in range(1, 16)), ZERO)
    usual_usd = sum(usual.values(), ZERO)
    platforms = sums(run, WEEK, "platform")
    open_usd = sum(sums(run, WEEK, "platform", "user_email = 'unattributed'").values(), ZERO)
    reasons = sums(
        run,
        WEEK,
        "unattributed_reason",
        "user_email = 'unattributed'",
    )
    [adoption] = run.fetch(
        f"select sum(seats) as seats, sum(idle_seats) as idle, sum(idle_seats_usd) as usd from agg_adoption where week = '{WEEK.first}'"
    )
    [budget] = run.fetch(
        f"select forecast_usd from fct_budget_daily where day = '{WEEK.last}' and scope = 'company'"
    )
    [keys] = run.fetch(
        f"select count(distinct api_key_id) as n from v_cost where cost_date between '{WEEK.first}' and '{WEEK.last}' and "
        "unattributed_reason is not null and api_key_id is not null"
    )
    return "\n".join(
        [
            "*Claude and Cursor: week 2026-11-09...2026-11-15*",
            f"Total: {usd(total)} (Anthropic API {usd(platforms['anthropic'])}, Cursor {usd(platforms['cursor'])}).",
            (
                f"Change: {with_change(total - before, before)} from the week before. The usual for these weekdays is "
                f"{usd(usual_usd)}: {with_change(total - usual_usd, usual_usd)}. {unusual:%A} differs "
                f"most, by {usd(daily[unusual] - usual[unusual], is_signed=True)}."
            ),
            (
                f"Why: {', '.join(f'{name} {usd(moved[name], is_signed=True)}' for name in (first, second, third))}, "
                f"all other {usd(sum((moved[name] for name in others), ZERO), is_signed=True)}."
            ),
            f"2026-11 so far: {usd(month)} in 15 days.",
            (
                f"Budget of 2026-11: {usd(month)} of $9,000.00 spent ({percent(month, 9000)}) until 2026-11-15, forecast "
                f"{usd(budget['forecast_usd'])}. Of 4 other budgets, 0 are exceeded or will be."
            ),
            "Invoices of the last two months: none is in invoices.csv.",
            (
                f"Unattributed: {usd(open_usd)} ({percent(open_usd, total)}), the largest part: "
                f"{REASONS[next(iter(reasons))].lower()} ({usd(next(iter(reasons.values())))})."
            ),
            (
                f"Idle seats: {adoption['idle']} of {adoption['seats']} seats without use in 30 days; they cost {usd(adoption['usd'])} "
                "in the week of 2026-11-09 (an exposure, not a saving)."
            ),
            f"Needs a person: {keys['n']} keys without an owner have cost.",
            f"{UI}/assets/usage_report",
        ]
    )


def test_the_digest_of_a_week_has_the_figures_of_the_views_and_no_name(
    month_run: MonthRun, webhook: Webhook, instance: dg.DagsterInstance
) -> None:
    assert Digests(month_run, webhook, instance, SINCE).tick(MONDAY) == f"Sent: {NAME}."
    [text] = webhook.received
    assert text == expected(month_run)
    people = month_run.fetch(
        "select email, first_name, last_name, department from dim_users where email != 'unattributed'"
    )
    keys = month_run.fetch("select api_key_id, name from dim_api_keys")
    private = {str(value) for row in [*people, *keys] for value in row.values() if value}
    assert len(private) > 60
    assert not [value for value in private if value in text]


def test_only_loaded_days_are_counted_for_the_month_so_far(month_run_on_duckdb: MonthRun) -> None:
    week = Days(date(2026, 10, 19), date(2026, 10, 25))
    figures = read.week_figures(
        month_run_on_duckdb.engine, WriteContext("run", "digest"), week, week.first, MONDAY
    )
    assert (figures.days_in, figures.month.days_in, len(figures.month.days)) == (5, 5, 25)


# once, whatever happens


def test_after_weeks_without_a_daemon_only_the_newest_week_is_sent_and_only_once(digests: Digests) -> None:
    digests.cursor = (MONDAY - 4 * ONE_WEEK).isoformat()
    thursday = MONDAY + timedelta(days=3)
    assert [digests.tick(thursday), digests.tick(thursday)] == [f"Sent: {NAME}.", "No digest is due."]
    digests.cursor = "not a time"
    assert digests.tick(thursday) == "No digest is due."
    assert [text.splitlines()[0] for text in digests.webhook.received] == [
        "*Claude and Cursor: week 2026-11-09...2026-11-15*"
    ]
    assert digests.records() == {NAME: "SUCCESS", "week 2026-11-02": "FAILURE"}


def test_before_the_last_day_is_final_and_before_the_sensor_was_on_nothing_is_due(digests: Digests) -> None:
    assert digests.tick(MONDAY - timedelta(seconds=1)) == "No digest is due."
    digests.cursor = None
    assert digests.tick(MONDAY) == digests.tick(MONDAY + timedelta(minutes=5)) == "No digest is due."
    assert digests.webhook.received == []


@pytest.mark.parametrize(
    ("status", "hangs", "why"),
    [
        (500, False, "answered HTTP 500"),
        (429, False, "answered HTTP 429"),
        (500, True, "could not be reached (TimeoutError)"),
    ],
    ids=["500", "429", "a webhook that hangs"],
)
def test_a_webhook_that_refuses_is_tried_at_the_next_tick_with_the_same_text(
    digests: Digests, status: int, hangs: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, figures = [], read.week_figures

    def counted(*given: Any) -> WeekFigures:
        reads.append(given)
        return figures(*given)

    monkeypatch.setattr(read, "week_figures", counted)
    digests.webhook.status = status
    with digests.harness.code_location(MONDAY, digests.env) as defs:
        with hanging(digests.webhook) if hangs else nullcontext():
            for _ in range(2):
                with pytest.raises(AlertNotSentError) as refused:
                    digests.tick_of(defs)
                assert str(refused.value) == (
                    f"{NAME} was not sent: the webhook of AI_USAGE_ALERT_WEBHOOK_URL {why}. Check the webhook. It is sent again "
                    "at the next tick, until 2026-11-23 14:00 UTC."
                )
                assert digests.records() == {}
        digests.webhook.status = 200
        assert [digests.tick_of(defs), digests.tick_of(defs)] == [f"Sent: {NAME}.", "No digest is due."]
    assert len(digests.webhook.received) == 1
    assert len(reads) == 1


@contextmanager
def hanging(webhook: Webhook) -> Iterator[None]:
    """Within the block, the webhook does not answer, and it is not waited for long."""
    over = threading.Event()
    with patch.object(alert_webhook, "SECONDS", 0.5), patch.object(webhook, "before_answer", over.wait):
        yield
    over.set()


def test_a_digest_that_is_refused_for_a_week_is_given_up_and_an_alert_says_so(digests: Digests) -> None:
    digests.webhook.status = 500
    with pytest.raises(AlertNotSentError):
        digests.tick(MONDAY + ONE_WEEK - timedelta(seconds=1))
    digests.webhook.status = 200
    assert digests.tick(MONDAY + ONE_WEEK) == "Sent: week 2026-11-16."
    assert digests.records() == {NAME: "FAILURE", "week 2026-11-16": "SUCCESS"}
    assert alert_of(digests.instance, NAME) == (
        "The run of *digest* failed: The digest (week 2026-11-09) was not sent within 7 days, and is given up. Look at the last "
        f"ticks of the sensor `digest`.\n{UI}/runs/{record.run_id(NAME)}"
    )


def alert_of(instance: dg.DagsterInstance, name: str) -> str | None:
    """What the sensor `failures` sends of the run of a digest."""
    run = instance.get_run_by_id(record.run_id(name))
    assert run
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
    return message.text(run, events, lambda step: [step], UI)


def test_two_daemons_send_one_digest(digests: Digests) -> None:
    answered, asked = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answered.wait(MAX_SECONDS)

    digests.webhook.before_answer = wait
    with digests.harness.code_location(MONDAY, digests.env) as defs, ThreadPoolExecutor() as pool:
        first = pool.submit(digests.tick_of, defs)
        assert asked.wait(MAX_SECONDS)
        second = digests.tick_of(defs)
        answered.set()
        assert [first.result(), second] == [f"Sent: {NAME}.", "No digest is due."]
    assert len(digests.webhook.received) == 1


def test_of_many_that_found_it_unsent_one_may_send_it(instance: dg.DagsterInstance) -> None:
    together = threading.Barrier(8)

    def claim(_: int) -> bool:
        together.wait()
        return record.claim(instance, NAME)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]


def test_what_a_process_was_sending_when_it_ended_is_not_sent_again_and_an_alert_says_so(
    digests: Digests, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = alert_webhook.post

    def post_and_end(url: str, text: str) -> None:
        post(url, text)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(alert_webhook, "post", post_and_end)
        with pytest.raises(KeyboardInterrupt):
            digests.tick(MONDAY)
    assert digests.tick(MONDAY + timedelta(minutes=5)) == "No digest is due."
    assert digests.records() == {NAME: "NOT_STARTED"}
    # the clock of the records is not the test's
    monkeypatch.setattr(record, "MAX_SENDING", timedelta(days=-36500))
    assert digests.tick(MONDAY + timedelta(minutes=15)) == "No digest is due."
    assert len(digests.webhook.received) == 1
    assert digests.records() == {NAME: "FAILURE"}
    assert alert_of(digests.instance, NAME) == (
        "The run of *digest* failed: The process that sent the digest (week 2026-11-09) ended before the webhook's answer was "
        "recorded, so it may have arrived. It is not sent again. To send it again, delete this run.\n"
        f"{UI}/runs/{record.run_id(NAME)}"
    )
    digests.instance.delete_run(record.run_id(NAME))
    assert digests.tick(MONDAY + timedelta(minutes=20)) == f"Sent: {NAME}."


def test_a_webhook_that_hangs_holds_up_no_run(digests: Digests) -> None:
    """No run waits for the digest's, and another process can open the DuckDB file."""
    path = str(digests.harness.folder / "ai_usage.duckdb")
    opened = f"from pathlib import Path; from ai_usage_assets.warehouse.duckdb.file import DuckDBFile; DuckDBFile(Path({path!r})).open().close()"
    seen = []

    def look() -> None:
        done = subprocess.run([sys.executable, "-c", opened], capture_output=True, text=True, check=False)
        seen.append((done.returncode, [run.status for run in digests.instance.get_runs()]))

    digests.webhook.before_answer = look
    digests.tick(MONDAY)
    assert seen == [(0, [dg.DagsterRunStatus.NOT_STARTED])]


def test_a_close_that_is_not_in_the_table_is_given_up_at_once_and_holds_up_no_other(digests: Digests) -> None:
    digests.cursor = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    months = ("2026-08", "2026-09")
    names = [f"close of {month} by run {closed(digests.instance, month)}" for month in months]

    assert [digests.tick(), digests.tick()] == [f"Given up: {', '.join(names)}.", "No digest is due."]
    assert (digests.webhook.received, digests.records()) == ([], dict.fromkeys(names, "FAILURE"))
