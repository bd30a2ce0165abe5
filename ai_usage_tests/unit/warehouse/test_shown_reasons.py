"""Which sentences of BigQuery are shown: those that are about objects, permissions and limits."""

import pytest
from google.api_core.exceptions import GoogleAPICallError

from ai_usage_assets.warehouse.bigquery.refusals import Answer, answer


def refused(reason: str) -> Answer:
    error = GoogleAPICallError("no", [{"reason": reason, "message": "It says so.", "location": "US"}])
    return answer(error)


@pytest.mark.parametrize(
    "reason",
    [
        *("accessDenied", "accessNotConfigured", "authError", "forbidden", "insufficientPermissions"),
        *("billingNotEnabled", "blocked", "policyViolation", "conditionNotMet"),
        *("bytesBilledLimitExceeded", "quotaExceeded", "rateLimitExceeded", "jobRateLimitExceeded"),
        *("notFound", "duplicate", "backendError", "internalError"),
    ],
)
def test_what_is_about_objects_and_limits_is_shown(reason: str) -> None:
    assert refused(reason) == Answer(None, reason, "US", "It says so")


@pytest.mark.parametrize("reason", ["invalid", "invalidQuery", "stopped", "of tomorrow"])
def test_what_may_quote_a_row_is_not(reason: str) -> None:
    assert refused(reason) == Answer(None, reason, "US", None)
