"""A deployment whose failures are sent to a webhook."""

import os
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.sensors.alerts.state import AlertState
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.harness import Harness
from ai_usage_tests.support.webhook import Webhook

DAYS = Days(date(2026, 11, 16), date(2026, 11, 18))
UI = "https://dagster.example.com"


class Watched(Harness):
    """A deployment whose failures are sent to the webhook, tick by tick."""

    def __init__(
        self, sandbox: Sandbox, webhook: Webhook, folder: Path, instance: dg.DagsterInstance
    ) -> None:
        env = {"AI_USAGE_ALERT_WEBHOOK_URL": webhook.url, "AI_USAGE_UI_URL": UI + "/"}
        super().__init__(sandbox, folder, instance=instance, env=env)
        self.webhook = webhook
        self.cursor: str | None = AlertState(datetime.now(UTC) - timedelta(minutes=5)).write()

    def run(self, select: str, days: Days = DAYS) -> dg.ExecuteInProcessResult:
        return self.materialize(select, days)

    def tick(self, hours_later: float = 0) -> str | None:
        """What the tick says; its cursor is kept as the daemon would, that is not after a failure."""
        self.ticked_at = datetime.now(UTC) + timedelta(hours=hours_later)
        with patch.dict(os.environ, self.env):
            told_by = {"alerts": (self.defs.resources or {})["alerts"]}
            context = dg.build_sensor_context(
                self.instance, self.cursor, definitions=self.defs, resources=told_by
            )
            ticked = self.defs.resolve_sensor_def("failures").evaluate_tick(context)
        self.cursor = ticked.cursor or self.cursor
        assert self.webhook.url not in str(self.cursor)
        return ticked.skip_message

    @cached_property
    def defs(self) -> dg.Definitions:
        """Those of the sensor, which are loaded once."""
        return build_defs(Settings.from_env(self.env), lambda: self.ticked_at)

    def received(self) -> str:
        """The one text that was sent."""
        [text] = self.webhook.received
        return text
