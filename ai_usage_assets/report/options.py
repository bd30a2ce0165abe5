"""What the reader of a page chooses: names or numbers, and whose page it is."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from ai_usage_assets.days import utc_now


@dataclass(frozen=True)
class Options:
    """How a page is built."""

    has_names: bool = False
    """Whether people are named. Otherwise they are numbered, and groups under 5 people are folded into `other`."""
    person: str | None = None
    """The e-mail of the one person whose page it is; None for the company's page."""
    built_at: datetime = field(default_factory=utc_now)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    """What the numbers of people are derived from. `files.secret_of` keeps it, so that they are stable."""
    has_charts: bool = True
    """Whether charts are drawn where their library is installed."""
