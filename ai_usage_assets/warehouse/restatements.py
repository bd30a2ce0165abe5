"""The restatement ledger, kept by the write: what the door is about to change is set down before it is changed.

Set down first, because a write that then fails is tried again and finds the same difference; the other way round a
crash in between would lose it for ever. Where the two are not one transaction the ledger can be ahead of the fact,
by one change that was not published. The next write finds it so: it neither counts that change twice nor keeps it if
the total stays what it was.
"""

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse.sql import within

LEDGER = FCT_RESTATEMENTS.name
UNATTRIBUTED = "unattributed"


def moved(table: Table, staged: str, days: Days) -> str:
    """The sums that the write changes, and those of which the ledger says another value than will be there.

    A total (user_email is NULL) that was never published is no restatement; a day that is empty, and in the ledger, was
    emptied. People's sums are among them only where one falls and another rises: what moved between people. A person who
    is in the ledger already is kept up to date.
    """
    return f"""
with
people_published as (
{_sums(table, table.name, days, "min(processed_at)")}
),
people_coming as (
{_sums(table, staged, days, "cast(null as timestamp)")}
),
totals_published as (
  select day, platform, measure, sum(total) as total, min(published_at) as published_at
  from people_published
  group by 1, 2, 3
),
published as (
  select day, platform, measure, cast(null as string) as user_email, total, published_at
  from totals_published
  union all
  select day, platform, measure, user_email, total, published_at from people_published
),
coming as (
  select day, platform, measure, cast(null as string) as user_email, sum(total) as total
  from people_coming
  group by 1, 2, 3
  union all
  select day, platform, measure, user_email, total from people_coming
),
known as (
  select day, platform, measure, user_email, current_value
  from {LEDGER}
  where {within("day", days)}
),
joined as (
  select
    coalesce(published.day, coming.day, known.day) as day,
    coalesce(published.platform, coming.platform, known.platform) as platform,
    coalesce(published.measure, coming.measure, known.measure) as measure,
    coalesce(published.user_email, coming.user_email, known.user_email) as user_email,
    published.total as published_value,
    coalesce(coming.total, 0) as current_value,
    known.current_value as known_value,
    published.published_at
  from published
  full outer join coming
    on coming.day = published.day
    and coming.platform = published.platform
    and coming.measure = published.measure
    and coalesce(coming.user_email, '') = coalesce(published.user_email, '')
  full outer join known
    on known.day = coalesce(published.day, coming.day)
    and known.platform = coalesce(published.platform, coming.platform)
    and known.measure = coalesce(published.measure, coming.measure)
    and coalesce(known.user_email, '') = coalesce(published.user_email, coming.user_email, '')
),
compared as (
  select joined.day, joined.platform, joined.measure, joined.user_email,
    coalesce(
      joined.published_value,
      -- who had nothing of a total that was published had 0 of it
      if(
        joined.known_value is null and (joined.user_email is null or totals_published.day is null),
        null, 0
      )
    ) as previous_value,
    joined.current_value, joined.known_value,
    coalesce(joined.published_at, totals_published.published_at) as first_published_at
  from joined
  left join totals_published
    on totals_published.day = joined.day
    and totals_published.platform = joined.platform
    and totals_published.measure = joined.measure
),
between_people as (
  select day, platform, measure
  from compared
  where user_email is not null and previous_value is not null
  group by 1, 2, 3
  having max(current_value - previous_value) > 0 and min(current_value - previous_value) < 0
)
select compared.day, compared.platform, compared.measure, compared.user_email, compared.previous_value,
  compared.current_value, compared.first_published_at
from compared
left join between_people
  on between_people.day = compared.day
  and between_people.platform = compared.platform
  and between_people.measure = compared.measure
where compared.previous_value is not null
  and (
    compared.previous_value != compared.current_value
    or compared.known_value != compared.current_value
  )
  and (
    compared.user_email is null or compared.known_value is not null or between_people.day is not null
  )
  and compared.measure in ({", ".join(f"'{measure}'" for measure in table.restated)})"""


def _sums(table: Table, source: str, days: Days, published_at: str) -> str:
    return "\nunion all\n".join(
        f"select `{table.partition}` as day, platform, '{measure}' as measure, "
        f"coalesce(user_email, '{UNATTRIBUTED}') as user_email, "
        f"cast(sum(`{measure}`) as numeric) as total, {published_at} as published_at "
        f"from `{source}` where {within(str(table.partition), days)} group by 1, 2, 4 "
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
  and coalesce(ledger.user_email, '') = coalesce(moved.user_email, '')
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
  (day, platform, measure, first_value, first_published_at, previous_value, current_value, restated_at, restatements,
   user_email)
values
  (moved.day, moved.platform, moved.measure, moved.previous_value, moved.first_published_at, moved.previous_value,
   moved.current_value, current_timestamp(), 1, moved.user_email)"""
