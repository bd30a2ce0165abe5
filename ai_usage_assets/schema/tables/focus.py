"""The view of cost and usage in the columns of FOCUS, the open specification of billing data (docs/focus.md)."""

from ai_usage_assets.schema.columns import MONEY, count, text
from ai_usage_assets.schema.model import BOOLEAN, DATE, STRING, TIMESTAMP, Column, Layer, Table, one_of

CHARGE_CATEGORIES = ("Usage", "Purchase", "Credit", "Adjustment")
CHARGE_FREQUENCIES = ("Usage-Based", "Recurring", "One-Time")
PRICING_CATEGORIES = ("Standard", "Other")
NEW_IN_1_3 = ("AllocatedMethodId", "AllocatedResourceId", "HostProviderName", "ServiceProviderName")
"""The columns that FOCUS 1.2 does not have."""

FOCUS_COST_AND_USAGE = Table(
    name="focus_cost_and_usage",
    layer=Layer.VIEW,
    grain="charge: UTC day, platform, workspace, API key, person, model and kind of token, call or seat; or a correction",
    description=(
        "All cost in the columns of FOCUS 1.3, and what Cursor's plan includes at its list value. BilledCost sums to "
        "cost_usd of fct_cost_daily, per day and person. Filter on x_ChargeDate to read only some days. Columns that begin "
        "with x_ are not part of FOCUS. The amounts are estimates until the invoice (x_IsEstimate). After a change of a "
        "closed month, one row has it as a correction, and another takes it out of the closed billing period: the two sum "
        "to 0. docs/focus.md says how each rule of the specification is met."
    ),
    columns=(
        Column("BilledCost", MONEY, "The metered charge, in US dollars; 0 for what the plan includes."),
        text("BillingAccountId", "The platform. One installation reads one account of each."),
        text("BillingAccountName", "NULL: the vendors' responses have no name of the account."),
        text("BillingCurrency", "USD."),
        Column("BillingPeriodEnd", TIMESTAMP, "First instant after the calendar month (UTC)."),
        Column(
            "BillingPeriodStart",
            TIMESTAMP,
            "First instant of the calendar month (UTC); for a correction, of the month that books it.",
        ),
        Column(
            "ChargeCategory",
            STRING,
            "Usage, Purchase (seats), Credit (negative cost lines) or Adjustment (changes of a closed month).",
            rule=one_of(*CHARGE_CATEGORIES),
        ),
        Column(
            "ChargeClass",
            STRING,
            "Correction for the change of a closed month; else NULL.",
            rule=one_of("Correction"),
        ),
        text("ChargeDescription", "The model or seat, and the kind of units."),
        Column(
            "ChargeFrequency",
            STRING,
            "Usage-Based, Recurring (seats) or One-Time.",
            rule=one_of(*CHARGE_FREQUENCIES),
        ),
        Column("ChargePeriodEnd", TIMESTAMP, "First instant after the day (UTC), or after the closed month."),
        Column("ChargePeriodStart", TIMESTAMP, "First instant of the day (UTC), or of the closed month."),
        Column("ConsumedQuantity", MONEY, "Tokens or requests of usage; NULL if none is known."),
        text("ConsumedUnit", "Tokens or Requests."),
        Column("ContractedCost", MONEY, "Equal to BilledCost: the vendors report prices after discounts."),
        Column(
            "ContractedUnitPrice",
            MONEY,
            "BilledCost / PricingQuantity; NULL without a quantity. It averages tiers, windows and calls.",
        ),
        Column("EffectiveCost", MONEY, "Equal to BilledCost: nothing is amortized."),
        text("InvoiceId", "The invoice of identity/invoices.csv that bills the day; NULL if none does."),
        text("InvoiceIssuerName", "The vendor."),
        Column("ListCost", MONEY, "BilledCost, or the list value of what the plan includes."),
        Column("ListUnitPrice", MONEY, "ListCost / PricingQuantity of what the plan includes; else NULL."),
        Column(
            "PricingCategory",
            STRING,
            "Standard; Other for what the plan includes; NULL for credits and adjustments.",
            rule=one_of(*PRICING_CATEGORIES),
        ),
        Column("PricingQuantity", MONEY, "The quantity in PricingUnit; NULL if none is known."),
        text("PricingUnit", "1000000 Tokens, 1000 Requests (web searches), Requests or Seat-Days."),
        text("ProviderName", "The vendor. FOCUS 1.3 keeps this column for readers of 1.2."),
        text("PublisherName", "The vendor. FOCUS 1.3 keeps this column for readers of 1.2."),
        text("ServiceCategory", "AI and Machine Learning."),
        text("ServiceName", "Claude API, Claude Code or Cursor; the platform for other seats."),
        text("ServiceSubcategory", "Generative AI."),
        text(
            "SkuId",
            "Platform, model or tier, and meter; NULL without a quantity. The vendors publish no ids.",
        ),
        text("SkuMeter", "The kind of units; NULL without a quantity."),
        text(
            "SkuPriceDetails",
            "JSON with x_ModelId, x_TokenDirection and x_TokenCacheAction; NULL without a model.",
        ),
        text("SkuPriceId", "Equal to SkuId."),
        text("SubAccountId", "Anthropic's workspace; NULL if the platform has none."),
        text("SubAccountName", "Name of the workspace (dim_workspaces), or its id if it has none."),
        text(
            "AllocatedMethodId",
            "How the cost was allocated: key, account, no_key, unmatched or vendor. New in 1.3.",
        ),
        text(
            "AllocatedResourceId",
            "The API key, or the person of an account; NULL for what is not allocated. New in 1.3.",
            is_personal=True,
        ),
        text("HostProviderName", "The vendor, which does not name its hosts. New in 1.3."),
        text("ServiceProviderName", "The vendor. New in 1.3."),
        Column("x_ChargeDate", DATE, "The UTC day; the first day of the month for a correction."),
        text("x_Platform", "anthropic or cursor, or another platform of seats.csv."),
        text("x_CostType", "The cost_type of fct_cost_daily; included for what Cursor's plan includes."),
        Column("x_IsEstimate", BOOLEAN, "Whether no invoice of the day is known."),
        text("x_ModelId", "The model, in the platform's naming (FOCUS 1.5 draft: ModelId)."),
        text("x_TokenDirection", "Input or Output (FOCUS 1.5 draft: TokenDirection)."),
        text("x_TokenCacheAction", "Read or Write (FOCUS 1.5 draft: TokenCacheAction)."),
        text(
            "x_PrincipalId", "The person; NULL if nobody can be named (draft: PrincipalId).", is_personal=True
        ),
        text("x_PrincipalType", "person, service or unknown."),
        text("x_CredentialId", "The API key (FOCUS 1.5 draft: CredentialId)."),
        count(
            "x_InputTokens",
            "Cursor: input tokens without cache. Cursor charges a call, so tokens have no price.",
        ),
        count("x_CacheReadTokens", "Cursor: input tokens read from the cache."),
        count("x_CacheWriteTokens", "Cursor: input tokens written to the cache."),
        count("x_OutputTokens", "Cursor: output tokens."),
    ),
    key=(
        "x_ChargeDate",
        "x_Platform",
        "SubAccountId",
        "x_CredentialId",
        "x_PrincipalId",
        "x_CostType",
        "x_ModelId",
        "AllocatedMethodId",
        "SkuMeter",
        "BillingPeriodStart",
        "ChargeClass",
    ),
)
