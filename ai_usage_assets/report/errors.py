"""The report's errors: what could not be built or written, where, and what to do."""

from ai_usage_assets.errors import AiUsageError


class ReportError(AiUsageError):
    """A page that cannot be built or written. Nothing was written."""
