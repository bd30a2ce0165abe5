-- One row is a kind of units: what FOCUS calls its meter, its units and its direction, and how many units have a price.
-- From the price lists of Anthropic and Cursor.
-- Caveat: a seat is priced by the month, and its unit here is one day of a seat.
select 'uncached_input' as kind, 'Input Tokens' as meter, 'Tokens' as unit, '1000000 Tokens' as pricing_unit,
  1000000 as units_per_price, 'Input' as direction, cast(null as string) as cache_action
union all
select 'cache_read', 'Cache Read Input Tokens', 'Tokens', '1000000 Tokens', 1000000, 'Input', 'Read'
union all
select 'cache_write_5m', 'Cache Write Input Tokens (5 Minutes)', 'Tokens', '1000000 Tokens', 1000000, 'Input', 'Write'
union all
select 'cache_write_1h', 'Cache Write Input Tokens (1 Hour)', 'Tokens', '1000000 Tokens', 1000000, 'Input', 'Write'
union all
select 'output', 'Output Tokens', 'Tokens', '1000000 Tokens', 1000000, 'Output', cast(null as string)
union all
select 'web_search', 'Web Searches', 'Requests', '1000 Requests', 1000, cast(null as string), cast(null as string)
union all
select 'requests', 'Requests', 'Requests', 'Requests', 1, cast(null as string), cast(null as string)
union all
select 'seats', 'Seats', 'Seat-Days', 'Seat-Days', 1, cast(null as string), cast(null as string)
