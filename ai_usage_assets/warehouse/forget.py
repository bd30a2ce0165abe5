"""Forgetting a person in the warehouse: no row has the address afterwards, and every total is what it was.

Raw rows keep their figures under a number. Curated rows become `unattributed`, in one atomic step for each table and
range of days. The address is in no statement, because BigQuery keeps the text of statements.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from ai_usage_assets.addresses import whole
from ai_usage_assets.days import Days
from ai_usage_assets.forgotten import Forgotten
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.ddl import names, string
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.curated import DIM_API_KEYS, DIM_USER_HISTORY, DIM_USERS
from ai_usage_assets.schema.tables.identity import IDENTITY_ALIASES
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.personal import SOURCES, email_columns, name_columns, stored
from ai_usage_assets.warehouse.pseudonyms import PSEUDONYM
from ai_usage_assets.warehouse.sql import and_within, within
from ai_usage_assets.warehouse.staged_values import staged_values
from ai_usage_assets.whitespace import comparable, trim

DELETED = {DIM_USERS, DIM_USER_HISTORY, FCT_RESTATEMENTS, PSEUDONYMS}
"""The tables that lose the person's rows: they have no figure that a total is made of."""
RATES = frozenset({"fx_rate"})
"""The numbers that are the same in every row which becomes one."""
RATE = "round(cast(safe_divide(sum(accepts), sum(accepts) + sum(rejects)) as numeric), 4)"


def stored_tables(session: Session) -> list[Table]:
    """The tables with personal columns that exist; last those that tell which other addresses are the person's."""
    found = stored(session, (table for table in TABLES if table.layer is not Layer.VIEW))
    return sorted(found, key=lambda table: (table.layer is Layer.IDENTITY, table is PSEUDONYMS))


def spellings(session: Session, emails: Collection[str], forgotten: Forgotten | None = None) -> list[str]:
    """The person's addresses as any table writes them.

    Args:
        session: of the warehouse.
        emails: the addresses that are known.
        forgotten: whoever was forgotten before. One of them who has one of the addresses is the person: an interrupted
            command has removed the rows that tell the other addresses.
    """
    union = " union distinct ".join(
        f"select `{name}` as value from `{table.name}` where `{name}` like '%@%'{and_within(table)}"
        for table in stored_tables(session)
        for name in email_columns(table)
    )
    found = session.fetch(union).column("value").to_pylist() if union else []
    people = forgotten.people(emails) if forgotten else set()
    is_theirs = whole(emails).fullmatch
    return sorted(
        value
        for value in found
        if is_theirs(trim(value)) or (forgotten and people and people & forgotten.people([value]))
    )


def has_pseudonyms(session: Session) -> bool:
    """Whether a vendor's table has pseudonyms in place of addresses that were cleared."""
    parts = [
        f"select `{name}` as value from `{table.name}` where `{name}` like 'p-%'{and_within(table)}"
        for table in stored_tables(session)
        if table.layer in SOURCES
        for name in email_columns(table)
    ]
    found = session.fetch(" union distinct ".join(parts)).column("value").to_pylist() if parts else []
    return any(map(PSEUDONYM.fullmatch, found))


def pseudonyms_of(session: Session, values: Collection[str]) -> dict[str, str]:
    """By the names that stand for the person in curated tables, whatever key they were made with: the address of each."""
    if session.stored_table(PSEUDONYMS.name) is None:
        return {}
    with staged_values(session, "hidden", {"old": sorted(values)}) as staged:
        rows = session.fetch(
            f"select distinct pseudonym, value from `{PSEUDONYMS.name}` where value in (select old from `{staged}`)"
        ).to_pylist()
    return {row["pseudonym"]: row["value"] for row in rows}


def aliases_of(session: Session, email: str) -> set[str]:
    """The person's addresses: the given one, and those of which identity_aliases says that they are the same person's."""
    if session.stored_table(IDENTITY_ALIASES.name) is None:
        return {email}
    rows = session.fetch(f"select alias, email from `{IDENTITY_ALIASES.name}`").to_pylist()
    mains = {comparable(row["alias"]): comparable(row["email"]) for row in rows}
    main = mains.get(email, email)
    return {email, main, *(alias for alias, of in mains.items() if of == main)}


def names_of(session: Session, values: Collection[str]) -> set[str]:
    """The person's names, first and last together, as the lists and dim_users have them."""
    found: set[str] = set()
    with staged_values(session, "named", {"old": sorted(values)}) as staged:
        for table in stored_tables(session):
            columns = name_columns(table)
            if not columns:
                continue
            sql = f"select distinct {names(columns)} from `{table.name}` where {_is_person(table, staged)}"
            for row in session.fetch(sql).to_pylist():
                if all(row.values()):
                    found.add(" ".join(row.values()))
    return found


def forget(engine: Engine, tokens: Mapping[str, str]) -> int:
    """Replace the person in every table; how many tables had the person.

    Args:
        engine: the warehouse.
        tokens: by the addresses as the tables write them, and their pseudonyms: what stands in the raw tables in place of
            each. It is an alias of `unattributed`.
    """
    job = WriteContext(uuid4().hex, "forget")
    changed = 0
    with engine.session(job) as session:
        tables = stored_tables(session)
    person = sorted(tokens)
    for table in tables:
        new = [UNATTRIBUTED if table is DIM_API_KEYS else tokens[each] for each in person]
        with (
            engine.session(job.part(table.name)) as session,
            staged_values(session, "forgotten", {"old": person, "new": new}) as staged,
        ):
            if not _has_person(session, table, staged):
                continue
            changed += 1
            if table in DELETED or table.layer is Layer.IDENTITY:
                for name in email_columns(table):
                    session.execute(
                        f"delete from `{table.name}` where `{name}` in (select old from `{staged}`)"
                    )
            elif table.layer in SOURCES or table is DIM_API_KEYS:
                _renamed(session, table, staged)
            else:
                for part in _days(session, table, staged).chunks(MAX_DAYS_PER_WRITE):
                    _combine(engine, table, person, part, job)
    with engine.session(job.part("alias")) as session:
        if session.stored_table(IDENTITY_ALIASES.name) is not None:
            added = " union distinct ".join(
                f"select {string(token)} as alias" for token in sorted({*tokens.values()})
            )
            session.execute(
                f"merge `{IDENTITY_ALIASES.name}` as target using ({added}) as added "
                "on target.alias = added.alias when not matched then insert (alias, email, fetched_at) "
                f"values (added.alias, {string(UNATTRIBUTED)}, current_timestamp())"
            )
    return changed


def _is_person(table: Table, staged: str) -> str:
    """The condition of the person's rows."""
    columns = " or ".join(f"`{name}` in (select old from `{staged}`)" for name in email_columns(table))
    return f"({columns}){and_within(table)}"


def _has_person(session: Session, table: Table, staged: str) -> bool:
    sql = f"select count(*) as row_count from `{table.name}` where {_is_person(table, staged)}"
    return bool(session.fetch(sql).to_pylist()[0]["row_count"])


def _renamed(session: Session, table: Table, staged: str) -> None:
    cleared = "".join(f", `{name}` = null" for name in name_columns(table))
    for name in email_columns(table):
        session.execute(
            f"update `{table.name}` set `{name}` = renamed.new{cleared} from `{staged}` as renamed "
            f"where renamed.old = `{table.name}`.`{name}`{and_within(table)}"
        )


def _days(session: Session, table: Table, staged: str) -> Days:
    """From the first to the last day that has the person."""
    partition = str(table.partition)
    [days] = session.fetch(
        f"select min({partition}) as first_day, max({partition}) as last_day from `{table.name}` "
        f"where user_email in (select old from `{staged}`){and_within(table)}"
    ).to_pylist()
    return Days(days["first_day"], days["last_day"])


def _combine(engine: Engine, table: Table, person: Collection[str], days: Days, job: WriteContext) -> None:
    """Give the person's rows to `unattributed`. Rows that have the same key then become one, with the sums of both."""
    with (
        engine.session(job.part(f"{table.name}-{days.first}")) as session,
        staged_values(session, "people", {"old": person}) as people,
    ):
        combined = f"staged_combined_{uuid4().hex[:12]}"
        try:
            session.stage(combined, _combined(table, people, days))
            session.publish(table, combined, days)
        finally:
            session.discard(combined)


def _combined(table: Table, staged: str, days: Days) -> str:
    has_actor = "actor_type" in table.by_name
    actor = ", if(people.old is not null and actor_type = 'person', 'unknown', actor_type) as actor_type"
    columns = ", ".join(f"{_sum(table, name)} as `{name}`" for name in table.column_names)
    keys = names([name for name in table.key if name in table.by_name])
    return f"""
select {columns}
from (
  select facts.* replace (
    if(people.old is not null, {string(UNATTRIBUTED)}, facts.user_email) as user_email{actor if has_actor else ""}
  )
  from `{table.name}` as facts
  left join `{staged}` as people on people.old = facts.user_email
  where {within(str(table.partition), days)}
) as renamed
group by {keys}"""


def _sum(table: Table, name: str) -> str:
    column = table.by_name[name]
    if name in table.key:
        return f"`{name}`"
    if name == "acceptance_rate":
        return RATE
    if column.is_number and name not in RATES:
        return f"cast(sum(`{name}`) as {column.type.name.lower()})"
    return f"logical_or(`{name}`)" if column.type.name == "BOOLEAN" else f"max(`{name}`)"
