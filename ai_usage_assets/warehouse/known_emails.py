"""The e-mail that a later answer lacks: a row that is read again keeps the one that it was stored with.

The vendor leaves it out of the older rows of people who left. Rows that are alike are paired in order: a stored row
that an incoming one with the same e-mail stands for is not given to another.
"""

from ai_usage_assets.days import Days
from ai_usage_assets.schema.columns import FETCHED_AT
from ai_usage_assets.schema.ddl import names, string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.sql import within

UNATTRIBUTED = "unattributed"
"""How a row without an e-mail is stored where the column is required."""


def is_missing(email: str) -> str:
    """The condition that a row has no e-mail."""
    return f"(`{email}` is null or trim(`{email}`) in ('', {string(UNATTRIBUTED)}))"


def recognizing(table: Table) -> list[str]:
    """The columns by which a stored row is found again."""
    beside = {FETCHED_AT.name, table.email, table.numbering}
    return [name for name in table.recognized_by or table.column_names if name not in beside]


def are_lost(session: Session, table: Table, staged: str, days: Days) -> bool:
    """Whether the table has e-mails that the staged rows do not have, by the few columns that are always given."""
    email = str(table.email)
    by = [name for name in recognizing(table) if name in table.recognized_by or table.by_name[name].required]
    columns = names([*by, email])
    given = f"not {is_missing(email)}"
    [row] = session.fetch(f"""
select count(*) as lost
from (
  select {columns}
  from (
    select {columns}, 1 as stored from `{table.name}`
    where {within(str(table.partition), days)} and {given}
    union all
    select {columns}, -1 as stored from `{staged}` where {given}
  ) as of_both
  group by {columns}
  having sum(stored) > 0
) as lost_emails""").to_pylist()
    return bool(row["lost"])


def completed(table: Table, staged: str, days: Days) -> str:
    """A SELECT of the staged rows, with the stored e-mail where one is missing, and numbered anew."""
    email, by = str(table.email), names(recognizing(table))
    given = [name for name in table.recognized_by if not table.by_name[name].required]
    known = "".join(f" and `{name}` is not null" for name in given)
    order = f"`{table.numbering}`" if table.numbering else f"`{FETCHED_AT.name}`"
    columns = names(table.column_names)
    return f"""
with
rows_of_both as (
  select {columns}, true as is_new from `{staged}`
  union all
  select {columns}, false as is_new from `{table.name}`
  where {within(str(table.partition), days)} and not {is_missing(email)}
),
counted as (
  select
    *,
    countif(is_new) over (partition by {by}, `{email}`) as told,
    row_number() over (partition by is_new, {by}, `{email}` order by {order}) as copy
  from rows_of_both
),
opened as (
  select *, if(is_new, {is_missing(email)}, copy > told){known} as is_open from counted
),
placed as (
  select
    *,
    row_number() over (partition by is_open, is_new, {by} order by `{email}`, copy) as place
  from opened
),
paired as (
  select
    *,
    max(if(is_open and not is_new, `{email}`, null)) over (partition by is_open, place, {by}) as stored_email
  from placed
),
named as (
  select * replace (if(is_open, coalesce(stored_email, `{email}`), `{email}`) as `{email}`)
  from paired where is_new
)
select {_numbered(table)} from named"""


def _numbered(table: Table) -> str:
    """The declared columns; a row that was given an e-mail may be alike with another now."""
    if table.numbering is None:
        return names(table.column_names)
    alike = names([name for name in table.column_names if name not in {FETCHED_AT.name, table.numbering}])
    anew = f"row_number() over (partition by {alike} order by `{table.numbering}`) as `{table.numbering}`"
    return ", ".join(anew if name == table.numbering else f"`{name}`" for name in table.column_names)
