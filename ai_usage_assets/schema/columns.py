"""Columns that have the same meaning in every table, and short forms to declare columns."""

from dataclasses import replace

from ai_usage_assets.schema.model import (
    DATE,
    INT64,
    LOWER_CASE,
    NOT_NEGATIVE,
    STRING,
    TIMESTAMP,
    Column,
    Type,
    numeric,
)

MONEY = numeric(38, 9)
"""US dollars with the vendors' precision: they report cents with many decimals."""

UNATTRIBUTED = "unattributed"
"""The value of a NOT NULL e-mail column if no person is known."""

INGEST_DATE = Column(
    "ingest_date", DATE, "The UTC day that the row is about: the partition.", is_required=True
)
FETCHED_AT = Column("fetched_at", TIMESTAMP, "When the vendor was requested (UTC).", is_required=True)
PROCESSED_AT = Column(
    "processed_at", TIMESTAMP, "When the row was computed (UTC).", default="CURRENT_TIMESTAMP()"
)
FIRST_SEEN_AT = Column(
    "first_seen_at", TIMESTAMP, "When the vendor first listed the entry (UTC).", is_required=True
)
LAST_SEEN_AT = Column(
    "last_seen_at", TIMESTAMP, "When the vendor last listed the entry (UTC).", is_required=True
)
PLATFORM = Column("platform", STRING, "anthropic, claude_code or cursor.")
API_KEY_ID = Column("api_key_id", STRING, "Anthropic's id of the API key.")
WORKSPACE_ID = Column(
    "workspace_id", STRING, "Anthropic's workspace id; `default` is the default workspace, which has no id."
)
MODEL = Column("model", STRING, "The model, in the vendor's naming.")


def required(column: Column) -> Column:
    """The same column, NOT NULL."""
    return replace(column, is_required=True)


def count(name: str, description: str, default: str | None = None) -> Column:
    """A column for a whole number that is never negative; NULL if the vendor does not report it."""
    return Column(name, INT64, description, default=default, rule=NOT_NEGATIVE)


def money(name: str, description: str, type_: Type = MONEY) -> Column:
    """A column for US dollars, which may be negative (credits)."""
    return Column(name, type_, description)


def text(name: str, description: str, *, is_personal: bool = False) -> Column:
    return Column(name, STRING, description, is_personal=is_personal)


def person(name: str, description: str) -> Column:
    """A column for a person's e-mail in curated tables: trimmed, lower-case, or `unattributed`."""
    return Column(name, STRING, description, rule=LOWER_CASE, is_personal=True)


PERSON = person("user_email", "The person (dim_users.email); `unattributed` if there is none.")
