"""The pseudonyms: which text of the raw tables has which pseudonym. It is filled with AI_USAGE_PSEUDONYM_KEY alone."""

from ai_usage_assets.schema.columns import required, text
from ai_usage_assets.schema.model import Layer, Table

PSEUDONYMS = Table(
    name="pseudonyms",
    layer=Layer.LIST_LOG,
    grain="e-mail as the raw tables, the lists and the identity files write it",
    description=(
        "With AI_USAGE_PSEUDONYM_KEY, the pseudonym that stands for the e-mail in all curated tables; empty without it. "
        "The pseudonym is a keyed digest (HMAC-SHA256) of the trimmed, lower-case e-mail. Whoever may read this table can "
        "tell whose pseudonym it is."
    ),
    columns=(
        required(text("value", "The e-mail as it is written in the raw tables.", is_personal=True)),
        required(
            text("pseudonym", "p- and 16 hexadecimal digits; the same for all ways to write an e-mail.")
        ),
        required(text("key_check", "16 hexadecimal digits that tell one key from another.")),
    ),
    key=("value",),
)
