"""What the demo shows at its end: what landed, whether it is true, and what to do next."""

from collections.abc import Sequence
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.defs.resources import Settings, warehouse
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.sql import within


def report(settings: Settings, sandbox: Sandbox, days: Days, seconds: float) -> bool:
    """Print it; whether every sum equals what the company itself knows."""
    with warehouse(settings).engine.session() as session:
        print("\nWhat landed")
        show(
            ("table", "rows"),
            [(t.name, f"{one(session, f'select count(*) from `{t.name}`'):,}") for t in TABLES],
        )
        print("\nWhat it comes to, and what the company itself counted")
        lines, true = compared(session, sandbox, days)
        show(("platform", "measure", "in the warehouse", "truth", ""), lines)
        print("\nWho uses most")
        show(("person", "platform", "tokens", "requests"), top_people(session, days))
    asked = sum(sandbox.requests.values())
    print(
        f"\n{asked} vendor requests, {seconds:.1f} s, {'every sum is true' if true else 'SOME SUMS ARE WRONG'}."
    )
    print(
        f"\nNext: `make dev` opens Dagster's UI over this data; the tables are in {settings.duckdb_path}.\n"
        "For your own company copy .env.example to .env and put your keys in."
    )
    return true


def compared(session: Session, sandbox: Sandbox, days: Days) -> tuple[list[tuple[str, ...]], bool]:
    """Each measure of the facts beside the company's own count."""
    truth = list(sandbox.company.totals(days).values())
    subscriptions = [t.claude_code["subscription"] for t in truth if "subscription" in t.claude_code]
    known = {
        ("anthropic", "input_tokens"): sum(
            t.anthropic.uncached_input_tokens
            + t.anthropic.cache_read_input_tokens
            + t.anthropic.ephemeral_5m_input_tokens
            + t.anthropic.ephemeral_1h_input_tokens
            for t in truth
        ),
        ("anthropic", "output_tokens"): sum(t.anthropic.output_tokens for t in truth),
        ("claude_code", "sessions"): sum(c.num_sessions for t in truth for c in t.claude_code.values()),
        ("claude_code", "loc_added"): sum(c.lines_added for t in truth for c in t.claude_code.values()),
        ("claude_code", "output_tokens"): sum(c.output for c in subscriptions),
        ("cursor", "input_tokens"): sum(
            t.cursor.input_tokens + t.cursor.cache_write_tokens + t.cursor.cache_read_tokens for t in truth
        ),
        ("cursor", "output_tokens"): sum(t.cursor.output_tokens for t in truth),
        ("cursor", "loc_added"): sum(t.cursor.total_lines_added for t in truth),
    }
    billed = {
        ("anthropic", "all"): sum(round(t.anthropic.total_cents / 100, 4) for t in truth),
        ("cursor", "overage"): sum(round(t.cursor.chargeable_cents / 100, 4) for t in truth),
    }
    lines = [
        _line(
            session,
            platform,
            measure,
            f"select sum({measure}) from fct_usage_daily",
            "usage_date",
            days,
            total,
        )
        for (platform, measure), total in known.items()
    ]
    for (platform, cost_type), total in billed.items():
        only = "" if cost_type == "all" else f" and cost_type = '{cost_type}'"
        sql = "select sum(cost_usd) from fct_cost_daily"
        lines.append(_line(session, platform, f"{cost_type} cost, usd", sql, "cost_date", days, total, only))
    return lines, all(line[-1] == "equal" for line in lines)


def _line(
    session: Session, platform: str, said: str, sql: str, day: str, days: Days, known: Any, only: str = ""
) -> tuple[str, ...]:
    found = one(session, f"{sql} where platform = '{platform}'{only} and {within(day, days)}")
    return platform, said, f"{found:,}", f"{known:,}", "equal" if found == known else "DIFFERENT"


def top_people(session: Session, days: Days) -> list[tuple[str, ...]]:
    rows = session.fetch(
        "select user_email, platform, sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as tokens, "
        f"sum(requests) as requests from fct_usage_daily where {within('usage_date', days)} "
        "group by 1, 2 order by tokens desc limit 5"
    ).to_pylist()
    return [
        (
            r["user_email"],
            r["platform"],
            f"{r['tokens']:,}",
            "not reported" if r["requests"] is None else f"{r['requests']:,}",
        )
        for r in rows
    ]


def one(session: Session, sql: str) -> Any:
    return next(iter(session.fetch(sql).to_pylist()[0].values()))


def show(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(str(row[n])) for row in (header, *rows)) for n in range(len(header))]
    for row in (header, *rows):
        cells = [
            str(cell).rjust(width) if str(cell)[:1].isdigit() else str(cell).ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())
