"""Anthropic's Admin API: authorization, lists, and refusals. The reports are in a module of their own."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_usage_assets.demo.sandbox.anthropic.analytics import Analytics
from ai_usage_assets.demo.sandbox.anthropic.reports import Reports
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.paging import by_id
from ai_usage_assets.demo.sandbox.queries import Query, invalid
from ai_usage_assets.demo.sandbox.responses import VendorRefusalError, json_response

PREFIX = "/v1/organizations"
VERSION = "2023-06-01"
_PAGING = {"limit", "after_id", "before_id"}
Endpoint = Callable[[Request], Any]


class AnthropicRoutes:
    def __init__(self, company: Company, key: str, clock: Callable[[], datetime]) -> None:
        self._company, self._key, self._clock, self._numbers = company, key, clock, count(1)
        reports, analytics = Reports(company, clock), Analytics(company, clock)
        endpoints: dict[str, Endpoint] = {
            "/me": lambda request: company.directory.organization,
            "/users": self._users,
            "/api_keys": self._api_keys,
            "/workspaces": self._workspaces,
            "/usage_report/messages": reports.messages,
            "/cost_report": reports.cost,
            "/usage_report/claude_code": reports.claude_code,
            "/analytics/cost": analytics.cost,
            "/analytics/usage": analytics.usage,
        }
        self.routes = [
            Route(PREFIX + path, self._authorized(endpoint), methods=["GET"])
            for path, endpoint in endpoints.items()
        ]

    def _authorized(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def authorized_endpoint(request: Request) -> Response:
            try:
                self._authorize(request)
                return json_response(endpoint(request), headers=self._headers())
            except VendorRefusalError as refusal:
                return self.refusal(refusal)

        return authorized_endpoint

    def _headers(self) -> dict[str, str]:
        organization = self._company.directory.organization["id"]
        return {"request-id": f"req_011C{next(self._numbers):020}", "anthropic-organization-id": organization}

    def refusal(self, refused: VendorRefusalError) -> Response:
        headers = self._headers()
        error = {"type": refused.kind, "message": refused.message}
        return json_response(
            {"type": "error", "error": error, "request_id": headers["request-id"]}, refused.status, headers
        )

    def _authorize(self, request: Request) -> None:
        key = request.headers.get("x-api-key")
        if not key:
            raise VendorRefusalError(401, "authentication_error", "x-api-key header is required")
        if key.startswith("sk-ant-api"):
            raise VendorRefusalError(403, "permission_error", "This endpoint requires an Admin API key")
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            raise VendorRefusalError(401, "authentication_error", "invalid x-api-key")
        version = request.headers.get("anthropic-version")
        if not version:
            raise invalid("anthropic-version: header is required")
        if version != VERSION:
            raise invalid(f'anthropic-version: "{version}" is not a valid version')

    def _page(self, query: Query, records: list[dict[str, Any]]) -> dict[str, Any]:
        return by_id(records, query.integer("limit", 20, 1000), query.get("after_id"), query.get("before_id"))

    def _api_keys(self, request: Request) -> dict[str, Any]:
        filters = {"status", "workspace_id", "created_by_user_id"}
        query = Query(request.url.path, request.query_params, _PAGING | filters)
        status, space, user = query.get("status"), query.get("workspace_id"), query.get("created_by_user_id")
        if status not in (None, "active", "inactive", "archived", "expired"):
            raise invalid("status: Input should be 'active', 'inactive', 'archived' or 'expired'")
        return self._page(
            query,
            [
                key
                for key in self._company.directory.api_key_list(self._clock().astimezone(UTC))
                if status in (None, key["status"])
                and space in (None, key["workspace_id"])
                and user in (None, (key["created_by"] or {}).get("id"))
            ],
        )

    def _users(self, request: Request) -> dict[str, Any]:
        query = Query(request.url.path, request.query_params, _PAGING | {"email"}, frozenset({"roles"}))
        email, roles = query.get("email"), query.values_of("roles")
        users = self._company.directory.user_list(self._clock().astimezone(UTC))
        return self._page(
            query,
            [
                user
                for user in users
                if email in (None, user["email"]) and (not roles or user["role"] in roles)
            ],
        )

    def _workspaces(self, request: Request) -> dict[str, Any]:
        query = Query(
            request.url.path, request.query_params, _PAGING | {"include_archived", "include_default"}
        )
        archived, now = query.flag("include_archived"), self._clock().astimezone(UTC)
        listed = self._company.directory.workspace_list(now, query.flag("include_default"))
        return self._page(query, [space for space in listed if archived or not space["archived_at"]])
