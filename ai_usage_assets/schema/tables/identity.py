"""The tables of the optional identity files: names, aliases, owners of API keys, seats, invoices, rates, and budgets."""

from ai_usage_assets.schema.columns import FETCHED_AT, count, money, person, required, text
from ai_usage_assets.schema.model import DATE, INT64, POSITIVE, STRING, Column, Layer, Rule, Table, one_of
from ai_usage_assets.schema.tables.rates import ABOVE_ZERO, RATE

VALID_FROM = Column("valid_from", DATE, "First day of validity; NULL if there is no first day.")
VALID_TO = Column("valid_to", DATE, "Last day of validity, inclusive; NULL if there is no last day.")

IDENTITY_PEOPLE = Table(
    name="identity_people",
    layer=Layer.IDENTITY,
    grain="person named in identity/people.csv, and period of validity",
    description=(
        "Names and departments that override those of the vendors. Periods of one person do not overlap. Empty if there "
        "is no file."
    ),
    columns=(
        required(person("email", "The person's main e-mail.")),
        text("first_name", "First name; NULL means the vendor's.", is_personal=True),
        text("last_name", "Last name; NULL means the vendor's.", is_personal=True),
        text("department", "Department in the period."),
        FETCHED_AT,
        text("team", "Team in the period."),
        text("cost_center", "Cost center in the period."),
        VALID_FROM,
        VALID_TO,
    ),
    key=("email", "valid_from"),
)

IDENTITY_ALIASES = Table(
    name="identity_aliases",
    layer=Layer.IDENTITY,
    grain="other e-mail of a person, from the aliases column of identity/people.csv",
    description="Maps another e-mail of a person to the main e-mail. Empty if there is no file.",
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
    description="Owners of API keys, which override those of the vendor's list. Empty if there is no file.",
    columns=(
        Column("api_key_id", STRING, "Anthropic's id of the API key.", is_required=True),
        required(person("email", "The owner's e-mail.")),
        text("purpose", "What the key is for."),
        VALID_FROM,
        VALID_TO,
        FETCHED_AT,
        Column(
            "actor_type",
            STRING,
            "Whether a person or a service uses the key; NULL means what the vendor's list says.",
            rule=one_of("person", "service"),
        ),
    ),
    key=("api_key_id", "valid_from"),
)

IDENTITY_SEATS = Table(
    name="identity_seats",
    layer=Layer.IDENTITY,
    grain="platform, tier, seat price and period of validity, from identity/seats.csv",
    description="What a seat costs per month. Empty if there is no file: the cost then includes no seats.",
    columns=(
        Column("platform", STRING, "cursor, claude_code or anthropic.", is_required=True),
        required(money("usd_per_seat_month", "US dollars per seat and billing month.")),
        count("seats", "Invoiced seats; NULL means the members who hold a seat on the day (cursor only)."),
        VALID_FROM,
        VALID_TO,
        FETCHED_AT,
        text("tier", "standard, premium, ...; standard if the file gives none. `free` is never charged."),
        Column(
            "billing_day",
            INT64,
            "Day of the month on which a billing month begins; 1 if the file gives none.",
            rule=Rule("lies within 1 and 28", "{} between 1 and 28"),
        ),
    ),
    key=("platform", "tier", "valid_from"),
)

IDENTITY_SEAT_TIERS = Table(
    name="identity_seat_tiers",
    layer=Layer.IDENTITY,
    grain="person, platform, tier and period of validity, from identity/seat_tiers.csv",
    description=(
        "People with another seat than the standard one. Empty if there is no file. Only Cursor lists who holds a seat, so "
        "only its rows have an effect."
    ),
    columns=(
        Column("platform", STRING, "cursor, claude_code or anthropic.", is_required=True),
        required(person("email", "The person's main e-mail or an alias.")),
        required(text("tier", "The tier, as in seats.csv; `free` is not charged.")),
        VALID_FROM,
        VALID_TO,
        FETCHED_AT,
    ),
    key=("platform", "email", "valid_from"),
)

IDENTITY_INVOICES = Table(
    name="identity_invoices",
    layer=Layer.IDENTITY,
    grain="line of a vendor's invoice, from identity/invoices.csv",
    description="What the vendors invoiced. fct_invoice_reconciliation compares it with the cost. Empty if there is no file.",
    columns=(
        Column("platform", STRING, "cursor, claude_code or anthropic.", is_required=True),
        required(text("invoice_id", "The vendor's number of the invoice.")),
        Column("line", INT64, "Number of the line within its invoice.", is_required=True, rule=POSITIVE),
        Column("issued_on", DATE, "Date of the invoice.", is_required=True),
        Column("period_start", DATE, "First day that the line bills.", is_required=True),
        Column("period_end", DATE, "Last day that the line bills, inclusive.", is_required=True),
        Column(
            "kind",
            STRING,
            "usage and seats are compared with the cost; tax, credit, refund and other are taken as invoiced.",
            is_required=True,
            rule=one_of("usage", "seats", "tax", "credit", "refund", "other"),
        ),
        required(money("amount_usd", "US dollars in whole cents; negative for credits and refunds.")),
        text("note", "A note of the file."),
        FETCHED_AT,
    ),
    key=("platform", "invoice_id", "line"),
)

IDENTITY_FX = Table(
    name="identity_fx",
    layer=Layer.IDENTITY,
    grain="month, from identity/fx.csv",
    description=(
        "The rate of a month between the US dollar and the currency of the company's books. Closing a month freezes its "
        "rate. Empty if there is no file."
    ),
    columns=(
        Column("month", DATE, "First day of the calendar month.", is_required=True),
        required(text("currency", "The currency, as in ISO 4217, such as EUR.")),
        Column("rate", RATE, "Units of the currency for one US dollar.", is_required=True, rule=ABOVE_ZERO),
        FETCHED_AT,
    ),
    key=("month",),
)

BUDGET_SCOPES = one_of("company", "platform", "department", "team", "cost_center", "person")

IDENTITY_BUDGETS = Table(
    name="identity_budgets",
    layer=Layer.IDENTITY,
    grain="budget and period of validity, from identity/budgets.csv",
    description=(
        "What the company, a platform, a group of people or a person may cost in a month. fct_budget_daily compares it with "
        "the cost. Empty if there is no file."
    ),
    columns=(
        Column(
            "scope",
            STRING,
            "company, platform, department, team, cost_center or person.",
            is_required=True,
            rule=BUDGET_SCOPES,
        ),
        required(
            text(
                "name",
                "`company`, the platform, the department, team or cost center as in people.csv, or the person's main e-mail.",
                is_personal=True,
            )
        ),
        required(money("usd_per_month", "US dollars for a calendar month, zero or more.")),
        Column("valid_from", DATE, "First day of the first month; NULL if there is no first month."),
        Column("valid_to", DATE, "Last day of the last month, inclusive; NULL if there is no last month."),
        FETCHED_AT,
    ),
    key=("scope", "name", "valid_from"),
)
