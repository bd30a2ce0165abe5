"""`ai-usage forget`: removes a person from every table, file and record, and searches all of them afterwards."""

from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.whitespace import comparable, hidden, trim

if TYPE_CHECKING:
    from ai_usage_assets.settings import Settings

HELP = """Remove a person from everything that is kept, and search every file for the address afterwards.

EMAIL is the person's address, or one of several: those that people.csv lists as aliases are forgotten with it. The
person's usage and cost become `unattributed`, so every total stays, of closed months too. The identity files lose the
person's lines; pages that name the person are deleted, and can be written again. identity/forgotten.csv gets a salted
digest of the address: if a vendor sends it again, it is not stored, and an identity file that has it is refused.

Stop Dagster first (`ai-usage up`). What the vendors keep is theirs: remove the person in their consoles. Copies and
backups that you made are not reached. In BigQuery, the former state of a table stays readable for the time travel
window, 7 days by default, and 7 more days in fail-safe (docs/privacy.md).

\b
Example:
  ai-usage forget ann@example.com
"""


class StillNamedError(AiUsageError):
    """Something has the address after the person was forgotten."""


@click.command("forget", help=HELP, short_help="Remove a person from everything that is kept.")
@click.argument("email", metavar="EMAIL")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(clock: Clock, email: str, *, is_sure: bool) -> None:
    settings = deployment.settings(clock)
    given = comparable(email)
    if given.count("@") != 1 or given.startswith("@") or given.endswith("@"):
        raise click.UsageError("EMAIL is not an e-mail address.")
    if invisible := hidden(given):
        raise click.UsageError(f"EMAIL has a character that cannot be seen ({invisible}). Type the address.")
    if not is_sure:
        click.confirm("This cannot be undone. Forget this person?", abort=True)
    _forget(settings, given, clock)


def _forget(settings: "Settings", given: str, clock: Clock) -> None:
    """What tells who the person is goes last, so that an interrupted command can be run again."""
    from ai_usage_assets.forgotten import Forgotten, add
    from ai_usage_assets.ops import forgotten_files as files
    from ai_usage_assets.report.text import plural
    from ai_usage_assets.settings import pseudonym_key
    from ai_usage_assets.warehouse import forget
    from ai_usage_assets.warehouse.mentions import forget_in_notes
    from ai_usage_assets.warehouse.pseudonyms import Pseudonyms, refuse_without_key

    engine, key = deployment.warehouse(settings), pseudonym_key()
    made = Pseudonyms(key.encode()) if key else None
    emails, values, people = files.addresses_in(settings.identity_dir, given), [], set()
    pseudonyms: dict[str, str] = {}
    has_warehouse, is_hidden = engine.exists(), False
    if has_warehouse:
        # addresses that were cleared have pseudonyms in their place, which the key alone can tell
        made.require(engine) if made else refuse_without_key(engine)
        with engine.session() as session:
            is_hidden = made is None and forget.has_pseudonyms(session)
            emails |= {alias for each in list(emails) for alias in forget.aliases_of(session, each)}
            values = forget.spellings(session, emails, Forgotten.read(settings.identity_dir))
            emails |= {trim(value).lower() for value in values}
            people = forget.names_of(session, values)
            pseudonyms = forget.pseudonyms_of(session, values)
    if made:
        pseudonyms |= {made.of(each): each for each in emails}
    tokens = add(settings.identity_dir, sorted(emails), clock().date())
    texts = {*emails, *pseudonyms}
    pages = _pages(settings, texts, people)
    # a check writes a person as dim_users.user_id into Dagster's records
    hashes = {md5(each.encode(), usedforsecurity=False).hexdigest() for each in texts}
    records = files.forget_in_records(_records(), texts | hashes) if _records().exists() else []
    tables = 0
    if has_warehouse:
        written = {each: each for each in (*values, *emails)} | pseudonyms
        tables = forget.forget(engine, {old: tokens[trim(email).lower()] for old, email in written.items()})
        forget_in_notes(engine, texts)
        engine.close()
        if not settings.bigquery_project:
            from ai_usage_assets.warehouse.duckdb.compact import compact

            compact(settings.duckdb_path)
    changed = files.forget_in_identity(settings.identity_dir, emails)
    output.say(
        f"{plural(tables, 'table')} had the person; {plural(len(changed), 'identity file')}, "
        f"{plural(len(pages), 'page')} and {plural(len(records), 'file')} of Dagster's records were changed or deleted."
    )
    if not (tables or changed or records):
        output.warn(
            "Nobody with this address was found: check the spelling, unless the person was forgotten before. "
            "forgotten.csv has a digest of it, so that it is not stored if a vendor sends it.",
            "warning",
        )
    if is_hidden:
        output.warn(
            "Old days have pseudonyms in place of addresses, and without AI_USAGE_PSEUDONYM_KEY nothing tells whether one "
            "is this person's. Set the key that they were made with, and run this again.",
            "warning",
        )
    for each in sorted(_refusals(settings.identity_dir)):
        output.warn(each, "warning")
    _prove(settings, texts | hashes, has_warehouse=has_warehouse)


def _refusals(folder: Path) -> set[str]:
    """What is wrong with the identity files: a file may need a line of another one that is gone."""
    from ai_usage_assets.sources.identity import READERS

    found = set()
    for read in READERS.values():
        try:
            read(folder)
        except AiUsageError as refused:
            found.add(str(refused))
    return found


def _pages(settings: "Settings", texts: set[str], people: set[str]) -> list[Path]:
    import hmac

    from ai_usage_assets.ops.forgotten_files import forget_pages
    from ai_usage_assets.report.files import NUMBERS_FILE

    folder = settings.report_dir
    if not folder.exists():
        return []
    numbers = folder / NUMBERS_FILE
    own = (
        [hmac.new(numbers.read_bytes(), each.encode(), "sha256").hexdigest()[:8] for each in texts]
        if numbers.exists()
        else []
    )
    return forget_pages(folder, {*texts, *people}, own)


def _records() -> Path:
    from ai_usage_assets.ops.records import Home

    return Home.find(Path()).path


def _prove(settings: "Settings", texts: set[str], *, has_warehouse: bool) -> None:
    """Search everything for the addresses, the pseudonyms and their hashes.

    Raises:
        StillNamedError: one is somewhere. The places are named.
    """
    from ai_usage_assets.addresses import longer, whole
    from ai_usage_assets.ops.forgotten_files import files_in, naming
    from ai_usage_assets.report.text import plural
    from ai_usage_assets.warehouse.mentions import mentions
    from ai_usage_assets.warehouse.personal import SOURCES
    from ai_usage_assets.warehouse.translations import folder as translations

    pattern, others = whole(texts), set[str]()
    places, vendors = set[str](), set[str]()
    if has_warehouse:
        engine = deployment.warehouse(settings)
        with engine.session() as session:
            for each in mentions(session, texts):
                others.update(longer(each.value, texts))
                if pattern.search(each.value):
                    (vendors if each.table.layer in SOURCES else places).add(each.place)
        engine.close()
    folders = [settings.identity_dir, settings.report_dir, _records(), translations()]
    paths = [*files_in(folder for folder in folders if folder.exists())]
    paths += [
        path for path in settings.duckdb_path.parent.glob(f"{settings.duckdb_path.name}*") if path.is_file()
    ]
    places.update(map(str, naming(paths, texts, others)))
    if places or vendors:
        raise StillNamedError(
            f"The address or its pseudonym is still in {', '.join(sorted(places | vendors))}.",
            f"What {' and '.join(sorted(vendors))} has is text of the vendor, such as the name of a key: change it in the "
            "vendor's console, load that table again, and run this again."
            if vendors
            else "Stop every run, and run this again.",
        )
    kept = "every table" if settings.bigquery_project else "every table and every byte of the DuckDB file"
    output.say(f"Searched {plural(len(paths), 'file')}, and {kept}: the address is in none of them.")
    if settings.bigquery_project:
        output.say(
            "BigQuery keeps the former rows for its time travel window (7 days by default) and 7 days of fail-safe."
        )
