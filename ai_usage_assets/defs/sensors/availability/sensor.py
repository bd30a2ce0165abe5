"""A sensor a vendor: sees new days, restated days and silence, and asks for one run at a time.

Each tick reads Dagster's record; the vendor is asked only when it is time to. Nothing is fetched or written here.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import ONE_DAY, Clock, Days, last_closed, oldest_told
from ai_usage_assets.defs import records
from ai_usage_assets.defs.sensors.availability.plan import (
    FAILED,
    SILENT,
    Ask,
    Wants,
    after_run,
    missing,
    plan,
    still_due,
)
from ai_usage_assets.defs.sensors.availability.probes import WATCHED, Answer, Digests, Watched
from ai_usage_assets.defs.sensors.availability.state import Moved, Silence, State
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.http.errors import DeadlineError, TruncatedAnswerError, VendorError
from ai_usage_assets.sources.http.retry import FAIL_FAST
from ai_usage_assets.sources.source import BY_NAME

SECONDS = 60
"""Between two ticks; most of them ask nobody."""


def build(settings: Settings, clock: Clock) -> Iterator[dg.SensorDefinition]:
    """One sensor a vendor, also for a vendor without a key, which says so."""
    for watched in WATCHED:
        kept_days = settings.sources[watched.vendor].retention_days
        yield (
            sensor(watched, settings, kept_days, clock)
            if watched.vendor in settings.vendors
            else keyless(watched)
        )


def sensor(watched: Watched, settings: Settings, kept_days: int | None, clock: Clock) -> dg.SensorDefinition:
    daily = tables(watched, settings, Layer.RAW)
    registers = tables(watched, settings, Layer.SNAPSHOT, Layer.TOTALS, Layer.OPEN_DAY)
    start_date = settings.start_date

    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        state, now = State.read(context.cursor), clock()
        # what the vendor has forgotten it tells as nothing, and that would replace what is here
        kept_since = oldest_told(now, kept_days) if kept_days else start_date
        tick = Tick(watched, daily, registers, max(start_date, kept_since), now, context, state)
        found = tick.evaluate()
        if isinstance(found, dg.RunRequest):
            return dg.SensorResult(run_requests=[found], cursor=state.write())
        return dg.SensorResult(skip_reason=found, cursor=state.write())

    return dg.SensorDefinition(
        name=f"{watched.vendor}_availability",
        evaluation_fn=evaluate,
        target=dg.AssetSelection.assets(*daily, *registers),
        required_resource_keys={watched.vendor},
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            f"Asks {watched.title} every {spoken(watched.every)} which closed days it has, and requests those that "
            f"are missing since {start_date}, oldest first, and those of the last {watched.days} that were restated."
        ),
    )


def keyless(watched: Watched) -> dg.SensorDefinition:
    """Its tables cannot be run, so it has no target."""
    says = (
        f"{BY_NAME[watched.vendor].key_variable} is not set, so {watched.title} is not asked; "
        "set it and load the code location again."
    )
    return dg.SensorDefinition(
        name=f"{watched.vendor}_availability",
        evaluation_fn=lambda context: dg.SkipReason(says),
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=says,
    )


def tables(watched: Watched, settings: Settings, *layers: Layer) -> tuple[str, ...]:
    of_vendor = (table for table in TABLES if table.vendor == watched.vendor and table.layer in layers)
    return tuple(table.name for table in of_vendor if settings.fetches(table))


def run_request(ask: Ask, attempt: int, registers: tuple[str, ...]) -> dg.RunRequest:
    """One run for the range. The attempt is in the key, since a key whose run failed would block for ever."""
    return dg.RunRequest(
        run_key=f"{ask.key}:{attempt}",
        asset_selection=[dg.AssetKey(name) for name in (*ask.assets, *registers)],
        tags={
            ASSET_PARTITION_RANGE_START_TAG: str(ask.days.first),
            ASSET_PARTITION_RANGE_END_TAG: str(ask.days.last),
            records.REASON_TAG: ask.reason,
            records.REQUEST_TAG: ask.key,
        },
    )


class Tick:
    """One evaluation; it changes the state it is given."""

    def __init__(
        self,
        watched: Watched,
        daily: tuple[str, ...],
        registers: tuple[str, ...],
        since: date,
        now: datetime,
        context: dg.SensorEvaluationContext,
        state: State,
    ) -> None:
        self.watched, self.daily, self.registers, self.since = watched, daily, registers, since
        self.now, self.context, self.state = now, context, state
        self.instance, self.closed = context.instance, last_closed(now)

    def evaluate(self) -> dg.RunRequest | str:
        """The run to ask for, or why there is none."""
        state, title = self.state, self.watched.title
        assert self.context.repository_def
        busy = records.in_flight(self.instance, (*self.daily, *self.registers), self.context.repository_def)
        if busy:
            return f"{busy} is at work on {title}'s days: the next are requested when it is over."
        if state.asked:
            # before the vendor is asked again: what is wanted by then need not be what the run left behind
            if records.next_attempt(self.instance, state.asked.key) > state.attempt:
                state.holds = after_run(state.asked, self.wants(), state.holds, self.now)
            state.asked = None
        if self.since > self.closed:
            return f"The first day, {self.since}, is not over; {title} is not asked before."
        if not state.look_again_at or not self.now < state.look_again_at <= self.now + self.longest_pause:
            self.look()
        if state.silence:
            return f"{state.silence.says} No run is requested; {title} is asked again at {at(state.look_again_at)}."
        wants = self.wants()
        state.holds = still_due(state.holds, wants, self.now)
        asks = plan(wants, state.holds, self.now)
        if asks:
            state.asked, state.attempt = asks[0], records.next_attempt(self.instance, asks[0].key)
            extra = self.registers if asks[0].reason == "missing" else ()
            return run_request(asks[0], state.attempt, extra)
        return self.never_listed() or self.nothing_to_do(wants)

    @property
    def longest_pause(self) -> timedelta:
        """Who is to look again later than this has had a wrong clock."""
        return max(self.watched.every, SILENT.most)

    def never_listed(self) -> dg.RunRequest | None:
        """A run of the registers that have never landed: they go with missing days, and nobody else asks for them."""
        state, absent = (
            self.state,
            [name for name in self.registers if not records.landed(self.instance, name)],
        )
        if not absent:
            state.lists_asked, state.lists_again_at = 0, None
            return None
        if state.lists_again_at and self.now < state.lists_again_at <= self.now + FAILED.most:
            return None
        state.lists_asked += 1
        state.lists_again_at = self.now + FAILED.after(state.lists_asked)
        return dg.RunRequest(
            run_key=f"{self.watched.vendor}_registers:{self.now.isoformat()}",
            asset_selection=[dg.AssetKey(name) for name in absent],
            tags={records.REASON_TAG: "never listed"},
        )

    def look(self) -> None:
        """Ask the vendor, and remember the answer or the silence."""
        state, watched, closed = self.state, self.watched, self.closed
        most = state.days or watched.days
        days = Days(max(self.since, closed - ONE_DAY * (most - 1)), closed)

        @cache
        def published(asset: str) -> dict[date, records.Publication]:
            return records.publications(self.instance, asset, days)

        try:
            with getattr(self.context.resources, watched.vendor).open_client(FAIL_FAST) as client:
                answer = watched.ask(client, days, published, state.probes)
        except VendorError as error:
            if isinstance(error, DeadlineError | TruncatedAnswerError):
                # it may tell fewer days in time
                state.days = max(1, len(days) // 2)
            times = state.silence.times + 1 if state.silence else 1
            asked_for = timedelta(seconds=min(error.retry_after or 0.0, SILENT.most.total_seconds()))
            state.silence = Silence(times, str(error))
            state.look_again_at = self.now + max(SILENT.after(times), asked_for)
            return
        state.silence, state.probes = None, state.probes + 1
        state.days = 2 * most if 2 * most < watched.days else None
        state.look_again_at = self.now + watched.every
        state.newest = newest(watched, closed, answer, self.now)
        self.note(answer, days)

    def note(self, answer: Answer, looked_at: Days) -> None:
        """Remember the moved days; of a table that was looked at, forget those that are as published again."""
        for table, digests in answer.moved.items():
            known = self.state.moved.get(table, {})
            unseen = {day: moved for day, moved in known.items() if day not in looked_at}
            self.state.moved[table] = unseen | self.seen(table, digests)
        if leading := answer.moved.get(self.watched.leading):
            for asset in self.daily:
                self.state.moved[asset] = self.state.moved.get(asset, {}) | self.seen(asset, leading)

    def seen(self, asset: str, digests: Digests) -> dict[date, Moved]:
        ids = records.publication_ids(self.instance, asset, digests) if digests else {}
        return {day: Moved(digests[day], id_) for day, id_ in ids.items()}

    def wants(self) -> dict[str, dict[date, str]]:
        """What is missing, and what moved and was not published anew since."""
        newest = min(self.state.newest or self.closed, self.closed)
        due = Days(self.since, newest) if self.state.newest and newest >= self.since else None
        wants = missing(due, {asset: records.present(self.instance, asset) for asset in self.daily})
        for asset in self.daily:
            # what was remembered of other tables, or of days before the first, is of another release or setting
            days = {day: m for day, m in self.state.moved.get(asset, {}).items() if due and day in due}
            ids = records.publication_ids(self.instance, asset, days) if days else {}
            kept = {day: moved for day, moved in days.items() if ids.get(day) == moved.publication}
            self.state.moved[asset] = kept
            wants[asset] |= {day: moved.digest for day, moved in kept.items()}
        self.state.moved = {asset: days for asset in self.daily if (days := self.state.moved[asset])}
        return wants

    def nothing_to_do(self, wants: Wants) -> str:
        state, title = self.state, self.watched.title
        again = f"{title} is looked at again at {at(state.look_again_at)}."
        held = [hold for hold in state.holds if hold.ask.wanted(wants)]
        if held:
            first = min(held, key=lambda hold: hold.until)
            return f"{first.ask.days} was asked for {times(first.times)} in vain, and is requested again at {at(first.until)}; {again}"
        closed = self.closed
        if state.newest != closed:
            return f"{closed} is over, and {title} does not tell it whole yet; {again}"
        return f"Every day until {closed} is here, as {title} tells it; {again}"


def newest(watched: Watched, closed: date, answer: Answer, now: datetime) -> date:
    """The newest day that the vendor tells whole; a day without data is one only after the vendor's lag."""
    day = closed
    while now < Days.one(day).ending_at + (
        watched.told_after if day in answer.shown else watched.empty_after
    ):
        day -= ONE_DAY
    return day


def at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def spoken(every: timedelta) -> str:
    minutes = int(every.total_seconds()) // 60
    return "hour" if minutes == 60 else f"{minutes} minutes"


def times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
