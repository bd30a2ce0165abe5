"""Which digests were sent: each has a run of the job `digest` in Dagster's records, which is stored before it is sent.

The id of the run is made of the digest's name, and the records refuse a second run of the same id. So of two daemons one
sends, and after a crash between sending and recording nothing is sent again: at most once. The run is deleted if the
webhook refuses the digest, and then the next tick may send it. No run is executed, and none waits in the queue.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import dagster as dg
from dagster._core.errors import DagsterRunAlreadyExists
from dagster._core.events import DagsterEvent
from dagster._core.storage.tags import MAX_RETRIES_TAG

from ai_usage_assets.defs.sensors.alerts.message import DIGEST
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError

TAG = "ai_usage/digest"
"""The name of the digest."""
MAX_SENDING = timedelta(minutes=10)
"""Far longer than a tick. A digest that is being sent for longer was left by a process that ended."""
GIVEN_UP = "The digest ({name}) was not sent within {days} days, and is given up. Look at the last ticks of the sensor `digest`."
LOST = (
    "The process that sent the digest ({name}) ended before the webhook's answer was recorded, so it may have arrived. It is "
    "not sent again. To send it again, delete this run."
)


def run_id(name: str) -> str:
    """The id of the run of a digest."""
    return str(uuid5(NAMESPACE_URL, f"{TAG}/{name}"))


def claim(instance: dg.DagsterInstance, name: str) -> bool:
    """Store that the digest is being sent; False if that is stored already."""
    # Dagster would start a failed run again
    tags = {TAG: name, MAX_RETRIES_TAG: "0"}
    try:
        instance.add_run(dg.DagsterRun(DIGEST, run_id(name), tags=tags))
    except DagsterRunAlreadyExists:
        return False
    return True


def release(instance: dg.DagsterInstance, name: str) -> None:
    """Forget the claim: the webhook did not accept the digest."""
    instance.delete_run(run_id(name))


def sent(instance: dg.DagsterInstance, name: str) -> None:
    """Store that the webhook accepted the digest."""
    event = DagsterEvent(
        dg.DagsterEventType.RUN_SUCCESS.value, DIGEST, message=f"The digest ({name}) was sent."
    )
    instance.report_dagster_event(event, run_id(name))


@contextmanager
def sending(instance: dg.DagsterInstance, names: Sequence[str]) -> Iterator[None]:
    """What is claimed is sent if the block ends, and open again if the webhook does not accept it."""
    try:
        yield
    except AlertNotSentError:
        for name in names:
            release(instance, name)
        raise
    for name in names:
        sent(instance, name)


def give_up(instance: dg.DagsterInstance, name: str, why: str) -> None:
    """Store, as a failed run, that the digest is not sent any more."""
    if claim(instance, name):
        _fail(instance, name, why)


def is_open(instance: dg.DagsterInstance, name: str, now: datetime) -> bool:
    """Whether the digest is still to be sent. What a process that ended was sending becomes a failed run."""
    record = instance.get_run_record_by_id(run_id(name))
    if record is None:
        return True
    if not record.dagster_run.is_finished and now - record.create_timestamp > MAX_SENDING:
        _fail(instance, name, LOST.format(name=name))
    return False


def _fail(instance: dg.DagsterInstance, name: str, why: str) -> None:
    if run := instance.get_run_by_id(run_id(name)):
        instance.report_run_failed(run, why)
