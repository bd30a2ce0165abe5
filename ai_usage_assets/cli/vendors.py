"""The vendors' clients and endpoints for the verbs that ask the vendors themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_usage_assets.settings import Settings
    from ai_usage_assets.sources.api_call import Api
    from ai_usage_assets.sources.source import Source


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
