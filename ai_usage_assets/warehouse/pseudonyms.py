"""Pseudonyms: with a key, curated tables have `p-<16 hexadecimal digits>` in place of each e-mail, and no names.

A curated statement reads the raw tables, the lists and the identity files through subqueries that replace each e-mail by
its pseudonym. Pseudonyms are computed here, in Python, so that the key is in no statement, no table and no log. The table
`pseudonyms` has them; it is brought up to date before a statement that reads it.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.ddl import string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import DIM_API_KEYS, DIM_USERS
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.warehouse.engine import Engine, Select, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import PseudonymKeyError
from ai_usage_assets.warehouse.personal import (
    NAME_OF_KEY,
    NAMES,
    email_columns,
    name_columns,
    personal_columns,
    published,
    stored_sources,
)
from ai_usage_assets.warehouse.sql import and_within, within
from ai_usage_assets.warehouse.staged_values import staged_values
from ai_usage_assets.whitespace import trim

DIGITS = 16
PSEUDONYM = re.compile(rf"p-[0-9a-f]{{{DIGITS}}}")


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonyms that belong to a key."""

    key: bytes = field(repr=False)

    def of(self, email: str) -> str:
        """The pseudonym of an e-mail, however it is written."""
        return f"p-{self._digest(trim(email).lower())}"

    @property
    def key_check(self) -> str:
        """What tells this key from another one, and says nothing of it."""
        return self._digest("\x00the check of the key")

    def _digest(self, text: str) -> str:
        return hmac.new(self.key, text.encode("utf-8"), hashlib.sha256).hexdigest()[:DIGITS]

    def applied(self, table: Table, select: Select) -> Select:
        """The statement of a curated table, with pseudonyms in place of e-mails; itself if it reads no e-mail."""
        read = addresses_in(table, select)
        if not read:
            return select
        sql = re.sub(
            rf"\b(from|join)(\s+)({'|'.join(read)})\b(\s+as\s+(\w+))?",
            lambda found: f"{found[1]}{found[2]}{_hidden(read[found[3]], table)} as {found[5] or found[3]}",
            select.sql,
        )
        return replace(select, sql=sql, inputs=(*select.inputs, PSEUDONYMS), pseudonyms=self)

    def refresh(self, engine: Engine, session: Session, inputs: Iterable[Table], days: Days | None) -> None:
        """Store the pseudonyms of the e-mails that these tables have, on these days, and that have none yet.

        The first time, what was published before is given pseudonyms too.

        Raises:
            PseudonymKeyError: the stored ones are made with another key. Nothing was written.
        """
        ensure_tables(engine, session, [PSEUDONYMS])
        found = session.fetch(_unknown(list(inputs), days)).to_pylist()
        checks = {row["key_check"] for row in found if row["key_check"]}
        self._refuse_others(checks)
        new = [row["value"] for row in found if not row["key_check"]]
        if not checks:
            stored = published(session)
            earlier = session.fetch(_unknown(stored, None)).column("value").to_pylist()
            new = sorted({*new, *earlier} - {""})
            rename(session, stored, {value: self.of(value) for value in earlier})
            hide_names(session, stored)
        if new:
            _add(session, [(value, self.of(value), self.key_check) for value in new])

    def require(self, engine: Engine) -> None:
        """Refuse to go on if the stored pseudonyms are made with another key.

        Raises:
            PseudonymKeyError: nothing was written.
        """
        with engine.session() as session:
            if session.stored_table(PSEUDONYMS.name) is not None:
                found = session.fetch(f"select distinct key_check from `{PSEUDONYMS.name}`")
                self._refuse_others(set(found.column("key_check").to_pylist()))

    def _refuse_others(self, checks: set[str]) -> None:
        if checks - {self.key_check}:
            raise PseudonymKeyError(
                "AI_USAGE_PSEUDONYM_KEY is another key than the one that the pseudonyms of this warehouse are made with. "
                "Nothing was written.",
                "Set the former key again. To change it for good, run `ai-usage pseudonyms`, which gives every published "
                "row its new pseudonym.",
            )


def change_key(engine: Engine, key: bytes | None) -> int:
    """Replace the pseudonyms of the former key in every published table; without a key, by the e-mails themselves.

    Sources have pseudonyms too, on days whose addresses were cleared (warehouse/retention.py).

    Returns:
        How many people have another name in the tables now.
    """
    with engine.session(WriteContext(uuid4().hex, PSEUDONYMS.name)) as session:
        ensure_tables(engine, session, [PSEUDONYMS])
        known = session.fetch(f"select value, pseudonym from `{PSEUDONYMS.name}`").to_pylist()
        made = Pseudonyms(key) if key else None
        renamed = {
            row["pseudonym"]: made.of(row["value"]) if made else trim(row["value"]).lower() for row in known
        }
        # sources have pseudonyms where old addresses were cleared; their other addresses stay
        rename(session, stored_sources(session), renamed)
        values = {row["value"] for row in known}
        stored = published(session)
        if made:
            # addresses that were published before the first key have no pseudonym yet
            found = session.fetch(_unknown(stored, None)).to_pylist()
            earlier = {row["value"] for row in found if not row["key_check"]}
            renamed |= {value: made.of(value) for value in earlier}
            values |= earlier
        rename(session, stored, renamed)
        session.execute(f"delete from `{PSEUDONYMS.name}` where true")
        if made:
            hide_names(session, stored)
            _add(session, [(value, made.of(value), made.key_check) for value in sorted(values)])
    return len(renamed)


def addresses_in(table: Table, select: Select) -> dict[str, Table]:
    """By name, the tables with addresses or names of people that a curated statement reads."""
    return {each.name: each for each in select.inputs if any(personal_columns(each, table))}


def refuse_without_key(engine: Engine) -> None:
    """Refuse to publish addresses where people have pseudonyms.

    Raises:
        PseudonymKeyError: the warehouse has pseudonyms. Nothing was written.
    """
    with engine.session() as session:
        if session.stored_table(PSEUDONYMS.name) is None:
            return
        [row] = session.fetch(f"select count(*) as row_count from `{PSEUDONYMS.name}`").to_pylist()
    if row["row_count"]:
        raise PseudonymKeyError(
            "AI_USAGE_PSEUDONYM_KEY is not set, and the people of this warehouse have pseudonyms. Nothing was written.",
            "Set the key for this process too. To go back to addresses, run `ai-usage pseudonyms` without the key.",
        )


def _hidden(table: Table, target: Table) -> str:
    """A subquery of all columns, with pseudonyms in place of e-mails and without names."""
    values, joins = [], []
    for name in personal_columns(table, target):
        if name in NAMES:
            values.append(f"cast(null as string) as {name}")
            continue
        known = f"known_{name}"
        # an e-mail without a pseudonym is never shown; a refresh before the statement leaves none
        values.append(
            f"coalesce({known}.pseudonym, if(rows_of_table.{name} like '%@%', {string(UNATTRIBUTED)}, "
            f"rows_of_table.{name})) as {name}"
        )
        joins.append(
            f"left join (select value, max(pseudonym) as pseudonym from {PSEUDONYMS.name} group by value) as {known} "
            f"on {known}.value = rows_of_table.{name}"
        )
    # the statement has the bounds; BigQuery asks for some beside each read of a table
    where = f" where {within(table.partition, ALL_DAYS)}" if table.partition else ""
    return (
        f"(select rows_of_table.* replace ({', '.join(values)}) from {table.name} as rows_of_table "
        f"{' '.join(joins)}{where})"
    )


def _unknown(tables: Iterable[Table], days: Days | None) -> str:
    """One row is an e-mail without a pseudonym, or the check of a key that pseudonyms are made with."""
    parts = ["select '' as value"]
    for table in tables:
        if table is PSEUDONYMS:
            continue
        parts += [
            f"select `{name}` from `{table.name}` where `{name}` like '%@%'{and_within(table, days or ALL_DAYS)}"
            for name in email_columns(table)
        ]
    union = "\n  union distinct\n  ".join(parts)
    return f"""
select found.value, cast(null as string) as key_check
from (
  {union}
) as found
left join `{PSEUDONYMS.name}` as known on known.value = found.value
where found.value != '' and known.value is null
union all
select distinct '' as value, key_check from `{PSEUDONYMS.name}`"""


def _add(session: Session, rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    columns = zip(*rows, strict=True)
    with staged_values(
        session, PSEUDONYMS.name, dict(zip(PSEUDONYMS.column_names, columns, strict=True))
    ) as staged:
        session.execute(
            f"merge `{PSEUDONYMS.name}` as target using `{staged}` as staged on target.value = staged.value\n"
            "when not matched then insert (value, pseudonym, key_check) "
            "values (staged.value, staged.pseudonym, staged.key_check)"
        )


def rename(session: Session, tables: Iterable[Table], new_values: dict[str, str]) -> None:
    """Replace e-mails, or pseudonyms, on all days, and the ids that are made of them."""
    if not new_values:
        return
    with staged_names(session, new_values) as staged:
        for table in tables:
            for name in email_columns(table):
                update(session, staged, table, name, and_within(table))


def staged_names(session: Session, new_values: dict[str, str]) -> AbstractContextManager[str]:
    """A staged table of old and new values, by its name."""
    return staged_values(session, "renamed", {"old": new_values.keys(), "new": new_values.values()})


def update(session: Session, staged: str, table: Table, name: str, where: str) -> None:
    """Replace the staged values in a column, in the rows of a condition that begins with `and`."""
    user_id = ", user_id = to_hex(md5(renamed.new))" if table is DIM_USERS else ""
    session.execute(
        f"update `{table.name}` set `{name}` = renamed.new{user_id} from `{staged}` as renamed "
        f"where renamed.old = `{table.name}`.`{name}`{where}"
    )


def hide_names(session: Session, tables: Iterable[Table]) -> None:
    """Clear what pseudonyms would otherwise stand beside: names of people, and names of keys."""
    for table in tables:
        for name in [*name_columns(table), *([NAME_OF_KEY] if table is DIM_API_KEYS else [])]:
            session.execute(f"update `{table.name}` set `{name}` = null where `{name}` is not null")
