"""Restatements: published totals that a write changes. They are recorded before the fact is replaced.

If the write then fails, it is tried again and finds the same difference. In the other order, a crash in between would
lose the restatement. On an engine without transactions, `fct_restatements` can be ahead of the fact by one change that
was not published. The next write corrects this: it does not count the change twice, and it deletes the change if the
total stays as it was.
"""

from ai_usage_assets.days import Days
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse.sql import within

RECORDED = FCT_RESTATEMENTS.name


def changed_totals(table: Table, staged: str, days: Days) -> str:
    """A SELECT of the totals that the write changes, and of those for which `fct_restatements` has another value.

    One row is a day, platform and measure, in all (user_email is NULL) or of one person. A total that was never published
    is not restated. A day that is empty now, and has a recorded restatement, was emptied. A person's sum is included only
    if one sum falls and another one rises, because then something moved between people; or if the person has a recorded
    restatement already.
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
  from {RECORDED}
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
      -- a person without a part of a published total had 0 of it
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
  and compared.measure in ({", ".join(f"'{measure}'" for measure in table.restated_measures)})"""


def _sums(table: Table, source: str, days: Days, published_at: str) -> str:
    return "\nunion all\n".join(
        f"select `{table.partition}` as day, platform, '{measure}' as measure, "
        f"coalesce(user_email, '{UNATTRIBUTED}') as user_email, "
        f"cast(sum(`{measure}`) as numeric) as total, {published_at} as published_at "
        f"from `{source}` where {within(str(table.partition), days)} group by 1, 2, 4 "
        f"having sum(`{measure}`) is not null"
        for measure in table.restated_measures
    )


def record_restatements(table: Table, staged: str, days: Days) -> str:
    """The statement that records the changed totals with their first, previous and current values.

    A row whose total does not change belongs to a change that was never published. That change is undone.
    """
    return f"""merge `{RECORDED}` as recorded using (
{changed_totals(table, staged, days)}
) as changed
on recorded.day = changed.day and recorded.platform = changed.platform and recorded.measure = changed.measure
  and coalesce(recorded.user_email, '') = coalesce(changed.user_email, '')
when matched and changed.previous_value = changed.current_value and recorded.restatements = 1 then delete
when matched and changed.previous_value = changed.current_value then update set
  previous_value = recorded.first_value,
  current_value = changed.current_value,
  restatements = recorded.restatements - 1
when matched then update set
  previous_value = changed.previous_value,
  current_value = changed.current_value,
  restated_at = current_timestamp(),
  restatements = recorded.restatements + if(recorded.current_value = changed.previous_value, 1, 0)
when not matched then insert
  (day, platform, measure, first_value, first_published_at, previous_value, current_value, restated_at, restatements,
   user_email)
values
  (changed.day, changed.platform, changed.measure, changed.previous_value, changed.first_published_at, changed.previous_value,
   changed.current_value, current_timestamp(), 1, changed.user_email)"""
