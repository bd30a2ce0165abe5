"""The company's workspaces and API keys, and the vendors' lists of keys, workspaces and members at a given time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from ai_usage_assets.demo.sandbox.company.people import (
    LATE_WORKER,
    OLD_CLIENT,
    OWNER,
    REMOVED,
    WITH_ALIAS,
    WITHOUT_EVENTS,
    Person,
    create_people,
)
from ai_usage_assets.demo.sandbox.company.random_streams import vendor_id

Record = dict[str, Any]


@dataclass(frozen=True)
class Workspace:
    id: str
    name: str
    created: date
    archived: date | None = None


@dataclass(frozen=True)
class ApiKey:
    id: str
    name: str
    workspace_id: str | None
    created: date
    created_by: Record | None
    principal: Record | None = None
    status: str = "active"
    expires: date | None = None


def stamp(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02}:00:00Z"


class Directory:
    """Everything that has an id: the organization, workspaces, service accounts, keys and people."""

    def __init__(self, people: int, seed: int, first_day: date) -> None:
        self.seed, self.first_day = seed, first_day
        self.people: tuple[Person, ...] = create_people(people, seed, first_day)

    def id(self, prefix: str, *of: object) -> str:
        return vendor_id(prefix, self.seed, prefix, *of)

    @cached_property
    def organization(self) -> Record:
        digits = self.id("", "organization").encode().hex()
        parts = (digits[:8], digits[8:12], "4" + digits[13:16], "8" + digits[17:20], digits[20:32])
        return {"id": "-".join(parts), "name": "Tidewater Analytics", "type": "organization"}

    @cached_property
    def workspaces(self) -> dict[str, Workspace]:
        """By name, without the default workspace."""
        created_after = {
            "Production": 0,
            "Claude Code": 20,
            "Data Platform": 40,
            "Research": 90,
            "Support Bot": 150,
        }
        listed = {
            name: Workspace(self.id("wrkspc_01", name), name, self.first_day + timedelta(days=after))
            for name, after in created_after.items()
        }
        hackathon_start = self.first_day + timedelta(days=200)
        name = "Hackathon 2025"
        listed[name] = Workspace(
            self.id("wrkspc_01", name), name, hackathon_start, hackathon_start + timedelta(days=45)
        )
        return listed

    @cached_property
    def default_workspace(self) -> Workspace:
        """It has an id, which the reports never contain."""
        return Workspace(self.id("wrkspc_01", "Default"), "Default", self.first_day)

    def workspace_id(self, name: str | None) -> str | None:
        return None if name is None else self.workspaces[name].id

    def service_account(self, name: str) -> Record:
        return {"id": self.id("svac_01", name), "type": "service_account"}

    def user(self, number: int) -> Record:
        return {"id": self.people[number].user_id, "type": "user"}

    @cached_property
    def keys(self) -> dict[str, ApiKey]:
        """By a handle of the sandbox, because the vendor's names are not unique."""
        personal = (named for person in self.people for named in self._personal(person))
        return dict([*self._services(), *personal])

    def _key(
        self, handle: str, name: str, workspace: str | None, age: int, **more: Any
    ) -> tuple[str, ApiKey]:
        made = self.first_day + timedelta(days=age)
        values = {"created_by": None, **more}
        return handle, ApiKey(
            self.id("apikey_01", handle), name, self.workspace_id(workspace), made, **values
        )

    def _services(self) -> list[tuple[str, ApiKey]]:
        mara, jide, tomas = (
            self.user(LATE_WORKER),
            self.user(WITH_ALIAS),
            self.user(REMOVED),
        )
        key, service = self._key, self.service_account
        return [
            key("gateway", "prod-gateway", "Production", 0, created_by=mara, principal=service("gateway")),
            key("health", "healthcheck", "Production", 5),
            key("legacy", "legacy-integration", None, 0),
            key("nightly", "nightly-batch", "Data Platform", 40, created_by=service("scheduler")),
            key("support", "support-bot", "Support Bot", 150, created_by=jide, principal=service("support")),
            key("evals", "eval-harness", "Research", 90, created_by=self.user(OLD_CLIENT)),
            key("shared", "shared", None, 10, created_by=jide),
            key("shared-research", "shared", "Research", 95, created_by=mara),
            key("prototype", "doc-search-prototype", "Research", 120, created_by=tomas, principal=tomas),
            key("ci", "ci-claude-code", "Claude Code", 60, created_by=jide, principal=service("ci")),
            key("pilot", "pilot", None, 2, created_by=mara, status="expired", expires=self.first_day),
            key("hackathon", "hackathon", "Hackathon 2025", 200, created_by=jide, status="archived"),
            key("paused", "sales-demo", None, 170, created_by=mara, status="inactive"),
        ]

    def _personal(self, person: Person) -> list[tuple[str, ApiKey]]:
        age, owner, local = (
            (person.joined - self.first_day).days,
            self.user(person.number),
            person.email.split("@")[0],
        )
        keys = []
        if person.usage_profile.api:
            workspace = "Research" if person.department == "Data" else None
            keys.append(
                self._key(f"dev-{person.number}", f"{local}-dev", workspace, age + 3, created_by=owner)
            )
        if person.usage_profile.claude_code and person.api_billed:
            name = f"claude_code_key_{local}_{vendor_id('', person.user_id, length=4).lower()}"
            more: Record = {"created_by": owner, "principal": owner}
            if person.number == REMOVED:
                more["status"] = "inactive"
            keys.append(self._key(f"code-{person.number}", name, "Claude Code", age + 20, **more))
        return keys

    # the vendors' lists at a given time

    def api_key_list(self, now: datetime) -> list[Record]:
        """Newest first. Keys are never removed."""
        listed = [key for key in self.keys.values() if key.created <= now.date()]
        return [
            self._key_record(key)
            for key in sorted(listed, key=lambda key: (key.created, key.id), reverse=True)
        ]

    def _key_record(self, key: ApiKey) -> Record:
        return {
            "id": key.id,
            "type": "api_key",
            "name": key.name,
            "status": key.status,
            "workspace_id": key.workspace_id,
            "created_at": stamp(key.created, 9),
            "created_by": key.created_by,
            "principal": key.principal,
            "expires_at": stamp(key.expires + timedelta(days=90)) if key.expires else None,
            "partial_key_hint": f"sk-ant-api03-{key.id[-3:]}...{key.id[-7:-3]}",
            "rotation_reminder_days": 90,
        }

    def user_list(self, now: datetime) -> list[Record]:
        """Current members only. Removed members are not listed."""
        roles = {
            LATE_WORKER: "admin",
            WITH_ALIAS: "admin",
            OWNER: "billing",
        }
        current = [person for person in self.people if person.works_on(now.date())]
        return [
            {
                "id": person.user_id,
                "type": "user",
                "email": person.anthropic_email,
                "name": person.name,
                "role": roles.get(
                    person.number, "developer" if person.usage_profile.api else "claude_code_user"
                ),
                "added_at": stamp(person.joined, 8),
                "sso_enabled": True,
            }
            for person in reversed(current)
        ]

    def workspace_list(self, now: datetime, include_default: bool = True) -> list[Record]:
        """All workspaces, including archived ones."""
        listed = [space for space in self.workspaces.values() if space.created <= now.date()]
        if include_default:
            listed.append(self.default_workspace)
        return [
            {
                "id": space.id,
                "type": "workspace",
                "name": space.name,
                "created_at": stamp(space.created, 9),
                "archived_at": stamp(space.archived)
                if space.archived and space.archived <= now.date()
                else None,
                "display_color": "#" + space.id.encode().hex()[-6:],
                "data_residency": {"workspace_geo": "us", "default_inference_geo": "global"},
                "compartment_id": None,
                "external_key_id": None,
                "tags": {"owner": "platform", "cost_center": f"cc-{len(space.name)}00"}
                if space is not self.default_workspace
                else {},
            }
            for space in sorted(listed, key=lambda space: space.created, reverse=True)
        ]

    def member_list(self, now: datetime) -> list[Record]:
        """All members. Cursor also lists removed members, with a mark."""
        today = now.astimezone(UTC).date()
        roles = {LATE_WORKER: "owner", OWNER: "free-owner"}
        return [
            {
                "id": person.cursor_id,
                "name": "" if person.number == WITHOUT_EVENTS else person.name,
                "email": person.cursor_email,
                "role": roles.get(person.number, "member"),
                "isRemoved": person.left is not None and person.left <= today,
            }
            for person in self.people
            if person.has_cursor and person.joined <= today
        ]
