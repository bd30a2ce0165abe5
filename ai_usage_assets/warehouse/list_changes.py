"""What a new listing changes, kept by the write of the list: the list itself holds only what the vendor says now.

Recorded before the list is replaced, so that a write that fails in between is repeated and finds the same change. Where
the two are not one transaction, the log can be ahead of the list, by a listing that was not published. The next listing
is therefore compared with the newest recorded value: that change keeps its day and is not recorded twice, whether the
vendor still lists the value or another one by then.
"""

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES

LOG = RAW_LIST_CHANGES.name


def record(table: Table, staged: str, listed: str) -> str:
    """One statement: every tracked attribute with another value than the last one known, from the day of the listing on.

    `listed` is the listing, `staged` the list's table as it will be. A listing without entries has the present time. A
    second change on a day keeps the value of before the day, and the last one as the new value.
    """
    (key,) = table.key
    values = "\n  union all\n".join(
        f"  select stored.`{key}` as entry_id, '{attribute}' as attribute, stored.fetched_at,\n"
        f"    cast(stored.`{attribute}` as string) as stored_value,\n"
        f"    cast(coming.`{attribute}` as string) as new_value\n"
        f"  from `{table.name}` as stored join `{staged}` as coming on coming.`{key}` = stored.`{key}`"
        for attribute in table.tracked
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
  date(listing.listed_at) as valid_from
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
