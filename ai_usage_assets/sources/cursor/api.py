"""Cursor's endpoints, each with the call that asks it once, and the values that its enumerations are known to have."""

from ai_usage_assets.sources.api_call import Api, ApiCall
from ai_usage_assets.sources.cursor.client import CursorAdmin

KINDS = frozenset(
    {
        *("Usage-based", "On-Demand", "Included in Business", "Included in Pro", "Included"),
        *(
            "Errored, Not Charged",
            "Aborted, Not Charged",
            "Not Charged",
            "Free",
            "Free Trial",
            "User API Key",
        ),
        "Custom subscription",
    }
)
"""As int_cursor_events.sql classifies them; the vendor documents no complete list."""

API: Api[CursorAdmin] = Api(
    scope="Cursor does not tell its scope: Read-only is enough, and an admin key could remove members",
    calls=(
        ApiCall("teams/members", lambda client, _: client.members()),
        ApiCall("teams/daily-usage-data", lambda client, days: client.daily_usage(days)),
        ApiCall("teams/filtered-usage-events", lambda client, days: client.usage_events(days)),
        ApiCall("teams/spend", lambda client, _: client.spend(), "comparison with Cursor's own totals"),
        ApiCall("groups", lambda client, _: client.groups(), "data on billing groups"),
    ),
    enumerations={
        "kind": KINDS,
        "kindLabel": KINDS,
        "role": frozenset({"owner", "member", "free-owner", "removed", "service_account"}),
    },
)
