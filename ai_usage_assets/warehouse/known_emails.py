"""Known e-mails: a row that is read again without its e-mail keeps the e-mail that it was stored with.

Cursor omits the e-mail in older rows of people who left. Stored and new rows are matched by their other columns. Rows
that are the same in all of them are paired in order. A stored row whose e-mail is in the new rows is not paired again.
An imported row has fewer columns than the vendor's, and is matched by these.
"""

from ai_usage_assets.days import Days
from ai_usage_assets.schema.columns import FETCHED_AT, UNATTRIBUTED
from ai_usage_assets.schema.ddl import names, string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.sql import within


def is_missing(email: str) -> str:
    """The condition that a row has no e-mail."""
    return f"(`{email}` is null or trim(`{email}`) in ('', {string(UNATTRIBUTED)}))"


def matching_columns(table: Table) -> list[str]:
    """The columns by which a new row is matched with a stored one."""
    ignored = {FETCHED_AT.name, table.email_column, table.occurrence_column}
    return [name for name in table.match_columns or table.column_names if name not in ignored]


def _compared(table: Table, name: str) -> str:
    """What of a column is the same in two rows that match; on an imported day, what an import has of it."""
    if not table.import_match_columns:
        return f"`{name}`"
    if name not in table.import_match_columns:
        return f"if(is_imported, null, `{name}`)"
    return (
        f"if(is_imported, coalesce(`{name}`, 0), `{name}`)" if table.by_name[name].is_number else f"`{name}`"
    )


def has_lost_emails(session: Session, table: Table, staged: str, days: Days) -> bool:
    """Whether the table has e-mails that the staged rows lack. Columns that may be NULL are not compared, which is faster."""
    email = str(table.email_column)
    by = [
        name
        for name in matching_columns(table)
        if name in table.match_columns or table.by_name[name].is_required
    ]
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


def with_known_emails(table: Table, staged: str, days: Days) -> str:
    """A SELECT of the staged rows, with the stored e-mail where they have none, and with new occurrence numbers."""
    email = str(table.email_column)
    by = ", ".join(_compared(table, name) for name in matching_columns(table))
    given = [name for name in table.match_columns if not table.by_name[name].is_required]
    known = "".join(f" and `{name}` is not null" for name in given)
    order = f"`{table.occurrence_column}`" if table.occurrence_column else f"`{FETCHED_AT.name}`"
    columns = names(table.column_names)
    imported = f"countif(`source` is not null) over (partition by `{table.partition}`) > 0"
    return f"""
with
rows_of_both as (
  select {columns}, true as is_new from `{staged}`
  union all
  select {columns}, false as is_new from `{table.name}`
  where {within(str(table.partition), days)} and not {is_missing(email)}
),
marked as (
  select *, {imported if table.import_match_columns else "false"} as is_imported from rows_of_both
),
counted as (
  select
    *,
    countif(is_new) over (partition by {by}, `{email}`) as new_rows,
    row_number() over (partition by is_new, {by}, `{email}` order by {order}) as copy
  from marked
),
unpaired as (
  select *, if(is_new, {is_missing(email)}, copy > new_rows){known} as is_unpaired from counted
),
placed as (
  select
    *,
    row_number() over (partition by is_unpaired, is_new, {by} order by `{email}`, copy) as place
  from unpaired
),
paired as (
  select
    *,
    max(if(is_unpaired and not is_new, `{email}`, null)) over (partition by is_unpaired, place, {by}) as stored_email
  from placed
),
named as (
  select * replace (if(is_unpaired, coalesce(stored_email, `{email}`), `{email}`) as `{email}`)
  from paired where is_new
)
select {_numbered(table)} from named"""


def _numbered(table: Table) -> str:
    """The declared columns. A row may now be equal to another one, so the occurrences are numbered again."""
    if table.occurrence_column is None:
        return names(table.column_names)
    same_columns = names(
        [name for name in table.column_names if name not in {FETCHED_AT.name, table.occurrence_column}]
    )
    number = f"row_number() over (partition by {same_columns} order by `{table.occurrence_column}`) as `{table.occurrence_column}`"
    return ", ".join(
        number if name == table.occurrence_column else f"`{name}`" for name in table.column_names
    )
