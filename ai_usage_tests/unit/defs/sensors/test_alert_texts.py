"""The texts of alerts, to the last word, and what the alert sensor remembers between two ticks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, EngineEventData, JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo

from ai_usage_assets.days import Days
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.sensors import anomalies
from ai_usage_assets.defs.sensors.alerts.message import text
from ai_usage_assets.defs.sensors.alerts.state import AlertState
from ai_usage_assets.defs.sensors.alerts.webhook import redacted
from ai_usage_assets.sources.http.errors import ForbiddenError

RUN_ID = "5b1e1b52-7f34-4f0a-9a15-0f6ad7a4e0d1"
DAYS = Days(date(2026, 11, 16), date(2026, 11, 18))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UI = "https://dagster.example.com"
HINT = "Days that were finished are kept. Fix the cause, and run the same days again."
FORBIDDEN = SerializableErrorInfo(
    f"{ForbiddenError.__module__}.ForbiddenError: {ForbiddenError('Cursor', '/teams/spend', status=403)}\n",
    [],
    "ForbiddenError",
)
TABLES = {"step_a": ["raw_a1", "raw_a2"], "step_b": ["raw_b"]}


def run(
    job: str = "__ASSET_JOB", days: Days | None = DAYS, assets: tuple[str | list[str], ...] = ()
) -> dg.DagsterRun:
    return dg.DagsterRun(
        job,
        RUN_ID,
        tags=range_tags(days) if days else {},
        asset_selection=frozenset(map(dg.AssetKey, assets)) or None,
    )


def step_failed(step: str, error: SerializableErrorInfo | None = FORBIDDEN) -> dg.DagsterEvent:
    kind = dg.DagsterEventType.STEP_FAILURE.value
    return DagsterEvent(kind, "job", step_key=step, event_specific_data=StepFailureData(error, None))


def run_failed(message: str, error: SerializableErrorInfo | None = None) -> dg.DagsterEvent:
    kind = dg.DagsterEventType.RUN_FAILURE.value
    data = JobFailureData(error, None) if error else None
    return DagsterEvent(kind, "job", message=message, event_specific_data=data)


def worker_failed(message: str) -> dg.DagsterEvent:
    error = SerializableErrorInfo(message, [], "RuntimeError")
    kind = dg.DagsterEventType.ENGINE_EVENT.value
    return DagsterEvent(kind, "job", event_specific_data=EngineEventData.engine_error(error))


def check(
    name: str = "sums",
    *,
    passed: bool = False,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> dg.DagsterEvent:
    found = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(["warehouse", "fct"]),
        check_name=name,
        passed=passed,
        metadata={key: dg.MetadataValue.text(value) for key, value in (metadata or {}).items()},
        severity=severity,
        description=description,
    )
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
    return DagsterEvent(kind, "job", event_specific_data=found)


def told(found: dg.DagsterRun, *events: dg.DagsterEvent, ui_url: str | None = UI) -> str | None:
    return text(found, events, lambda step: TABLES[step], ui_url)


def test_failed_steps_come_before_failed_checks_and_the_run_is_told_only_without_a_step() -> None:
    red = check(description="7 is not\n 8.", metadata={"hint": "Count again"})
    assert told(
        run(), red, step_failed("step_a"), step_failed("step_b", None), run_failed("2 steps failed.")
    ) == (
        "*raw_a1, raw_a2* failed for 2026-11-16...2026-11-18: Cursor does not allow this key to read the endpoint "
        "(/teams/spend, HTTP 403): try again later.\n"
        "*raw_b* failed for 2026-11-16...2026-11-18: see the run's log.\n"
        "Check *fct: sums* has failed for 2026-11-16...2026-11-18: 7 is not 8. Count again.\n"
        f"{HINT}\n{UI}/runs/{RUN_ID}"
    )
    # a red check has its own hint
    assert told(run(days=None), check(), check("keys", metadata={"hint": "Look."}), ui_url=None) == (
        f"Check *fct: sums* has failed.\nCheck *fct: keys* has failed: Look.\nRun {RUN_ID}"
    )


@pytest.mark.parametrize(
    ("found", "events", "line", "hint"),
    [
        (
            run(assets=("raw_b", ["own", "raw_a"])),
            [run_failed("Run worker exited unexpectedly.")],
            "The run of *raw_a, raw_b* failed for 2026-11-16...2026-11-18: Run worker exited unexpectedly.",
            HINT,
        ),
        # the error of the run itself says more than its message, and the worker's last one more than the first
        (
            run(days=None),
            [worker_failed("first"), worker_failed("second"), run_failed("Caught an error.")],
            "The run of *everything* failed: RuntimeError: second",
            HINT,
        ),
        (
            run(days=None),
            [worker_failed("first"), run_failed("Caught an error.", FORBIDDEN)],
            (
                "The run of *everything* failed: Cursor does not allow this key to read the endpoint (/teams/spend, HTTP "
                "403): try again later."
            ),
            HINT,
        ),
        # Dagster's sentence about a variable, and a second one of another resource
        (
            run(days=None),
            [
                worker_failed(
                    'Wrong: environment variable "KEY_A" which is not set; environment variable "KEY_B" which is not set.'
                ),
                run_failed("Caught an error."),
            ],
            "The run of *everything* failed: KEY_A is not set where the run was started: set it there.",
            HINT,
        ),
        (run("digest", None), [run_failed("Given up.")], "The run of *digest* failed: Given up.", ""),
        (
            run("clear_old_addresses", None),
            [run_failed("No warehouse.")],
            "The run of *clear_old_addresses* failed: No warehouse.",
            "What was cleared stays so. Fix the cause; the run of the next night does the rest.",
        ),
    ],
)
def test_a_run_that_stopped_is_told_with_what_it_was_of_and_its_own_hint(
    found: dg.DagsterRun, events: list[dg.DagsterEvent], line: str, hint: str
) -> None:
    assert told(found, *events) == "\n".join([line, *([hint] if hint else []), f"{UI}/runs/{RUN_ID}"])


def test_warnings_and_checks_that_pass_are_not_told() -> None:
    assert told(run(), check(passed=True), check(severity=dg.AssetCheckSeverity.WARN)) is None
    assert told(run(), worker_failed("It was started again.")) is None


def test_eleven_failures_are_ten_lines_and_how_many_there_are_besides() -> None:
    lines = str(told(run(), *[check(f"c{n}") for n in range(11)])).splitlines()
    assert lines[9:] == [
        "Check *fct: c9* has failed for 2026-11-16...2026-11-18.",
        "... and 1 more.",
        f"{UI}/runs/{RUN_ID}",
    ]
    assert len(str(told(run(), *[check(f"c{n}") for n in range(10)])).splitlines()) == 11


def test_a_long_sentence_is_cut_and_a_run_of_many_tables_names_ten() -> None:
    long = str(told(run(), check(description="x" * 600, metadata={"hint": "y" * 600})))
    assert long.splitlines()[0].endswith(f": {'x' * 500}. {'y' * 500}.")
    assets = tuple(f"t{n:02}" for n in range(12))
    stopped = str(told(run(days=None, assets=assets), worker_failed("z" * 600), run_failed("no")))
    assert stopped.splitlines()[0] == (
        f"The run of *{', '.join(assets[:10])}* failed: RuntimeError: {'z' * (500 - len('RuntimeError: '))}"
    )


def test_unusual_days_are_ten_lines_and_how_many_there_are_besides() -> None:
    found = [{"id": str(n), "day": "2026-11-18", "text": f"case {n}"} for n in range(11)]
    where = "The check spend_is_usual of fct_cost_daily shows who it is."
    assert anomalies.text(found[:2], None) == f"*Unusual spend: 2 cases*\n- case 0.\n- case 1.\n{where}"
    assert anomalies.text(found[:1], None) == f"*Unusual spend*\n- case 0.\n{where}"
    assert anomalies.text(found, UI).splitlines() == [
        "*Unusual spend: 11 cases*",
        *(f"- case {n}." for n in range(10)),
        "... and 1 more.",
        where,
        f"{UI}/assets/fct_cost_daily?view=checks",
    ]
    assert len(anomalies.text(found[:10], None).splitlines()) == 12


# what is remembered


def test_a_failing_check_is_new_again_after_it_passed_and_a_warning_is_no_failure() -> None:
    state = AlertState(NOW)
    red, green = check(), check(passed=True)
    state.remember(
        [red, check("warns", severity=dg.AssetCheckSeverity.WARN), step_failed("step_a")], DAYS, NOW
    )

    assert state.failing == {"*fct: sums* has failed for 2026-11-16...2026-11-18": NOW}
    assert state.new_events([red], DAYS) == []
    assert state.new_events([red], Days.one(DAYS.first)) == [red]
    assert state.new_events([green], DAYS) == [green]
    assert state.new_events([red], DAYS) == [red]


def test_when_a_failing_check_was_sent_first_is_what_counts() -> None:
    state = AlertState(NOW, {})
    state.remember([check()], None, NOW)
    state.remember([check()], None, NOW + timedelta(hours=5))
    assert state.failing == {"*fct: sums* has failed": NOW}


@pytest.mark.parametrize(
    ("sent_before", "is_known"),
    [
        (timedelta(0), True),
        (timedelta(hours=24) - timedelta(seconds=1), True),
        (timedelta(hours=24), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_failing_check_is_known_for_a_day_and_not_from_the_future(
    sent_before: timedelta, is_known: bool
) -> None:
    state = AlertState(NOW - timedelta(hours=2), {"c": NOW - sent_before})
    read = AlertState.read(state.write(), NOW)
    assert (read.since, "c" in read.failing) == (NOW - timedelta(hours=2), is_known)


@pytest.mark.parametrize(
    ("cursor", "since"),
    [
        (AlertState(NOW).write(), NOW),
        # ahead of the clock
        (AlertState(NOW + timedelta(seconds=1)).write(), NOW - timedelta(days=1)),
        ('{"since": "2026-11-20T10:00:00"}', NOW - timedelta(days=1)),
        (
            '{"since": "2026-11-20T10:00:00Z", "failing": {"c": "2026-11-20T10:00:00"}}',
            NOW - timedelta(days=1),
        ),
        ("", NOW - timedelta(days=1)),
        ("2026-11-20", NOW - timedelta(days=1)),
    ],
)
def test_a_cursor_that_cannot_be_used_costs_a_look_at_the_last_day(cursor: str, since: datetime) -> None:
    assert AlertState.read(cursor, NOW) == AlertState(since)


def test_a_cursor_ahead_of_the_clock_keeps_the_failing_checks_that_it_knows() -> None:
    sent = NOW - timedelta(hours=1)
    ahead = AlertState(NOW + timedelta(seconds=1), {"c": sent})
    assert AlertState.read(ahead.write(), NOW) == AlertState(NOW - timedelta(days=1), {"c": sent})


def test_every_key_address_and_secret_is_taken_out_of_a_text() -> None:
    said = "sk-ant-api03_x-y, ann.lee@x.org; <bob@y.org>'s s3cr3t sk-12345 stays"
    assert redacted(said, ["s3cr3t"]) == "(key), (address); <(address)>'s (secret) sk-12345 stays"
