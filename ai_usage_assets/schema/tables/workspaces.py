"""The dimension of workspaces, which gives the ids in the facts a name."""

from ai_usage_assets.schema.columns import PROCESSED_AT, text
from ai_usage_assets.schema.model import BOOLEAN, STRING, TIMESTAMP, Column, Layer, Table, one_of

DIM_WORKSPACES = Table(
    name="dim_workspaces",
    layer=Layer.CURATED,
    grain="workspace of Anthropic, by the id that the facts have",
    description=(
        "Names of the workspaces, also of archived ones. The row `default` is always there: it is the default workspace, to "
        "which the vendor's reports give no id. Join it with workspace_id of the facts."
    ),
    columns=(
        Column(
            "workspace_id",
            STRING,
            "The workspace's id in the facts; `default` is the default workspace.",
            is_required=True,
        ),
        Column("name", STRING, "The workspace's name, or its id if it has none.", is_required=True),
        Column("platform", STRING, "anthropic.", is_required=True, rule=one_of("anthropic")),
        Column("is_active", BOOLEAN, "Whether the vendor lists the workspace, and it is not archived."),
        Column("created_at", TIMESTAMP, "When the workspace was created (UTC); NULL if it is not known."),
        Column(
            "archived_at", TIMESTAMP, "When the workspace was archived (UTC); NULL if it is not archived."
        ),
        text(
            "vendor_workspace_id",
            "The id in the vendor's list; for `default` it is the real id, or NULL if the vendor does not list it.",
        ),
        text("tags", "The company's tags, as a JSON object; NULL if the API has no tags."),
        PROCESSED_AT,
    ),
    key=("workspace_id",),
)
