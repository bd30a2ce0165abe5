"""A row of the usage report, at the finest grain by which the report can be grouped."""

from typing import Any

import msgspec

from ai_usage_assets.demo.sandbox.company import models


class CacheCreation(msgspec.Struct, frozen=True, gc=False):
    ephemeral_5m_input_tokens: int
    ephemeral_1h_input_tokens: int


class ServerToolUse(msgspec.Struct, frozen=True, gc=False):
    web_search_requests: int


class Usage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row: the counts, then the dimensions."""

    uncached_input_tokens: int = 0
    cache_creation: CacheCreation = CacheCreation(0, 0)
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    server_tool_use: ServerToolUse = ServerToolUse(0)
    api_key_id: str | None = None
    workspace_id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    account_id: str | None = None
    service_account_id: str | None = None
    speed: str | None = None
    subject: str | None = None
    """The cloud identity of a caller without a key. The usage report does not contain it."""


def standard(model: models.Model, **fields: Any) -> Usage:
    """Usage in the standard tier, at standard speed and with the small context window."""
    return Usage(
        model=model.id,
        inference_geo=model.geo,
        service_tier="standard",
        context_window="0-200k",
        speed="standard",
        **fields,
    )
