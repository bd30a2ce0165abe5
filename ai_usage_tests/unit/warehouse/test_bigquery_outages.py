"""What is said of a BigQuery that does not answer, and of the jobs that were started before."""

import pytest
from google.api_core.exceptions import BadRequest, GatewayTimeout, RetryError, ServiceUnavailable
from google.auth.exceptions import RefreshError, TransportError
from requests.exceptions import ConnectionError as NoConnection

from ai_usage_assets.warehouse.bigquery.fixes import LOG_IN, Place
from ai_usage_assets.warehouse.bigquery.job_records import JobRecords, State
from ai_usage_assets.warehouse.bigquery.refusals import explained, without_people

PLACE = Place("a-project", "ai_usage", "EU", "jobs")
DOWN = RetryError("given up", cause=ServiceUnavailable("down"))
STARTED = "BigQuery job j1 (location EU) was started, and its end was not seen: it may have finished."
SHOW = "`bq show -j --location=EU jobs:j1` shows the job."


def with_job(*jobs: tuple[bool, State]) -> JobRecords:
    records = JobRecords("jobs")
    for number, (is_writing, state) in enumerate(jobs, start=1):
        records.add(f"j{number}", "EU", is_writing=is_writing).state = state
    return records


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (DOWN, "ServiceUnavailable, code 503"),
        (RetryError("given up", cause=GatewayTimeout("late")), "GatewayTimeout, code 504"),
        (RetryError("given up", cause=None), "RetryError"),
        (NoConnection("https://host/secret"), "ConnectionError"),
        (TransportError("https://host/secret"), "TransportError"),
    ],
)
def test_an_outage_has_its_kind_and_how_long_it_was_tried(error: Exception, what: str) -> None:
    found = explained(error, PLACE, None, 61.6)
    assert found.message == (
        f"BigQuery does not answer for a-project.ai_usage (tried for 62 s; {what}). Nothing was written."
    )
    assert found.hint == "Check the network, then run it again."


@pytest.mark.parametrize(
    ("records", "outcome", "rerun"),
    [
        (with_job((False, State.STARTED)), "Nothing was written.", ""),
        (with_job((True, State.REFUSED)), "Nothing was written.", ""),
        (with_job((True, State.FAILED)), f"Nothing was written. {SHOW}", ""),
        (
            with_job((True, State.STARTED)),
            f"{STARTED} {SHOW}",
            ": it replaces the same days in either case",
        ),
        (
            with_job((True, State.ENDED), (True, State.ENDED), (False, State.STARTED)),
            "What BigQuery job j1 and j2 wrote before stays.",
            ": it replaces the same days in either case",
        ),
    ],
)
def test_an_outage_says_which_jobs_may_have_written(records: JobRecords, outcome: str, rerun: str) -> None:
    found = explained(DOWN, PLACE, records, 5.0)
    assert found.message.endswith(f"(tried for 5 s; ServiceUnavailable, code 503). {outcome}")
    assert found.hint == f"Check the network, then run it again{rerun}."


def test_a_job_without_a_location_is_named_without_one() -> None:
    records = JobRecords("jobs")
    job = records.add("j1", None, is_writing=True)
    assert (str(job), records.show_command(job)) == ("j1", "bq show -j jobs:j1")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (BadRequest("no"), State.REFUSED),
        (RetryError("given up", cause=BadRequest("no")), State.REFUSED),
        (RefreshError("expired"), State.REFUSED),
        (TransportError("lost"), State.STARTED),
        (RetryError("given up", cause=None), State.STARTED),
        (DOWN, State.STARTED),
        (KeyboardInterrupt(), State.STARTED),
    ],
)
def test_a_request_that_was_not_refused_may_have_started_the_job(error: BaseException, state: State) -> None:
    records = with_job((True, State.REFUSED))
    records.request_failed(error)
    assert records.records[-1].state is state


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RefreshError("expired for\n ann@x.org"), "RefreshError: expired for (an e-mail)"),
        (RefreshError(), "RefreshError"),
        (RefreshError({"error": "x"}), "RefreshError"),
    ],
)
def test_credentials_that_are_not_accepted_are_told_with_googles_sentence(
    error: RefreshError, says: str
) -> None:
    found = explained(error, PLACE, None, 1.0)
    assert found.message == (
        f"Google accepts no credentials from this machine ({says}), so a-project.ai_usage cannot be reached. "
        "Nothing was written."
    )
    assert found.hint == f"{LOG_IN}, then run it again."


def test_a_sentence_of_google_is_one_line_of_six_hundred_characters_without_people() -> None:
    assert without_people("a  b\nX. ") == "a b X"
    assert without_people("x" * 601) == "x" * 600
    assert without_people("ann.lee+x@sub.example.org and w@p.iam.gserviceaccount.com") == (
        "(an e-mail) and w@p.iam.gserviceaccount.com"
    )
