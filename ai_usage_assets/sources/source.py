"""The vendors that are read: how each is configured, and how late and how long it has its days. No Dagster, no HTTP.

This is the one place that knows which vendors there are. Everything else of a vendor lies under its name:
`sources/<name>/`, `schema/tables/<name>.py` and `defs/raw_<name>.py`.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Source:
    """One vendor. `name` is also the name of its resource, its pool and its asset group."""

    name: str
    title: str
    """As the vendor writes itself."""
    base_url: str
    """Where its Admin API is, unless the environment names another place."""
    max_days: int
    """Days that one request, and so one poll, can span."""
    poll_interval: timedelta
    finalization_lag: timedelta
    """From the end of a day until the vendor reports all of it."""
    empty_is_final_after: timedelta
    """From the end of a day until a day without data is believed: before, it may be late."""
    freshness_lag: timedelta
    """From the end of a day until it must be loaded: the vendor's own lag and at most six hours of polls, backoffs
    and runs on this side."""
    refresh_cron: str
    """When its recent days are read again each week (UTC)."""
    retention_days: int | None = None
    """Days of history that the vendor keeps; None if it keeps all."""

    @property
    def key_variable(self) -> str:
        """The environment variable with the Admin API key; without it the vendor is not read."""
        return f"{self.name.upper()}_ADMIN_API_KEY"

    @property
    def url_variable(self) -> str:
        return f"{self.name.upper()}_ADMIN_BASE_URL"

    @property
    def retention_variable(self) -> str:
        """The environment variable that corrects `retention_days`, for a vendor that does not keep all."""
        return f"{self.name.upper()}_RETENTION_DAYS"


ANTHROPIC = Source(
    name="anthropic",
    title="Anthropic",
    base_url="https://api.anthropic.com",
    max_days=31,
    poll_interval=timedelta(minutes=15),
    # tokens and cost are reported within minutes, Claude Code's records after an hour: one run for all of them
    finalization_lag=timedelta(hours=1),
    empty_is_final_after=timedelta(hours=6),
    freshness_lag=timedelta(hours=6),
    refresh_cron="0 3 * * 0",
)

CURSOR = Source(
    name="cursor",
    title="Cursor",
    base_url="https://api.cursor.com",
    max_days=30,
    # it aggregates once an hour, and asks not to be polled more often
    poll_interval=timedelta(hours=1),
    finalization_lag=timedelta(hours=1),
    empty_is_final_after=timedelta(hours=12),
    freshness_lag=timedelta(hours=18),
    # Sunday morning, apart from Anthropic's: both rebuild the same facts
    refresh_cron="30 4 * * 0",
    retention_days=90,
)

SOURCES = (ANTHROPIC, CURSOR)
