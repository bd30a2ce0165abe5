"""The exit codes of the command. click itself ends with 2 for a wrong option."""

FAILED = 1
INTERRUPTED = 130
