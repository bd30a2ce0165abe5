"""The sensor on the identity files: it loads a changed file, and rebuilds the days of the facts that the change affects.

The cursor holds what the tables were last made of, as digests of rows with their periods of validity: no name and no
address. A change counts as loaded only when its runs succeeded; until then it is requested again. A file that is refused
is not requested; the other files are.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec

from ai_usage_assets.days import Clock, Days, contiguous
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources import identity
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.periods import PERIOD

TAG = "ai_usage/identity"
MAX_DAYS_PER_RUN = 92
"""One quarter: a failure late in a long history keeps the runs before it."""
FIRST_DELAY, MAX_DELAY = timedelta(minutes=5), timedelta(days=1)
"""After a failure; each attempt waits four times as long."""

READ_BY_NO_FACT = {"identity_invoices", "identity_fx", "identity_budgets"}
"""A change of such a table is loaded, and rebuilds no day."""

Period = tuple[date | None, date | None]
RowDigests = dict[str, dict[str, list[Period]]]
"""Per table, the digest of each row's values with the periods in which a row has them; a table whose rows have no periods
is one digest that always holds. A table that no fact reads is one digest that holds on no day."""


class State(msgspec.Struct, omit_defaults=True):
    """The cursor: what is loaded; what was requested and may not be loaded, under which tag, and how often.

    A cursor that cannot be read costs one rebuild, because then nothing counts as loaded.
    """

    loaded: RowDigests | None = None
    requested: RowDigests | None = None
    tag: str = ""
    attempt: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> "State":
        try:
            return msgspec.json.decode(cursor or "{}", type=cls)
        except (msgspec.DecodeError, ValueError):
            return cls(loaded={})


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    facts = [table for table in layer(Layer.CURATED) if table.partition]
    files = [table.name for table in layer(Layer.IDENTITY)]
    dims = [table.name for table in layer(Layer.CURATED) if not table.partition]

    @dg.sensor(
        name="identity_files",
        target=dg.AssetSelection.assets(*files, *dims, *(fact.name for fact in facts)),
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Loads identity files that changed, and rebuilds the days of the facts that the change affects.",
    )
    def identity_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        state, now = State.read(context.cursor), clock()
        runs = context.instance.get_run_records(dg.RunsFilter(tags={TAG: state.tag})) if state.tag else []
        if any(not run.dagster_run.is_finished for run in runs):
            return dg.SkipReason("Waiting for the runs of the last change of the identity files to end.")
        if runs and all(run.dagster_run.is_success for run in runs):
            state = State(loaded=state.requested)
        loaded, requested = state.loaded or {}, state.requested
        found, refused = row_digests(settings.identity_dir, loaded)
        reasons = " ".join(dict.fromkeys(map(str, refused.values())))
        if requested is not None and any(requested.get(each) != loaded.get(each) for each in refused):
            # a run may have loaded the rows that were requested, so that those before are not what the table has
            return dg.SkipReason(reasons)
        if requested == found and now < next_attempt_at(runs, state.attempt):
            return dg.SkipReason(
                f"A run of the last change of the identity files failed ({TAG} = {state.tag}): fix its cause. "
                f"It is requested again at {next_attempt_at(runs, state.attempt):%Y-%m-%d %H:%M} UTC."
            )
        if requested is None:
            if state.loaded is None and not is_newer_than_tables(
                context.instance, settings.identity_dir, files
            ):
                state.loaded = found
            if state.loaded == found:
                return _result(state, skip_reason=reasons or "The identity files did not change.")
        versions = [loaded, *([requested] if requested else []), found]
        state.attempt = state.attempt + 1 if requested == found else 1
        state.requested, state.tag = found, f"{_digest(found)}-{now:%Y%m%dT%H%M%S}"
        if reasons:
            context.log.warning(f"The other files are loaded. {reasons}")
        read = [file for file in files if file not in refused]
        affected: list[Days | None] = [*affected_days(context.instance, facts, versions)]
        requests = [
            dg.RunRequest(
                run_key=f"{state.tag}-{days or 'files'}",
                asset_selection=[
                    dg.AssetKey(name) for name in (*read, *dims, *(f.name for f in facts if days))
                ],
                tags={TAG: state.tag, **(range_tags(days) if days else {})},
            )
            for days in affected or [None]
        ]
        return _result(state, run_requests=requests)

    return identity_files


def row_digests(folder: Path, loaded: RowDigests) -> tuple[RowDigests, dict[str, IdentityFileError]]:
    """The rows of the files, as digests, and why a file is refused: its table keeps the rows that are loaded."""
    found: RowDigests = {}
    refused: dict[str, IdentityFileError] = {}
    for table, read in identity.READERS.items():
        try:
            rows = read(folder)
        except IdentityFileError as error:
            refused[table], found[table] = error, loaded.get(table, {})
            continue
        if rows and (table in READ_BY_NO_FACT or "valid_from" not in rows[0]):
            found[table] = {_digest(rows): [] if table in READ_BY_NO_FACT else [(None, None)]}
            continue
        found[table] = {}
        for row in rows:
            values = {name: value for name, value in row.items() if name not in PERIOD}
            found[table].setdefault(_digest(values), []).append((row["valid_from"], row["valid_to"]))
    return found, refused


def next_attempt_at(failed: Iterable[dg.RunRecord], attempt: int) -> datetime:
    """When a failed change is requested again."""
    ended = max((run.end_time or 0.0 for run in failed), default=0.0)
    delay = min(FIRST_DELAY * int(4 ** min(attempt - 1, 5)), MAX_DELAY)
    return datetime.fromtimestamp(ended, UTC) + delay


def is_newer_than_tables(instance: dg.DagsterInstance, folder: Path, tables: Iterable[str]) -> bool:
    """Without a cursor: whether a table was never materialized, or a file was saved after it was."""
    events = [instance.get_latest_materialization_event(dg.AssetKey(table)) for table in tables]
    oldest = min(event.timestamp if event else 0.0 for event in events)
    return oldest == 0 or any(file.stat().st_mtime > oldest for file in folder.glob("*.csv"))


def affected_days(
    instance: dg.DagsterInstance, facts: Iterable[Table], versions: Sequence[RowDigests]
) -> list[Days]:
    """The days of the facts, already built, on which a row is valid in one version of the files and not in another."""
    rows = {(table, row) for version in versions for table, rows in version.items() for row in rows}
    periods = [[version.get(table, {}).get(row, []) for version in versions] for table, row in rows]
    changed = [of_versions for of_versions in periods if any(one != of_versions[0] for one in of_versions)]
    built = {
        date.fromisoformat(key)
        for fact in facts
        for key in instance.get_materialized_partitions(dg.AssetKey(fact.name))
    }
    affected = (
        day
        for day in built
        if any(len({_is_valid(one, day) for one in of_versions}) > 1 for of_versions in changed)
    )
    return [part for run in contiguous(affected) for part in run.chunks(MAX_DAYS_PER_RUN)]


def _is_valid(periods: Iterable[Period], day: date) -> bool:
    return any((first or date.min) <= day <= (last or date.max) for first, last in periods)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _result(state: State, **more: Any) -> dg.SensorResult:
    return dg.SensorResult(cursor=msgspec.json.encode(state).decode(), **more)
