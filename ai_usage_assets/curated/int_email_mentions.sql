-- One row is an e-mail (or a service account's id) as a source mentions it, and whether a list has it now.
-- From both vendors' lists and their history, the identity files, and all raw usage (int_seen_emails).
-- Caveat: the e-mails are as in their source: not trimmed, not lower-cased, not mapped to a person.
select email, is_current from raw_anthropic_users
union all
select email, is_current and not coalesce(is_removed, false) from raw_cursor_members
union all
select email, false
from (
  select email from identity_people
  union distinct
  select email from identity_api_key_owners
  union distinct
  select value from int_seen_emails where attribute = 'email'
  union distinct
  select service_id from int_cursor_services
  union distinct
  -- an earlier e-mail of a listed person; the facts of earlier days have it
  select old_value from raw_list_changes where attribute = 'email'
  union distinct
  select 'unattributed'
) as mentioned
