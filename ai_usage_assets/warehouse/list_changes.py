"""What a new listing changes, kept by the write of the list: the list itself holds only what the vendor says now.

Recorded before the list is replaced, so that a write that fails in between is repeated and finds the same change. Where
the two are not one transaction, a change that was recorded and whose list was not published keeps its first day.
"""

from ai_usage_assets.schema.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.model import Table

LOG = RAW_LIST_CHANGES.name


def record(table: Table, staged: str) -> str:
    """One statement: every tracked attribute whose staged value is not the stored one, from the day of the listing on.

    A second change on a day keeps the value of before the day, and the last one as the new value.
    """
    (key,) = table.key
    changed = "\nunion all\n".join(
        f"select known.`{key}` as entry_id, '{attribute}' as attribute, cast(known.`{attribute}` as string) as old_value, "
        f"cast(coming.`{attribute}` as string) as new_value, known.fetched_at as published_at "
        f"from `{table.name}` as known join `{staged}` as coming on coming.`{key}` = known.`{key}` "
        f"where known.`{attribute}` is distinct from coming.`{attribute}`"
        for attribute in table.tracked
    )
    return f"""merge `{LOG}` as log using (
select changed.entry_id, changed.attribute, changed.old_value, changed.new_value, listing.listed_at,
  date(listing.listed_at) as valid_from
from (
{changed}
) as changed
cross join (select max(fetched_at) as listed_at from `{staged}`) as listing
left join `{LOG}` as recorded
  on recorded.table_name = '{table.name}' and recorded.entry_id = changed.entry_id
  and recorded.attribute = changed.attribute and recorded.new_value is not distinct from changed.new_value
  and recorded.listed_at > changed.published_at and recorded.valid_from < date(listing.listed_at)
where recorded.entry_id is null
) as changed
on log.table_name = '{table.name}' and log.entry_id = changed.entry_id
  and log.attribute = changed.attribute and log.valid_from = changed.valid_from
when matched then update set new_value = changed.new_value, listed_at = changed.listed_at
when not matched then insert
  (table_name, entry_id, attribute, old_value, new_value, valid_from, listed_at)
values
  ('{table.name}', changed.entry_id, changed.attribute, changed.old_value, changed.new_value, changed.valid_from,
   changed.listed_at)"""
