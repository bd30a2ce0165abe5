"""`ai-usage pseudonyms`: gives every published row the pseudonym of the key that is set now, or its address again."""

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock

HELP = """Give every published row the pseudonyms of AI_USAGE_PSEUDONYM_KEY as it is set now.

Run it after you changed the key, and with no other run at work: the pseudonyms of the former key are replaced in all
curated tables, closed months included. Without a key, the rows get their e-mails again. No figure changes. Set or change
the key for the daemon too. Pages that were written before keep what they say; write them again.

\b
Example:
  ai-usage pseudonyms
"""


@click.command("pseudonyms", help=HELP, short_help="Change the key of the pseudonyms.")
@click.pass_obj
def command(clock: Clock) -> None:
    from ai_usage_assets.settings import pseudonym_key
    from ai_usage_assets.warehouse.pseudonyms import change_key

    engine = deployment.warehouse_to_read(deployment.settings(clock))
    key = pseudonym_key()
    changed = change_key(engine, key.encode() if key else None)
    kind = "pseudonyms of the key" if key else "e-mails"
    output.say(f"{changed} people have the {kind} in every published table now.")
