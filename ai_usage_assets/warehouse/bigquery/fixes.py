"""What to do about a refusal of BigQuery: the role to grant, the API to switch on, or the variable to correct."""

import re
from dataclasses import dataclass

LOG_IN = (
    "Run `gcloud auth application-default login` (with --impersonate-service-account to act as one), "
    "or set GOOGLE_APPLICATION_CREDENTIALS to a service account's file"
)


@dataclass(frozen=True)
class Place:
    """The dataset that is used, who uses it, and the project that runs and pays for its jobs."""

    project: str
    dataset: str
    location: str
    billing_project: str
    impersonated: str | None = None
    """The service account that the process acts as."""

    def __str__(self) -> str:
        return f"{self.project}.{self.dataset}"

    @property
    def member(self) -> str:
        """The writer, as IAM names it. Only the account of an impersonation is known."""
        return f"serviceAccount:{self.impersonated}" if self.impersonated else "MEMBER"

    @property
    def variables(self) -> str:
        """The variables that name a project."""
        is_one = self.billing_project == self.project
        return "BIGQUERY_PROJECT" if is_one else "BIGQUERY_PROJECT or BIGQUERY_BILLING_PROJECT"


def _project_role(role: str) -> str:
    return (
        f"Grant {role} on the project: `gcloud projects add-iam-policy-binding {{billing_project}} --member={{member}} "
        f"--role={role} --condition=None`"
    )


DATASET_ROLE = (
    "If the dataset does not exist, let an administrator create it: "
    "`bq mk --location={location} --dataset {project}:{dataset}`. Run in BigQuery: "
    "GRANT `roles/bigquery.dataEditor` ON SCHEMA `{project}.{dataset}` TO '{member}'"
)
ENABLE = "Run `gcloud services enable {} --project={{billing_project}}`, wait some minutes"
FIXES = (
    ("^impersonation: .*has not been used", ENABLE.format("iamcredentials.googleapis.com")),
    (
        "^impersonation: ",
        (
            "Correct BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT, or grant roles/iam.serviceAccountTokenCreator on the account to "
            "whoever runs this: `gcloud iam service-accounts add-iam-policy-binding {account} --member=MEMBER "
            "--role=roles/iam.serviceAccountTokenCreator`"
        ),
    ),
    ("^accessNotConfigured|has not enabled BigQuery", ENABLE.format("bigquery.googleapis.com")),
    (
        "^notFound: Not found: Project",
        "Correct {variables} (`gcloud projects list` shows the projects that you may see)",
    ),
    (
        "^billingNotEnabled|free tier",
        "Run `gcloud billing projects link {billing_project} --billing-account=ACCOUNT`",
    ),
    (
        "^policyViolation|VPC Service Controls",
        (
            "Give the identifier in the message to the administrator of the organization's service perimeter, who can "
            "allow this account and network to use bigquery.googleapis.com in {project}"
        ),
    ),
    (
        "gcp.resourceLocations",
        "Set BIGQUERY_LOCATION to a location that the organization's policy allows",
    ),
    ("^bytesBilledLimitExceeded", "Raise or unset BIGQUERY_MAXIMUM_BYTES_BILLED"),
    (
        "^quotaExceeded",
        "Wait until the quota is free again, or let an administrator of {billing_project} raise it",
    ),
    ("^(job)?rateLimitExceeded", "Wait a minute"),
    ("bigquery\\.jobs\\.", _project_role("roles/bigquery.jobUser")),
    ("serviceUsageConsumer|serviceusage\\.", _project_role("roles/serviceusage.serviceUsageConsumer")),
    ("bigquery\\.(datasets|tables|routines)\\.|^accessDenied: Access Denied: (Dataset|Table)", DATASET_ROLE),
    ("^notFound: Not found: (Dataset|Table)", DATASET_ROLE),
    ("^accessDenied", f"{_project_role('roles/bigquery.jobUser')}. {DATASET_ROLE}"),
)
"""What to do, by the first regular expression that finds something in `<reason>: <sentence>`."""


def fix_for(refusal: str, place: Place) -> str | None:
    """What to do about a refusal, as the first part of a sentence; None if it is not known."""
    found = next((fix for pattern, fix in FIXES if re.search(pattern, refusal, re.IGNORECASE)), None)
    return found and found.format(
        project=place.project,
        billing_project=place.billing_project,
        variables=place.variables,
        dataset=place.dataset,
        location=place.location,
        member=place.member,
        account=place.impersonated or "ACCOUNT",
    )
