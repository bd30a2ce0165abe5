"""A vendor that does not answer, or refuses: no run, a sentence for people, and a pause that grows."""

from datetime import timedelta

import dagster as dg
import pytest

from ai_usage_assets.days import utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.demo.sandbox.faults import Fault, cut_off, html, rate_limited, reset, status
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.daemon import ANTHROPIC, CURSOR, DAILY, EVENTS, USAGE, Daemon, Run

pytestmark = pytest.mark.slow

AGAIN = "No run is requested; Anthropic is asked again at 2026-11-20 12:01 UTC."
ALWAYS = 10_000


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (status(401), "HTTP 401): check that ANTHROPIC_ADMIN_API_KEY holds a current Admin key."),
        (status(403), "HTTP 403): set ANTHROPIC_ADMIN_API_KEY to an Admin key of the organization;"),
        (status(404), "HTTP 404): check the base URL, and whether the vendor has removed the endpoint."),
        (
            rate_limited(),
            "received too many requests (/v1/organizations/usage_report/messages, HTTP 429): try again in a",
        ),
        (status(503), "HTTP 503): try again later, and look at the vendor's status page."),
        (
            reset(),
            "could not be reached (ReadError) (/v1/organizations/usage_report/messages): check the base URL",
        ),
        (
            html(),
            "sent an answer that cannot be decoded: it is not JSON (/v1/organizations/usage_report/messages",
        ),
        (cut_off(), "sent an answer that stopped before its end"),
    ],
    ids=["401", "403", "404", "429", "503", "reset", "html", "cut off"],
)
def test_a_refusal_is_one_question_and_a_sentence_that_says_what_to_do(
    fresh: Daemon, fault: Fault, says: str
) -> None:
    fresh.sandbox.faults.next(USAGE, fault)

    said = str(fresh.tick("anthropic"))

    assert says in said
    assert said.startswith("Anthropic ")
    assert said.endswith(AGAIN)
    assert fresh.asked() == {USAGE: 1}


def test_the_sentence_stays_and_nobody_is_asked_before_the_time_it_names(fresh: Daemon) -> None:
    fresh.sandbox.faults.next(USAGE, status(401))
    first = fresh.tick("anthropic")
    fresh.later(timedelta(seconds=59))

    assert fresh.tick("anthropic") == first
    assert fresh.asked() == {USAGE: 1}

    fresh.later(timedelta(seconds=1))
    assert isinstance(fresh.tick("anthropic"), Run)


def test_a_vendor_that_says_how_long_to_wait_is_left_alone_that_long_but_an_hour_at_most(
    fresh: Daemon,
) -> None:
    fresh.sandbox.faults.next(USAGE, rate_limited(600))
    assert "asked again at 2026-11-20 12:10 UTC" in str(fresh.tick("anthropic"))

    fresh.sandbox.faults.next(USAGE, rate_limited(86_400))
    fresh.until_looked_at("anthropic")
    assert "asked again at 2026-11-20 13:10 UTC" in str(fresh.tick("anthropic"))


def test_a_vendor_that_is_down_for_a_day_heals_by_itself_and_holds_back_nobody(cursor: Daemon) -> None:
    back, pauses = cursor.now + timedelta(days=1), []
    cursor.sandbox.faults.next(DAILY, status(503), times=ALWAYS)
    assert isinstance(cursor.tick("anthropic"), Run)
    cursor.asked()

    while cursor.now < back:
        assert "HTTP 503" in str(cursor.tick("cursor"))
        pauses.append(cursor.until_looked_at("cursor") // timedelta(minutes=1))
    assert pauses == [1, 2, 4, 8, 16, 32, *[60] * 23]
    assert cursor.asked() == {DAILY: 29}

    assert cursor.tick("anthropic") == Run("missing", ANTHROPIC, "2026-11-20", "2026-11-20")
    cursor.asked()
    cursor.sandbox.faults.clear()
    assert cursor.tick("cursor") == Run("missing", CURSOR, "2026-11-20", "2026-11-20")
    assert cursor.asked() == {DAILY: 2, EVENTS: 2 + 1}

    cursor.sandbox.faults.next(DAILY, status(503))
    started = cursor.until_looked_at("cursor")
    assert started == timedelta(hours=1)
    cursor.tick("cursor")
    assert cursor.until_looked_at("cursor") == timedelta(minutes=1)


def test_one_vendor_that_never_answers_leaves_the_other_alone(fresh: Daemon) -> None:
    fresh.sandbox.faults.next(USAGE, reset(), times=ALWAYS)

    assert "could not be reached" in str(fresh.tick("anthropic"))
    assert fresh.runs("cursor") == [Run("missing", CURSOR, "2026-11-17", "2026-11-19")]
    assert fresh.asked() == {USAGE: 1, DAILY: 1 + 1, EVENTS: 1 + 1}


@pytest.mark.parametrize("vendor", ["Anthropic", "Cursor"])
def test_a_vendor_without_a_key_has_a_sensor_that_says_so_and_is_on(vendor: str) -> None:
    code = build_defs(Settings.from_env({}), utc_now).get_repository_def()
    sensor = code.get_sensor_def(f"{vendor.lower()}_availability")

    with dg.build_sensor_context(instance=dg.DagsterInstance.ephemeral(), repository_def=code) as context:
        said = sensor.evaluate_tick(context)

    assert not said.run_requests
    assert said.skip_message == (
        f"{vendor.upper()}_ADMIN_API_KEY is not set, so {vendor} is not asked; set it and load the code location again."
    )
    assert (sensor.minimum_interval_seconds, sensor.default_status) == (60, dg.DefaultSensorStatus.RUNNING)
