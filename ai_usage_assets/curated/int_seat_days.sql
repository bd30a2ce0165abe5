-- One row is a UTC day, platform, tier and seat holder: a person, or a member without an e-mail.
-- From the members' list and its history, activity (int_active_accounts, int_active_members), seat tiers and aliases.
-- Caveat: no day depends on a later day, except for members who left before the first list.
with
-- a member in no list counts as removed before the first list
accounts as (
  select
    coalesce(members.member_id, active.account_id) as account_id,
    coalesce(date(members.first_seen_at, 'UTC'), first_list.day, date '9999-12-31') as first_listed,
    min(active.email) as active_email,
    min(active.first_day) as first_active
  from raw_cursor_members as members
  full join int_active_accounts as active on active.account_id = members.member_id
  cross join (select min(date(first_seen_at, 'UTC')) as day from raw_cursor_members) as first_list
  group by 1, 2
),

-- the last active day before the list, if it is not before the window
leavers as (
  select accounts.account_id, max(active.day) as last_active_before_list
  from accounts
  join int_active_members as active
    on active.account_id = accounts.account_id and active.day < accounts.first_listed
  group by 1
),

-- each account from its first day on, as it was listed on the day
account_days as (
  select day, accounts.account_id, accounts.active_email,
    day < accounts.first_listed and day <= leavers.last_active_before_list as is_before_leaving,
    max(if(versions.attribute = 'email', versions.value, null)) as listed_email,
    max(if(versions.attribute = 'role', versions.value, null)) as role,
    max(if(versions.attribute = 'is_current', versions.value, null)) = 'true' as is_current
  from accounts
  cross join unnest(
    generate_date_array(@first_day, date_sub(@end_day, interval 1 day))
  ) as day
  left join leavers on leavers.account_id = accounts.account_id
  left join int_list_versions as versions
    on versions.table_name = 'raw_cursor_members' and versions.entry_id = accounts.account_id
    and day >= versions.valid_from and day < versions.valid_to
  where day >= accounts.first_listed or day >= accounts.first_active
  group by 1, 2, 3, 4
),

seat_holders as (
  select account_days.day, account_days.account_id,
    coalesce(
      aliases.email, nullif(lower(trim(account_days.listed_email)), ''),
      account_days.active_email, 'unattributed'
    ) as user_email
  from account_days
  left join int_active_members as active
    on active.account_id = account_days.account_id and active.day = account_days.day
  left join identity_aliases as aliases
    on aliases.alias = lower(trim(account_days.listed_email))
  where coalesce(account_days.role, '') != 'free-owner'
    and (
      account_days.is_current or account_days.is_before_leaving or active.day is not null
    )
),

tiers as (
  select coalesce(aliases.email, lower(trim(given.email))) as email, given.tier,
    coalesce(given.valid_from, date '0001-01-01') as valid_from,
    coalesce(given.valid_to, date '9999-12-31') as valid_to
  from identity_seat_tiers as given
  left join identity_aliases as aliases on aliases.alias = lower(trim(given.email))
  where given.platform = 'cursor'
)

select
  seat_holders.day,
  'cursor' as platform,
  coalesce(tiers.tier, 'standard') as tier,
  seat_holders.user_email,
  -- a person has one seat; members without an e-mail are distinguished by the vendor's id
  if(seat_holders.user_email = 'unattributed', seat_holders.account_id, null) as nameless_id
from seat_holders
left join tiers
  on tiers.email = seat_holders.user_email
  and seat_holders.day >= tiers.valid_from and seat_holders.day <= tiers.valid_to
where coalesce(tiers.tier, 'standard') != 'free'
qualify row_number() over (
  partition by seat_holders.day, seat_holders.user_email,
    if(seat_holders.user_email = 'unattributed', seat_holders.account_id, null)
  order by tiers.valid_from desc, tiers.tier
) = 1
