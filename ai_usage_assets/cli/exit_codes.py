"""The exit codes of the command. click itself ends with 2 for a wrong option."""

FAILED = 1
OVER_BUDGET = 3
"""`ai-usage budget --check`: a budget is exceeded, or will be."""
INTERRUPTED = 130
