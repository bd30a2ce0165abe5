"""`ai-usage pseudonyms`: gives every published row the pseudonym of the key that is set now, or its address again."""

from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock
from ai_usage_assets.errors import AiUsageError

if TYPE_CHECKING:
    from ai_usage_assets.settings import Settings

HELP = """Give every published row the pseudonyms of AI_USAGE_PSEUDONYM_KEY as it is set now.

Run it after you changed the key, and with no other run at work: the pseudonyms of the former key are replaced in all
curated tables, closed months included. Without a key, the rows get their e-mails again. No figure changes. Set or change
the key for the daemon too. Pages that were written before keep what they say; write them again.

With --clear-old, nothing else is done than what the schedule personal_retention does every night: the raw tables get
pseudonyms in place of the addresses that are older than AI_USAGE_PERSONAL_RETENTION_DAYS. A DuckDB file is written anew
afterwards, so that its free blocks have none either; stop Dagster first.

\b
Examples:
  ai-usage pseudonyms
  ai-usage pseudonyms --clear-old
"""


class NoRetentionError(AiUsageError):
    """No setting says how long addresses are kept."""


@click.command("pseudonyms", help=HELP, short_help="Change the key of the pseudonyms.")
@click.option(
    "--clear-old", "is_clearing", is_flag=True, help="Clear the addresses of old days in the raw tables."
)
@click.pass_obj
def command(clock: Clock, *, is_clearing: bool) -> None:
    from ai_usage_assets.settings import pseudonym_key
    from ai_usage_assets.warehouse.pseudonyms import change_key

    settings = deployment.settings(clock)
    if is_clearing:
        _clear_old(settings, clock)
        return
    engine = deployment.warehouse_to_read(settings)
    key = pseudonym_key()
    changed = change_key(engine, key.encode() if key else None)
    kind = "pseudonyms of the key" if key else "e-mails"
    output.say(f"{changed} people have the {kind} in every published table now.")


def _clear_old(settings: "Settings", clock: Clock) -> None:
    from uuid import uuid4

    from ai_usage_assets.settings import PERSONAL_RETENTION, pseudonym_key
    from ai_usage_assets.warehouse.engine import WriteContext
    from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
    from ai_usage_assets.warehouse.retention import clear_old

    days, key = settings.personal_retention_days, pseudonym_key()
    if not days or not key:
        raise NoRetentionError(
            f"{PERSONAL_RETENTION} is not set, so no address is too old.",
            f"Set {PERSONAL_RETENTION}=400 in .env.",
        )
    engine = deployment.warehouse_to_read(settings)
    cleared = clear_old(
        engine, Pseudonyms(key.encode()), days, clock().date(), WriteContext(uuid4().hex, "retention")
    )
    engine.close()
    if not settings.bigquery_project:
        from ai_usage_assets.warehouse.duckdb.compact import compact

        compact(settings.duckdb_path)
    output.say(str(cleared))
