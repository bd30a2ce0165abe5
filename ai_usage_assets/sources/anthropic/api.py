"""Anthropic's endpoints, each with the call that asks it once, and the values that its enumerations are known to have."""

from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.api_call import Api, ApiCall

ANALYTICS = "split of cost and usage by Anthropic itself (ANTHROPIC_ANALYTICS)"

API: Api[AnthropicAdmin] = Api(
    scope="it is an Admin key of an organization",
    calls=(
        ApiCall("organizations/me", lambda client, _: client.organization()),
        ApiCall("organizations/users", lambda client, _: client.users()),
        ApiCall("organizations/api_keys", lambda client, _: client.api_keys()),
        ApiCall("organizations/workspaces", lambda client, _: client.workspaces()),
        ApiCall("usage_report/messages", lambda client, days: client.messages_usage(days)),
        ApiCall("usage_report/messages by account", lambda client, days: client.account_usage(days)),
        ApiCall("cost_report", lambda client, days: client.cost_report(days)),
        ApiCall("usage_report/claude_code", lambda client, days: client.claude_code(days.last)),
        ApiCall("analytics/cost", lambda client, days: client.analytics_cost(days), ANALYTICS),
        ApiCall("analytics/usage", lambda client, days: client.analytics_usage(days), ANALYTICS),
    ),
    enumerations={
        "cost_type": frozenset({"tokens", "web_search", "code_execution", "session_usage"}),
        "token_type": frozenset(
            {
                *("uncached_input_tokens", "output_tokens", "cache_read_input_tokens"),
                *("cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens"),
            }
        ),
        "service_tier": frozenset(
            {"standard", "batch", "flex", "flex_discount", "priority", "priority_on_demand"}
        ),
        "context_window": frozenset({"0-200k", "200k-1M"}),
        "inference_geo": frozenset({"global", "us", "not_available"}),
        "customer_type": frozenset({"api", "subscription"}),
        "subscription_type": frozenset({"enterprise", "team"}),
        "currency": frozenset({"USD"}),
        "status": frozenset({"active", "inactive", "archived", "expired"}),
        "role": frozenset(
            {"user", "developer", "billing", "admin", "claude_code_user", "owner", "primary_owner", "managed"}
        ),
        "type": frozenset(
            {
                *("organization", "user", "api_key", "workspace", "service_account"),
                *("user_actor", "api_actor", "service_account_actor", "federated_actor"),
            }
        ),
    },
)
