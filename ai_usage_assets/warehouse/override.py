"""How a person has an answer believed that holds nothing: for one run, by its tag or on a command line."""

REPLACE_WITH_NOTHING = "ai_usage/replace_with_nothing"
"""A run with this tag, set to `true`, is believed."""
HOW = (
    f"run it with the tag {REPLACE_WITH_NOTHING} = true, or with AI_USAGE_REPLACE_WITH_NOTHING=true "
    "on the command line"
)
