"""What the company itself says of its people: the optional CSV files, landed so that SQL can join them."""

from ai_usage_assets.schema.columns import FETCHED_AT, count, money, person, required, text
from ai_usage_assets.schema.model import DATE, STRING, Column, Layer, Table

IDENTITY_PEOPLE = Table(
    name="identity_people",
    layer=Layer.IDENTITY,
    grain="person named in identity/people.csv",
    description="Names and departments that overrule what the vendors say. Empty if there is no file.",
    columns=(
        required(person("email", "The person's main e-mail.")),
        text("first_name", "First name; NULL leaves it to the vendors.", personal=True),
        text("last_name", "Last name; NULL leaves it to the vendors.", personal=True),
        text("department", "Department or cost centre."),
        FETCHED_AT,
    ),
    key=("email",),
)

IDENTITY_ALIASES = Table(
    name="identity_aliases",
    layer=Layer.IDENTITY,
    grain="other e-mail of a person, from the aliases column of identity/people.csv",
    description="Maps any other spelling or address to the person's main e-mail. Empty if there is no file.",
    columns=(
        required(person("alias", "The other e-mail.")),
        required(person("email", "The person's main e-mail.")),
        FETCHED_AT,
    ),
    key=("alias",),
)

IDENTITY_API_KEY_OWNERS = Table(
    name="identity_api_key_owners",
    layer=Layer.IDENTITY,
    grain="API key, owner and period of validity, from identity/api_key_owners.csv",
    description="Says who answers for a key, over what the vendor's register says. Empty if there is no file.",
    columns=(
        Column("api_key_id", STRING, "Anthropic's id of the API key.", required=True),
        required(person("email", "The owner's e-mail.")),
        text("purpose", "What the key is for."),
        Column("valid_from", DATE, "First day of validity; NULL is always."),
        Column("valid_to", DATE, "Last day of validity, inclusive; NULL is for ever."),
        FETCHED_AT,
    ),
    key=("api_key_id", "valid_from"),
)

IDENTITY_SEATS = Table(
    name="identity_seats",
    layer=Layer.IDENTITY,
    grain="platform, seat price and period of validity, from identity/seats.csv",
    description="What a seat costs a month. Empty if there is no file, and then no seat is in the cost.",
    columns=(
        Column("platform", STRING, "cursor, claude_code or anthropic.", required=True),
        required(money("usd_per_seat_month", "US dollars for a seat and a calendar month.")),
        count("seats", "Seats invoiced; NULL counts everybody in the day's usage (cursor only)."),
        Column("valid_from", DATE, "First day of validity; NULL is always."),
        Column("valid_to", DATE, "Last day of validity, inclusive; NULL is for ever."),
        FETCHED_AT,
    ),
    key=("platform", "valid_from"),
)
