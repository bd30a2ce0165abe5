"""Google's errors as errors of the warehouse: what happened, what was written, and what to do.

BigQuery's own sentence is shown if it cannot quote a row: the reasons in `SHOWN_REASONS`, and every answer about a dataset
or a table. The roles to grant are in `fixes.py`.
"""

import json
import re
from dataclasses import dataclass

from google.api_core.exceptions import ClientError, GoogleAPICallError, GoogleAPIError, RetryError
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from requests.exceptions import RequestException

from ai_usage_assets.warehouse.bigquery.fixes import LOG_IN, Place, fix_for
from ai_usage_assets.warehouse.bigquery.job_records import JobRecord, JobRecords
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError

SHOWN_REASONS = {
    *("accessDenied", "accessNotConfigured", "authError", "forbidden", "insufficientPermissions"),
    *("billingNotEnabled", "blocked", "policyViolation", "conditionNotMet"),
    *("bytesBilledLimitExceeded", "quotaExceeded", "rateLimitExceeded", "jobRateLimitExceeded"),
    *("notFound", "duplicate", "backendError", "internalError"),
}
"""Reasons whose sentence names projects, datasets, tables, permissions and limits, and never a value of a row."""
ABOUT_OBJECTS = re.compile(r"/datasets\b")
"""In the path of a request that reads and writes definitions, and no row."""
PERSON = re.compile(r"[\w.+-]+@(?![\w.-]*gserviceaccount\.com\b)[\w-]+(\.[\w-]+)+")
MAX_SENTENCE = 600
IMPERSONATION_REFUSED = "Unable to acquire impersonated credentials"
"""How google-auth's error begins."""

GoogleError = (GoogleAPIError, GoogleAuthError, RequestException)


@dataclass(frozen=True)
class Answer:
    """What an error of BigQuery says."""

    code: int | None
    reason: str
    location: str | None
    sentence: str | None
    """BigQuery's own sentence; None if it may quote a row."""


def explained(
    error: Exception, place: Place, records: JobRecords | None, tried_seconds: float
) -> WarehouseUnavailableError:
    """The error that a user reads in place of one of Google's libraries."""
    records = records or JobRecords(place.project)
    cause = error.cause if isinstance(error, RetryError) and error.cause else error
    if isinstance(cause, GoogleAuthError) and not isinstance(cause, TransportError):
        return _unauthenticated(cause, place, records)
    if isinstance(cause, ClientError) or (cause is error and isinstance(cause, GoogleAPICallError)):
        return _refused(cause, place, records)
    code = f", code {cause.code}" if isinstance(cause, GoogleAPICallError) else ""
    return WarehouseUnavailableError(
        f"BigQuery does not answer for {place} (tried for {tried_seconds:.0f} s; {type(cause).__name__}{code}). "
        f"{records.outcome()}{_named(records.failing, records)}",
        f"Check the network{records.then_rerun()}",
    )


def answer(refused: GoogleAPICallError) -> Answer:
    """The parts of BigQuery's answer, without a sentence that may quote a row."""
    detail = (refused.errors or [{}])[0]
    reason = detail.get("reason") or type(refused).__name__
    path = getattr(refused.response, "url", None) or ""
    is_shown = reason in SHOWN_REASONS or ABOUT_OBJECTS.search(path) is not None
    sentence = without_people(detail.get("message") or "") if is_shown else None
    return Answer(refused.code, reason, detail.get("location"), sentence or None)


def without_people(sentence: str) -> str:
    """Google's sentence in one line of limited length. Addresses of people are left out, those of service accounts stay."""
    return PERSON.sub("(an e-mail)", " ".join(sentence.split()))[:MAX_SENTENCE].rstrip(". ")


def _refused(refused: GoogleAPICallError, place: Place, records: JobRecords) -> WarehouseUnavailableError:
    found, job = answer(refused), records.failing
    facts = {
        "code": found.code,
        "reason": found.reason,
        "location": None if found.sentence else found.location,
        "job": job and job.job_id,
    }
    listed = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
    says = f"{found.sentence} ({listed})" if found.sentence else listed
    fix = found.sentence and fix_for(f"{found.reason}: {found.sentence}", place)
    if fix is None and (found.sentence or job):
        fix = "Repair what BigQuery says"
    return WarehouseUnavailableError(
        f"BigQuery refused a {'statement' if job else 'request'} on {place}: {says}. {records.outcome()}",
        _hint(fix, job, records),
    )


def _hint(fix: str | None, job: JobRecord | None, records: JobRecords) -> str:
    show = f"`{records.show_command(job)}` shows the job with BigQuery's full message." if job else ""
    if fix:
        return f"{fix}{records.then_rerun()} {show}".rstrip()
    return "BigQuery has no job of this request, so look for it in the audit log of the project."


def _named(job: JobRecord | None, records: JobRecords) -> str:
    """The command that shows a job whose end was not seen, as a sentence of a message."""
    return f" `{records.show_command(job)}` shows the job." if job and job.is_writing else ""


def _unauthenticated(error: GoogleAuthError, place: Place, records: JobRecords) -> WarehouseUnavailableError:
    texts = [text for text in error.args if isinstance(text, str)]
    if isinstance(error, RefreshError) and texts and texts[0].startswith(IMPERSONATION_REFUSED):
        return _not_impersonated(texts, place, records)
    says = f": {without_people(texts[0])}" if texts else ""
    return WarehouseUnavailableError(
        f"Google accepts no credentials from this machine ({type(error).__name__}{says}), so {place} cannot be "
        f"reached. {records.outcome()}",
        f"{LOG_IN}{records.then_rerun()}",
    )


def _not_impersonated(texts: list[str], place: Place, records: JobRecords) -> WarehouseUnavailableError:
    try:
        says = json.loads(texts[1])["error"]["message"]
    except (IndexError, KeyError, TypeError, ValueError):
        says = texts[0]
    account = place.impersonated or "the service account that the credentials file names"
    fix = fix_for(f"impersonation: {says}", place)
    return WarehouseUnavailableError(
        f"the credentials of this machine may not act as {account}, so {place} cannot be reached: "
        f"{without_people(says)}. {records.outcome()}",
        f"{fix}{records.then_rerun()}",
    )
