"""What a page consists of: sections of blocks. A block has figures as a table, and a chart of them if one is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Row: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Figures as they are written. The first column names the row."""

    caption: str
    header: Row
    rows: Sequence[Row]
    foot: Row | None = None
    """The row of sums."""
    texts: tuple[int, ...] = ()
    """The columns after the first that hold text; the others hold numbers."""


@dataclass(frozen=True)
class Chart:
    """What a chart shows, before it is drawn: one bar for each label, made of parts."""

    name: str
    """Unique on the page, and part of ids."""
    title: str
    """What a screen reader says of it."""
    kind: str
    """columns (over time), bars, signed or rates."""
    labels: Sequence[str]
    """In the order in which they are drawn."""
    parts: Mapping[str, Sequence[float]]
    """By series, a value for each label."""
    marks: Sequence[str] = ()
    """The text at the end of each bar, in the page's own format."""
    colors: Mapping[str, str] = field(default_factory=dict)
    legend: Mapping[str, str] = field(default_factory=dict)
    """By series, its name; nothing if the title says what there is."""
    axis_format: str = "$,.0f"
    """How the values along the axis of columns are written, as D3 has it."""
    most: float | None = None
    """The end of the scale; the largest bar by default."""


@dataclass(frozen=True)
class Block:
    """A part of a section."""

    title: str
    tables: Sequence[Table] = ()
    """They are shown at once if there is no chart, and otherwise after a click."""
    chart: Chart | None = None
    notes: Sequence[str] = ()
    is_wide: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading, which the list of contents leads to."""

    id: str
    title: str
    blocks: Sequence[Block]
    intro: str = ""


@dataclass(frozen=True)
class Tile:
    """A key figure of the first screen."""

    label: str
    value: str
    detail: str = ""
    state: str = ""
    """good, warn or nothing; the text says the same."""
