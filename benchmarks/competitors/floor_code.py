"""How the floor reads Claude Code's records and the snapshot tables."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from msgspec import Struct

from benchmarks.competitors.floor_rows import dollars


class Actor(Struct):
    type: str
    email_address: str | None = None
    api_key_name: str | None = None


class Lines(Struct):
    added: int
    removed: int


class Core(Struct):
    num_sessions: int
    lines_of_code: Lines
    commits_by_claude_code: int
    pull_requests_by_claude_code: int


class Tool(Struct):
    accepted: int
    rejected: int


class Tokens(Struct):
    input: int
    output: int
    cache_read: int
    cache_creation: int


class Estimate(Struct):
    amount: Decimal


class Model(Struct):
    model: str
    tokens: Tokens
    estimated_cost: Estimate


class Record(Struct):
    date: str
    actor: Actor
    customer_type: str
    terminal_type: str | None
    core_metrics: Core
    tool_actions: dict[str, Tool]
    model_breakdown: list[Model]
    subscription_type: str | None = None
    is_remote: bool | None = None


class RecordsPage(Struct):
    data: list[Record]
    next_page: str | None = None


def _dimensions(records: list[Record]) -> dict[str, list[Any]]:
    return {
        "ingest_date": [r.date[:10] for r in records],
        "actor_type": [r.actor.type for r in records],
        "actor_email": [r.actor.email_address for r in records],
        "api_key_name": [r.actor.api_key_name for r in records],
        "customer_type": [r.customer_type for r in records],
        "subscription_type": [r.subscription_type for r in records],
        "terminal_type": [r.terminal_type for r in records],
        "is_remote": [r.is_remote for r in records],
    }


def usage(records: list[Record]) -> pa.Table:
    core = [r.core_metrics for r in records]
    return pa.table(
        {
            **_dimensions(records),
            "sessions": [c.num_sessions for c in core],
            "lines_added": [c.lines_of_code.added for c in core],
            "lines_removed": [c.lines_of_code.removed for c in core],
            "commits": [c.commits_by_claude_code for c in core],
            "pull_requests": [c.pull_requests_by_claude_code for c in core],
            "tool_accepts": [sum(t.accepted for t in r.tool_actions.values()) for r in records],
            "tool_rejects": [sum(t.rejected for t in r.tool_actions.values()) for r in records],
        }
    )


def models(records: list[Record]) -> pa.Table:
    pairs = [(r, m) for r in records for m in r.model_breakdown]
    used = [m.tokens for _, m in pairs]
    return pa.table(
        {
            **_dimensions([r for r, _ in pairs]),
            "model": [m.model for _, m in pairs],
            "input_tokens": [t.input for t in used],
            "output_tokens": [t.output for t in used],
            "cache_read_tokens": [t.cache_read for t in used],
            "cache_creation_tokens": [t.cache_creation for t in used],
            "estimated_cost_usd": [dollars(m.estimated_cost.amount) for _, m in pairs],
        }
    )


class ListPage(Struct):
    data: list[dict[str, Any]]
    has_more: bool
    last_id: str | None = None


class MembersPage(Struct, rename="camel"):
    team_members: list[dict[str, Any]]


class GroupsPage(Struct, rename="camel"):
    groups: list[dict[str, Any]]
    billing_cycle: dict[str, datetime]


def users(rows: Iterable[dict[str, Any]]) -> pa.Table:
    return _listed(
        rows, {"user_id": "id", "email": "email", "name": "name", "role": "role", "added_at": "added_at"}
    )


def api_keys(rows: list[dict[str, Any]]) -> pa.Table:
    nothing: dict[str, Any] = {}
    flat = [
        {
            **row,
            "workspace_id": row["workspace_id"] or "default",
            **{
                f"{who}_{what}": (row.get(who) or nothing).get(what)
                for who in ("created_by", "principal")
                for what in ("id", "type")
            },
        }
        for row in rows
    ]
    same = (
        "name",
        "status",
        "workspace_id",
        "created_by_id",
        "created_by_type",
        "principal_id",
        "principal_type",
    )
    rest = ("partial_key_hint", "created_at", "expires_at")
    return _listed(flat, {"api_key_id": "id", **{name: name for name in (*same, *rest)}})


def workspaces(rows: Iterable[dict[str, Any]]) -> pa.Table:
    same = {name: name for name in ("name", "created_at", "archived_at")}
    return _listed(rows, {"workspace_id": "id", **same})


def members(rows: Iterable[dict[str, Any]]) -> pa.Table:
    names = {"member_id": "id", "email": "email", "name": "name", "role": "role", "is_removed": "isRemoved"}
    return _listed([{**row, "id": str(row["id"])} for row in rows], names)


def groups(page: GroupsPage) -> pa.Table:
    memberships = [
        (group, member, field == "currentMembers")
        for group in page.groups
        for field in ("currentMembers", "formerMembers")
        for member in group[field]
    ]
    return pa.table(
        {
            "group_id": [group["id"] for group, _, _ in memberships],
            "group_name": [group["name"] for group, _, _ in memberships],
            "member_id": [member["userId"] for _, member, _ in memberships],
            "email": [member["email"] for _, member, _ in memberships],
            "joined_at": [member["joinedAt"] for _, member, _ in memberships],
            "left_at": [member["leftAt"] for _, member, _ in memberships],
            "spend_usd": [dollars(Decimal(str(member["spendCents"]))) for _, member, _ in memberships],
            "cycle_start": [page.billing_cycle["cycleStart"]] * len(memberships),
            "is_current": [is_current for _, _, is_current in memberships],
        }
    )


def _listed(rows: Iterable[dict[str, Any]], names: dict[str, str]) -> pa.Table:
    listed = list(rows)
    return pa.table({name: [row.get(source) for row in listed] for name, source in names.items()})
