"""`ai-usage keys --unowned`: who may own the keys that have no owner, as lines for api_key_owners.csv."""

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock

HELP = """Propose owners of the API keys that have none, with the evidence.

The evidence is, in this order: who created the key, to whom its cost was attributed before, a person whose name is in
the key's name, and who owns most keys of its workspace. Standard output has the lines to paste into
api_key_owners.csv, with the header if there is no such file yet; the evidence is on standard error. Read it before you
paste a line: a proposal is a guess. The lines have e-mails, as the file has.

\b
Examples:
  ai-usage keys --unowned
  ai-usage keys --unowned >> identity/api_key_owners.csv
"""


@click.command("keys", help=HELP, short_help="Propose owners of API keys that have none.")
@click.option("--unowned", is_flag=True, required=True, help="Keys without an owner today.")
@click.pass_obj
def command(clock: Clock, *, unowned: bool) -> None:
    from ai_usage_assets.cli import owners
    from ai_usage_assets.sources.identity.files import header_of
    from ai_usage_assets.sources.identity.owners import ALL_COLUMNS, api_key_owners

    settings = deployment.settings(clock)
    file = settings.identity_dir / "api_key_owners.csv"
    # a shell that appends to a new file has created it already
    known = api_key_owners(settings.identity_dir) if file.exists() and file.stat().st_size else []
    content = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    found = owners.read(deployment.warehouse_to_read(settings), clock().date())
    if not found.unowned:
        output.warn("Every key has an owner.")
        return
    proposals = [owners.propose(key, found, known) for key in found.unowned]
    for key, proposal in zip(found.unowned, proposals, strict=True):
        output.warn(f"{key.api_key_id} ({key.description}): {proposal.evidence}")
    lines = [dict(zip(ALL_COLUMNS, proposal.line, strict=True)) for proposal in proposals if proposal.line]
    if lines:
        columns = header_of(file) if content else ALL_COLUMNS
        if content and not content.endswith("\n"):
            output.say("")
        rows = [[line[name] for name in columns] for line in lines]
        output.write_csv(() if content else columns, rows)
