"""Who may own a key that has no owner: read from the curated tables, and decided by the evidence that there is."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ai_usage_assets.cli.deployment import require_tables
from ai_usage_assets.days import ONE_DAY
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import day

USED_DAYS = 90
NAMED = "is in its name"
NO_EVIDENCE = "nothing says whose it is"
KEYS = """
select keys.api_key_id, keys.name, keys.workspace_id, workspaces.name as workspace_name, keys.user_email,
  keys.created_by_email, keys.no_owner_reason, keys.actor_type, keys.is_active, max(cost.cost_date) as last_cost_date,
  coalesce(sum(cost.cost_usd), 0) as cost_usd
from dim_api_keys as keys
left join dim_workspaces as workspaces on workspaces.workspace_id = keys.workspace_id
left join (
  select api_key_id, cost_date, cost_usd from fct_cost_daily where cost_date >= {since}
) as cost on cost.api_key_id = keys.api_key_id
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
order by cost_usd desc, keys.api_key_id
"""
EARLIER = """
select api_key_id, user_email, max(cost_date) as last_day
from fct_cost_daily
where cost_date >= date '2000-01-01' and api_key_id is not null and user_email != 'unattributed'
group by 1, 2
order by last_day, user_email
"""
PEOPLE = "select email, is_active from dim_users where kind = 'person' order by email"


@dataclass(frozen=True)
class Key:
    """A row of dim_api_keys with its use of the last 90 days."""

    row: Mapping[str, Any]

    @property
    def api_key_id(self) -> str:
        return str(self.row["api_key_id"])

    @property
    def name(self) -> str:
        return self.row["name"] or ""

    @property
    def description(self) -> str:
        """Its name, and what it cost."""
        parts = [
            self.name or "no name",
            self.row["no_owner_reason"] or "",
            f"{self.row['cost_usd']:,.2f} USD",
        ]
        if not self.row["is_active"]:
            parts.append("not active")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Found:
    """What the warehouse knows of keys and people."""

    keys: Sequence[Key]
    earlier: Mapping[str, tuple[str, date]]
    """By key, the last person to whom its cost was attributed, and the last day of that."""
    people: Mapping[str, bool]
    """By e-mail, whether the person is active."""

    @property
    def unowned(self) -> list[Key]:
        return [key for key in self.keys if key.row["user_email"] == "unattributed"]


@dataclass(frozen=True)
class Proposal:
    """Why a person may own a key, and the line of api_key_owners.csv; no line without a proposal."""

    evidence: str
    line: tuple[str, ...] | None = None


def read(engine: Engine, today: date) -> Found:
    """Read the keys and the people.

    Raises:
        NothingLoadedError: a table does not exist yet.
    """
    with engine.session() as session:
        require_tables(engine, session, ["dim_api_keys", "dim_workspaces", "dim_users", "fct_cost_daily"])
        keys = session.fetch(KEYS.format(since=day(today - timedelta(days=USED_DAYS)))).to_pylist()
        earlier = session.fetch(EARLIER).to_pylist()
        people = session.fetch(PEOPLE).to_pylist()
    return Found(
        [Key(row) for row in keys],
        {row["api_key_id"]: (row["user_email"], row["last_day"]) for row in earlier},
        {row["email"]: row["is_active"] is not False for row in people},
    )


def propose(key: Key, found: Found, known: Sequence[Mapping[str, Any]]) -> Proposal:
    """The likeliest owner of a key.

    Args:
        key: a key without an owner.
        found: what the warehouse knows.
        known: the rows of api_key_owners.csv.
    """
    periods = [row for row in known if row["api_key_id"] == key.api_key_id]
    if any(row["valid_to"] in (None, date.max) for row in periods):
        return Proposal("api_key_owners.csv has an owner for it already, from another day on")
    email, why = _evidence(key, found)
    if not email:
        return Proposal(f"no proposal: {why}")
    if not found.people.get(email):
        return Proposal(f"no proposal: {email} {why}, and has left. Who took it over?")
    last = max((row["valid_to"] for row in periods), default=None)
    valid_from = str(last + ONE_DAY) if last else ""
    actor_type = "service" if key.row["actor_type"] == "service" else "person" if why == NAMED else ""
    return Proposal(f"{email} {why}", (key.api_key_id, email, key.name, valid_from, "", actor_type))


def _evidence(key: Key, found: Found) -> tuple[str, str]:
    """The e-mail of the likeliest owner, empty if there is none, and why."""
    if creator := key.row["created_by_email"]:
        return creator, "created it"
    if earlier := found.earlier.get(key.api_key_id):
        email, last = earlier
        return email, f"was its owner until {last}"
    named = [email for email in found.people if _names(key.name, email)]
    if len(named) == 1:
        return named[0], NAMED
    same = [other for other in found.keys if other.row["workspace_id"] == key.row["workspace_id"]]
    owners = Counter(other.row["user_email"] for other in same if found.people.get(other.row["user_email"]))
    if not key.row["workspace_id"] or not owners:
        return "", NO_EVIDENCE
    (email, count), *others = owners.most_common(2)
    if others and others[0][1] == count:
        return "", NO_EVIDENCE
    workspace = key.row["workspace_name"] or "its workspace"
    return email, f"owns {count} of {sum(owners.values())} owned keys of {workspace}"


def _names(name: str, email: str) -> bool:
    """Whether a key's name has a person's name: every part of it, or the first one if it is long."""
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    parts = [part for part in re.split(r"[^a-z0-9]+", email.partition("@")[0].lower()) if part]
    return bool(parts) and (words.issuperset(parts) or (len(parts[0]) > 3 and parts[0] in words))
