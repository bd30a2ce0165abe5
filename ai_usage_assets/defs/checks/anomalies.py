"""Days that left the usual range of a person, key, model or department (agg_anomalies).

A person is shown by dim_users.user_id, as in every check. What the webhook may say is in the metadata apart, without ids.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import dagster as dg

from ai_usage_assets.curated.select import Thresholds, select, since
from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.defs.checks.groups import is_shown, shown_groups
from ai_usage_assets.defs.checks.scope import days_of_run, days_text, fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.tables.anomalies import AGG_ANOMALIES
from ai_usage_assets.schema.tables.curated import DIM_USER_HISTORY, FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.warehouse.sql import within

CHECK = "spend_is_usual"
NEW = "new_anomalies"
"""The metadata that the sensor `anomalies` reads: anomalies that began on their day."""
DAYS_READ = timedelta(days=112)
"""Before the days of the run: 8 weeks that they are compared with, and 8 more for days that anomalies may have begun on."""
MAX_LISTED = 20
TOKENS_PER_USD = 1_000_000
"""As in agg_anomalies."""
CAUSES = {
    "new_key": "a new key",
    "new_model": "a new model",
    "cache_hit_rate_fell": "less is read from the cache",
    "price_rose": "a higher price per token",
    "one_key": "one key",
    "more_use": "more use",
}
MODEL_CAUSES = {"new_model", "price_rose"}
HINT = (
    "Look the person up by user_id in dim_users and the key in dim_api_keys, and ask whether the use is intended. Revoke a key "
    "that nobody knows. docs/anomalies.md explains the range. AI_USAGE_ANOMALY_FLOOR_USD sets the least excess."
)


@dataclass(frozen=True)
class Anomaly:
    """A row of agg_anomalies without e-mails."""

    day: date
    began_on: date
    platform: str
    measure: str
    scope: str
    subject: str
    """The API key's id, the model, the department, or the user_id of the person."""
    user_id: str | None
    """Who is responsible for a key or service."""
    value: Decimal
    """US dollars, or tokens."""
    usual: Decimal
    usual_to: Decimal
    likely_cause: str
    cause_name: str | None

    def amount(self, value: Decimal) -> str:
        return f"{value:,.2f} USD" if self.measure == "cost_usd" else f"{value:,.0f} tokens"

    def text(self, subject: str | None = None, *, has_keys: bool = True) -> str:
        """What happened on the day, in one sentence; who it was only if a subject is given."""
        who = f"{self.scope} {subject}" if subject else f"a {self.scope}"
        name = self.cause_name if has_keys or self.likely_cause in MODEL_CAUSES else None
        cause = f"{CAUSES[self.likely_cause]} ({name})" if name else CAUSES[self.likely_cause]
        return (
            f"{self.day} {self.platform}: {who} with {self.amount(self.value)}, usually {self.amount(self.usual)} and at most "
            f"{self.amount(self.usual_to)}; likely cause: {cause}"
        )

    @property
    def owner(self) -> str:
        return f"; user_id {self.user_id}" if self.user_id and self.scope == "key" else ""

    @property
    def alert_id(self) -> str:
        """By this it is sent once.

        A day and person have one id, whatever the scope: a restated day can show the same use as that of a key.
        """
        subject = self.user_id if self.scope == "key" and self.user_id else self.subject
        return hashlib.sha256(f"{self.day}|{self.platform}|{subject}".encode()).hexdigest()[:16]

    @property
    def excess_usd(self) -> Decimal:
        excess = self.value - self.usual
        return excess if self.measure == "cost_usd" else excess / TOKENS_PER_USD


def alerts(found: Iterable[Anomaly]) -> list[dict[str, str]]:
    """What the webhook may say: of one id the anomaly with the largest excess, and how many there are besides."""
    by_id: dict[str, list[Anomaly]] = {}
    for each in found:
        by_id.setdefault(each.alert_id, []).append(each)
    return [_alert(alert_id, anomalies) for alert_id, anomalies in by_id.items()]


def _alert(alert_id: str, anomalies: Sequence[Anomaly]) -> dict[str, str]:
    largest = max(anomalies, key=lambda each: each.excess_usd)
    text = largest.text(largest.subject if largest.scope == "model" else None, has_keys=False)
    whose = "person" if largest.user_id else largest.scope
    more = f"; and {len(anomalies) - 1} more of the same {whose}" if len(anomalies) > 1 else ""
    return {"id": alert_id, "day": str(largest.day), "text": text + more}


def statement(days: Days, thresholds: Thresholds) -> str:
    """The anomalies of these days, from the days that they are compared with."""
    view = since(
        select(AGG_ANOMALIES, thresholds=thresholds).sql, max(ALL_DAYS.first, days.first - DAYS_READ)
    )
    return f"""
select
  day, began_on, platform, measure, scope, likely_cause, cause_name,
  if(scope in ('person', 'service'), to_hex(md5(name)), name) as subject,
  to_hex(md5(nullif(user_email, '{UNATTRIBUTED}'))) as user_id,
  cast(coalesce(cost_usd, tokens) as numeric) as value,
  cast(coalesce(usual_usd, usual_tokens) as numeric) as usual,
  cast(coalesce(usual_to_usd, usual_to_tokens) as numeric) as usual_to
from (
{view}
) as anomalies
where {within("day", days)}
order by day, platform, scope, subject, measure"""


def build(thresholds: Thresholds) -> list[dg.AssetChecksDefinition]:
    @dg.asset_check(
        asset=FCT_COST_DAILY.name,
        name=CHECK,
        description="No person, key, model or department spends or uses far more than in the 8 weeks before the day.",
        additional_deps=[FCT_USAGE_DAILY.name, DIM_USER_HISTORY.name],
    )
    def spend_is_usual(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        days = days_of_run(context.run.tags)
        sql = statement(days, thresholds)
        rows = [Anomaly(**row) for row in fetch_rows(context, warehouse.engine, FCT_COST_DAILY, CHECK, sql)]
        listed = rows[:MAX_LISTED]
        days_of_scopes = [(row.scope, row.day) for row in listed]
        shown = shown_groups(context, warehouse.engine, FCT_COST_DAILY, "groups", days_of_scopes)
        lines = [
            f"- {row.text(row.subject if is_shown(shown, row.scope, row.day, row.subject) else None)}{row.owner}"
            for row in listed
        ]
        return dg.AssetCheckResult(
            passed=not rows,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "window": days_text(days),
                "anomalies": len(rows),
                "floor_usd": thresholds.anomaly_floor_usd,
                **(
                    {
                        "offending_rows": dg.MetadataValue.md("\n".join(lines)),
                        NEW: dg.MetadataValue.json(alerts(row for row in rows if row.day == row.began_on)),
                        "hint": HINT,
                    }
                    if rows
                    else {}
                ),
            },
        )

    return [spend_is_usual]
