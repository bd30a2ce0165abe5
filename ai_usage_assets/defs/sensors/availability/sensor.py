"""One sensor for each vendor: it notices new days, restated days and outages, and requests one run at a time.

Each tick reads Dagster's records; the vendor is polled only when a poll is due. Nothing is fetched or written here.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from types import ModuleType

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Clock, Days, earliest_available, last_closed
from ai_usage_assets.defs import records
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.sensors.availability.plan import (
    FAILED,
    OUTAGE,
    Backlog,
    PlannedRun,
    active_backoffs,
    after_run,
    missing,
    plan,
)
from ai_usage_assets.defs.sensors.availability.polls import Digests, PollResult
from ai_usage_assets.defs.sensors.availability.state import Outage, RestatedDay, State
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.http.errors import DeadlineError, TruncatedAnswerError, VendorError
from ai_usage_assets.sources.http.retry import FAIL_FAST
from ai_usage_assets.sources.source import SOURCES, Source

INTERVAL_SECONDS = 60
"""Between two ticks; most of them poll nobody."""


def build(settings: Settings, clock: Clock) -> Iterator[dg.SensorDefinition]:
    """One sensor for each vendor. Without a key it says so."""
    for source in SOURCES:
        yield (
            availability(source, settings, clock)
            if source.name in settings.vendors
            else availability_without_key(source)
        )


def poll_module(source: Source) -> ModuleType:
    """`poll_<name>.py`: the vendor's `poll`, and LEADING."""
    return import_module(f"ai_usage_assets.defs.sensors.availability.poll_{source.name}")


def availability(source: Source, settings: Settings, clock: Clock) -> dg.SensorDefinition:
    daily = tables(source, settings, Layer.RAW)
    snapshots = tables(source, settings, Layer.SNAPSHOT, Layer.TOTALS, Layer.OPEN_DAY)
    start_date, retention_days = settings.start_date, settings.sources[source.name].retention_days

    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        state, now = State.read(context.cursor), clock()
        # the vendor reports days before its retention as empty, and they would replace what is loaded
        earliest = earliest_available(now, retention_days) if retention_days else start_date
        tick = Tick(source, daily, snapshots, max(start_date, earliest), now, context, state)
        found = tick.evaluate()
        if isinstance(found, dg.RunRequest):
            return dg.SensorResult(run_requests=[found], cursor=state.write())
        return dg.SensorResult(skip_reason=found, cursor=state.write())

    return dg.SensorDefinition(
        name=f"{source.name}_availability",
        evaluation_fn=evaluate,
        target=dg.AssetSelection.assets(*daily, *snapshots),
        required_resource_keys={source.name},
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            f"Asks {source.title} every {interval_text(source.poll_interval)} which closed days it has. Requests the days "
            f"that are missing since {start_date}, oldest first, and the restated ones of the last {source.max_days} days."
        ),
    )


def availability_without_key(source: Source) -> dg.SensorDefinition:
    """The tables cannot be run, so the sensor has no target."""
    reason = (
        f"{source.key_variable} is not set, so {source.title} is not asked; "
        "set it and load the code location again."
    )

    def evaluate(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(reason)

    return dg.SensorDefinition(
        name=f"{source.name}_availability",
        evaluation_fn=evaluate,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=reason,
    )


def tables(source: Source, settings: Settings, *layers: Layer) -> tuple[str, ...]:
    of_vendor = (table for table in TABLES if table.vendor == source.name and table.layer in layers)
    return tuple(table.name for table in of_vendor if settings.fetches(table))


def run_request(run: PlannedRun, attempt: int, snapshots: tuple[str, ...]) -> dg.RunRequest:
    """One run for the range. The attempt is in the run key, because a key whose run failed would block for ever."""
    return dg.RunRequest(
        run_key=f"{run.key}:{attempt}",
        asset_selection=[dg.AssetKey(name) for name in (*run.assets, *snapshots)],
        tags={**range_tags(run.days), records.REASON_TAG: run.reason, records.REQUEST_TAG: run.key},
    )


class Tick:
    """One evaluation; it changes the state that it is given."""

    def __init__(
        self,
        source: Source,
        daily: tuple[str, ...],
        snapshots: tuple[str, ...],
        since: date,
        now: datetime,
        context: dg.SensorEvaluationContext,
        state: State,
    ) -> None:
        self.source, self.daily, self.snapshots, self.since = source, daily, snapshots, since
        self.now, self.context, self.state = now, context, state
        self.instance, self.closed = context.instance, last_closed(now)
        self.polling = poll_module(source)

    def evaluate(self) -> dg.RunRequest | str:
        """The run to request, or why there is none."""
        state, title = self.state, self.source.title
        assert self.context.repository_def
        active = records.active_run(
            self.instance, (*self.daily, *self.snapshots), self.context.repository_def
        )
        if active:
            return f"{active} is writing {title}'s days; the next ones are requested when it is over."
        if state.requested:
            # before the vendor is polled again: the backlog may be another one then
            if records.next_attempt(self.instance, state.requested.key) > state.attempt:
                state.backoffs = after_run(state.requested, self.backlog(), state.backoffs, self.now)
            state.requested = None
        if self.since > self.closed:
            return f"The first day, {self.since}, is not over; {title} is not asked before."
        if not state.next_poll_at or not self.now < state.next_poll_at <= self.now + self.longest_wait:
            self.poll()
        if state.outage:
            return f"{state.outage.message} No run is requested; {title} is asked again at {time_text(state.next_poll_at)}."
        backlog = self.backlog()
        state.backoffs = active_backoffs(state.backoffs, backlog, self.now)
        runs = plan(backlog, state.backoffs, self.now)
        if runs:
            state.requested, state.attempt = runs[0], records.next_attempt(self.instance, runs[0].key)
            return run_request(runs[0], state.attempt, self.snapshots if runs[0].reason == "missing" else ())
        return self.missing_snapshots() or self.nothing_to_do(backlog)

    @property
    def longest_wait(self) -> timedelta:
        """A next poll later than this was set with a wrong clock."""
        return max(self.source.poll_interval, OUTAGE.max_delay)

    def missing_snapshots(self) -> dg.RunRequest | None:
        """A run of the snapshot tables that were never materialized: otherwise they are requested with missing days."""
        state = self.state
        absent = [name for name in self.snapshots if not records.is_materialized(self.instance, name)]
        if not absent:
            state.snapshot_requests, state.next_snapshot_request_at = 0, None
            return None
        due = state.next_snapshot_request_at
        if due and self.now < due <= self.now + FAILED.max_delay:
            return None
        state.snapshot_requests += 1
        state.next_snapshot_request_at = self.now + FAILED.delay(state.snapshot_requests)
        return dg.RunRequest(
            run_key=f"{self.source.name}_snapshots:{self.now.isoformat()}",
            asset_selection=[dg.AssetKey(name) for name in absent],
            tags={records.REASON_TAG: "never listed"},
        )

    def poll(self) -> None:
        """Poll the vendor, and remember the result or the outage."""
        state, source, closed = self.state, self.source, self.closed
        max_days = state.max_days or source.max_days
        days = Days(max(self.since, closed - ONE_DAY * (max_days - 1)), closed)

        @cache
        def recorded(asset: str) -> dict[date, records.Materialization]:
            return records.materializations(self.instance, asset, days)

        try:
            with getattr(self.context.resources, source.name).open_client(FAIL_FAST) as client:
                result: PollResult = self.polling.poll(client, days, recorded, state.polls)
        except VendorError as error:
            if isinstance(error, DeadlineError | TruncatedAnswerError):
                # the vendor may report fewer days in time
                state.max_days = max(1, len(days) // 2)
            times = state.outage.times + 1 if state.outage else 1
            retry_after = timedelta(seconds=min(error.retry_after or 0.0, OUTAGE.max_delay.total_seconds()))
            state.outage = Outage(times, str(error))
            state.next_poll_at = self.now + max(OUTAGE.delay(times), retry_after)
            return
        state.outage, state.polls = None, state.polls + 1
        state.max_days = 2 * max_days if 2 * max_days < source.max_days else None
        state.next_poll_at = self.now + source.poll_interval
        state.newest = newest_complete_day(source, closed, result, self.now)
        self.remember(result, days)

    def remember(self, result: PollResult, polled: Days) -> None:
        """Keep the restated days; of a polled table, drop those that agree again."""
        for table, digests in result.restated.items():
            known = self.state.restated.get(table, {})
            unpolled = {day: restated for day, restated in known.items() if day not in polled}
            self.state.restated[table] = unpolled | self.restated_days(table, digests)
        if leading := result.restated.get(self.polling.LEADING):
            for asset in self.daily:
                known = self.state.restated.get(asset, {})
                self.state.restated[asset] = known | self.restated_days(asset, leading)

    def restated_days(self, asset: str, digests: Digests) -> dict[date, RestatedDay]:
        ids = records.materialization_ids(self.instance, asset, digests) if digests else {}
        return {day: RestatedDay(digests[day], id_) for day, id_ in ids.items()}

    def backlog(self) -> dict[str, dict[date, str]]:
        """The missing days, and the restated ones that were not materialized since."""
        newest = min(self.state.newest or self.closed, self.closed)
        due = Days(self.since, newest) if self.state.newest and newest >= self.since else None
        backlog = missing(
            due, {asset: records.materialized_days(self.instance, asset) for asset in self.daily}
        )
        for asset in self.daily:
            # days of other tables, or before the first day, are of another release or setting
            days = {day: r for day, r in self.state.restated.get(asset, {}).items() if due and day in due}
            ids = records.materialization_ids(self.instance, asset, days) if days else {}
            kept = {day: r for day, r in days.items() if ids.get(day) == r.materialization}
            self.state.restated[asset] = kept
            backlog[asset] |= {day: restated.digest for day, restated in kept.items()}
        self.state.restated = {asset: days for asset in self.daily if (days := self.state.restated[asset])}
        return backlog

    def nothing_to_do(self, backlog: Backlog) -> str:
        state, title = self.state, self.source.title
        again = f"{title} is asked again at {time_text(state.next_poll_at)}."
        waiting = [backoff for backoff in state.backoffs if backoff.run.remaining(backlog)]
        if waiting:
            first = min(waiting, key=lambda backoff: backoff.until)
            return (
                f"{first.run.days} was requested {times_text(first.times)} without success, and is requested again at "
                f"{time_text(first.until)}; {again}"
            )
        if state.newest != self.closed:
            return f"{self.closed} is over, but {title} does not report all of it yet; {again}"
        return f"Every day until {self.closed} is loaded, as {title} reports it; {again}"


def newest_complete_day(source: Source, closed: date, result: PollResult, now: datetime) -> date:
    """The newest day that the vendor reports completely; a day without data is one only after the vendor's lag."""
    day = closed
    while now < Days.one(day).ending_at + (
        source.finalization_lag if day in result.days_with_data else source.empty_is_final_after
    ):
        day -= ONE_DAY
    return day


def time_text(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def interval_text(interval: timedelta) -> str:
    minutes = int(interval.total_seconds()) // 60
    return "hour" if minutes == 60 else f"{minutes} minutes"


def times_text(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
