"""The vendors' clients, endpoints and newest days, for the verbs that send requests to the vendors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ai_usage_assets.days import Days, last_closed

if TYPE_CHECKING:
    from ai_usage_assets.settings import Settings
    from ai_usage_assets.sources.api_call import Api
    from ai_usage_assets.sources.source import Source

REQUESTED_DAYS = 7


def newest_days(now: datetime, start_date: date) -> Days:
    """The newest seven days that are over, without those before the start date."""
    last = last_closed(now)
    return Days(max(start_date, last - timedelta(days=REQUESTED_DAYS - 1)), last)


def api_of(source: "Source") -> "Api[Any]":
    """`sources/<name>/api.py`: the vendor's endpoints."""
    found: Api[Any] = import_module(f"ai_usage_assets.sources.{source.name}.api").API
    return found


@contextmanager
def client_of(source: "Source", settings: "Settings") -> Iterator[Any]:
    """A client that does not retry.

    Raises:
        MisconfiguredError: the key or the base URL cannot be used.
    """
    from ai_usage_assets.defs.raw import module_of
    from ai_usage_assets.sources.http.retry import FAIL_FAST

    with (
        module_of(source).resource(settings).process_config_and_initialize_cm() as resource,
        resource.open_client(FAIL_FAST) as client,
    ):
        yield client
