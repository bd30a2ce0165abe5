"""Sample tables for tests of the write path: plays of songs, songs, and a snapshot table of artists.

`plays` has one row per day, song and listener. Its `plays` may be NULL but not negative, `listener` is a person, and
`spent_usd` has nine decimals, and `rating` is a FLOAT64.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.columns import MONEY, count, person, required, text
from ai_usage_assets.schema.model import BOOLEAN, DATE, FLOAT64, TIMESTAMP, Column, Layer, Table
from ai_usage_assets.schema.model import STRING as STR

DAY = Column("day", DATE, "The day.", is_required=True)

PLAYS = Table(
    name="plays",
    layer=Layer.RAW,
    grain="day, song and listener",
    description="Songs that were played.",
    columns=(
        DAY,
        Column("song", STR, "The song.", is_required=True),
        person("listener", "The listener."),
        count("plays", "How often the song was played.", default="0"),
        Column("spent_usd", MONEY, "Money, in dollars."),
        Column("rating", FLOAT64, "The rating of the performance."),
        Column("live", BOOLEAN, "Whether the song was played live."),
        Column("played_at", TIMESTAMP, "When the song was played (UTC)."),
    ),
    key=("day", "song", "listener"),
    partition="day",
    cluster=("song",),
    total_columns=("plays", "spent_usd"),
)

SONGS = Table(
    name="songs",
    layer=Layer.CURATED,
    grain="song",
    description="All songs.",
    columns=(Column("song", STR, "The song.", is_required=True), text("artist", "The songwriter.")),
    key=("song",),
)

ARTISTS = Table(
    name="artists",
    layer=Layer.SNAPSHOT,
    grain="artist",
    description="All artists, present and past.",
    columns=(
        Column("artist_id", STR, "The id.", is_required=True),
        text("name", "The name."),
        required(Column("first_seen_at", TIMESTAMP, "When the artist was first listed.")),
        required(Column("last_seen_at", TIMESTAMP, "When the artist was last listed.")),
        required(Column("is_current", BOOLEAN, "Whether the newest list has the artist.")),
    ),
    key=("artist_id",),
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (2, 3, 4, 5))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = Days.one


def play(day: date, song: str, plays: int | None = 1, **more: Any) -> dict[str, Any]:
    row = {"day": day, "song": song, "listener": "ann@example.com", "plays": plays, "live": False}
    return row | {"spent_usd": Decimal("0.000000001"), "played_at": NOON} | more


def rows(*played: dict[str, Any], table: Table = PLAYS) -> pa.Table:
    return pa.Table.from_pylist(list(played), schema=arrow_schema(table))
