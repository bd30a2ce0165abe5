"""The wide view of cost: `fct_cost_daily` with the names that its ids stand for."""

from ai_usage_assets.schema.columns import person, text
from ai_usage_assets.schema.model import DATE, STRING, Column, Layer, Table, numeric, one_of
from ai_usage_assets.schema.tables import curated
from ai_usage_assets.schema.tables.views import MONTH

V_COST = Table(
    name="v_cost",
    layer=Layer.VIEW,
    grain="row of fct_cost_daily: UTC day, platform, workspace, API key, person, cost type, model and allocation",
    description=(
        "All cost, with names, so that no join is needed. Its sum equals that of fct_cost_daily. Filter on cost_date to read "
        "only some days. The person, department, team and cost center are those of the day; the names of keys and workspaces are the present ones. Services "
        "have actor_type = 'service': leave them out to compare people. The amounts are estimates until the invoice."
    ),
    columns=(
        Column("cost_date", DATE, "The UTC day of the charge."),
        MONTH,
        text(
            "platform", "anthropic or cursor. Claude Code has no cost of its own: its cost is in anthropic."
        ),
        text(
            "cost_type", "usage, web_search, code_execution, session_usage, credit, overage or subscription."
        ),
        Column("cost_usd", numeric(10, 4), "US dollars; negative for credits."),
        person("user_email", "The person (dim_users.email) on that day; `unattributed` if there is none."),
        text("first_name", "From dim_users.", is_personal=True),
        text("last_name", "From dim_users.", is_personal=True),
        text(
            "department", "The department on that day (dim_user_history); `no department` if there is none."
        ),
        text("team", "The team on that day (dim_user_history)."),
        text("cost_center", "The cost center on that day (dim_user_history)."),
        text("actor_type", "person, service (user_email is responsible for it) or unknown."),
        text("workspace_id", "Anthropic's workspace; NULL if the platform has none."),
        text(
            "workspace_name",
            "From dim_workspaces; NULL if there is no workspace, or the vendor does not list it.",
        ),
        text("api_key_id", "The API key; NULL if the platform or the charge has none."),
        text("api_key_name", "From dim_api_keys; not unique."),
        text("api_key_purpose", "From api_key_owners.csv."),
        text(
            "api_key_owner_source",
            "The source of the key's present owner: override, principal, creator or none.",
        ),
        text("model", "The model, in the platform's naming; NULL if the charge has none."),
        text("model_family", "One name for a model across platforms; NULL if the charge has none."),
        text(
            "allocation",
            "How the cost was allocated: key, account, no_key, unmatched, event, seat or vendor.",
        ),
        Column(
            "unattributed_reason",
            STRING,
            "Why no person is known; NULL if one is. no_key: usage without a key, whose account is not known. "
            "no_matching_usage: a cost line without usage. unused_seat: a paid seat without a holder, or of a member without "
            "an e-mail. call_without_person: a Cursor call without a person. no_owner_on_the_day: the key has an owner now, "
            "but had none on the day. The other values are those of dim_api_keys.no_owner_reason.",
            rule=one_of(
                "no_key",
                "no_matching_usage",
                "unused_seat",
                "call_without_person",
                "no_owner_on_the_day",
                *curated.NO_OWNER_REASONS,
            ),
        ),
    ),
    key=curated.FCT_COST_DAILY.key,
)
