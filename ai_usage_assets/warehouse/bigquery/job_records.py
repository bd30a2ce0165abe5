"""What is known of a session's jobs: which ones BigQuery has, how they ended, and so what was written.

"Nothing was written" may be said only if this is known. A job whose end was not seen may still finish.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from google.api_core.exceptions import ClientError, RetryError
from google.auth.exceptions import GoogleAuthError, TransportError

# only statements that are sure to change no row of a table are listed: any other statement may write
WRITES_NO_ROWS = re.compile(
    r"\s*(select\b|with\b|create table if not exists\b|alter table\b|create or replace table `staged_)",
    re.IGNORECASE,
)


class State(Enum):
    """How far a job came, as far as this process knows."""

    REFUSED = auto()
    """BigQuery did not accept the request, or it was not sent: there is no such job."""
    STARTED = auto()
    """The request was sent, and the end was not seen: the job may run, may have ended, or may never have existed."""
    ENDED = auto()
    FAILED = auto()
    """It ended with an error. A failed job has written nothing."""


@dataclass
class JobRecord:
    """One job. A statement that runs again has another job."""

    job_id: str
    location: str | None
    is_writing: bool
    """Whether it changes rows that people read."""
    state: State = State.REFUSED

    def __str__(self) -> str:
        return f"{self.job_id} (location {self.location})" if self.location else self.job_id


@dataclass
class JobRecords:
    """The jobs of one session, in the order of their start."""

    project: str
    """The project that the jobs belong to."""
    records: list[JobRecord] = field(default_factory=list)

    def add(self, job_id: str, location: str | None, *, is_writing: bool) -> JobRecord:
        self.records.append(JobRecord(job_id, location, is_writing))
        return self.records[-1]

    def request_failed(self, error: BaseException) -> None:
        """Note an error of the request that starts the newest job."""
        if not is_refusal(error):
            self.records[-1].state = State.STARTED

    @property
    def failing(self) -> JobRecord | None:
        """The newest job, if BigQuery has it and it is not known to have ended well."""
        newest = self.records[-1] if self.records else None
        return newest if newest and newest.state in {State.STARTED, State.FAILED} else None

    @property
    def may_have_written(self) -> bool:
        return any(job.is_writing and job.state in {State.STARTED, State.ENDED} for job in self.records)

    def outcome(self) -> str:
        """What was written, in one or two sentences."""
        writing = [job for job in self.records if job.is_writing]
        sentences = [
            f"BigQuery job {job} was started, and its end was not seen: it may have finished."
            for job in writing
            if job.state is State.STARTED
        ]
        if ended := [job.job_id for job in writing if job.state is State.ENDED]:
            sentences.append(f"What BigQuery job {' and '.join(ended)} wrote before stays.")
        return " ".join(sentences) or "Nothing was written."

    def then_rerun(self) -> str:
        """The end of a hint: `, then run it again`, and what this does to rows that were written."""
        replaces = ": it replaces the same days in either case" if self.may_have_written else ""
        return f", then run it again{replaces}."

    def show_command(self, job: JobRecord) -> str:
        """The command that shows a job with BigQuery's full message."""
        location = f" --location={job.location}" if job.location else ""
        return f"bq show -j{location} {self.project}:{job.job_id}"


def is_refusal(error: BaseException) -> bool:
    """Whether an error of a request shows that it had no effect: it was not sent, or BigQuery did not accept it."""
    if isinstance(error, RetryError):
        return error.cause is not None and is_refusal(error.cause)
    if isinstance(error, GoogleAuthError):
        return not isinstance(error, TransportError)
    return isinstance(error, ClientError)
