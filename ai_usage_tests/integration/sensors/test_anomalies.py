"""Unusual spend: what the check says of it, without e-mails, and that the webhook gets it once, whatever happens."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.anomalies import CHECK, HINT
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.schema.tables.curated import DIM_USER_HISTORY, FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.harness import Harness, check_metadata
from ai_usage_tests.support.webhook import Webhook

ANN_ID = "257c57037d384ae37ea27a07e8a01665"
DAY = date(2026, 11, 18)
MESSAGE = """*Unusual spend: 2 cases*
- 2026-11-18 anthropic: a key with 90.00 USD, usually 0.00 USD and at most 15.68 USD; likely cause: a new key.
- 2026-11-18 anthropic: a person with 70.00 USD, usually 10.00 USD and at most 18.22 USD; likely cause: a new model (opus-6).
The check spend_is_usual of fct_cost_daily shows who it is.
https://dagster.example.com/assets/fct_cost_daily?view=checks"""
TEXTS = [line.removeprefix("- ").removesuffix(".") for line in MESSAGE.splitlines()[1:3]]
"""Of each case, what its line in the message says."""


class Company:
    """Ann and Bob spend 10 dollars a day, until Ann has a new key and Bob a new model. Warehouse and records are files."""

    def __init__(self, sandbox: Sandbox, webhook: Webhook, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.cursor: str | None = None
        self.env = {
            "AI_USAGE_ALERT_WEBHOOK_URL": webhook.url,
            "AI_USAGE_UI_URL": "https://dagster.example.com/",
        }
        self.opened = ExitStack()
        self.start()
        with self.harness.engine.session() as session:
            tables = [FCT_COST_DAILY, FCT_USAGE_DAILY, DIM_USER_HISTORY, LOAD_LOG]
            ensure_tables(self.harness.engine, session, tables)
        self.execute(
            "insert into load_log (table_name, day, loaded_at, `rows`, state) "
            "select 'fct_cost_daily', day, current_timestamp(), 1, 'rows' "
            "from unnest(generate_date_array(date '2026-10-01', date '2026-11-19')) as day"
        )
        self.spent("ann@example.com", "old", "opus-5", "2026-10-01", "2026-11-18", 10)
        self.spent("bob@example.com", None, "opus-5", "2026-10-01", "2026-11-18", 10)
        self.spent("ann@example.com", "new", "opus-5", str(DAY), str(DAY), 90)
        self.spent("bob@example.com", None, "opus-6", str(DAY), str(DAY), 60)

    def start(self) -> None:
        """Open everything anew, as after a restart."""
        self.opened.close()
        instance = self.opened.enter_context(dg.DagsterInstance.local_temp(str(self.folder)))
        self.harness = Harness(self.sandbox, self.folder, instance=instance, env=self.env)
        self.defs = self.opened.enter_context(self.harness.code_location())

    def execute(self, sql: str) -> None:
        self.harness.execute(sql)

    def spent(self, email: str, key: str | None, model: str, first: str, last: str, usd: float) -> None:
        api_key = f"'{key}'" if key else "null"
        self.execute(
            "insert into fct_cost_daily (cost_date, platform, user_email, actor_type, api_key_id, model_family, "
            f"cost_type, cost_usd) select day, 'anthropic', '{email}', 'person', {api_key}, '{model}', 'usage', {usd} "
            f"from unnest(generate_date_array(date '{first}', date '{last}')) as day"
        )

    def check(self, days: Days | None = None) -> dg.AssetCheckEvaluation:
        """The result of a run of these days, or of one without days: of all of them."""
        key = dg.AssetCheckKey(dg.AssetKey(FCT_COST_DAILY.name), CHECK)
        job = self.defs.resolve_implicit_global_asset_job_def().get_subset(
            asset_selection=set(), asset_check_selection={key}
        )
        tags = range_tags(days) if days else {}
        ran = job.execute_in_process(instance=self.harness.instance, tags=tags)
        [found] = ran.get_asset_check_evaluations()
        return found

    def tick(self) -> str | None:
        """What the tick says. Its cursor is kept as the daemon would, that is not after a failure."""
        context = dg.build_sensor_context(
            self.harness.instance,
            self.cursor,
            definitions=self.defs,
            resources={"alerts": (self.defs.resources or {})["alerts"]},
        )
        ticked = self.defs.resolve_sensor_def("anomalies").evaluate_tick(context)
        self.cursor = ticked.cursor
        return ticked.skip_message


@pytest.fixture
def company(sandbox: Sandbox, webhook: Webhook, tmp_path: Path) -> Iterator[Company]:
    found = Company(sandbox, webhook, tmp_path)
    yield found
    found.opened.close()


def test_check_says_who_how_much_the_usual_range_and_the_likely_cause(company: Company) -> None:
    found = company.check()

    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    seen: dict[str, Any] = {name: each.value for name, each in found.metadata.items()}
    assert seen.keys() == {"window", "anomalies", "floor_usd", "offending_rows", "new_anomalies", "hint"}
    assert (seen["window"], seen["anomalies"], seen["floor_usd"], seen["hint"]) == ("all days", 2, 25, HINT)
    assert [each["text"] for each in seen["new_anomalies"]] == TEXTS
    assert seen["offending_rows"] == (
        "- 2026-11-18 anthropic: key new with 90.00 USD, usually 0.00 USD and at most 15.68 USD; likely cause: a new key (new); "
        f"user_id {ANN_ID}\n"
        "- 2026-11-18 anthropic: person 4b9bb80620f03eb3719e0a061c14283d with 70.00 USD, usually 10.00 USD and at most "
        "18.22 USD; likely cause: a new model (opus-6)"
    )
    assert "example.com" not in str(found)
    company.execute(f"delete from fct_cost_daily where cost_date = date '{DAY}'")
    assert company.check().passed


def test_run_of_a_day_judges_it_by_the_weeks_before_it_and_by_the_floor_that_is_set(company: Company) -> None:
    found = company.check(Days.one(DAY))
    seen: dict[str, Any] = {name: each.value for name, each in found.metadata.items()}
    assert seen["window"] == str(DAY)
    assert [each["text"] for each in seen["new_anomalies"]] == TEXTS

    company.env["AI_USAGE_ANOMALY_FLOOR_USD"] = "151"
    company.start()
    found = company.check(Days.one(DAY))
    assert (found.passed, check_metadata(found, "floor_usd")) == (True, 151)


def test_webhook_gets_an_anomaly_once_without_names_whatever_happens(
    company: Company, webhook: Webhook
) -> None:
    assert company.tick() == "No new anomaly."
    assert company.cursor == "0"

    company.check()
    webhook.status = 500
    with pytest.raises(AlertNotSentError):
        company.tick()
    webhook.status = 200
    assert company.tick() == "2 sent."
    assert webhook.received == [MESSAGE]
    # what was read is not read again
    assert int(company.cursor or 0) > 0
    assert company.tick() == "No new anomaly."

    # the same day again, in a process that has just started, and a sensor that has lost its cursor
    company.start()
    company.check()
    assert company.tick() == "No new anomaly."
    company.cursor = None
    assert company.tick() == "No new anomaly."

    # a restated day is judged again: the use of the key is the person's now, and larger
    company.execute("update fct_cost_daily set api_key_id = null, cost_usd = 400 where api_key_id = 'new'")
    found = company.check()
    assert f"person {ANN_ID} with 410.00 USD" in str(check_metadata(found, "offending_rows"))
    assert company.tick() == "No new anomaly."

    # the next day goes on as the day before, which is not new
    company.spent("bob@example.com", None, "opus-6", "2026-11-19", "2026-11-19", 70)
    found = company.check()
    assert check_metadata(found, "anomalies") == 3
    assert company.tick() == "No new anomaly."
    assert webhook.received == [MESSAGE]


def test_days_of_a_first_load_are_judged_and_not_sent(company: Company, webhook: Webhook) -> None:
    company.execute(f"update fct_cost_daily set cost_date = date '2026-11-11' where cost_date = date '{DAY}'")
    assert not company.check().passed
    assert company.tick() == "No new anomaly."
    assert webhook.received == []
