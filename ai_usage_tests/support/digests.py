"""The digest sensor of a deployment, tick by tick, with a webhook."""

from datetime import UTC, datetime

import dagster as dg

from ai_usage_assets.defs.sensors.digest.record import TAG
from ai_usage_tests.support.harness import Harness
from ai_usage_tests.support.webhook import Webhook

UI = "https://dagster.example.com"


def closed(instance: dg.DagsterInstance, month: str) -> str:
    """Record the close of a month, which writes no row. Gives the id of its run."""

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition([month]))
    def closed_months() -> None:
        """Writes nothing."""

    return dg.materialize([closed_months], instance=instance, partition_key=month).run_id


class Digests:
    """A deployment that sends digests. The code location is loaded at each tick, as after a restart.

    Args:
        harness: the warehouse and the settings.
        webhook: receives the digests.
        instance: Dagster's records.
        since: when the sensor was on first.
    """

    def __init__(
        self, harness: Harness, webhook: Webhook, instance: dg.DagsterInstance, since: datetime
    ) -> None:
        self.harness, self.webhook, self.instance = harness, webhook, instance
        self.cursor: str | None = since.isoformat()
        self.env = {"AI_USAGE_ALERT_WEBHOOK_URL": webhook.url, "AI_USAGE_UI_URL": UI}

    def tick(self, now: datetime | None = None) -> str | None:
        """What the tick says. Its cursor is kept as the daemon would, that is not after a failure."""
        with self.harness.code_location(now or datetime.now(UTC), self.env) as defs:
            return self.tick_of(defs)

    def tick_of(self, defs: dg.Definitions) -> str | None:
        """A tick of definitions that are loaded already."""
        context = dg.build_sensor_context(
            self.instance,
            self.cursor,
            definitions=defs,
            resources={name: (defs.resources or {})[name] for name in ("alerts", "warehouse")},
        )
        ticked = defs.resolve_sensor_def("digest").evaluate_tick(context)
        self.cursor = ticked.cursor or self.cursor
        return ticked.skip_message

    def records(self) -> dict[str, str]:
        """The status of the run of each digest, by the digest's name."""
        runs = self.instance.get_runs(dg.RunsFilter(job_name="digest"))
        return {run.tags[TAG]: run.status.value for run in runs}
