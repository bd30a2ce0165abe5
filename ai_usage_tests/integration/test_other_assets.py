"""Assets that `schema/` does not declare, written and read by the warehouse's IO manager, on DuckDB and BigQuery."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.resources import resources
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.schema_drift import SchemaDrift
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.harness import step_errors, warehouse_environment

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAILY = dg.DailyPartitionsDefinition("2026-03-01", end_date="2026-04-01")
Rows: TypeAlias = pd.DataFrame | pa.Table


class Project:
    """A user's own code location, with the warehouse's resources."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.resources = resources(Settings.from_env(warehouse_environment(engine, folder)))
        del self.resources["alerts"]

    def run(self, *assets: Any, days: tuple[date, date] | None = None) -> dg.ExecuteInProcessResult:
        """Materialize the assets; a failed step does not raise."""
        tags = range_tags(Days(*days)) if days else {}
        defs = dg.Definitions(assets=assets, resources=self.resources)
        job = defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(tags=tags, raise_on_error=False)

    def write(self, rows: Rows, name: str = "songs", **options: Any) -> dg.ExecuteInProcessResult:
        """Materialize an asset without partitions that returns the rows."""
        return self.run(asset_of(lambda: rows, name, **options))

    def write_days(self, rows: Rows, first: date, last: date | None = None) -> dg.ExecuteInProcessResult:
        """Materialize some days of a daily asset that returns the rows."""
        return self.run(daily_asset(lambda: rows), days=(first, last or first))

    def rows(self, table: str = "songs", dataset: str | None = None) -> list[dict[str, Any]]:
        engine = self.engine.in_dataset(dataset) if dataset else self.engine
        with engine.session() as session:
            if session.stored_table(table) is None:
                return []
            found: list[dict[str, Any]] = session.fetch(f"select * from `{table}`").to_pylist()
        return found

    def leftovers(self) -> list[str]:
        """Staged tables that were not dropped."""
        catalogue = "duckdb_tables"
        if isinstance(self.engine, BigQueryEngine):
            catalogue = (
                f"`{self.engine.qualified('INFORMATION_SCHEMA').rsplit('.', 1)[0]}`.INFORMATION_SCHEMA.TABLES"
            )
        with self.engine.session() as session:
            names = session.fetch(f"select table_name from {catalogue}").column("table_name").to_pylist()
        return [name for name in names if name.startswith("staged")]


def asset_of(make: Callable[[], Rows], name: str = "songs", **options: Any) -> dg.AssetsDefinition:
    def rows() -> Any:
        return make()

    asset: dg.AssetsDefinition = dg.asset(rows, name=name, **options)
    return asset


def daily_asset(make: Callable[[], Rows], **more: Any) -> dg.AssetsDefinition:
    options: dict[str, Any] = {"metadata": {"partition_expr": "day"}, "partitions_def": DAILY, **more}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return asset_of(make, backfill_policy=dg.BackfillPolicy.single_run(), **options)


def refusal(result: dg.ExecuteInProcessResult) -> str:
    assert not result.success
    [message] = step_errors(result).values()
    return message


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Project:
    return Project(engine, tmp_path)


FRAME = pd.DataFrame(
    {
        "song": ["a", "b"],
        "plays": pd.array([1, None], dtype="Int64"),
        "share": [0.25, 0.75],
        "spent_usd": [Decimal("1.5"), Decimal("0.000000001")],
        "live": [True, False],
        "day": [MONDAY, TUESDAY],
        "played_at": [NOON, None],
        "genre": pd.Categorical(["pop", "rock"]),
    }
)
ROWS = [
    {
        "song": "a",
        "plays": 1,
        "share": 0.25,
        "spent_usd": Decimal("1.500000000"),
        "live": True,
        "day": MONDAY,
        "played_at": NOON,
        "genre": "pop",
    },
    {
        "song": "b",
        "plays": None,
        "share": 0.75,
        "spent_usd": Decimal("0.000000001"),
        "live": False,
        "day": TUESDAY,
        "played_at": None,
        "genre": "rock",
    },
]


# what is written


def test_a_data_frame_is_written_in_a_table_of_its_assets_name(project: Project) -> None:
    result = project.write(FRAME)
    assert result.success
    assert sorted(project.rows(), key=lambda row: str(row["song"])) == ROWS
    [event] = result.asset_materializations_for_node("songs")
    assert event.metadata["dagster/row_count"].value == 2
    assert event.metadata["dagster/table_name"].value == project.engine.qualified("songs")


def test_an_arrow_table_is_written_as_a_data_frame_is(project: Project) -> None:
    assert project.write(pa.Table.from_pylist(ROWS)).success
    assert sorted(project.rows(), key=lambda row: str(row["song"])) == ROWS


def test_a_table_without_partitions_is_replaced_as_a_whole(project: Project) -> None:
    project.write(pd.DataFrame({"song": ["a", "b"]}))
    assert project.write(pd.DataFrame({"song": ["c"]})).success
    assert project.rows() == [{"song": "c"}]
    assert project.leftovers() == []


def plays(*days: date, song: str = "a") -> pd.DataFrame:
    return pd.DataFrame({"day": pd.to_datetime(list(days)), "song": [song] * len(days)})


def test_a_range_that_runs_again_replaces_its_days_and_no_others(project: Project) -> None:
    project.write_days(plays(MONDAY, TUESDAY, WEDNESDAY), MONDAY, WEDNESDAY)
    result = project.write_days(plays(WEDNESDAY, song="x"), TUESDAY, WEDNESDAY)
    assert result.success
    assert sorted((row["day"], row["song"]) for row in project.rows()) == [(MONDAY, "a"), (WEDNESDAY, "x")]
    counts = {
        event.partition: event.metadata["dagster/row_count"].value
        for event in result.asset_materializations_for_node("songs")
    }
    assert counts == {str(TUESDAY): 0, str(WEDNESDAY): 1}


def test_an_arrow_table_of_days_is_replaced_by_days(project: Project) -> None:
    for song in ("a", "x"):
        rows = pa.table({"day": pa.array([MONDAY]), "song": [song]})
        assert project.write_days(rows, MONDAY).success
    assert project.rows() == [{"day": MONDAY, "song": "x"}]


def test_weekly_partitions_replace_seven_days(project: Project) -> None:
    weekly = dg.WeeklyPartitionsDefinition("2026-03-01", end_date="2026-04-01")
    made = [plays(MONDAY, TUESDAY), plays(WEDNESDAY, song="x")]
    asset = daily_asset(lambda: made.pop(0), partitions_def=weekly)
    for _ in range(2):
        result = project.run(asset, days=(date(2026, 3, 1), date(2026, 3, 1)))
        assert result.success
    assert [(row["day"], row["song"]) for row in project.rows()] == [(WEDNESDAY, "x")]
    [event] = result.asset_materializations_for_node("songs")
    assert (event.partition, event.metadata["dagster/row_count"].value) == ("2026-03-01", 1)


def test_an_empty_frame_empties_its_days(project: Project) -> None:
    project.write_days(plays(MONDAY, TUESDAY), MONDAY, TUESDAY)
    assert project.write_days(plays(), TUESDAY).success
    assert project.write_days(pd.DataFrame(), TUESDAY).success
    assert [row["day"] for row in project.rows()] == [MONDAY]


def test_an_empty_frame_with_types_creates_the_table(project: Project) -> None:
    empty = pd.DataFrame({"day": pd.Series(dtype="datetime64[ns]"), "plays": pd.Series(dtype="Int64")})
    assert project.write_days(empty, MONDAY).success
    assert project.rows() == []
    assert "day" in project.engine.qualified("day")


@pytest.mark.parametrize("prefix", [["hr"], ["company", "hr"]])
def test_the_last_prefix_of_a_key_is_the_dataset(project: Project, prefix: list[str]) -> None:
    result = project.write(pd.DataFrame({"email": ["a@b.c"]}), "identity_people", key_prefix=prefix)
    assert result.success
    assert project.rows("identity_people", "hr") == [{"email": "a@b.c"}]
    assert project.rows("identity_people") == []


def test_the_metadata_schema_is_the_dataset_before_the_prefix(project: Project) -> None:
    options: dict[str, Any] = {"key_prefix": ["hr"], "metadata": {"schema": "people_data"}}
    assert project.write(pd.DataFrame({"email": ["a@b.c"]}), "identity_people", **options).success
    assert project.rows("identity_people", "people_data") == [{"email": "a@b.c"}]


@pytest.mark.parametrize("name", ["identity_people", "IDENTITY_PEOPLE"])
def test_no_other_asset_writes_the_table_of_a_declared_one(project: Project, name: str) -> None:
    own = project.engine.dataset
    rows = pd.DataFrame({"email": ["a@b.c"]})
    for options in ({"key_prefix": [own]}, {"key_prefix": ["hr"], "metadata": {"schema": own}}):
        message = refusal(project.write(rows, name, **options))
        assert "which is the table of the asset identity_people" in message
        assert "Give the asset another key" in message


def test_two_assets_do_not_write_one_table(project: Project) -> None:
    rows = pd.DataFrame({"email": ["a@b.c"]})
    assert project.write(rows, "people", key_prefix=["sales", "crm"]).success
    message = refusal(project.write(rows, "people", key_prefix=["support", "crm"]))
    assert "which the asset sales/crm/people writes" in message


# what comes back


def read(project: Project, upstream: Any, of_type: Any, **options: Any) -> Any:
    """What a downstream asset gets for its input."""
    found: list[Any] = []

    @dg.asset(ins={"songs": dg.AssetIn(**options)})
    def downstream(songs: of_type) -> pd.DataFrame:
        found.append(songs)
        return pd.DataFrame({"one": [1]})

    result = project.run(upstream, downstream)
    if not result.success:
        raise AssertionError(refusal(result))
    return found[0]


@pytest.mark.parametrize("of_type", [pd.DataFrame, Any])
def test_an_input_is_a_data_frame_whose_whole_numbers_may_be_missing(project: Project, of_type: Any) -> None:
    frame = read(project, asset_of(lambda: FRAME), of_type).sort_values("song", ignore_index=True)
    assert isinstance(frame, pd.DataFrame)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "song": "object",
        "plays": "Int64",
        "share": "float64",
        "spent_usd": "object",
        "live": "boolean",
        "day": "object",
        "played_at": "datetime64[us, UTC]",
        "genre": "object",
    }
    assert frame["plays"].tolist() == [1, pd.NA]
    assert frame["day"].tolist() == [MONDAY, TUESDAY]


def test_an_input_of_type_arrow_is_an_arrow_table(project: Project) -> None:
    rows = read(project, asset_of(lambda: FRAME), pa.Table)
    assert isinstance(rows, pa.Table)
    assert sorted(rows.to_pylist(), key=lambda row: str(row["song"])) == ROWS


def test_an_input_of_another_type_is_refused(project: Project) -> None:
    with pytest.raises(AssertionError, match=r"is read as a value of type dict.*Use a pandas\.DataFrame"):
        read(project, asset_of(lambda: FRAME), dict)


def test_an_input_has_only_the_columns_that_it_names(project: Project) -> None:
    options = {"metadata": {"columns": ["plays", "song"]}}
    assert list(read(project, asset_of(lambda: FRAME), pd.DataFrame, **options).columns) == ["plays", "song"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(project: Project) -> None:
    options = {"metadata": {"columns": ["song", "artist"]}}
    with pytest.raises(AssertionError, match=r"\['artist'\]\. Its columns are song, plays"):
        read(project, asset_of(lambda: FRAME), pd.DataFrame, **options)


def test_a_daily_input_has_the_days_of_the_run(project: Project) -> None:
    project.write_days(plays(MONDAY, TUESDAY, WEDNESDAY), MONDAY, WEDNESDAY)
    found: list[pd.DataFrame] = []
    upstream = dg.AssetSpec("songs", partitions_def=DAILY, metadata={"partition_expr": "day"})

    @dg.asset(partitions_def=DAILY, metadata={"partition_expr": "day"})
    def downstream(songs: pd.DataFrame) -> pd.DataFrame:
        found.append(songs)
        return songs

    assert project.run(upstream, downstream, days=(TUESDAY, TUESDAY)).success
    assert found[0]["day"].tolist() == [TUESDAY]
    assert project.rows("downstream") == [{"day": TUESDAY, "song": "a"}]


def test_an_input_by_days_has_those_of_the_run_and_of_the_months_before(project: Project) -> None:
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), MONDAY, TUESDAY]
    assert project.write(pd.DataFrame({"day": days})).success
    found: list[pd.DataFrame] = []

    def downstream(songs: pd.DataFrame) -> None:
        found.append(songs)

    asset = dg.asset(
        downstream,
        partitions_def=DAILY,
        ins={"songs": dg.AssetIn(metadata={"day_column": "day", "months_before": 1})},
    )
    assert project.run(dg.AssetSpec("songs"), asset, days=(MONDAY, MONDAY)).success
    assert sorted(found[0]["day"]) == days[1:4]
    without_days = dg.asset(downstream, ins={"songs": dg.AssetIn(metadata={"day_column": "day"})})
    said = refusal(project.run(dg.AssetSpec("songs"), without_days))
    assert "the input songs is read by the days of day_column 'day', and the run has no partitions" in said
    assert "Give the asset partitions" in said


def test_a_declared_table_is_read_by_its_days_and_columns(project: Project) -> None:
    cost = {
        "cost_date": MONDAY,
        "platform": "cursor",
        "allocation": "key",
        "cost_usd": Decimal(1),
        "processed_at": NOON,
    }

    @dg.asset(partitions_def=DAILY, metadata={"partition_expr": "cost_date"})
    def fct_cost_daily() -> pa.Table:
        rows = [cost, cost | {"cost_date": TUESDAY, "cost_usd": Decimal(2)}]
        return pa.Table.from_pylist(rows, schema=arrow_schema(FCT_COST_DAILY))

    found: list[pd.DataFrame] = []

    @dg.asset(
        partitions_def=DAILY,
        ins={"fct_cost_daily": dg.AssetIn(metadata={"columns": ["cost_date", "cost_usd"]})},
        metadata={"partition_expr": "cost_date"},
    )
    def downstream(fct_cost_daily: pd.DataFrame) -> pd.DataFrame:
        found.append(fct_cost_daily)
        return fct_cost_daily

    assert project.run(fct_cost_daily, days=(MONDAY, TUESDAY)).success
    upstream = dg.AssetSpec("fct_cost_daily", partitions_def=DAILY)
    assert project.run(upstream, downstream, days=(TUESDAY, TUESDAY)).success
    assert found[0].to_dict("records") == [{"cost_date": TUESDAY, "cost_usd": Decimal("2.000000000")}]


def test_a_table_that_does_not_exist_is_refused_with_what_to_do(project: Project) -> None:
    @dg.asset
    def downstream(songs: pd.DataFrame) -> pd.DataFrame:
        return songs

    message = refusal(project.run(dg.AssetSpec("songs"), downstream))
    assert "of the asset songs does not exist" in message
    assert "Materialize the asset first." in message


@pytest.fixture
def read_cost(project: Project) -> Callable[..., dg.ExecuteInProcessResult]:
    """Reads `fct_cost_daily` of Monday in an asset that returns nothing."""

    def read(*columns: str) -> dg.ExecuteInProcessResult:
        wanted = dg.AssetIn(metadata={"columns": list(columns)} if columns else {})

        @dg.asset(partitions_def=DAILY, ins={"fct_cost_daily": wanted})
        def downstream(fct_cost_daily: pd.DataFrame) -> None:
            assert fct_cost_daily.empty

        upstream = dg.AssetSpec("fct_cost_daily", partitions_def=DAILY)
        return project.run(upstream, downstream, days=(MONDAY, MONDAY))

    return read


def test_a_read_of_an_older_table_changes_nothing_of_it(
    project: Project, read_cost: Callable[..., dg.ExecuteInProcessResult]
) -> None:
    columns = tuple(
        replace(column, description="Of an older version.")
        for column in FCT_COST_DAILY.columns
        if column.name != "allocation"
    )
    older = replace(FCT_COST_DAILY, columns=columns, description="Older.")
    with project.engine.session() as session:
        ensure_tables(project.engine, session, [older])
    with recording() as calls:
        message = refusal(read_cost())
        assert (
            "fct_cost_daily was written by an older version and does not have the columns allocation"
            in message
        )
        assert "Materialize the asset fct_cost_daily" in message
        assert read_cost("cost_date", "cost_usd").success
    assert all(call.sql.startswith("select `cost_date`") for call in calls if call.sql)
    assert not [call for call in calls if call.method != "GET" and not call.sql]
    with project.engine.session() as session:
        assert session.schema_drift(older) == SchemaDrift()


def test_a_read_of_a_declared_table_that_does_not_exist_creates_nothing(
    project: Project, read_cost: Callable[..., dg.ExecuteInProcessResult]
) -> None:
    with recording() as calls:
        message = refusal(read_cost())
    assert "of the asset fct_cost_daily does not exist" in message
    assert "Materialize the asset first." in message
    assert {call.method for call in calls} <= {"GET"}
    with project.engine.session() as session:
        assert session.stored_table("fct_cost_daily") is None


# schema drift


def test_a_new_column_is_added_and_is_null_for_earlier_days(project: Project) -> None:
    project.write_days(plays(MONDAY), MONDAY)
    assert project.write_days(plays(TUESDAY).assign(plays=7), TUESDAY).success
    rows = sorted(project.rows(), key=lambda row: str(row["day"]))
    assert [row["plays"] for row in rows] == [None, 7]


def test_whole_numbers_that_pandas_made_fractions_keep_the_tables_type(project: Project) -> None:
    project.write_days(plays(MONDAY).assign(plays=7), MONDAY)
    assert project.write_days(plays(TUESDAY).assign(plays=float("nan")), TUESDAY).success
    rows = sorted(project.rows(), key=lambda row: str(row["day"]))
    assert [row["plays"] for row in rows] == [7, None]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (plays(TUESDAY).drop(columns="song"), "column song of the table is missing: return it, with nulls"),
        (plays(TUESDAY).assign(song=7), "column song holds values that are not STRING"),
    ],
)
def test_a_missing_column_or_another_type_is_refused(
    project: Project, rows: pd.DataFrame, reason: str
) -> None:
    project.write_days(plays(MONDAY), MONDAY)
    assert reason in refusal(project.write_days(rows, TUESDAY))
    assert [row["day"] for row in project.rows()] == [MONDAY]
    assert project.leftovers() == []


# what is refused


CONVERT = "which no column can hold: convert it, for example to text, or leave it out"
NAMELESS = "has no name that a table can have: use letters, digits and underscores"
REFUSED: dict[str, tuple[Rows, str]] = {
    "a list": (pd.DataFrame({"x": [[1]]}), f"column x is list<item: int64>, {CONVERT}"),
    "a record": (pd.DataFrame({"x": [{"a": 1}]}), f"column x is struct<a: int64>, {CONVERT}"),
    "bytes": (pd.DataFrame({"x": [b"1"]}), f"column x is binary, {CONVERT}"),
    "a duration": (pd.DataFrame({"x": pd.to_timedelta(["1h"])}), f"column x is duration[ns], {CONVERT}"),
    "many digits": (
        pd.DataFrame({"x": [Decimal("0.0000000001")]}),
        f"column x is decimal128(10, 10), {CONVERT}",
    ),
    "two columns": (
        pd.DataFrame({"x": [[1]], "y": [b"1"], "z": [1]}),
        f"column x is list<item: int64>, {CONVERT}; column y is binary, {CONVERT}",
    ),
    "types that differ": (
        pd.DataFrame({"x": [1, "a"]}),
        "column x holds values of several types: convert it to one, such as with astype('string')",
    ),
    "only nulls": (
        pd.DataFrame({"x": [None]}),
        "column x holds no value, so its type is not known: give it one, such as with astype('Int64')",
    ),
    "no time zone": (
        pd.DataFrame({"x": [datetime(2026, 3, 2, 12)]}),  # noqa: DTZ001
        "column x holds times without a time zone: use .dt.tz_localize('UTC') for instants in UTC, or .dt.date for days",
    ),
    "an index": (
        pd.DataFrame({"x": [1], "y": [2]}).set_index("y"),
        "the index (y) would be lost: make it columns with reset_index()",
    ),
    "a name": (pd.DataFrame({"x y": [1]}), f"column 'x y' {NAMELESS}"),
    "a number as name": (pd.DataFrame({7: [1]}), f"column 7 {NAMELESS}"),
    "one name twice": (
        pd.DataFrame({"x": [1], "X": [2]}),
        "two columns have the same name; upper and lower case count as the same",
    ),
    "no columns": (pd.DataFrame(), "they have no columns, and the table does not exist yet"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_column_can_hold_is_refused_by_name_and_nothing_is_written(
    project: Project, case: str
) -> None:
    rows, reason = REFUSED[case]
    message = refusal(project.write(rows))
    assert (
        message
        == f"ai_usage_assets.errors.InvalidRowsError: rows for songs were refused: {reason}. Nothing was written.\n"
    )
    assert project.rows() == []


def test_no_value_is_in_a_refusal(project: Project) -> None:
    assert "secret" not in refusal(project.write(pd.DataFrame({"x": [1, "secret"]})))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (datetime(2026, 3, 2, 12), "column day holds values that are not DATE"),  # noqa: DTZ001
        (datetime(2026, 3, 2, tzinfo=UTC), "column day, the partition_expr of the asset, is TIMESTAMP"),
        ("2026-03-02", "column day, the partition_expr of the asset, is STRING and has to be DATE"),
        (TUESDAY, "day lies in 2026-03-02: 1 row violates this"),
        (None, "column day holds no value"),
    ],
)
def test_a_partition_column_that_is_no_day_of_the_run_is_refused(
    project: Project, day: object, reason: str
) -> None:
    assert reason in refusal(project.write_days(pd.DataFrame({"day": [day]}), MONDAY))
    assert project.rows() == []


def test_a_row_without_a_day_is_refused(project: Project) -> None:
    rows = pd.DataFrame({"day": [MONDAY, None]})
    assert "day is never NULL: 1 row violates this" in refusal(project.write_days(rows, MONDAY))


@pytest.mark.parametrize("metadata", [{}, {"partition_expr": "date(at)"}])
def test_a_partitioned_asset_names_its_column(project: Project, metadata: dict[str, str]) -> None:
    result = project.run(daily_asset(lambda: plays(MONDAY), metadata=metadata), days=(MONDAY, MONDAY))
    assert "its metadata `partition_expr` is" in refusal(result)


def test_partitions_that_are_not_days_are_refused(project: Project) -> None:
    static = dg.StaticPartitionsDefinition(["eu", "us"])
    asset = asset_of(lambda: plays(MONDAY), partitions_def=static, metadata={"partition_expr": "song"})
    result = dg.materialize([asset], resources=project.resources, partition_key="eu", raise_on_error=False)
    assert "has partitions that are not made of whole days" in refusal(result)


@pytest.mark.parametrize("value", [[1], None, "text"])
def test_what_is_not_rows_is_refused(project: Project, value: Any) -> None:
    assert "Use a pandas.DataFrame or a pyarrow.Table." in refusal(project.write(value))
