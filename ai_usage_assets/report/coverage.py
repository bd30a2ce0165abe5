"""What the vendors' APIs leave open in a month, and how much of it there is (agg_coverage)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ai_usage_assets.report import text
from ai_usage_assets.report.figures import Figures
from ai_usage_assets.report.folding import MIN_GROUP
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Table

UNATTRIBUTED = "unattributed_"
TOPICS = {
    "actor_unknown": ("Keys of a person or a service", "api_key_owners.csv says which"),
    "split_not_confirmed": (
        "Cost shared out by tokens",
        "ANTHROPIC_ANALYTICS=true reads the vendor's own split",
    ),
    "one_vendor_only": (
        "People with one vendor only",
        "An alias in people.csv joins two e-mails of a person",
    ),
    "tokens_of_a_seat": ("Tokens that a Claude seat covers", "The seat is the cost"),
    "tokens_without_price": ("Tokens of Priority Tier", "Their cost is on the invoice alone"),
    "calls_of_the_plan": ("Calls that the Cursor plan covers", "The seat is the cost"),
    "own_key_calls": ("Cursor calls with the company's key", "Their tokens can be under Anthropic too"),
    "charge_undecided": ("Cursor calls, charged or not", "The invoice says"),
    "missing_days": ("Days that are not loaded", "Materialize them"),
    "kept_days": ("Days that kept earlier rows", "Cursor no longer reports them"),
    "restated_days": ("Days whose cost changed", "The cost is the change"),
}
"""How each topic is written, and what decides it."""


def left_open(frames: Frames, figures: Figures) -> Block:
    """The topics of the month, with their platforms."""
    frame = frames["agg_coverage"]
    rows = frame[frame["month"] == figures.month.first].to_dict("records")
    if not rows:
        return Block("What the APIs leave open", notes=["Nothing is left open in this month."])
    order = {topic: place for place, topic in enumerate(TOPICS)}
    table = Table(
        "What the APIs leave open in this month",
        ("Topic", "Platform", "How much", "US dollars", "Days (UTC)", "What decides it"),
        [
            _row({str(name): value for name, value in row.items()})
            for row in sorted(
                rows, key=lambda row: (order.get(row["topic"], -1), row["topic"], row["platform"])
            )
        ],
        texts=(1, 4, 5),
    )
    return Block(
        "What the APIs leave open",
        [table],
        notes=["The topics overlap. Do not add their amounts up."],
        is_wide=True,
    )


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    topic = row["topic"]
    if topic.startswith(UNATTRIBUTED):
        label = f"Unattributed: {text.reason(topic.removeprefix(UNATTRIBUTED))}"
        decides = "agg_report_unattributed has each day"
    else:
        label, decides = TOPICS.get(topic, (text.name(topic), ""))
    items, unit = int(row["items"]), row["unit"]
    is_few = unit == "people" and items < MIN_GROUP
    first, last = row["first_day"], row["last_day"]
    return (
        label,
        text.platform(row["platform"]),
        f"fewer than {MIN_GROUP} people"
        if is_few
        else f"{text.count(items)} {unit.removesuffix('s') if items == 1 else unit}",
        text.UNKNOWN if is_few else _usd(row["cost_usd"]),
        str(first) if first == last else f"{first} to {last}",
        decides,
    )


def _usd(value: Any) -> str:
    return text.usd(value) if isinstance(value, Decimal) else text.UNKNOWN
