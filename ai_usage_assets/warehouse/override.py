"""How a person tells the warehouse to replace rows by an empty answer: for one run, with a tag or a variable."""

REPLACE_WITH_NOTHING = "ai_usage/replace_with_nothing"
"""The tag of a run whose empty answers replace rows. Its value is `true`."""
OVERRIDE_HINT = (
    f"run it with the tag {REPLACE_WITH_NOTHING} = true, or with AI_USAGE_REPLACE_WITH_NOTHING=true "
    "on the command line"
)
