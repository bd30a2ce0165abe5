"""Which days a change of the identity files affects, from the rows of the files to ranges of days."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.identity_files import (
    Period,
    State,
    affected_days,
    build,
    is_newer_than_tables,
    row_digests,
)
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.settings import Settings

FILES = {
    "people.csv": "email,first_name,last_name,department,aliases\nann@example.com,Ann,A,Ops,a@example.com\n",
    "api_key_owners.csv": "api_key_id,email,purpose,valid_from,valid_to\nk1,ann@example.com,,2026-03-01,2026-03-31\n",
    "seats.csv": (
        "platform,usd_per_seat_month,seats,valid_from,valid_to\n"
        "cursor,40.00,,,2026-04-08\ncursor,50.00,,2026-04-09,2026-04-10\ncursor,40.00,,2026-04-11,\n"
    ),
    "seat_tiers.csv": "platform,email,tier,valid_from,valid_to\ncursor,ann@example.com,free,2026-02-01,2026-02-03\n",
    "invoices.csv": (
        "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note\n"
        "cursor,C1,2026-04-17,2026-03-17,2026-04-16,usage,12.50,\n"
    ),
    "fx.csv": "month,currency,rate\n2026-02,EUR,0.92\n",
    "budgets.csv": "scope,name,usd_per_month,valid_from,valid_to\ncompany,,100,2026-02-01,\n",
}
REFUSED_FX = "month,currency,rate\nsoon,EUR,0.92\n"
TAG = "ai_usage/identity"
"""Which change of the files a run loads. Runs of earlier releases have it too."""
ALWAYS: Period = (None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_rows_hold_in_their_periods_and_those_that_no_fact_reads_on_no_day(folder: Path) -> None:
    found, refused = row_digests(folder, {})
    assert refused == {}
    assert {table: list(rows.values()) for table, rows in found.items()} == {
        "identity_people": [[ALWAYS]],
        "identity_aliases": [[ALWAYS]],
        "identity_api_key_owners": [[(date(2026, 3, 1), date(2026, 3, 31))]],
        # the price that comes back is the same row
        "identity_seats": [
            [(None, date(2026, 4, 8)), (date(2026, 4, 11), None)],
            [(date(2026, 4, 9), date(2026, 4, 10))],
        ],
        "identity_seat_tiers": [[(date(2026, 2, 1), date(2026, 2, 3))]],
        "identity_invoices": [[]],
        "identity_fx": [[]],
        "identity_budgets": [[]],
    }
    digests = [digest for rows in found.values() for digest in rows]
    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {16}


def test_a_refused_file_keeps_the_rows_that_are_loaded_and_says_why(folder: Path) -> None:
    loaded = {"identity_fx": {"d": [ALWAYS]}}
    (folder / "fx.csv").write_text(REFUSED_FX, encoding="utf-8")
    found, refused = row_digests(folder, dict(loaded))
    assert found["identity_fx"] == loaded["identity_fx"]
    assert {table: "fx.csv, line 2, column month" in str(error) for table, error in refused.items()} == {
        "identity_fx": True
    }
    assert row_digests(folder, {})[0]["identity_fx"] == {}


def test_the_days_of_a_change_are_those_on_which_a_row_holds_in_one_version_alone(
    instance: dg.DagsterInstance,
) -> None:
    def valid(*periods: Period) -> dict[str, dict[str, list[Period]]]:
        return {"seats": {"same": [ALWAYS], "row": list(periods)}, "owners": {}}

    def affected(*versions: dict[str, dict[str, list[Period]]]) -> list[Days]:
        return affected_days(instance, [FCT_COST_DAILY, FCT_USAGE_DAILY], versions)

    first, last = date(2026, 1, 1), date(2026, 4, 4)
    # a fact has the first day alone, and the other one the rest
    instance.report_runless_asset_event(dg.AssetMaterialization(FCT_COST_DAILY.name, partition=str(first)))
    for day in list(Days(first, last))[1:]:
        instance.report_runless_asset_event(dg.AssetMaterialization(FCT_USAGE_DAILY.name, partition=str(day)))
    third, fifth = first + timedelta(days=2), first + timedelta(days=4)

    assert affected(valid(ALWAYS), valid(ALWAYS)) == []
    assert affected(valid((third, fifth)), valid()) == [Days(third, fifth)]
    assert affected(valid((None, third)), valid((None, fifth))) == [Days(third + timedelta(days=1), fifth)]
    # what was requested in between counts, though the change was taken back
    assert affected(valid(), valid((third, third)), valid()) == [Days.one(third)]
    # the same days as two periods
    assert affected(valid((third, None)), valid((third, fifth), (fifth + timedelta(days=1), None))) == []
    # ninety-two days a run
    assert affected(valid(ALWAYS), {}) == [Days(first, date(2026, 4, 2)), Days(date(2026, 4, 3), last)]


def test_without_a_cursor_files_are_loaded_that_are_newer_than_the_oldest_table(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    tables = ["identity_people", "identity_fx"]
    instance.report_runless_asset_event(dg.AssetMaterialization(tables[0]))
    for file in folder.iterdir():
        os.utime(file, (1, 1))
    # the other table was never loaded
    assert is_newer_than_tables(instance, folder, tables)
    instance.report_runless_asset_event(dg.AssetMaterialization(tables[1]))
    event = instance.get_latest_materialization_event(dg.AssetKey(tables[0]))
    assert event
    assert not is_newer_than_tables(instance, folder, tables)
    os.utime(folder / "fx.csv", (event.timestamp + 1, event.timestamp + 1))
    assert is_newer_than_tables(instance, folder, tables)
    (folder / "fx.csv").rename(folder / "fx.txt")
    assert not is_newer_than_tables(instance, folder, tables)


@pytest.mark.parametrize(
    ("cursor", "state"),
    [
        (None, State()),
        ("", State()),
        ('{"tag":"t","attempt":2}', State(tag="t", attempt=2)),
        # nothing counts as loaded
        ("{", State(loaded={})),
        ('{"loaded":[1]}', State(loaded={})),
    ],
)
def test_a_cursor_that_cannot_be_read_says_that_nothing_is_loaded(cursor: str | None, state: State) -> None:
    assert State.read(cursor) == state


def test_the_other_files_are_loaded_if_a_failed_run_did_not_change_the_file_that_is_refused(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    settings = Settings.from_env({"AI_USAGE_IDENTITY_DIR": str(folder)})
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    sensor, cursor = build(settings, lambda: now), None

    def tick() -> tuple[list[dg.RunRequest], str]:
        nonlocal cursor
        ticked = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor))
        cursor = ticked.cursor
        return list(ticked.run_requests or []), State.read(cursor).tag

    def change(department: str) -> None:
        people = FILES["people.csv"].replace("Ops", department)
        (folder / "people.csv").write_text(people, encoding="utf-8")

    for status, department in ((dg.DagsterRunStatus.SUCCESS, "Ops"), (dg.DagsterRunStatus.FAILURE, "Sales")):
        change(department)
        _, tag = tick()
        instance.add_run(dg.DagsterRun("job", status=status, tags={TAG: tag}))
    (folder / "fx.csv").write_text(REFUSED_FX, encoding="utf-8")
    change("Finance")

    requests, tag = tick()

    files = [table.name for table in layer(Layer.IDENTITY) if table.name != "identity_fx"]
    dims = [table.name for table in layer(Layer.CURATED) if not table.partition]
    assert [(request.run_key, request.asset_selection) for request in requests] == [
        (f"{tag}-files", [dg.AssetKey(name) for name in (*files, *dims)])
    ]


def test_every_file_that_is_refused_has_its_reason(instance: dg.DagsterInstance, folder: Path) -> None:
    settings = Settings.from_env({"AI_USAGE_IDENTITY_DIR": str(folder)})
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    sensor = build(settings, lambda: now)
    first = sensor.evaluate_tick(dg.build_sensor_context(instance, None))
    instance.add_run(
        dg.DagsterRun("job", status=dg.DagsterRunStatus.SUCCESS, tags={TAG: State.read(first.cursor).tag})
    )
    (folder / "fx.csv").write_text(REFUSED_FX, encoding="utf-8")
    (folder / "people.csv").write_text("name\nAda\n", encoding="utf-8")

    ticked = sensor.evaluate_tick(dg.build_sensor_context(instance, first.cursor))

    _, refused = row_digests(folder, {})
    reasons = f"{refused['identity_people']} {refused['identity_fx']}"
    assert (ticked.run_requests, ticked.skip_message) == ([], reasons)
