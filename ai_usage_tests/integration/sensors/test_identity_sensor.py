"""The sensor on the identity files: what a changed file makes it ask for, and when it asks for nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors import identity_files
from ai_usage_assets.defs.sensors.identity_files import TAG
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.harness import Harness

pytestmark = pytest.mark.slow

PEOPLE = "email,first_name,last_name,department,aliases\n"
OWNERS = "api_key_id,email,purpose,valid_from,valid_to\n"
SEATS = "platform,usd_per_seat_month,seats,valid_from,valid_to\n"
TIERS = "platform,email,tier,valid_from,valid_to\n"
ANN = "ann@example.com,Ann,A,Ops,\n"
FILES = {table.name for table in layer(Layer.IDENTITY)}
FACTS = {table.name for table in layer(Layer.CURATED) if table.partition}
DIMS = {table.name for table in layer(Layer.CURATED)} - FACTS
BUILT = Days(date(2026, 1, 1), date(2026, 4, 10))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Looks:
    """The sensor, looked at again and again over one folder and one Dagster instance."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance, self.now = folder, instance, NOW
        folder.mkdir(exist_ok=True)
        env = {"AI_USAGE_START_DATE": "2026-01-01", "AI_USAGE_IDENTITY_DIR": str(folder)}
        self.sensor = identity_files.build(Settings.from_env(env), lambda: self.now)
        self.cursor: str | None = None

    def save(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def look(self) -> tuple[list[dg.RunRequest], str | None]:
        """What is requested, or why nothing is."""
        answer: Any = self.sensor(dg.build_sensor_context(self.instance, self.cursor))
        if isinstance(answer, dg.SkipReason):
            return [], answer.skip_message
        self.cursor = answer.cursor
        return list(answer.run_requests or []), answer.skip_reason and answer.skip_reason.skip_message

    def end(self, requests: list[dg.RunRequest], status: dg.DagsterRunStatus) -> None:
        for request in requests:
            self.instance.add_run(
                dg.DagsterRun(job_name="__ASSET_JOB", status=status, tags=dict(request.tags))
            )

    def land(self) -> list[dg.RunRequest]:
        """Look, and have what is requested succeed."""
        requests, _ = self.look()
        self.end(requests, dg.DagsterRunStatus.SUCCESS)
        return requests

    def built(self, days: Days) -> None:
        """Each day in one of the facts."""
        for day, fact in zip(days, cycle(sorted(FACTS)), strict=False):
            self.instance.report_runless_asset_event(dg.AssetMaterialization(fact, partition=str(day)))


def ranges(requests: list[dg.RunRequest]) -> list[tuple[str | None, str | None]]:
    tags = (request.tags for request in requests)
    return [(t.get(ASSET_PARTITION_RANGE_START_TAG), t.get(ASSET_PARTITION_RANGE_END_TAG)) for t in tags]


def selected(request: dg.RunRequest) -> set[str]:
    return {key.path[-1] for key in request.asset_selection or ()}


@pytest.fixture
def looks(tmp_path: Path) -> Iterator[Looks]:
    with dg.DagsterInstance.ephemeral() as instance:
        looks = Looks(tmp_path / "identity", instance)
        looks.save("people.csv", PEOPLE + ANN)
        looks.save("seats.csv", SEATS + "cursor,40.00,,2026-01-01,\n")
        yield looks


@pytest.fixture
def landed(looks: Looks) -> Looks:
    """Files that have landed, with facts of a hundred days built since."""
    looks.land()
    looks.built(BUILT)
    return looks


def test_files_that_never_landed_are_asked_for_with_the_dimensions(looks: Looks) -> None:
    (request,), _ = looks.look()

    assert selected(request) == FILES | DIMS
    assert request.tags == {TAG: request.tags[TAG]}
    assert request.run_key == f"{request.tags[TAG]}-files"
    assert request.tags[TAG].endswith("-20261120T120000")


def test_no_files_at_all_are_empty_tables(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert [selected(request) for request in Looks(tmp_path, instance).look()[0]] == [FILES | DIMS]


def test_the_same_files_ask_for_nothing(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE + ANN)  # saved again, as it was

    assert landed.look() == ([], "The identity files did not change.")


def test_a_changed_person_touches_every_day_in_ranges_of_a_quarter(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE + ANN.replace("Ops", "Sales"))

    requests, _ = landed.look()

    assert ranges(requests) == [("2026-01-01", "2026-04-02"), ("2026-04-03", "2026-04-10")]
    assert [selected(request) for request in requests] == [FILES | DIMS | FACTS] * 2
    [tag] = {request.tags[TAG] for request in requests}
    assert [request.run_key for request in requests] == [
        f"{tag}-2026-01-01...2026-04-02",
        f"{tag}-2026-04-03...2026-04-10",
    ]


@pytest.mark.parametrize(
    ("row", "touched"),
    [
        ("key_1,ann@example.com,,2026-03-01,2026-03-31", [("2026-03-01", "2026-03-31")]),
        ("key_1,ann@example.com,,2026-04-07,", [("2026-04-07", "2026-04-10")]),
        ("key_1,ann@example.com,,,2026-01-05", [("2026-01-01", "2026-01-05")]),
        ("key_1,ann@example.com,,2027-01-01,", [(None, None)]),
    ],
)
def test_a_new_owner_touches_the_days_of_the_period(
    landed: Looks, row: str, touched: list[tuple[str | None, str | None]]
) -> None:
    landed.save("api_key_owners.csv", f"{OWNERS}{row}\n")

    assert ranges(landed.look()[0]) == touched


def test_a_row_that_goes_and_one_that_comes_both_touch_their_days(landed: Looks) -> None:
    landed.save("api_key_owners.csv", OWNERS + "key_1,ann@example.com,,2026-02-01,2026-02-03\n")
    landed.land()

    landed.save("api_key_owners.csv", OWNERS + "key_1,ann@example.com,,2026-02-10,2026-02-11\n")

    assert ranges(landed.look()[0]) == [("2026-02-01", "2026-02-03"), ("2026-02-10", "2026-02-11")]


def test_a_new_price_touches_the_days_that_it_is_valid_in(landed: Looks) -> None:
    landed.save("seats.csv", SEATS + "cursor,40.00,,2026-01-01,2026-04-08\ncursor,50.00,,2026-04-09,\n")

    # the old price is the same on the days before, although its row has an end now
    assert ranges(landed.look()[0]) == [("2026-04-09", "2026-04-10")]


MOVED = PEOPLE.replace("department", "department,valid_from,valid_to")


@pytest.mark.parametrize(
    ("rows", "touched"),
    [
        # a move: the days after it
        ("{ann}Ops,,2026-04-07,\n{ann}Sales,2026-04-08,,\n", [("2026-04-08", "2026-04-10")]),
        # the same rows with a gap
        ("{ann}Ops,,2026-04-02,\n{ann}Ops,2026-04-05,,\n", [("2026-04-03", "2026-04-04")]),
        # who leaves
        ("{ann}Ops,,2026-04-09,\n", [("2026-04-10", "2026-04-10")]),
        # one row as two that say the same: the tables alone
        ("{ann}Ops,,2026-02-28,\n{ann}Ops,2026-03-01,,\n", [(None, None)]),
    ],
)
def test_a_persons_move_touches_the_days_on_which_the_values_differ(
    landed: Looks, rows: str, touched: list[tuple[str | None, str | None]]
) -> None:
    landed.save("people.csv", MOVED + rows.format(ann="ann@example.com,Ann,A,"))

    assert ranges(landed.look()[0]) == touched


def test_a_new_tier_touches_the_days_that_it_is_valid_in(landed: Looks) -> None:
    landed.save("seat_tiers.csv", TIERS + "cursor,ann@example.com,free,2026-02-01,2026-02-03\n")

    assert ranges(landed.look()[0]) == [("2026-02-01", "2026-02-03")]


@pytest.mark.parametrize(
    ("file", "header", "row"),
    [
        (
            "invoices.csv",
            "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note",
            "cursor,C1,2026-04-17,2026-03-17,2026-04-16,usage,12.50,",
        ),
        ("budgets.csv", "scope,name,usd_per_month,valid_from,valid_to", "company,,100,2026-02-01,"),
        ("fx.csv", "month,currency,rate", "2026-02,EUR,0.92"),
    ],
)
def test_a_file_that_no_fact_reads_is_loaded_and_touches_no_day(
    landed: Looks, file: str, header: str, row: str
) -> None:
    landed.save(file, f"{header}\n{row}\n")

    requests, reason = landed.look()

    assert reason is None
    assert [(selected(request), ranges([request])) for request in requests] == [
        (FILES | DIMS, [(None, None)])
    ]


def test_a_change_is_asked_for_once_while_its_run_is_under_way(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE + ANN * 0)
    requests, _ = landed.look()
    landed.end(requests, dg.DagsterRunStatus.STARTED)

    assert landed.look() == ([], "Waiting for the runs of the last change of the identity files to end.")


def test_a_change_whose_run_failed_is_asked_for_again_after_a_pause_that_grows(landed: Looks) -> None:
    landed.now = datetime.now(UTC)
    landed.save("people.csv", PEOPLE)
    first, _ = landed.look()
    fail(landed, first)

    runs = landed.instance.get_run_records(dg.RunsFilter(tags={TAG: first[0].tags[TAG]}))
    ended = max(run.end_time for run in runs if run.end_time)
    due = datetime.fromtimestamp(ended, UTC) + timedelta(minutes=5)
    assert landed.look() == (
        [],
        (
            f"A run of the last change of the identity files failed ({TAG} = {first[0].tags[TAG]}): fix its cause. "
            f"It is requested again at {due:%Y-%m-%d %H:%M} UTC."
        ),
    )
    landed.now += timedelta(minutes=6)
    second, _ = landed.look()
    fail(landed, second)
    landed.now += timedelta(minutes=6)
    assert landed.look()[0] == []

    assert ranges(second) == ranges(first)
    assert not {request.run_key for request in first} & {request.run_key for request in second}


def fail(looks: Looks, requests: list[dg.RunRequest]) -> None:
    looks.end(requests, dg.DagsterRunStatus.STARTED)
    for run in looks.instance.get_runs(dg.RunsFilter(tags={TAG: requests[0].tags[TAG]})):
        looks.instance.report_run_failed(run)


def test_taking_a_failed_change_back_mends_the_days_that_it_may_have_reached(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE)
    requests, _ = landed.look()
    landed.end(requests[:1], dg.DagsterRunStatus.SUCCESS)
    landed.end(requests[1:], dg.DagsterRunStatus.FAILURE)

    landed.save("people.csv", PEOPLE + ANN)

    assert ranges(landed.land()) == ranges(requests)
    assert landed.look()[0] == []


def test_a_malformed_file_is_named_by_line_and_column_and_nothing_is_asked_for(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE + "not-an-address,,,,\n")

    requests, said = landed.look()

    assert requests == []
    assert "people.csv, line 2, column email: this is not an e-mail" in str(said)

    landed.save("people.csv", PEOPLE + ANN)
    assert landed.look()[0] == []


def test_a_refused_file_keeps_its_table_and_the_others_are_loaded(landed: Looks) -> None:
    header = "scope,name,usd_per_month,valid_from,valid_to\n"
    landed.save("budgets.csv", header + "department,Ops,100,,\n")
    landed.land()
    # the budget is of a department that is renamed in another file
    landed.save("people.csv", PEOPLE + ANN.replace("Ops", "Sales"))

    assert {name for request in landed.land() for name in selected(request)} == (FILES | DIMS | FACTS) - {
        "identity_budgets"
    }
    requests, said = landed.look()
    assert requests == []
    assert "budgets.csv, line 2, column name: no row of people.csv has this department" in str(said)

    landed.save("budgets.csv", header + "department,Sales,100,,\n")
    assert [selected(request) for request in landed.look()[0]] == [FILES | DIMS]


def test_a_refused_file_whose_rows_may_be_loaded_is_waited_for(landed: Looks) -> None:
    landed.save("people.csv", PEOPLE + ANN.replace("Ops", "Sales"))
    # the table of people may have the new rows although the run failed
    landed.end(landed.look()[0], dg.DagsterRunStatus.FAILURE)
    landed.save("people.csv", PEOPLE + "not-an-address,,,,\n")
    landed.save("fx.csv", "month,currency,rate\n2026-02,EUR,0.92\n")
    requests, said = landed.look()
    assert (requests, "people.csv, line 2, column email" in str(said)) == ([], True)

    landed.save("people.csv", PEOPLE + ANN)
    assert [selected(request) for request in landed.land()] == [FILES | DIMS | FACTS] * 2
    assert landed.look() == ([], "The identity files did not change.")


def test_the_cursor_names_nobody(landed: Looks) -> None:
    assert landed.cursor is not None and json.loads(landed.cursor)
    assert "ann" not in landed.cursor.lower()


def test_tables_that_were_made_before_the_first_look_are_not_made_again(looks: Looks) -> None:
    for name in FILES:
        looks.instance.report_runless_asset_event(dg.AssetMaterialization(name))
    assert looks.look()[0] == []


def test_what_is_asked_for_runs_and_changes_the_facts(harness: Harness) -> None:
    two = Days(date(2026, 10, 5), date(2026, 10, 6))
    some = ["raw_cursor_usage", "raw_cursor_members", "fct_cost_daily", *FILES]
    assert harness.materialize(",".join(some), two).success
    looks = Looks(harness.folder / "identity", harness.instance)
    looks.look()
    looks.save("seats.csv", SEATS + "cursor,31.00,,2026-10-06,\n")
    (request,), _ = looks.look()
    assert ranges([request]) == [("2026-10-06", "2026-10-06")]
    assert harness.materialize(",".join(selected(request)), Days.one(two.last)).success
    seats = harness.fetch(
        "select distinct cost_date, cost_usd from fct_cost_daily "
        "where allocation = 'seat' and cost_date >= date '2026-01-01'"
    )
    assert [(row["cost_date"], float(row["cost_usd"])) for row in seats] == [(two.last, 1.0)]


@pytest.mark.parametrize("broken", ["{", '{"loaded":[1]}'])
def test_a_cursor_that_cannot_be_read_costs_one_rebuild_and_no_change_is_missed(
    landed: Looks, broken: str
) -> None:
    for name in FILES:
        landed.instance.report_runless_asset_event(dg.AssetMaterialization(name))
    landed.cursor = broken

    assert ranges(landed.land()) == [("2026-01-01", "2026-04-02"), ("2026-04-03", "2026-04-10")]
    assert landed.look()[0] == []
