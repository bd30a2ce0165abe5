"""How one alert is sent, repeated, and given up, against a webhook on loopback."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest

from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors import anomalies
from ai_usage_assets.defs.sensors.alerts import sensor
from ai_usage_assets.defs.sensors.alerts import webhook as alert_webhook
from ai_usage_assets.defs.sensors.alerts.sensor import deliver, ended_at, is_skipped
from ai_usage_assets.defs.sensors.alerts.state import AlertState
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.webhook import Webhook

TAG = "ai_usage/alert"
"""Where a run says what became of its alert, also in runs of earlier releases."""
A_DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("status", "tags", "skipped"),
    [
        ("FAILURE", {}, False),
        ("FAILURE", {"dagster/will_retry": "true"}, True),
        ("FAILURE", {"dagster/will_retry": "false"}, False),
        # a run that succeeded is not retried, and its checks may have failed
        ("SUCCESS", {"dagster/will_retry": "true"}, False),
        ("SUCCESS", {TAG: "sent"}, True),
        ("FAILURE", {TAG: "sent"}, True),
        ("FAILURE", {TAG: "given up"}, True),
        ("FAILURE", {TAG: "another"}, False),
    ],
)
def test_a_run_is_skipped_that_was_sent_or_given_up_or_is_about_to_be_retried(
    status: str, tags: dict[str, str], skipped: bool
) -> None:
    assert is_skipped(dg.DagsterRun("job", status=dg.DagsterRunStatus(status), tags=tags)) is skipped


def failed_run(instance: dg.DagsterInstance) -> dg.RunRecord:
    run = instance.add_run(dg.DagsterRun("job", status=dg.DagsterRunStatus.STARTED))
    instance.report_run_failed(run)
    record = instance.get_run_record_by_id(run.run_id)
    assert record and record.end_time
    return record


def tags(instance: dg.DagsterInstance, record: dg.RunRecord) -> dict[str, str]:
    run = instance.get_run_by_id(record.dagster_run.run_id)
    assert run
    return {key: value for key, value in run.tags.items() if key == TAG}


def test_an_alert_is_sent_and_the_run_says_so_and_without_a_text_nothing_is(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    record, alerts = failed_run(instance), AlertResource(webhook_url=webhook.url)
    now = datetime.now(UTC)
    assert (deliver(instance, alerts, record, None, now), tags(instance, record)) == (0, {})
    assert (deliver(instance, alerts, record, "It failed.", now), tags(instance, record)) == (
        1,
        {TAG: "sent"},
    )
    assert webhook.received == ["It failed."]


def test_an_alert_that_is_refused_is_given_up_a_day_after_the_end_of_the_run_and_not_before(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    record, alerts = failed_run(instance), AlertResource(webhook_url=webhook.url)
    assert ended_at(record) == datetime.fromtimestamp(float(str(record.end_time)), UTC)
    webhook.status = 500
    for later, tagged in ((A_DAY - SECOND, {}), (A_DAY, {TAG: "given up"})):
        with pytest.raises(AlertNotSentError) as refused:
            deliver(instance, alerts, record, "It failed.", ended_at(record) + later)
        assert str(refused.value) == (
            "the webhook of AI_USAGE_ALERT_WEBHOOK_URL answered HTTP 500. Check the webhook; the alert is sent again."
        )
        assert tags(instance, record) == tagged


def test_a_run_that_never_started_ended_when_it_was_made(instance: dg.DagsterInstance) -> None:
    run = instance.add_run(dg.DagsterRun("job", status=dg.DagsterRunStatus.FAILURE))
    record = instance.get_run_record_by_id(run.run_id)
    assert record
    assert ended_at(record) == record.create_timestamp


def tick(instance: dg.DagsterInstance, webhook: Webhook, cursor: str, now: datetime) -> tuple[int, str]:
    """How many texts the webhook gets in one tick, and the new cursor."""
    failures, before = sensor.build(Settings.from_env({}), lambda: now), len(webhook.received)
    alerts = AlertResource(webhook_url=webhook.url)
    with dg.build_sensor_context(instance, cursor, resources={"alerts": alerts}) as context:
        ticked = failures.evaluate_tick(context)
    return len(webhook.received) - before, str(ticked.cursor)


def test_a_tick_whose_time_is_over_leaves_the_alerts_and_where_it_was_to_the_next_one(
    instance: dg.DagsterInstance, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [failed_run(instance) for _ in range(2)]
    since, now = ended_at(records[0]) - SECOND, datetime.now(UTC)
    with monkeypatch.context() as no_time:
        no_time.setattr(sensor, "MAX_SECONDS", -1.0)
        sent, cursor = tick(instance, webhook, AlertState(since).write(), now)
    assert (sent, AlertState.read(cursor, now).since) == (0, since)

    sent, cursor = tick(instance, webhook, cursor, now)
    assert (sent, AlertState.read(cursor, now).since) == (2, now)
    assert [tags(instance, record) for record in records] == [{TAG: "sent"}] * 2


def test_a_relay_that_does_not_answer_in_http_refuses_each_alert_and_each_is_sent_again(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    records, alerts = [failed_run(instance) for _ in range(2)], AlertResource(webhook_url=webhook.url)
    failures = sensor.build(Settings.from_env({}), lambda: datetime.now(UTC))
    refusal = (
        "the webhook of AI_USAGE_ALERT_WEBHOOK_URL could not be reached (BadStatusLine). "
        "Check the webhook; the alert is sent again."
    )
    webhook.raw_answer = b"garbage\r\n"

    cursor = AlertState(ended_at(records[0]) - SECOND).write()
    with dg.build_sensor_context(instance, cursor, resources={"alerts": alerts}) as context:
        with pytest.raises(AlertNotSentError) as refused:
            failures.evaluate_tick(context)
        # the second is tried too, though the first was refused
        assert str(refused.value) == "; ".join(
            f"run {record.dagster_run.run_id}: {refusal}" for record in records
        )
        assert [tags(instance, record) for record in records] == [{}, {}]

        webhook.raw_answer = None
        assert failures.evaluate_tick(context).skip_message == "2 sent."
    assert [tags(instance, record) for record in records] == [{TAG: "sent"}] * 2


def test_an_anomaly_whose_message_a_relay_does_not_answer_in_http_can_be_sent_again(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    alerts = AlertResource(webhook_url=webhook.url)
    anomaly = {"id": "a1", "day": "2026-11-18", "text": "A key"}
    webhook.raw_answer = b"garbage\r\n"
    with pytest.raises(AlertNotSentError):
        anomalies.deliver(instance, alerts, [anomaly], None)
    # a claim that stays would keep it from being sent
    assert instance.get_runs_count() == 0

    webhook.raw_answer = None
    assert anomalies.deliver(instance, alerts, [anomaly], None) == 1
    assert webhook.received == [
        "*Unusual spend*\n- A key.\nThe check spend_is_usual of fct_cost_daily shows who it is."
    ]


def test_alerts_that_a_slow_webhook_takes_are_spread_over_ticks_that_end_in_time(
    instance: dg.DagsterInstance, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [failed_run(instance) for _ in range(10)]
    now = datetime.now(UTC)
    # each text takes as long as the webhook may take
    monkeypatch.setattr(
        sensor, "time", SimpleNamespace(monotonic=lambda: alert_webhook.SECONDS * len(webhook.received))
    )
    cursor, sent = AlertState(ended_at(records[0]) - SECOND).write(), []
    for _ in range(4):
        number, cursor = tick(instance, webhook, cursor, now)
        sent.append(number)
    assert sent == [4, 4, 2, 0]
    # after sixty seconds Dagster ends a tick, and its cursor is lost
    assert max(sent) * alert_webhook.SECONDS < 60
    assert [tags(instance, record) for record in records] == [{TAG: "sent"}] * 10


def test_a_webhook_on_this_machine_is_reached_without_the_proxy(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    AlertResource(webhook_url=webhook.url).send("It failed.")
    assert webhook.received == ["It failed."]
