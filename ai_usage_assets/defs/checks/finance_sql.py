"""The questions' rows, all of a fact's in one statement: question, day, subject, part, whole."""

from datetime import timedelta

from ai_usage_assets.curated.select import with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.seat_invoices import months
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.identity import IDENTITY_SEATS
from ai_usage_assets.schema.tables.lists import RAW_ANTHROPIC_WORKSPACES
from ai_usage_assets.schema.tables.raw import (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CURSOR_EVENTS,
)
from ai_usage_assets.warehouse.sql import for_window, within

COST_SOURCES = (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CURSOR_EVENTS,
    RAW_ANTHROPIC_WORKSPACES,
    IDENTITY_SEATS,
)
TREND = timedelta(days=190)
NOBODY = "user_email = 'unattributed'"
TOKENS = "coalesce(input_tokens, 0) + coalesce(output_tokens, 0)"
ALL_TOKENS = (
    "coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) "
    "+ coalesce(cache_creation_tokens, 0) + coalesce(output_tokens, 0)"
)
KNOWN = """(
  cost_type in ('web_search', 'code_execution', 'session_usage')
  or (cost_type = 'tokens' and token_type in (
    'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
    'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens'
  ))
)"""
UNPRICED = (
    "is_charged and (amount_usd is null or (amount_usd = 0 and coalesce(input_tokens, 0) "
    "+ coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > 0))"
)
UNKNOWN_KIND = "charge_kind in ('unknown', 'missing')"
EVENT_KIND = "concat(coalesce(kind, 'no kind'), if(is_charged, ' (charged)', ' (not charged)'))"
SAME = "abs(booked - invoiced) < numeric '0.01'"
CLAUDE_CODES_OWN = "select workspace_id from raw_anthropic_workspaces where lower(trim(name)) = 'claude code'"
"""The workspace that the vendor itself makes for Claude Code, by the name that it gives it."""


def statement(fact: Table, days: Days) -> str:
    parts = cost(days) if fact is FCT_COST_DAILY else usage(days)
    return for_window(with_intermediates("\nunion all\n".join(parts)), days)


def row(question: str, day: str, subject: str, part: str, whole: str, source: str) -> str:
    """One branch: a row per day and subject."""
    return (
        f"select '{question}' as question, cast({day} as date) as day, {subject} as subject, "
        f"cast(coalesce({part}, 0) as numeric) as part, cast(coalesce({whole}, 0) as numeric) as whole "
        f"from {source} group by 1, 2, 3"
    )


def reached(question: str, fact: str, day: str, amount: str, culprit: str, days: Days) -> list[str]:
    """What reaches a person, per day with culprits and per month without."""
    history = Days(
        max(days.last - TREND, days.first) if len(days) > TREND.days else days.last - TREND, days.last
    )
    named = f"sum(if({NOBODY}, 0, {amount}))"
    return [
        row(
            question,
            day,
            f"if({NOBODY}, {culprit}, null)",
            named,
            f"sum({amount})",
            f"{fact} where {within(day, days)}",
        ),
        row(
            f"{question}_by_month",
            f"date_trunc({day}, month)",
            "cast(null as string)",
            named,
            f"sum({amount})",
            f"{fact} where {within(day, history)}",
        ),
    ]


def stable(question: str, measures: str, fact: str, day: str, amount: str, days: Days) -> str:
    """What moved between people since it was first published, by the person who has it now, and all of it."""
    return row(
        question,
        "day",
        "person",
        "sum(part)",
        "sum(whole)",
        f"(select day, to_hex(md5(user_email)) as person, greatest(current_value - first_value, 0) as part, "
        f"cast(0 as numeric) as whole from fct_restatements where {within('day', days)} "
        f"and user_email is not null and measure in ({measures}) "
        f"union all select {day}, cast(null as string), 0, {amount} from {fact} where {within(day, days)}) as compared",
    )


def usage(days: Days) -> list[str]:
    culprit = "concat(platform, ' ', coalesce(api_key_id, 'without a key'))"
    return [
        *reached("tokens_reach_people", "fct_usage_daily", "usage_date", TOKENS, culprit, days),
        stable(
            "token_attribution_is_stable",
            "'input_tokens', 'output_tokens'",
            "fct_usage_daily",
            "usage_date",
            f"cast({TOKENS} as numeric)",
            days,
        ),
    ]


def cost(days: Days) -> list[str]:
    window, cost_window = within("ingest_date", days), within("cost_date", days)
    culprit = "concat(platform, ' ', coalesce(api_key_id, workspace_id, 'without a key'), ' ', cost_type)"
    unmatched = "allocation = 'unmatched' and cost_type in ('usage', 'web_search')"
    cell = "concat(workspace_id, ' ', coalesce(model, cost_type))"
    without_cost = (
        f"(select used.ingest_date, used.tokens, if(billed.model is null, concat(used.workspace_id, ' ', used.model), null) as cell "
        f"from (select ingest_date, workspace_id, model, sum({ALL_TOKENS}) as tokens from raw_anthropic_usage "
        f"where {window} and not coalesce(service_tier like 'priority%', false) group by 1, 2, 3) as used "
        f"left join (select distinct ingest_date, workspace_id, coalesce(model, 'unknown') as model "
        f"from raw_anthropic_cost where {window} and cost_type = 'tokens') as billed "
        "on billed.ingest_date = used.ingest_date and billed.workspace_id = used.workspace_id "
        "and billed.model = used.model) as compared"
    )
    estimates = (
        f"(select ingest_date, estimated_cost_usd as estimate, cast(null as numeric) as billed "
        f"from raw_claude_code_models where {window} and customer_type = 'api' "
        f"and exists ({CLAUDE_CODES_OWN}) union all "
        f"select ingest_date, null, amount_usd from raw_anthropic_cost "
        f"where {window} and cost_type = 'tokens' and workspace_id in ({CLAUDE_CODES_OWN})) as compared"
    )
    return [
        *reached("dollars_reach_people", "fct_cost_daily", "cost_date", "cost_usd", culprit, days),
        stable(
            "cost_attribution_is_stable",
            "'cost_usd'",
            "fct_cost_daily",
            "cost_date",
            "cast(cost_usd as numeric)",
            days,
        ),
        row(
            "cost_has_usage",
            "cost_date",
            f"if({unmatched}, {cell}, null)",
            f"sum(if({unmatched}, abs(cost_usd), 0))",
            "sum(abs(cost_usd))",
            f"fct_cost_daily where {cost_window} and platform = 'anthropic' and allocation != 'seat'",
        ),
        row(
            "usage_has_cost",
            "ingest_date",
            "cell",
            "sum(if(cell is null, 0, tokens))",
            "sum(tokens)",
            without_cost,
        ),
        row(
            "events_are_priced",
            "ingest_date",
            f"if({UNPRICED}, model, null)",
            f"countif({UNPRICED})",
            "count(1)",
            f"int_cursor_events where {window}",
        ),
        row(
            "kinds_of_events_are_known",
            "ingest_date",
            f"if({UNKNOWN_KIND}, {EVENT_KIND}, null)",
            f"countif({UNKNOWN_KIND})",
            f"sum(if({UNKNOWN_KIND}, amount_usd, 0))",
            f"int_cursor_events where {window}",
        ),
        row(
            "kinds_of_cost_are_known",
            "ingest_date",
            f"if({KNOWN}, null, concat(coalesce(cost_type, 'no cost_type'), '/', coalesce(token_type, 'no token_type')))",
            f"countif(not coalesce({KNOWN}, false))",
            f"sum(if(coalesce({KNOWN}, false), 0, amount_usd))",
            f"raw_anthropic_cost where {window}",
        ),
        row(
            "seats_equal_the_invoice",
            "month_start",
            f"if({SAME}, null, concat(platform, ' seats of the billing month from ', "
            "cast(month_start as string), ', invoiced ', cast(invoiced as string)))",
            f"sum(if({SAME}, 0, abs(booked - invoiced)))",
            "sum(invoiced)",
            months(days),
        ),
        row(
            "claude_code_estimate_is_near_its_bill",
            "ingest_date",
            "'estimate short of the bill'",
            "sum(estimate)",
            "sum(billed)",
            estimates,
        ),
    ]
