"""Anthropic's raw assets, each a function of its own name: what is requested, and which rows it becomes."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import dagster as dg

from ai_usage_assets.defs.asset_functions import Context, Now, asset_of
from ai_usage_assets.defs.not_offered import Outcome, if_offered, is_offered
from ai_usage_assets.defs.prefetch import Prefetch
from ai_usage_assets.defs.resources import VendorResource
from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_ACCOUNT_USAGE,
    RAW_ANTHROPIC_API_KEYS,
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_ANTHROPIC_USERS,
    RAW_ANTHROPIC_WORKSPACES,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CLAUDE_CODE_USAGE,
)
from ai_usage_assets.schema.tables.anthropic_analytics import (
    RAW_ANTHROPIC_ANALYTICS_COST,
    RAW_ANTHROPIC_ANALYTICS_USAGE,
)
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.anthropic import endpoints, rows, workspaces
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.sources.source import ANTHROPIC
from ai_usage_assets.warehouse.chunks import Chunks
from ai_usage_assets.warehouse.engine import AlreadyWritten

if TYPE_CHECKING:
    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin

ENDPOINTS = endpoints.ENDPOINTS


class AnthropicResource(VendorResource):
    """Anthropic's Admin API."""

    source = ANTHROPIC

    @cached_property
    def client(self) -> "AnthropicAdmin":
        return self.open_client()

    def open_client(self, retry: Retry | None = None) -> "AnthropicAdmin":
        from ai_usage_assets.sources.anthropic.client import AnthropicAdmin

        return AnthropicAdmin(self.api_key, base_url=self.base_url, retry=retry)


def resource(settings: Settings) -> AnthropicResource:
    return AnthropicResource(
        api_key=dg.EnvVar(ANTHROPIC.key_variable), base_url=settings.sources[ANTHROPIC.name].base_url
    )


@asset_of(RAW_ANTHROPIC_USAGE)
def raw_anthropic_usage(context: Context, anthropic: AnthropicResource, prefetcher: Prefetch) -> Chunks:
    """Tokens by API key, workspace, model and tier (`usage_report/messages`): 31 days a request."""
    return prefetcher.chunks(context, anthropic.client, endpoints.USAGE)


@asset_of(RAW_ANTHROPIC_ACCOUNT_USAGE)
def raw_anthropic_account_usage(
    context: Context, anthropic: AnthropicResource, prefetcher: Prefetch
) -> Chunks:
    """Tokens without an API key by account (`usage_report/messages`, grouped by account): 31 days a request."""
    return prefetcher.chunks(context, anthropic.client, endpoints.ACCOUNT_USAGE)


@asset_of(RAW_ANTHROPIC_COST)
def raw_anthropic_cost(context: Context, anthropic: AnthropicResource, prefetcher: Prefetch) -> Chunks:
    """What is billed, line by line (`cost_report`): 31 days a request."""
    return prefetcher.chunks(context, anthropic.client, endpoints.COST)


@asset_of(RAW_CLAUDE_CODE_USAGE, RAW_CLAUDE_CODE_MODELS)
def raw_claude_code(
    context: Context, anthropic: AnthropicResource, prefetcher: Prefetch
) -> Iterator[dg.Output[Any]]:
    """Claude Code's records as raw_claude_code_usage and raw_claude_code_models (`usage_report/claude_code`): one
    request a day fills both.
    """
    chunks = prefetcher.chunks(context, anthropic.client, endpoints.CLAUDE_CODE)
    yield dg.Output(chunks, RAW_CLAUDE_CODE_USAGE.name)
    yield dg.Output(AlreadyWritten(), RAW_CLAUDE_CODE_MODELS.name)


@asset_of(RAW_ANTHROPIC_ANALYTICS_COST, check_specs=[is_offered(RAW_ANTHROPIC_ANALYTICS_COST)])
def raw_anthropic_analytics_cost(
    context: Context, anthropic: AnthropicResource, prefetcher: Prefetch, now: Now
) -> Outcome:
    """The vendor's own split of cost over actors and keys (`analytics/cost`, a beta)."""
    chunks = prefetcher.chunks(context, anthropic.client, endpoints.ANALYTICS_COST)
    yield from if_offered(context, RAW_ANTHROPIC_ANALYTICS_COST, chunks, now)


@asset_of(RAW_ANTHROPIC_ANALYTICS_USAGE, check_specs=[is_offered(RAW_ANTHROPIC_ANALYTICS_USAGE)])
def raw_anthropic_analytics_usage(
    context: Context, anthropic: AnthropicResource, prefetcher: Prefetch, now: Now
) -> Outcome:
    """The vendor's own split of usage over actors and keys (`analytics/usage`, a beta)."""
    chunks = prefetcher.chunks(context, anthropic.client, endpoints.ANALYTICS_USAGE)
    yield from if_offered(context, RAW_ANTHROPIC_ANALYTICS_USAGE, chunks, now)


@asset_of(RAW_ANTHROPIC_USERS)
def raw_anthropic_users(anthropic: AnthropicResource, now: Now) -> Any:
    """Members of the organization (`organizations/users`)."""
    return rows.user_rows(anthropic.client.users(), now())


@asset_of(RAW_ANTHROPIC_API_KEYS)
def raw_anthropic_api_keys(anthropic: AnthropicResource, now: Now) -> Any:
    """API keys of every status (`organizations/api_keys`)."""
    return rows.api_key_rows(anthropic.client.api_keys(), now())


@asset_of(RAW_ANTHROPIC_WORKSPACES)
def raw_anthropic_workspaces(context: Context, anthropic: AnthropicResource, now: Now) -> Any:
    """Workspaces, and which of them is the default one (`organizations/workspaces`)."""
    return workspaces.fetch(anthropic.client, now(), context.log.warning)
