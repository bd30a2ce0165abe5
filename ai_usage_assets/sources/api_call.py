"""One call for each endpoint of a vendor, for the probes that ask each endpoint once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ai_usage_assets.days import Days
from ai_usage_assets.sources.http.client import VendorClient

ClientT = TypeVar("ClientT", bound=VendorClient)


@dataclass(frozen=True)
class ApiCall(Generic[ClientT]):
    """A method of a client, of which only the first request is sent."""

    name: str
    """The endpoint, as the vendor's documentation names it."""
    request: Callable[[ClientT, Days], object]
    optional_for: str = ""
    """What is missing without the endpoint, if not every plan has it; empty if every deployment needs it."""


@dataclass(frozen=True)
class Api(Generic[ClientT]):
    """The endpoints of a vendor, and what its enumerations are known to be."""

    calls: tuple[ApiCall[ClientT], ...]
    """The first one shows whether the key is accepted."""
    scope: str
    """What is known of the key's scope once it is accepted."""
    enumerations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By the last part of a field's path, the values that are known. Values of other fields are never shown."""
