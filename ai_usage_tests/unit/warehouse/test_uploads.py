"""How long BigQuery is waited for, and how often a file is sent: a few times more if its calls are slow."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import RetryError, ServiceUnavailable
from google.api_core.retry import Retry
from google.cloud.bigquery import LoadJobConfig, TableReference

from ai_usage_assets.warehouse.bigquery import uploads
from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_assets.warehouse.bigquery.uploads import SLOW_ATTEMPTS, with_patience


class Policy:
    """A retry policy of ten seconds that tries each call three times."""

    timeout = 10.0

    def __call__(self, call: Callable[[], Any]) -> Callable[[], Any]:
        def tried() -> Any:
            for _ in range(3):
                try:
                    return call()
                except ServiceUnavailable as refused:
                    last = refused
            raise RetryError("every try failed", last)

        return tried


@pytest.mark.parametrize(
    ("seconds", "calls"), [(9.9, 3), (10.0, 3 * SLOW_ATTEMPTS), (60.0, 3 * SLOW_ATTEMPTS)]
)
def test_calls_that_fail_are_given_up_after_the_policys_tries_unless_they_are_slow(
    monkeypatch: pytest.MonkeyPatch, seconds: float, calls: int
) -> None:
    now, made = [0.0], []
    monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def failing() -> None:
        made.append(now[0])
        now[0] += seconds
        raise ServiceUnavailable("no")

    with pytest.raises(RetryError):
        with_patience(Policy(), failing)  # type: ignore[arg-type]
    assert len(made) == calls


def test_the_answer_of_a_slow_call_that_succeeds_at_last_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    now, made = [0.0], []
    monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def slow() -> str:
        made.append(now[0])
        now[0] += 60
        if len(made) < 8:
            raise ServiceUnavailable("no")
        return "sent"

    assert with_patience(Policy(), slow) == "sent"  # type: ignore[arg-type]
    assert len(made) == 8


def test_a_write_waits_half_an_hour_for_a_job_and_a_call_a_minute() -> None:
    timeouts = Timeouts()
    assert (timeouts.job_seconds, timeouts.call_seconds, timeouts.request_seconds) == (1800, 60, 30)


@pytest.mark.parametrize(("limit", "size"), [(4, 4), (3, None)], ids=["in one request", "in parts"])
def test_a_file_is_sent_from_its_start_and_with_its_size_if_it_fits_in_one_request(
    monkeypatch: pytest.MonkeyPatch, limit: int, size: int | None
) -> None:
    monkeypatch.setattr(uploads, "MULTIPART_BYTES", limit)
    sent = []

    def load(*given: Any, **options: Any) -> str:
        sent.append((given, options))
        return "job"

    client: Any = SimpleNamespace(load_table_from_file=load)
    file, into, config = BytesIO(b"rows"), TableReference.from_string("p.d.t"), LoadJobConfig()

    job: Any = uploads.Uploader(client, Retry(timeout=10), 30.0).send(file, into, config, "id")

    options = {
        "rewind": True,
        "size": size,
        "job_config": config,
        "job_id": "id",
        "num_retries": 0,
        "timeout": 30.0,
    }
    assert (job, sent) == ("job", [((file, into), options)])
