"""BigQuery's refusals become messages that say what happened, what was written, and what to do."""

import traceback
from typing import Any

import pytest
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.fixes import Place, fix_for
from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import SchemaDriftError, WarehouseBusyError, WarehouseUnavailableError
from ai_usage_tests.support.bigquery_answers import DATASET, SoonGivenUp, job, job_id, refusal, table
from ai_usage_tests.support.sample_tables import MONDAY, PLAYS, play, rows
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer

PERSON = "nobody.sees@example.com"
ACCOUNT = "writer@made-up.iam.gserviceaccount.com"
MERGE, SELECT, VIEW = "merge `t` using", "select 1", "create or replace view `v` as select 1"
CREATE = "CREATE TABLE IF NOT EXISTS `t` (a INT64)"
NOTHING = "Nothing was written."
UNSEEN = (
    f"BigQuery job {job_id(1)} (location US) was started, and its end was not seen: it may have finished."
)
RERUN = ", then run it again: it replaces the same days in either case."
SHOW = f"`bq show -j --location=US a-project:{job_id(1)}` shows the job with BigQuery's full message."
CREATE_DATASET = "If the dataset does not exist, let an administrator create it: `bq mk --location=US --dataset a-project:ai_usage`. "
GRANT_DATASET = "Run in BigQuery: GRANT `roles/bigquery.dataEditor` ON SCHEMA `a-project.ai_usage` TO 'MEMBER', then run it again."
GRANT_JOBS = (
    "Grant roles/bigquery.jobUser on the project: `gcloud projects add-iam-policy-binding a-project --member=MEMBER "
    "--role=roles/bigquery.jobUser --condition=None`, then run it again."
)


def engine_of(server: ScriptedServer) -> BigQueryEngine:
    engine = BigQueryEngine("a-project", "ai_usage", emulator_host=server.url)
    engine._timeouts = SoonGivenUp(call_seconds=0.5, job_seconds=0.2, attempts=3, first_wait_seconds=0.001)
    return engine


def run(server: ScriptedServer, *statements: str) -> None:
    with engine_of(server).session(WriteContext("run", "step", nonce="n")) as session:
        for sql in statements:
            session.execute(sql)


def refused(server: ScriptedServer, *statements: str) -> WarehouseUnavailableError:
    with pytest.raises(WarehouseUnavailableError) as found:
        run(server, *statements)
    return found.value


SETUP = [
    pytest.param(
        [
            refusal(
                403,
                "accessNotConfigured",
                "BigQuery API has not been used in project 1 before or it is disabled. Enable it by visiting "
                "https://console.developers.google.com/apis/api/bigquery.googleapis.com/overview?project=1 then retry.",
                extendedHelp="https://console.developers.google.com",
            )
        ],
        "request on a-project.ai_usage: BigQuery API has not been used in project 1 before or it is disabled. Enable it "
        "by visiting https://console.developers.google.com/apis/api/bigquery.googleapis.com/overview?project=1 then "
        "retry (code 403, reason accessNotConfigured)",
        "Run `gcloud services enable bigquery.googleapis.com --project=a-project`, wait some minutes, then run it again.",
        id="the API is off",
    ),
    pytest.param(
        [refusal(400, "invalid", "The project a-project has not enabled BigQuery.")],
        "request on a-project.ai_usage: The project a-project has not enabled BigQuery (code 400, reason invalid)",
        "Run `gcloud services enable bigquery.googleapis.com --project=a-project`, wait some minutes, then run it again.",
        id="the API was never on",
    ),
    pytest.param(
        [refusal(404, "notFound", "Not found: Project a-project")] * 2,
        "request on a-project.ai_usage: Not found: Project a-project (code 404, reason notFound)",
        "Correct BIGQUERY_PROJECT (`gcloud projects list` shows the projects that you may see), then run it again.",
        id="no such project",
    ),
    pytest.param(
        [
            DATASET,
            job(
                1,
                reason="billingNotEnabled",
                message="Billing has not been enabled for this project. Enable billing at "
                "https://console.cloud.google.com/billing. DML queries are not allowed in the free tier.",
            ),
        ],
        "statement on a-project.ai_usage: Billing has not been enabled for this project. Enable billing at "
        "https://console.cloud.google.com/billing. DML queries are not allowed in the free tier "
        f"(code 403, reason billingNotEnabled, job {job_id(1)})",
        "Run `gcloud billing projects link a-project --billing-account=ACCOUNT`, then run it again. " + SHOW,
        id="billing is off",
    ),
    pytest.param(
        [
            refusal(
                403,
                "accessDenied",
                "Access Denied: Dataset a-project:ai_usage: Permission bigquery.datasets.get denied on dataset "
                "a-project:ai_usage (or it may not exist).",
            )
        ],
        "request on a-project.ai_usage: Access Denied: Dataset a-project:ai_usage: Permission bigquery.datasets.get "
        "denied on dataset a-project:ai_usage (or it may not exist) (code 403, reason accessDenied)",
        CREATE_DATASET + GRANT_DATASET,
        id="no permission on the dataset",
    ),
    pytest.param(
        [
            refusal(404, "notFound", "Not found: Dataset a-project:ai_usage"),
            refusal(
                403,
                "accessDenied",
                "Access Denied: Project a-project: User does not have bigquery.datasets.create permission in project "
                "a-project.",
            ),
        ],
        "request on a-project.ai_usage: Access Denied: Project a-project: User does not have bigquery.datasets.create "
        "permission in project a-project (code 403, reason accessDenied)",
        CREATE_DATASET + GRANT_DATASET,
        id="no dataset and no permission to create it",
    ),
    pytest.param(
        [
            DATASET,
            refusal(
                403,
                "accessDenied",
                f"Access Denied: Project a-project: The user {PERSON} does not have bigquery.jobs.create permission in "
                "project a-project.",
            ),
        ],
        "request on a-project.ai_usage: Access Denied: Project a-project: The user (an e-mail) does not have "
        "bigquery.jobs.create permission in project a-project (code 403, reason accessDenied)",
        GRANT_JOBS,
        id="no permission to create jobs",
    ),
    pytest.param(
        [
            DATASET,
            job(
                1,
                reason="accessDenied",
                message="Access Denied: Table a-project:ai_usage.t: Permission bigquery.tables.updateData denied on table "
                "a-project:ai_usage.t (or it may not exist).",
            ),
        ],
        "statement on a-project.ai_usage: Access Denied: Table a-project:ai_usage.t: Permission "
        "bigquery.tables.updateData denied on table a-project:ai_usage.t (or it may not exist) "
        f"(code 403, reason accessDenied, job {job_id(1)})",
        f"{CREATE_DATASET}{GRANT_DATASET} {SHOW}",
        id="no permission to write",
    ),
    pytest.param(
        [
            refusal(
                403,
                "forbidden",
                "Caller does not have required permission to use project a-project. Grant the caller the "
                "roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use "
                "permission.",
            )
        ],
        "request on a-project.ai_usage: Caller does not have required permission to use project a-project. Grant the "
        "caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use "
        "permission (code 403, reason forbidden)",
        "Grant roles/serviceusage.serviceUsageConsumer on the project: `gcloud projects add-iam-policy-binding a-project "
        "--member=MEMBER --role=roles/serviceusage.serviceUsageConsumer --condition=None`, then run it again.",
        id="no permission to use the project",
    ),
    pytest.param(
        [
            refusal(
                403,
                "policyViolation",
                "VPC Service Controls: Request is prohibited by organization's policy. "
                "vpcServiceControlsUniqueIdentifier: Xl-9_u",
            )
        ],
        "request on a-project.ai_usage: VPC Service Controls: Request is prohibited by organization's policy. "
        "vpcServiceControlsUniqueIdentifier: Xl-9_u (code 403, reason policyViolation)",
        "Give the identifier in the message to the administrator of the organization's service perimeter, who can allow "
        "this account and network to use bigquery.googleapis.com in a-project, then run it again.",
        id="outside of the service perimeter",
    ),
    pytest.param(
        [
            refusal(404, "notFound", "Not found: Dataset a-project:ai_usage"),
            refusal(
                412,
                "conditionNotMet",
                "'us' violates constraint 'constraints/gcp.resourceLocations' on the resource "
                "'projects/a-project/datasets/ai_usage'.",
                location="If-Match",
            ),
        ],
        "request on a-project.ai_usage: 'us' violates constraint 'constraints/gcp.resourceLocations' on the resource "
        "'projects/a-project/datasets/ai_usage' (code 412, reason conditionNotMet)",
        "Set BIGQUERY_LOCATION to a location that the organization's policy allows, then run it again.",
        id="the organization forbids the location",
    ),
    pytest.param(
        [
            DATASET,
            job(
                1,
                reason="bytesBilledLimitExceeded",
                message="Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
            ),
        ],
        "statement on a-project.ai_usage: Query exceeded limit for bytes billed: 1000000. 10485760 or higher required "
        f"(code 500, reason bytesBilledLimitExceeded, job {job_id(1)})",
        "Raise or unset BIGQUERY_MAXIMUM_BYTES_BILLED, then run it again. " + SHOW,
        id="too many bytes",
    ),
    pytest.param(
        [
            DATASET,
            job(
                1,
                reason="quotaExceeded",
                location="unlimited",
                message="Custom quota exceeded: Your usage exceeded the custom quota for QueryUsagePerDay.",
            ),
        ],
        "statement on a-project.ai_usage: Custom quota exceeded: Your usage exceeded the custom quota for "
        f"QueryUsagePerDay (code 403, reason quotaExceeded, job {job_id(1)})",
        "Wait until the quota is free again, or let an administrator of a-project raise it, then run it again. "
        + SHOW,
        id="the quota of the day is used up",
    ),
]


@pytest.mark.parametrize(("answers", "says", "hint"), SETUP)
def test_refusal_shows_bigquerys_sentence_and_the_fix(
    server: ScriptedServer, answers: list[Any], says: str, hint: str
) -> None:
    server.respond_with(*answers)
    found = refused(server, MERGE)
    assert found.message == f"BigQuery refused a {says}. {NOTHING}"
    assert found.hint == hint
    assert (
        "job" not in found.message.lower().replace("bigquery.jobs.create", "") or job_id(1) in found.message
    )


@pytest.mark.parametrize(
    ("refusal_of", "fix"),
    [
        ("accessNotConfigured: ", "gcloud services enable bigquery.googleapis.com --project=jobs`"),
        ("notFound: Not found: Project jobs", "Correct BIGQUERY_PROJECT or BIGQUERY_BILLING_PROJECT ("),
        ("billingNotEnabled: ", "gcloud billing projects link jobs --billing-account"),
        ("quotaExceeded: ", "let an administrator of jobs raise it"),
        ("accessDenied: bigquery.jobs.create", "add-iam-policy-binding jobs --member=MEMBER"),
        ("forbidden: serviceusage.services.use", "add-iam-policy-binding jobs --member=MEMBER"),
        ("accessDenied: bigquery.tables.create", "ON SCHEMA `a-project.ai_usage` TO"),
        ("notFound: Not found: Dataset a-project:ai_usage", "--dataset a-project:ai_usage`"),
    ],
)
def test_a_fix_names_the_project_of_the_jobs_or_that_of_the_dataset(refusal_of: str, fix: str) -> None:
    assert fix in str(fix_for(refusal_of, Place("a-project", "ai_usage", "EU", "jobs")))


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("invalidQuery", f"Bad int64 value: {PERSON}"),
        ("invalid", f"Error while reading data, error message: {PERSON}"),
        ("stopped", f"Job stopped: {PERSON}"),
    ],
)
def test_message_that_may_quote_a_row_is_not_shown(server: ScriptedServer, reason: str, message: str) -> None:
    server.respond_with(DATASET, job(1, reason=reason, message=message, location="query"))
    found = refused(server, MERGE)
    assert f"reason {reason}, location query, job {job_id(1)}. {NOTHING}" in found.message
    assert found.hint == f"Repair what BigQuery says, then run it again. {SHOW}"
    assert PERSON not in "".join(traceback.format_exception(found))


def test_refused_statement_without_a_job_names_none(server: ScriptedServer) -> None:
    server.respond_with(DATASET, refusal(400, "invalidQuery", f"Bad int64 value: {PERSON}"))
    found = refused(server, MERGE)
    assert found.message == (
        f"BigQuery refused a request on a-project.ai_usage: code 400, reason invalidQuery. {NOTHING}"
    )
    assert (
        found.hint == "BigQuery has no job of this request, so look for it in the audit log of the project."
    )


def test_refused_upload_names_no_job(server: ScriptedServer) -> None:
    denied = "Access Denied: Project a-project: User does not have bigquery.jobs.create permission in project a-project."
    server.respond_with(DATASET, table("staged_plays"), refusal(403, "accessDenied", denied))
    with (
        pytest.raises(WarehouseUnavailableError) as found,
        engine_of(server).session(WriteContext("run", "step", nonce="n")) as session,
    ):
        session.stage("staged_plays", rows(play(MONDAY, "a")))
    assert server.requests[-1].path.startswith("/upload/")
    assert found.value.message == (
        f"BigQuery refused a request on a-project.ai_usage: {denied.rstrip('.')} (code 403, reason accessDenied). {NOTHING}"
    )
    assert found.value.hint == GRANT_JOBS


# what was written


UNAUTHORIZED = refusal(401, "authError", "Invalid Credentials")
UNAVAILABLE = refusal(503, "backendError", "Try again later")
RESET = Answer(reset=True)


@pytest.mark.parametrize("sql", [MERGE, VIEW, "update t set a = 1 where true", "with_log()"])
@pytest.mark.parametrize("then", [RESET, UNAUTHORIZED, UNAVAILABLE], ids=["reset", "credentials", "503"])
def test_job_whose_end_is_not_seen_may_have_finished(server: ScriptedServer, sql: str, then: Answer) -> None:
    server.respond_with(DATASET, job(1, "RUNNING"), then)
    found = refused(server, sql)
    assert UNSEEN in found.message
    assert NOTHING not in found.message
    assert RERUN in found.hint


@pytest.mark.parametrize("sql", [SELECT, CREATE, "create or replace table `staged_t_1` as select 1"])
@pytest.mark.parametrize("then", [RESET, UNAUTHORIZED, UNAVAILABLE], ids=["reset", "credentials", "503"])
def test_statement_that_writes_no_row_has_written_nothing(
    server: ScriptedServer, sql: str, then: Answer
) -> None:
    server.respond_with(DATASET, job(1, "RUNNING"), then)
    found = refused(server, sql)
    assert NOTHING in found.message
    assert ", then run it again." in found.hint


@pytest.mark.parametrize("answer", [RESET, UNAVAILABLE], ids=["reset", "503"])
def test_request_whose_answer_is_lost_may_have_started_a_job(server: ScriptedServer, answer: Answer) -> None:
    server.respond_with(DATASET, answer)
    assert UNSEEN in refused(server, MERGE).message


def test_refusal_after_a_lost_answer_does_not_hide_the_job(server: ScriptedServer) -> None:
    server.respond_with(DATASET, RESET, refusal(403, "accessDenied", "Access Denied: Project a-project"))
    engine = engine_of(server)
    engine._timeouts = Timeouts(call_seconds=10)
    with (
        pytest.raises(WarehouseUnavailableError, match=r"end was not seen"),
        engine.session(WriteContext("run", "step", nonce="n")) as session,
    ):
        session.execute(MERGE)


def test_endless_rate_limit_is_a_refusal_and_not_silence(server: ScriptedServer) -> None:
    server.respond_with(DATASET, refusal(403, "rateLimitExceeded", "Exceeded rate limits: too many requests"))
    found = refused(server, MERGE)
    assert "Exceeded rate limits: too many requests (code 403, reason rateLimitExceeded)" in found.message
    assert NOTHING in found.message


def test_job_that_runs_too_long_may_have_finished(server: ScriptedServer) -> None:
    server.respond_with(DATASET, job(1, "RUNNING"))
    found = refused(server, MERGE)
    assert f"{job_id(1)} (location US) still ran after 0 s, and was cancelled. {UNSEEN}" in found.message
    assert found.hint == f"Check that the job has ended{RERUN}"


@pytest.mark.parametrize(
    "then",
    [
        RESET,
        UNAUTHORIZED,
        job(2, reason="invalidQuery", message="no"),
        refusal(403, "accessDenied", "Access Denied"),
    ],
    ids=["unreachable", "credentials", "failed", "refused"],
)
def test_what_an_earlier_statement_wrote_stays(server: ScriptedServer, then: Any) -> None:
    server.respond_with(DATASET, job(1), then)
    found = refused(server, MERGE, SELECT)
    assert f"What BigQuery job {job_id(1)} wrote before stays." in found.message
    assert NOTHING not in found.message
    assert RERUN in found.hint


def test_contended_log_does_not_hide_what_was_published(server: ScriptedServer) -> None:
    busy = {"reason": "invalidQuery", "message": "Could not serialize access due to concurrent update"}
    server.respond_with(DATASET, job(1), *(job(number, **busy) for number in (2, 3, 4)))
    with pytest.raises(WarehouseBusyError) as found:
        run(server, MERGE, MERGE)
    assert f"What BigQuery job {job_id(1)} wrote before stays." in found.value.message
    assert found.value.hint == f"Wait until the other runs have ended{RERUN}"


def test_interrupted_wait_names_the_job(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    server.respond_with(DATASET, job(1, "RUNNING"))
    monkeypatch.setattr("ai_usage_assets.warehouse.bigquery.jobs.time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt) as found:
        run(server, MERGE)
    assert found.value.__notes__ == [UNSEEN]


# what is tried again


DML_QUEUE = {
    "reason": "quotaExceeded",
    "location": "max_dml_outstanding_per_table",
    "message": "Quota exceeded: Your table exceeded quota for total number of dml jobs writing to a table, pending + running",
}
RATE = {
    "reason": "rateLimitExceeded",
    "message": "Exceeded rate limits: too many table update operations for this table",
}


@pytest.mark.parametrize(
    ("sql", "failed"),
    [
        pytest.param(MERGE, DML_QUEUE, id="the queue of the table is full"),
        pytest.param(CREATE, RATE, id="too many changes of the table"),
        pytest.param(
            "ALTER TABLE `t` ADD COLUMN b INT64", RATE | {"reason": "jobRateLimitExceeded"}, id="alter"
        ),
        pytest.param(
            CREATE,
            {"reason": "duplicate", "message": "Already Exists: Table a-project:ai_usage.t"},
            id="create",
        ),
        pytest.param(
            VIEW, {"reason": "duplicate", "message": "Already Exists: Table a-project:ai_usage.v"}, id="view"
        ),
    ],
)
def test_temporary_failure_runs_again_under_a_new_id(
    server: ScriptedServer, sql: str, failed: dict[str, str]
) -> None:
    server.respond_with(DATASET, job(1, **failed), job(2))
    run(server, sql)
    posted = [
        request.body["jobReference"]["jobId"] for request in server.requests if request.method == "POST"
    ]
    assert posted == [job_id(1), job_id(2)]


def test_table_that_another_version_creates_first_is_refused(server: ScriptedServer) -> None:
    missing = refusal(404, "notFound", "Not found: Table a-project:ai_usage.plays")
    duplicate = {"reason": "duplicate", "message": "Already Exists: Table a-project:ai_usage.plays"}
    server.respond_with(DATASET, missing, job(1, **duplicate), job(2), table("plays"))
    engine = engine_of(server)
    with (
        pytest.raises(SchemaDriftError, match="column song is absent"),
        engine.session(WriteContext("run", "step", nonce="n")) as session,
    ):
        ensure_tables(engine, session, [PLAYS])


def test_another_quota_is_not_tried_again(server: ScriptedServer) -> None:
    exceeded = {"reason": "quotaExceeded", "location": "load_job_per_table.long", "message": "Quota exceeded"}
    server.respond_with(DATASET, job(1, **exceeded), job(2))
    refused(server, MERGE)
    assert len([request for request in server.requests if request.method == "POST"]) == 1


def test_full_queue_that_stays_full_is_busy(server: ScriptedServer) -> None:
    server.respond_with(DATASET, *(job(number, **DML_QUEUE) for number in (1, 2, 3)))
    with pytest.raises(WarehouseBusyError, match=r"others write the same table\. Nothing was written"):
        run(server, MERGE)


def test_dataset_that_another_process_creates_first_is_used(server: ScriptedServer) -> None:
    missing = refusal(404, "notFound", "Not found: Dataset a-project:ai_usage")
    raced = refusal(409, "duplicate", "Already Exists: Dataset a-project:ai_usage")
    server.respond_with(missing, raced, DATASET, job(1))
    run(server, MERGE)
    assert [request.method for request in server.requests] == ["GET", "POST", "GET", "POST"]


def test_rate_limit_of_a_request_is_waited_for(server: ScriptedServer) -> None:
    limited = refusal(403, "rateLimitExceeded", RATE["message"])
    server.respond_with(limited, DATASET, job(1))
    engine = engine_of(server)
    engine._timeouts = Timeouts(call_seconds=10)
    with engine.session(WriteContext("run", "step", nonce="n")) as session:
        session.execute(MERGE)


# credentials


@pytest.mark.parametrize("error", [DefaultCredentialsError("long advice"), RefreshError("expired")])
def test_missing_credentials_have_a_hint(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unauthenticated(**_: object) -> None:
        raise error

    monkeypatch.setattr("google.cloud.bigquery.Client", unauthenticated)
    monkeypatch.setattr("ai_usage_assets.warehouse.bigquery.engine.credentials", unauthenticated_none)
    with pytest.raises(WarehouseUnavailableError) as found, BigQueryEngine("a-project").session():
        pass
    assert f"({type(error).__name__}: {error})" in found.value.message
    for advice in ("gcloud auth application-default login", "GOOGLE_APPLICATION_CREDENTIALS", "impersonat"):
        assert advice in found.value.hint


def unauthenticated_none(*_: object) -> None:
    """No credentials: what uses them is replaced too."""


IMPERSONATION = [
    pytest.param(
        403,
        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
        "Correct BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT, or grant roles/iam.serviceAccountTokenCreator on the account to "
        f"whoever runs this: `gcloud iam service-accounts add-iam-policy-binding {ACCOUNT} --member=MEMBER "
        "--role=roles/iam.serviceAccountTokenCreator`, then run it again.",
        id="no permission",
    ),
    pytest.param(
        404,
        f"Not found; Gaia id not found for email {ACCOUNT}",
        "Correct BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT, or grant roles/iam.serviceAccountTokenCreator on the account to "
        f"whoever runs this: `gcloud iam service-accounts add-iam-policy-binding {ACCOUNT} --member=MEMBER "
        "--role=roles/iam.serviceAccountTokenCreator`, then run it again.",
        id="no such account",
    ),
    pytest.param(
        403,
        "IAM Service Account Credentials API has not been used in project 1 before or it is disabled.",
        "Run `gcloud services enable iamcredentials.googleapis.com --project=a-project`, wait some minutes, then run it "
        "again.",
        id="its API is off",
    ),
]


@pytest.mark.parametrize(("code", "message", "hint"), IMPERSONATION)
def test_refused_impersonation_names_the_account_and_the_role(
    server: ScriptedServer,
    service_account_file: object,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    message: str,
    hint: str,
) -> None:
    monkeypatch.setattr("google.auth.iam._IAM_ENDPOINT", server.url + "/{}:generateAccessToken")
    monkeypatch.setattr(
        "google.oauth2.service_account.Credentials.refresh", lambda own, _: setattr(own, "token", "t")
    )
    server.respond_with(Answer({"error": {"code": code, "message": message}}, status=code))
    with (
        pytest.raises(WarehouseUnavailableError) as found,
        BigQueryEngine("a-project", impersonate=ACCOUNT).session(),
    ):
        pass
    assert found.value.message == (
        f"the credentials of this machine may not act as {ACCOUNT}, so a-project.ai_usage cannot be reached: "
        f"{message.rstrip('.')}. {NOTHING}"
    )
    assert found.value.hint == hint
