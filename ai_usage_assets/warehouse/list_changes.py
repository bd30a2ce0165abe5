"""List changes: what a new list of a vendor changes. The snapshot table itself holds the present values only.

A change is recorded before the list is replaced. If the write fails in between, the next one finds the same change. On
an engine without transactions the log can thus be ahead of the list by one list that was not published. The next list is
therefore compared with the newest recorded value. That change keeps its day and is not recorded twice, even if the vendor
lists yet another value by then.
"""

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES

LOG = RAW_LIST_CHANGES.name


def record_changes(table: Table, staged: str, listed: str) -> str:
    """The statement that records every tracked attribute whose value differs from the last known one.

    The new value holds from the day of the list on. A list without entries has the present time. A second change on one
    day keeps the old value from before that day, and replaces the new value.

    Args:
        table: the snapshot table.
        staged: the name of the staged rows that the table will have.
        listed: the name of the staged list.
    """
    (key,) = table.key
    values = "\n  union all\n".join(
        f"  select stored.`{key}` as entry_id, '{attribute}' as attribute, stored.fetched_at,\n"
        f"    cast(stored.`{attribute}` as string) as stored_value,\n"
        f"    cast(coming.`{attribute}` as string) as new_value\n"
        f"  from `{table.name}` as stored join `{staged}` as coming on coming.`{key}` = stored.`{key}`"
        for attribute in table.tracked_columns
    )
    return f"""merge `{LOG}` as log using (
with
listing as (
  select coalesce(max(fetched_at), current_timestamp()) as listed_at from `{listed}`
),
attributes as (
{values}
),
recorded as (
  select entry_id, attribute, new_value, listed_at
  from `{LOG}`
  where table_name = '{table.name}'
  qualify row_number() over (partition by entry_id, attribute order by valid_from desc) = 1
),
compared as (
  select attributes.entry_id, attributes.attribute, attributes.new_value,
    if(recorded.listed_at > attributes.fetched_at, recorded.new_value, attributes.stored_value) as old_value
  from attributes
  left join recorded
    on recorded.entry_id = attributes.entry_id and recorded.attribute = attributes.attribute
)
select compared.entry_id, compared.attribute, compared.old_value, compared.new_value, listing.listed_at,
  date(listing.listed_at, 'UTC') as valid_from
from compared
cross join listing
where compared.old_value is distinct from compared.new_value
) as changed
on log.table_name = '{table.name}' and log.entry_id = changed.entry_id
  and log.attribute = changed.attribute and log.valid_from = changed.valid_from
when matched then update set new_value = changed.new_value, listed_at = changed.listed_at
when not matched then insert
  (table_name, entry_id, attribute, old_value, new_value, valid_from, listed_at)
values
  ('{table.name}', changed.entry_id, changed.attribute, changed.old_value, changed.new_value, changed.valid_from,
   changed.listed_at)"""
