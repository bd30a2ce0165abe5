"""A custom role whose permissions a test may change: in IAM for the live project, in a proxy for the emulator.

In the project it is granted to the account that `BIGQUERY_LIVE_SERVICE_ACCOUNT` names. Whoever runs the suite needs
`roles/iam.roleAdmin` and `roles/resourcemanager.projectIamAdmin` on the project, and
`roles/iam.serviceAccountTokenCreator` on the account.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import uuid4

from google.auth.transport.requests import AuthorizedSession
from requests import Session

from ai_usage_assets.warehouse.bigquery.access import credentials
from ai_usage_tests.support.bigquery_page import EXISTING_DATASET, documented_role, kind, permissions
from ai_usage_tests.support.emulator.proxy import in_front_of
from ai_usage_tests.support.emulator.recording import endpoint, request_json
from ai_usage_tests.support.live.target import Target, not_answered

IAM = "https://iam.googleapis.com/v1"
PROJECTS = "https://cloudresourcemanager.googleapis.com/v1/projects"
MAX_PROPAGATION_SECONDS = 600
POLL_SECONDS = 10


class Role(Protocol):
    emulator_host: str | None
    account: str | None
    """The service account that has the role; None on the emulator."""

    def allow(self, allowed: set[str]) -> None:
        """Let the role have these permissions, and wait until this is so."""


class IamRole:
    """A custom role of the project that is granted to a service account."""

    emulator_host: str | None = None
    account: str | None

    def __init__(
        self,
        project: str,
        account: str,
        own: Session,
        writer: Session,
        iam: str = IAM,
        projects: str = PROJECTS,
    ) -> None:
        self.account = account
        self._project = f"{projects}/{project}"
        self._id = f"ai_usage_throw_away_{uuid4().hex[:8]}"
        self._roles, self._name = f"{iam}/projects/{project}/roles", f"projects/{project}/roles/{self._id}"
        self._asked: set[str] = set()
        self._own, self._writer = own, writer

    @contextmanager
    def granted(self, allowed: set[str]) -> Iterator["IamRole"]:
        """Create and grant the role; afterwards take it back and delete it, even after a failure."""
        role = {"title": "Live suite of AI usage", "stage": "GA", "includedPermissions": sorted(allowed)}
        _send(self._own, "POST", self._roles, {"roleId": self._id, "role": role})
        try:
            self._bind([{"role": self._name, "members": [f"serviceAccount:{self.account}"]}])
            yield self
        finally:
            self._bind([])
            _send(self._own, "DELETE", f"{self._roles}/{self._id}")

    def allow(self, allowed: set[str]) -> None:
        """Change the role and wait until IAM tells the account so.

        Raises:
            TimeoutError: IAM has not applied the change. Also if the account has another role with these permissions.
        """
        change = {"includedPermissions": sorted(allowed)}
        _send(self._own, "PATCH", f"{self._roles}/{self._id}?updateMask=includedPermissions", change)
        self._asked |= allowed
        until = time.monotonic() + MAX_PROPAGATION_SECONDS
        while self._held() != allowed:
            if time.monotonic() > until:
                raise TimeoutError(
                    f"{self.account} has not the changed permissions after {MAX_PROPAGATION_SECONDS} s."
                )
            time.sleep(POLL_SECONDS)

    def _held(self) -> set[str]:
        asked = {"permissions": sorted(self._asked)}
        found = _send(self._writer, "POST", f"{self._project}:testIamPermissions", asked)
        return set(found.get("permissions", []))

    def _bind(self, bindings: list[dict[str, Any]]) -> None:
        """Replace the bindings of this role in the policy of the project; all others stay."""
        options = {"options": {"requestedPolicyVersion": 3}}
        policy = _send(self._own, "POST", f"{self._project}:getIamPolicy", options)
        others = [known for known in policy.get("bindings", []) if known["role"] != self._name]
        changed = {"policy": policy | {"bindings": others + bindings, "version": 3}}
        _send(self._own, "POST", f"{self._project}:setIamPolicy", changed)


def _send(session: Session, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    response = session.request(method, url, json=body, timeout=60)
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


class EmulatedRole:
    """The permissions of `docs/bigquery.md`, required by a proxy in front of the emulator, with BigQuery's refusal."""

    account: str | None = None
    emulator_host: str | None

    def __init__(self, emulator_host: str, project: str) -> None:
        self.emulator_host = emulator_host
        self._project = project
        self._allowed: set[str] = set()

    def allow(self, allowed: set[str]) -> None:
        self._allowed = allowed

    def refusal(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes] | None:
        """BigQuery's answer if the role lacks a permission for the request."""
        needed = permissions("calls").get(endpoint(method, path), set())
        query = request_json(body).get("configuration", {}).get("query") if method == "POST" else None
        if query:
            needed = needed | permissions("statements")[kind(query["query"])]
        for permission in sorted(needed - EXISTING_DATASET - self._allowed):
            message = (
                f"Access Denied: Project {self._project}: Permission {permission} denied on the resource"
            )
            detail = {"reason": "accessDenied", "domain": "global", "message": message}
            error = {"code": 403, "message": message, "errors": [detail]}
            return 403, "application/json", json.dumps({"error": error}).encode()
        return None


@contextmanager
def emulated_role(emulator_host: str, project: str) -> Iterator[EmulatedRole]:
    """A role that is required by a proxy, until the block ends."""
    with in_front_of(emulator_host) as proxy:
        role = EmulatedRole(proxy.url, project)
        proxy.refusal = role.refusal
        yield role


@contextmanager
def role_for(target: Target, account: str | None) -> Iterator[Role]:
    """A role with no permission yet, for the emulator or for the service account."""
    if target.engine.emulator_host:
        with emulated_role(target.engine.emulator_host, target.client.project) as emulated:
            yield emulated
    elif account:
        own, writer = AuthorizedSession(credentials()), AuthorizedSession(credentials(account))
        with IamRole(target.client.project, account, own, writer).granted(documented_role()) as role:
            yield role
    else:
        not_answered("the permissions of a role (BIGQUERY_LIVE_SERVICE_ACCOUNT names no account)")
