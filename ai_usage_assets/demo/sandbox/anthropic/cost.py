"""The cost of a UTC day: one line per description, in cents, exact to twelve decimals.

Lines follow from the usage rows, except for costs without usage in the report, and for credits.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import Usage
from ai_usage_assets.demo.sandbox.company import models, work_calendar
from ai_usage_assets.demo.sandbox.company.directory import Directory
from ai_usage_assets.demo.sandbox.company.random_streams import random_stream


class Cost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the cost report; `amount` is a decimal string in cents."""

    amount: str
    currency: str = "USD"
    cost_type: str | None = None
    token_type: str | None = None
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    description: str | None = None
    workspace_id: str | None = None


@dataclass(frozen=True)
class Rate:
    """What one token of a kind costs, in cents."""

    token_type: str
    title: str
    listed: Decimal
    discount: Decimal
    """The part of the list price that is billed."""
    steps: dict[str, Decimal]
    """How the amount is divided among descriptions."""


_KINDS = {
    "uncached_input_tokens": "Input Tokens",
    "cache_creation.ephemeral_5m_input_tokens": "Input Tokens, Cache Write 5m",
    "cache_creation.ephemeral_1h_input_tokens": "Input Tokens, Cache Write 1h",
    "cache_read_input_tokens": "Input Tokens, Cache Read",
    "output_tokens": "Output Tokens",
}
# negotiated discounts per workspace, which are in no price list
_NEGOTIATED = {
    ("Production", "sonnet"): Decimal("0.873125"),
    ("Production", "haiku"): Decimal("0.8125"),
    ("Support Bot", "haiku"): Decimal("0.712345"),
    ("Data Platform", "haiku"): Decimal("0.9333"),
    ("Research", "opus"): Decimal("0.95"),
}
_HALF = Decimal("0.5")
UNBILLED_TIERS = ("priority", "priority_on_demand")
_LINE_TIERS = {"batch": "batch", "flex_discount": "flex_discount"}
_FLAT_LONG_CONTEXT = date(2026, 3, 13)
_TWELVE = Decimal("0.000000000001")
# the part of Haiku 5.5's traffic with prompts over 100k: five times the price, and a description of its own
_LONG_PROMPTS = Decimal("0.12")


def cents(amount: Decimal) -> str:
    return f"{amount.quantize(_TWELVE).normalize():f}"


def cost(directory: Directory, day: date, rows: list[Usage]) -> list[Cost]:
    """The lines of the day. There are none without usage."""
    return [*_tokens(directory, day, rows), *_searches(rows), *_other(directory, day)] if rows else []


def counts(row: Usage) -> tuple[int, ...]:
    """The row's tokens, in the order of the kinds."""
    written = row.cache_creation
    return (
        row.uncached_input_tokens,
        written.ephemeral_5m_input_tokens,
        written.ephemeral_1h_input_tokens,
        row.cache_read_input_tokens,
        row.output_tokens,
    )


def rates(directory: Directory, day: date, row: Usage) -> list[Rate]:
    """The cost of each kind of token in the row's cell, in the order of the kinds. The row must have a model."""
    model, tier = models.BY_ID[row.model or ""], _LINE_TIERS.get(row.service_tier or "", "standard")
    names = {space.id: space.name for space in directory.workspaces.values()}
    factor = _HALF if tier != "standard" else Decimal(1)
    factor *= Decimal("1.1") if row.inference_geo == "us" else 1
    listed = models.price(model.id, day)
    long = row.context_window == "200k-1M" and day < _FLAT_LONG_CONTEXT
    prices = (
        listed.uncached_input_tokens * (2 if long else 1),
        listed.ephemeral_5m_input_tokens * (2 if long else 1),
        listed.ephemeral_1h_input_tokens * (2 if long else 1),
        listed.cache_read_input_tokens * (2 if long else 1),
        listed.output_tokens * (Decimal("1.5") if long else 1),
    )
    steps = {"": Decimal(1)}
    if model.id == "claude-haiku-5-5":
        long_part = _LONG_PROMPTS * 5
        integer = 1 - _LONG_PROMPTS + long_part
        factor *= integer
        steps = {"": (1 - _LONG_PROMPTS) / integer, " (> 100k)": long_part / integer}
    discount = _NEGOTIATED.get((names.get(row.workspace_id or "", ""), model.family), Decimal(1))
    return [
        Rate(token_type, title, price * factor / 10_000, discount, steps)
        for (token_type, title), price in zip(_KINDS.items(), prices, strict=True)
    ]


def _tokens(directory: Directory, day: date, rows: list[Usage]) -> Iterator[Cost]:
    cells: dict[tuple[str | None, str, str, str | None, str | None], list[int]] = defaultdict(lambda: [0] * 5)
    for row in rows:
        if row.model is None or row.service_tier in UNBILLED_TIERS:
            continue
        tier = _LINE_TIERS.get(row.service_tier or "", "standard")
        cell = cells[row.workspace_id, row.model, tier, row.context_window, row.inference_geo]
        for index, count in enumerate(counts(row)):
            cell[index] += count
    for (workspace_id, model_id, tier, context, geo), totals in cells.items():
        like = Usage(
            workspace_id=workspace_id,
            model=model_id,
            service_tier=tier,
            context_window=context,
            inference_geo=geo,
        )
        suffix = {"batch": ", Batch", "flex_discount": ", Flex"}.get(tier, "") + (
            ", US" if geo == "us" else ""
        )
        for rate, total in zip(rates(directory, day, like), totals, strict=True):
            amount = total * rate.listed * rate.discount
            for step, part in rate.steps.items() if total else ():
                yield Cost(
                    amount=cents(amount * part),
                    cost_type="tokens",
                    token_type=rate.token_type,
                    model=model_id,
                    service_tier=tier,
                    # the report has no context window for an old model
                    context_window=None
                    if model_id == models.OLDEST.id and day >= models.OLDEST_SINCE
                    else context,
                    inference_geo=geo,
                    description=f"{models.BY_ID[model_id].title} Usage - {rate.title}{step}{suffix}",
                    workspace_id=workspace_id,
                )


def _searches(rows: list[Usage]) -> Iterator[Cost]:
    searches: dict[str | None, int] = defaultdict(int)
    for row in rows:
        searches[row.workspace_id] += row.server_tool_use.web_search_requests
    for workspace_id, number in searches.items():
        if number:
            yield Cost(
                amount=cents(Decimal(number)),
                cost_type="web_search",
                description="Web Search Usage",
                workspace_id=workspace_id,
            )


def _other(directory: Directory, day: date) -> Iterator[Cost]:
    """Costs that are not in the usage report: running time, corrections, credits."""
    random = random_stream(directory.seed, "cost", day)
    research, production = directory.workspaces["Research"], directory.workspaces["Production"]
    if work_calendar.is_nth_day(2, day) and day >= research.created:
        hours = Decimal(random.randrange(200, 4_000)) / 100
        description = "Code Execution Usage"
        yield Cost(
            amount=cents(hours * 5),
            cost_type="code_execution",
            description=description,
            workspace_id=research.id,
        )
    if work_calendar.is_nth_day(3, day) and day >= date(2026, 3, 1):
        hours = Decimal(random.randrange(100, 2_400)) / 100
        description = "Managed Agents Session Usage"
        yield Cost(
            amount=cents(hours * 8),
            cost_type="session_usage",
            description=description,
            workspace_id=production.id,
        )
    sonnet, opus = models.newest("sonnet", day, 10), models.newest("opus", day, 300)
    if work_calendar.is_nth_day(6, day, 2):
        yield Cost(
            amount=cents(-Decimal(random.randrange(100, 9_000)) / 7),
            cost_type="tokens",
            token_type="output_tokens",
            model=sonnet.id,
            service_tier="standard",
            context_window="0-200k",
            inference_geo=sonnet.geo,
            description=f"{sonnet.title} Usage - Output Tokens, Service Credit",
            workspace_id=production.id,
        )
    if work_calendar.is_nth_day(8, day, 3):
        # billed late, for a workspace without such traffic on this day
        yield Cost(
            amount=cents(Decimal(random.randrange(100, 3_000)) / 13),
            cost_type="tokens",
            token_type="uncached_input_tokens",
            model=opus.id,
            service_tier="batch",
            context_window="0-200k",
            inference_geo="not_available",
            description=f"{opus.title} Usage - Input Tokens, Batch, Adjustment",
            workspace_id=directory.workspace_id("Data Platform"),
        )
