"""The models that were available on a day, under each vendor's names, with prices per million tokens."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    uncached_input_tokens: Decimal
    ephemeral_5m_input_tokens: Decimal
    ephemeral_1h_input_tokens: Decimal
    cache_read_input_tokens: Decimal
    output_tokens: Decimal

    @classmethod
    def of(cls, base: str, read: str, output: str) -> "Price":
        """Prices from the input price. Cache reads have a price of their own, because it is lower for newer models."""
        price = Decimal(base)
        return cls(price, price * Decimal("1.25"), price * 2, Decimal(read), Decimal(output))


@dataclass(frozen=True)
class Model:
    family: str
    released: date
    id: str
    title: str
    price: Price

    @property
    def geo(self) -> str:
        """The region, if the request did not set one. It is not known for older models."""
        return "global" if self.released > date(2026, 2, 1) else "not_available"


def _model(family: str, released: str, id: str, title: str, base: str, read: str, output: str) -> Model:
    return Model(family, date.fromisoformat(released), id, title, Price.of(base, read, output))


OLDEST = _model("opus", "2025-11-24", "claude-opus-4-5-20251101", "Claude Opus 4.5", "5", "0.50", "25")
"""The oldest model on sale. From OLDEST_SINCE on, one service alone calls it."""
OLDEST_SINCE = date(2026, 3, 5)
"""The day from which all others use newer models."""
ANTHROPIC = (
    _model("opus", "2024-03-04", "claude-3-opus-20240229", "Claude Opus 3", "15", "1.50", "75"),
    _model("opus", "2025-05-22", "claude-opus-4-20250514", "Claude Opus 4", "15", "1.50", "75"),
    _model("opus", "2025-08-05", "claude-opus-4-1-20250805", "Claude Opus 4.1", "15", "1.50", "75"),
    OLDEST,
    _model("opus", "2026-02-05", "claude-opus-4-6", "Claude Opus 4.6", "5", "0.50", "25"),
    _model("opus", "2026-04-16", "claude-opus-4-7", "Claude Opus 4.7", "5", "0.50", "25"),
    _model("opus", "2026-05-28", "claude-opus-4-8", "Claude Opus 4.8", "5", "0.50", "25"),
    _model("opus", "2026-07-14", "claude-opus-5", "Claude Opus 5", "5", "0.50", "25"),
    _model("opus", "2026-09-10", "claude-opus-5-5", "Claude Opus 5.5", "4", "0.20", "20"),
    _model("sonnet", "2024-10-22", "claude-3-5-sonnet-20241022", "Claude Sonnet 3.5", "3", "0.30", "15"),
    _model("sonnet", "2025-02-24", "claude-3-7-sonnet-20250219", "Claude Sonnet 3.7", "3", "0.30", "15"),
    _model("sonnet", "2025-05-22", "claude-sonnet-4-20250514", "Claude Sonnet 4", "3", "0.30", "15"),
    _model("sonnet", "2025-09-29", "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "3", "0.30", "15"),
    _model("sonnet", "2026-02-17", "claude-sonnet-4-6", "Claude Sonnet 4.6", "3", "0.30", "15"),
    _model("sonnet", "2026-06-23", "claude-sonnet-5", "Claude Sonnet 5", "2", "0.20", "10"),
    _model("sonnet", "2026-09-28", "claude-sonnet-5-5", "Claude Sonnet 5.5", "2", "0.20", "10"),
    _model("haiku", "2024-10-22", "claude-3-5-haiku-20241022", "Claude Haiku 3.5", "0.80", "0.08", "4"),
    _model("haiku", "2025-10-15", "claude-haiku-4-5-20251001", "Claude Haiku 4.5", "1", "0.10", "5"),
    _model("haiku", "2026-10-05", "claude-haiku-5-5", "Claude Haiku 5.5", "0.10", "0.01", "0.50"),
    _model("fable", "2026-08-04", "claude-fable-5-1", "Claude Fable 5.1", "10", "0.25", "50"),
)
BY_ID = {model.id: model for model in ANTHROPIC}
CHEAPER_READS = date(2026, 10, 7)
"""The day from which reading from the cache of Sonnet 5.5 costs half, at both vendors."""


@cache
def newest(family: str, day: date, lag: int = 0) -> Model:
    """The newest model of a family for a person who adopts models this many days after their release."""
    known = [model for model in ANTHROPIC if model.family == family]
    return max(
        (model for model in known if model.released + timedelta(days=lag) <= day),
        key=lambda model: model.released,
        default=known[0],
    )


def price(model_id: str, day: date) -> Price:
    """The list price on a day."""
    listed = BY_ID[model_id].price
    if model_id == "claude-sonnet-5-5" and day >= CHEAPER_READS:
        return Price.of("2", "0.10", "10")
    return listed


@dataclass(frozen=True)
class CursorModel:
    """A model under Cursor's name. Prices are integers, in thousandths of a dollar per million tokens."""

    released: date
    name: str
    input: int
    output: int
    cache_write: int
    cache_read: int


def _cursor(released: str, name: str, base: int, output: int, write: int, read: int) -> CursorModel:
    return CursorModel(date.fromisoformat(released), name, base, output, write, read)


CURSOR = {
    "sonnet": (
        _cursor("2024-06-20", "claude-3.5-sonnet", 3000, 15000, 3750, 300),
        _cursor("2025-02-24", "claude-3.7-sonnet", 3000, 15000, 3750, 300),
        _cursor("2025-05-22", "claude-4-sonnet", 3000, 15000, 3750, 300),
        _cursor("2025-09-29", "claude-4.5-sonnet", 3000, 15000, 3750, 300),
        _cursor("2026-02-17", "claude-4.6-sonnet", 3000, 15000, 3750, 300),
        _cursor("2026-06-23", "claude-5-sonnet", 2000, 10000, 2500, 200),
        _cursor("2026-09-28", "claude-5.5-sonnet", 2000, 10000, 2500, 200),
    ),
    "gpt": (
        _cursor("2024-05-13", "gpt-4o", 2500, 10000, 0, 1250),
        _cursor("2025-04-14", "gpt-4.1", 2000, 8000, 0, 500),
        _cursor("2025-08-07", "gpt-5", 1250, 10000, 0, 125),
    ),
    "opus": (
        _cursor("2024-03-04", "claude-3-opus", 15000, 75000, 18750, 1500),
        _cursor("2025-08-05", "claude-4.1-opus", 15000, 75000, 18750, 1500),
        _cursor("2025-11-24", "claude-4.5-opus", 5000, 25000, 6250, 500),
        _cursor("2026-07-14", "claude-5-opus", 5000, 25000, 6250, 500),
        _cursor("2026-09-10", "claude-5.5-opus", 4000, 20000, 5000, 200),
    ),
    "composer": (
        _cursor("2024-06-01", "cursor-small", 250, 1000, 0, 25),
        _cursor("2025-10-29", "composer-1", 1250, 10000, 0, 125),
    ),
    "auto": (_cursor("2024-06-01", "default", 1250, 6000, 1250, 250),),
}


@cache
def newest_cursor(family: str, day: date, lag: int = 0) -> CursorModel:
    """The same for Cursor's models, with the prices of the day."""
    line = CURSOR[family]
    known = [model for model in line if model.released + timedelta(days=lag) <= day]
    model = known[-1] if known else line[0]
    if model.name == "claude-5.5-sonnet" and day >= CHEAPER_READS:
        return replace(model, cache_read=100)
    return model
