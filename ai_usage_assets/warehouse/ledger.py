"""The restatement ledger, kept by the write: what the door is about to change is set down before it is changed.

Set down first, because a write that then fails is tried again and finds the same difference; the other way round a
crash in between would lose it for ever. Where the two are not one transaction the ledger can be ahead of the fact,
by one change that was not published. The next write finds it so: it neither counts that change twice nor keeps it if
the total stays what it was.
"""

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ledger import FCT_RESTATEMENTS
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.statements import within

LEDGER = FCT_RESTATEMENTS.name


def moved(table: Table, staged: str, days: Days) -> str:
    """The totals that the write changes, and those of which the ledger says another value than will be there.

    A total that was never published is no restatement; a day that is empty, and in the ledger, was emptied.
    """
    return f"""
with
published as (
{_totals(table, table.name, days, "min(processed_at)")}
),
coming as (
{_totals(table, staged, days, "cast(null as timestamp)")}
),
known as (
  select day, platform, measure, current_value
  from {LEDGER}
  where {within("day", days)}
),
compared as (
  select
    coalesce(published.day, coming.day, known.day) as day,
    coalesce(published.platform, coming.platform, known.platform) as platform,
    coalesce(published.measure, coming.measure, known.measure) as measure,
    coalesce(published.total, if(known.day is null, null, 0)) as previous_value,
    coalesce(coming.total, 0) as current_value,
    known.current_value as known_value,
    published.published_at as first_published_at
  from published
  full outer join coming
    on coming.day = published.day
    and coming.platform = published.platform
    and coming.measure = published.measure
  full outer join known
    on known.day = coalesce(published.day, coming.day)
    and known.platform = coalesce(published.platform, coming.platform)
    and known.measure = coalesce(published.measure, coming.measure)
)
select day, platform, measure, previous_value, current_value, first_published_at
from compared
where previous_value is not null
  and (previous_value != current_value or known_value != current_value)
  and measure in ({", ".join(f"'{measure}'" for measure in table.restated)})"""


def _totals(table: Table, source: str, days: Days, published_at: str) -> str:
    return "\nunion all\n".join(
        f"select `{table.partition}` as day, platform, '{measure}' as measure, "
        f"cast(sum(`{measure}`) as numeric) as total, {published_at} as published_at "
        f"from `{source}` where {within(str(table.partition), days)} group by 1, 2 "
        f"having sum(`{measure}`) is not null"
        for measure in table.restated
    )


def set_down(table: Table, staged: str, days: Days) -> str:
    """One statement: what moved, as it was first published, as it was before and as it is now.

    A row whose total does not move is one that is ahead by a change that was never published: it is taken back.
    """
    return f"""merge `{LEDGER}` as ledger using (
{moved(table, staged, days)}
) as moved
on ledger.day = moved.day and ledger.platform = moved.platform and ledger.measure = moved.measure
when matched and moved.previous_value = moved.current_value and ledger.restatements = 1 then delete
when matched and moved.previous_value = moved.current_value then update set
  previous_value = ledger.first_value,
  current_value = moved.current_value,
  restatements = ledger.restatements - 1
when matched then update set
  previous_value = moved.previous_value,
  current_value = moved.current_value,
  restated_at = current_timestamp(),
  restatements = ledger.restatements + if(ledger.current_value = moved.previous_value, 1, 0)
when not matched then insert
  (day, platform, measure, first_value, first_published_at, previous_value, current_value, restated_at, restatements)
values
  (moved.day, moved.platform, moved.measure, moved.previous_value, moved.first_published_at, moved.previous_value,
   moved.current_value, current_timestamp(), 1)"""
