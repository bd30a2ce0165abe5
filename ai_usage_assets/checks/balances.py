"""What must add up: for each fact and platform, which sum of it equals which sums of which raw tables."""

from dataclasses import dataclass

from ai_usage_assets.days import Days
from ai_usage_assets.schema.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.identity import IDENTITY_SEATS
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.raw import (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CLAUDE_CODE_USAGE,
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.warehouse import statements

FACT = FCT_COST_DAILY.name


@dataclass(frozen=True)
class Balance:
    """Per day, the fact's sum of `measure` on a platform equals the source's sum of an expression.

    Money is compared at four decimals, which is what the fact keeps. Seats come on top: see `seats`.
    """

    fact: Table
    platform: str
    measure: str
    source: Table
    expression: str
    where: str = "true"
    query: str | None = None
    """The intermediate query over the source that is summed instead of the source itself."""

    @property
    def read(self) -> str:
        return self.query or self.source.name


ALL_INPUT = "coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) + coalesce(cache_creation_tokens, 0)"
CURSOR_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_read_tokens, 0)"
CODE_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_creation_tokens, 0) + coalesce(cache_read_tokens, 0)"
SUBSCRIPTION = "customer_type = 'subscription'"
BALANCES = (
    Balance(FCT_USAGE_DAILY, "anthropic", "input_tokens", RAW_ANTHROPIC_USAGE, ALL_INPUT),
    Balance(FCT_USAGE_DAILY, "anthropic", "output_tokens", RAW_ANTHROPIC_USAGE, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "claude_code", "input_tokens", RAW_CLAUDE_CODE_MODELS, CODE_INPUT, SUBSCRIPTION),
    Balance(
        FCT_USAGE_DAILY, "claude_code", "output_tokens", RAW_CLAUDE_CODE_MODELS, "output_tokens", SUBSCRIPTION
    ),
    Balance(FCT_USAGE_DAILY, "claude_code", "sessions", RAW_CLAUDE_CODE_USAGE, "sessions"),
    Balance(FCT_USAGE_DAILY, "claude_code", "loc_added", RAW_CLAUDE_CODE_USAGE, "lines_added"),
    Balance(FCT_USAGE_DAILY, "claude_code", "accepts", RAW_CLAUDE_CODE_USAGE, "tool_accepts"),
    Balance(FCT_USAGE_DAILY, "claude_code", "rejects", RAW_CLAUDE_CODE_USAGE, "tool_rejects"),
    Balance(FCT_USAGE_DAILY, "cursor", "input_tokens", RAW_CURSOR_EVENTS, CURSOR_INPUT),
    Balance(FCT_USAGE_DAILY, "cursor", "output_tokens", RAW_CURSOR_EVENTS, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_added", RAW_CURSOR_USAGE, "total_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_accepted", RAW_CURSOR_USAGE, "accepted_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "accepts", RAW_CURSOR_USAGE, "total_accepts"),
    Balance(FCT_USAGE_DAILY, "cursor", "rejects", RAW_CURSOR_USAGE, "total_rejects"),
    Balance(FCT_COST_DAILY, "anthropic", "cost_usd", RAW_ANTHROPIC_COST, "amount_usd"),
    Balance(
        FCT_COST_DAILY,
        "cursor",
        "cost_usd",
        RAW_CURSOR_EVENTS,
        "amount_usd",
        "is_charged",
        "int_cursor_events",
    ),
)


def seats(days: Days) -> str:
    """What the seats of each day and platform cost: the second source of cost, on every platform.

    Where seats are counted and not given, the count is the fact's own: its sum must be whole seats. A day of
    which the fact holds nothing is not looked for, because a price may be valid for ever.
    """
    window = statements.within("cost_date", days)
    month = "cast(prices.usd_per_seat_month as float64)"
    of_month = "extract(day from last_day(held.day, month))"
    until, before = (
        f"round(cast({month} * (extract(day from held.day) - {n}) / {of_month} as numeric), 4)"
        for n in (0, 1)
    )
    price = f"cast({until} - {before} as float64)"
    counted = f"round(safe_divide(cast(held.seats_usd as float64), {price}))"
    return f"""select held.day, held.platform, 'cost_usd' as measure, cast(null as numeric) as in_fact,
  cast(coalesce(prices.seats, {counted}, 0) * {price} as numeric) as in_source
from (
  select present.day, named.platform, sum(facts.cost_usd) as seats_usd
  from (select distinct cost_date as day from {FACT} where {window}) as present
  cross join (select distinct platform from {IDENTITY_SEATS.name}) as named
  left join (
    select cost_date, platform, cost_usd from {FACT} where {window} and allocation = 'seat'
  ) as facts on facts.cost_date = present.day and facts.platform = named.platform
  group by 1, 2
) as held
join {IDENTITY_SEATS.name} as prices
  on prices.platform = held.platform
  and held.day >= coalesce(prices.valid_from, date '0001-01-01')
  and held.day <= coalesce(prices.valid_to, date '9999-12-31')"""
