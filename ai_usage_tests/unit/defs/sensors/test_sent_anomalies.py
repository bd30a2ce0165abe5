"""Which anomalies the webhook gets, from Dagster's records of the results of the check."""

from datetime import UTC, datetime

import dagster as dg

from ai_usage_assets.defs.checks.anomalies import CHECK, NEW
from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors.anomalies import build
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.webhook import Webhook

NOW = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)


def report(instance: dg.DagsterInstance, *anomalies: tuple[str, str, str]) -> None:
    """A result of the check with these anomalies: the id, the day, and the text of each."""
    listed = [{"id": id_, "day": day, "text": f"{day} {text}"} for id_, day, text in anomalies]
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(FCT_COST_DAILY.name),
            check_name=CHECK,
            passed=not listed,
            metadata={NEW: dg.MetadataValue.json(listed)} if listed else {},
        )
    )


def messages(instance: dg.DagsterInstance, webhook: Webhook) -> list[str]:
    """What the webhook gets in one tick of a sensor that reads all results."""
    sensor = build(Settings.from_env({}), lambda: NOW)
    alerts = {"alerts": AlertResource(webhook_url=webhook.url)}
    with dg.build_sensor_context(instance, resources=alerts) as context:
        sensor.evaluate_tick(context)
    return webhook.received


def test_of_two_results_between_two_ticks_the_newer_figure_is_sent(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    report(instance, ("a", "2026-11-18", "90.00 USD"), ("b", "2026-11-18", "70.00 USD"))
    report(instance, ("a", "2026-11-18", "95.00 USD"), ("c", "2026-11-19", "40.00 USD"))
    # a day of another run, without anomalies
    report(instance)

    [sent] = messages(instance, webhook)
    assert sent == (
        "*Unusual spend: 3 cases*\n"
        "- 2026-11-18 95.00 USD.\n"
        "- 2026-11-18 70.00 USD.\n"
        "- 2026-11-19 40.00 USD.\n"
        "The check spend_is_usual of fct_cost_daily shows who it is."
    )


def test_an_anomaly_is_sent_up_to_seven_days_after_its_day(
    instance: dg.DagsterInstance, webhook: Webhook
) -> None:
    report(instance, ("a", "2026-11-12", "90.00 USD"), ("b", "2026-11-13", "70.00 USD"))

    assert messages(instance, webhook) == [
        "*Unusual spend*\n- 2026-11-13 70.00 USD.\nThe check spend_is_usual of fct_cost_daily shows who it is."
    ]
