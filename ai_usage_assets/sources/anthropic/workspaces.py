"""Anthropic's workspaces as rows, and which of them is the default one: the vendor's record does not say."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_WORKSPACES
from ai_usage_assets.sources.anthropic.records import Workspace
from ai_usage_assets.sources.columnar import build, seen
from ai_usage_assets.sources.http.errors import BadRequestError

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin


DEFAULT_NAMES = {"default", "default workspace"}
"""What the default workspace is called. It cannot be renamed, but another one may be called the same."""
NOT_ASKED = (
    "Anthropic refuses the parameter include_default: this API is older than it. The workspaces are listed without "
    "the default one, so a workspace id that is not listed is read as `default`."
)


def fetch(client: "AnthropicAdmin", fetched_at: datetime, warn: Callable[[str], object]) -> "pa.Table":
    """raw_anthropic_workspaces, of organizations/workspaces: one request, two if one cannot tell the default workspace.

    Raises:
        VendorError: the list cannot be had, with the default workspace or without it.
    """
    try:
        listed = client.workspaces()
    except BadRequestError:
        warn(NOT_ASKED)
        listed = client.workspaces(include_default=False)
        return rows(listed, {workspace.id: False for workspace in listed}, fetched_at)
    named = [workspace.id for workspace in listed if _is_called_default(workspace)]
    if len(named) == 1:
        return rows(listed, {workspace.id: workspace.id == named[0] for workspace in listed}, fetched_at)
    others = {workspace.id for workspace in client.workspaces(include_default=False)}
    added = [workspace.id for workspace in listed if workspace.id not in others]
    # more than one: a workspace was made or archived between the two lists
    certain = dict.fromkeys(others, False) | ({added[0]: True} if len(added) == 1 else {})
    return rows(listed, certain, fetched_at)


def rows(listed: list[Workspace], is_default: dict[str, bool], fetched_at: datetime) -> "pa.Table":
    """One row a workspace; who is not in `is_default` may be the default one or not."""
    return build(
        RAW_ANTHROPIC_WORKSPACES,
        listed,
        {
            "workspace_id": lambda w: w.id,
            "name": lambda w: w.name,
            "created_at": lambda w: w.created_at,
            "archived_at": lambda w: w.archived_at,
            "tags": lambda w: _json(w.tags),
            "is_default": lambda w: is_default.get(w.id),
            **seen(fetched_at),
        },
    )


def _is_called_default(workspace: Workspace) -> bool:
    return (workspace.name or "").strip().lower() in DEFAULT_NAMES


def _json(tags: dict[str, Any] | None) -> str | None:
    # they are strings by the documentation; another value is kept as the text of it
    return None if tags is None else json.dumps(tags, sort_keys=True, ensure_ascii=False, default=str)
