"""The sensor on the company's own files: a changed one is landed, and the days that the change touches are rebuilt.

The cursor holds what the tables were last made of, as digests of rows and the periods that the rows are valid in: no
name and no address. A change is taken as landed only once its runs succeeded; until then it is asked for again.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Clock, Days, contiguous
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources import identity
from ai_usage_assets.sources.identity.cells import IdentityFileError

TAG = "ai_usage/identity"
MOST_DAYS = 92
"""A quarter a run: a failure late in a long history keeps the runs before it."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)
"""After a failure; each attempt waits four times as long."""

Pieces = dict[str, dict[str, tuple[date | None, date | None]]]
"""Per table, the digest of each row with its period; a table whose rows have none is one piece, valid for ever."""


class State(msgspec.Struct, omit_defaults=True):
    """The cursor: what has landed; what was asked for and is not known to have landed, under which tag, how often.

    One that cannot be read costs one rebuild: what the tables were made of is not known, so nothing counts as landed.
    """

    landed: Pieces | None = None
    asked: Pieces | None = None
    tag: str = ""
    attempt: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> "State":
        try:
            return msgspec.json.decode(cursor or "{}", type=cls)
        except (msgspec.DecodeError, ValueError):
            return cls(landed={})


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    facts = [table for table in layer(Layer.CURATED) if table.partition]
    files = [table.name for table in layer(Layer.IDENTITY)]
    dims = [table.name for table in layer(Layer.CURATED) if not table.partition]

    @dg.sensor(
        name="identity_files",
        target=dg.AssetSelection.assets(*files, *dims, *(fact.name for fact in facts)),
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lands identity files that changed, and rebuilds the days of the facts that the change touches.",
    )
    def identity_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            found = pieces(settings.identity_dir)
        except IdentityFileError as refused:
            return dg.SkipReason(str(refused))
        state, now = State.read(context.cursor), clock()
        runs = context.instance.get_run_records(dg.RunsFilter(tags={TAG: state.tag})) if state.tag else []
        if any(not run.dagster_run.is_finished for run in runs):
            return dg.SkipReason("Waiting for the runs of the last change of the identity files to end.")
        if runs and all(run.dagster_run.is_success for run in runs):
            state = State(landed=state.asked)
        elif state.asked == found and now < again(runs, state.attempt):
            return dg.SkipReason(
                f"A run of the last change of the identity files failed ({TAG} = {state.tag}): mend what it failed "
                f"of. It is asked for again at {again(runs, state.attempt):%Y-%m-%d %H:%M} UTC."
            )
        if state.asked is None:
            if state.landed is None and not changed_since(context.instance, settings.identity_dir, files):
                state.landed = found
            if state.landed == found:
                return _answer(state, skip_reason="The identity files are what the tables were made of.")
        versions = [state.landed or {}, *([state.asked] if state.asked else []), found]
        state.attempt = state.attempt + 1 if state.asked == found else 1
        state.asked, state.tag = found, f"{_digest(found)}-{now:%Y%m%dT%H%M%S}"
        touched: list[Days | None] = [*touched_days(context.instance, facts, versions)]
        requests = [
            dg.RunRequest(
                run_key=f"{state.tag}-{days or 'files'}",
                asset_selection=[
                    dg.AssetKey(name) for name in (*files, *dims, *(f.name for f in facts if days))
                ],
                tags={TAG: state.tag, **_range(days)},
            )
            for days in touched or [None]
        ]
        return _answer(state, run_requests=requests)

    return identity_files


def pieces(folder: Path) -> Pieces:
    """What the files say, as digests."""
    found: Pieces = {}
    for table, read in identity.READERS.items():
        rows = read(folder)
        if not rows or "valid_from" in rows[0]:
            found[table] = {_digest(row): (row["valid_from"], row["valid_to"]) for row in rows}
        else:
            found[table] = {_digest(rows): (None, None)}
    return found


def again(failed: Iterable[dg.RunRecord], attempt: int) -> datetime:
    """When to ask once more."""
    ended = max((run.end_time or 0.0 for run in failed), default=0.0)
    pause = min(FIRST_PAUSE * int(4 ** min(attempt - 1, 5)), LONGEST_PAUSE)
    return datetime.fromtimestamp(ended, UTC) + pause


def changed_since(instance: dg.DagsterInstance, folder: Path, tables: Iterable[str]) -> bool:
    """At the first look: whether a table was never made, or a file was saved after it was."""
    events = [instance.get_latest_materialization_event(dg.AssetKey(table)) for table in tables]
    oldest = min(event.timestamp if event else 0.0 for event in events)
    return oldest == 0 or any(file.stat().st_mtime > oldest for file in folder.glob("*.csv"))


def touched_days(
    instance: dg.DagsterInstance, facts: Iterable[Table], versions: Sequence[Pieces]
) -> list[Days]:
    """The days of the facts, already built, for which a row is valid that is not in every version of the files."""
    periods = [
        (first or date.min, last or date.max)
        for version in versions
        for table, rows in version.items()
        for piece, (first, last) in rows.items()
        if not all(piece in other.get(table, {}) for other in versions)
    ]
    built = {
        date.fromisoformat(key)
        for fact in facts
        for key in instance.get_materialized_partitions(dg.AssetKey(fact.name))
    }
    touched = (day for day in built if any(first <= day <= last for first, last in periods))
    return [part for run in contiguous(touched) for part in run.chunks(MOST_DAYS)]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _range(days: Days | None) -> dict[str, str]:
    if days is None:
        return {}
    return {
        ASSET_PARTITION_RANGE_START_TAG: str(days.first),
        ASSET_PARTITION_RANGE_END_TAG: str(days.last),
    }


def _answer(state: State, **more: Any) -> dg.SensorResult:
    return dg.SensorResult(cursor=msgspec.json.encode(state).decode(), **more)
