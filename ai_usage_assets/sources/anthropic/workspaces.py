"""Anthropic's workspaces as rows. The vendor's record does not say which one is the default, so it is found here."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_WORKSPACES
from ai_usage_assets.sources.anthropic.records import Workspace
from ai_usage_assets.sources.columnar import build, snapshot_columns
from ai_usage_assets.sources.http.errors import BadRequestError

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin


DEFAULT_NAMES = {"default", "default workspace"}
"""Names of the default workspace. It cannot be renamed, but another workspace may have the same name."""
NO_DEFAULT_LISTED = (
    "Anthropic rejects the parameter include_default, because this API is older than it. The workspaces are listed "
    "without the default one, so a workspace id that is not listed is read as `default`."
)


def fetch(client: "AnthropicAdmin", fetched_at: datetime, warn: Callable[[str], object]) -> "pa.Table":
    """raw_anthropic_workspaces, from organizations/workspaces.

    One request is enough if exactly one workspace has a name of the default one. Otherwise a second request lists the
    workspaces without it.

    Raises:
        VendorError: the vendor does not list the workspaces.
    """
    try:
        listed = client.workspaces()
    except BadRequestError:
        warn(NO_DEFAULT_LISTED)
        listed = client.workspaces(include_default=False)
        return rows(listed, {workspace.id: False for workspace in listed}, fetched_at)
    named = [workspace.id for workspace in listed if _is_called_default(workspace)]
    if len(named) == 1:
        return rows(listed, {workspace.id: workspace.id == named[0] for workspace in listed}, fetched_at)
    others = {workspace.id for workspace in client.workspaces(include_default=False)}
    added = [workspace.id for workspace in listed if workspace.id not in others]
    # with more than one, a workspace was created or archived between the two lists
    certain = dict.fromkeys(others, False) | ({added[0]: True} if len(added) == 1 else {})
    return rows(listed, certain, fetched_at)


def rows(listed: list[Workspace], is_default: dict[str, bool], fetched_at: datetime) -> "pa.Table":
    """One row for each workspace; for one that is not in `is_default`, it is not known."""
    return build(
        RAW_ANTHROPIC_WORKSPACES,
        {
            "workspace_id": [workspace.id for workspace in listed],
            "name": [workspace.name for workspace in listed],
            "created_at": [workspace.created_at for workspace in listed],
            "archived_at": [workspace.archived_at for workspace in listed],
            "tags": [_json(workspace.tags) for workspace in listed],
            "is_default": [is_default.get(workspace.id) for workspace in listed],
            **snapshot_columns(fetched_at, len(listed)),
        },
    )


def _is_called_default(workspace: Workspace) -> bool:
    return (workspace.name or "").strip().lower() in DEFAULT_NAMES


def _json(tags: dict[str, Any] | None) -> str | None:
    # the documentation says that they are strings; another value is kept as its text
    return None if tags is None else json.dumps(tags, sort_keys=True, ensure_ascii=False, default=str)
