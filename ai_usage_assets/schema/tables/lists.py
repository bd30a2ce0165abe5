"""The vendors' registers: everybody and everything they ever listed, upserted by id and never forgotten."""

from ai_usage_assets.schema.columns import FETCHED_AT, FIRST_SEEN_AT, LAST_SEEN_AT, money, required, text
from ai_usage_assets.schema.model import BOOLEAN, STRING, TIMESTAMP, Column, Layer, Table

IS_CURRENT = Column(
    "is_current", BOOLEAN, "Whether the vendor's newest list has it, and not as removed.", is_required=True
)
SEEN = (FETCHED_AT, FIRST_SEEN_AT, LAST_SEEN_AT, IS_CURRENT)


def register(
    name: str,
    vendor: str,
    grain: str,
    description: str,
    *columns: Column,
    key: tuple[str, ...] = (),
    tracked_columns: tuple[str, ...] = (),
) -> Table:
    """`key` is the first column unless it is given; its first column has to be NOT NULL."""
    return Table(
        name=name,
        layer=Layer.SNAPSHOT,
        vendor=vendor,
        grain=grain,
        description=f"{description} Who leaves the vendor's list stays, with is_current = false.",
        columns=(*columns, *SEEN),
        key=key or (columns[0].name,),
        tracked_columns=tracked_columns,
    )


RAW_ANTHROPIC_USERS = register(
    "raw_anthropic_users",
    "anthropic",
    "member, present or past, of the Anthropic organization",
    "From organizations/users.",
    Column("user_id", STRING, "Anthropic's id of the person.", is_required=True),
    text("email", "The e-mail as Anthropic spells it.", is_personal=True),
    text("name", "The whole name, in one string.", is_personal=True),
    text("role", "The person's role in the organization."),
    Column("added_at", TIMESTAMP, "When the person joined the organization (UTC)."),
    tracked_columns=("email", "role", "is_current"),
)

RAW_ANTHROPIC_API_KEYS = register(
    "raw_anthropic_api_keys",
    "anthropic",
    "API key of the Anthropic organization, of whatever status",
    "From organizations/api_keys.",
    Column("api_key_id", STRING, "Anthropic's id of the API key.", is_required=True),
    text("name", "The key's name; not unique."),
    text("status", "active, inactive, archived or expired."),
    text("workspace_id", "The key's workspace; `default` is the default workspace, which has no id."),
    text("created_by_id", "Id of who created the key; NULL for legacy and system keys."),
    text("created_by_type", "user or service_account."),
    text("principal_id", "Id of whom the key acts as; NULL where the vendor gives none."),
    text("principal_type", "user or service_account."),
    text("partial_key_hint", "The vendor's redacted hint."),
    Column("created_at", TIMESTAMP, "When the key was created (UTC)."),
    Column("expires_at", TIMESTAMP, "When the key expires (UTC); NULL is never."),
    tracked_columns=(
        "principal_id",
        "principal_type",
        "created_by_id",
        "created_by_type",
        "status",
        "workspace_id",
        "is_current",
    ),
)

RAW_ANTHROPIC_WORKSPACES = register(
    "raw_anthropic_workspaces",
    "anthropic",
    "workspace of the Anthropic organization, archived ones included",
    (
        "From organizations/workspaces, the default workspace included where the API can list it. The reports give "
        "the default workspace no id (`default` in our tables); this list and the analytics tables have its real one."
    ),
    Column("workspace_id", STRING, "Anthropic's id of the workspace.", is_required=True),
    text("name", "The workspace's name."),
    Column("created_at", TIMESTAMP, "When the workspace was created (UTC)."),
    Column("archived_at", TIMESTAMP, "When the workspace was archived (UTC); NULL is never."),
    text(
        "tags", "What the company calls it, as a JSON object with sorted names; NULL if the API has no tags."
    ),
    Column(
        "is_default",
        BOOLEAN,
        "Whether it is the default workspace, by its name or by what the list without it leaves out; NULL is unknown.",
    ),
    tracked_columns=("name", "is_current"),
)

RAW_CURSOR_MEMBERS = register(
    "raw_cursor_members",
    "cursor",
    "member, present or past, of the Cursor team",
    "From teams/members.",
    required(
        text(
            "member_id", "Cursor's id of the person; the e-mail where the answer has no id.", is_personal=True
        )
    ),
    text("email", "The e-mail as Cursor spells it.", is_personal=True),
    text("name", "The whole name, in one string.", is_personal=True),
    text("role", "owner, member, free-owner, ..."),
    Column(
        "is_removed", BOOLEAN, "Whether Cursor says that the person was removed; NULL in answers of 2025."
    ),
    tracked_columns=("email", "role", "is_current"),
)

RAW_CURSOR_GROUPS = register(
    "raw_cursor_groups",
    "cursor",
    "membership, present or past, of a person in a billing group of the Cursor team",
    "From teams/groups, which not every plan has: without it the table stays as it is. People in no group have no row.",
    Column("group_id", STRING, "Cursor's id of the billing group.", is_required=True),
    required(
        text(
            "member_id", "Cursor's id of the person; the e-mail where the answer has no id.", is_personal=True
        )
    ),
    Column("joined_at", TIMESTAMP, "When the person joined the group (UTC); NULL if Cursor gives none."),
    Column("left_at", TIMESTAMP, "When the person left the group (UTC); NULL for a member."),
    text("group_name", "The group's name, often a department."),
    text("email", "The e-mail as Cursor spells it.", is_personal=True),
    money(
        "spend_usd",
        "What the member spent in the group in the billing cycle that was last listed, in dollars.",
    ),
    Column("cycle_start", TIMESTAMP, "The start of that billing cycle (UTC)."),
    key=("group_id", "member_id", "joined_at"),
)
