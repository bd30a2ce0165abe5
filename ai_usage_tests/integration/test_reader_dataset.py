"""The reader's dataset, made by the statements that an administrator is given, over the month on the emulator."""

import re

import pytest

from ai_usage_assets.ops.reader_dataset import READABLE, main, script
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.month_run import DAYS, MonthRun

FINANCE = "group:finance@example.com"


def test_readers_see_every_curated_table_and_nothing_else() -> None:
    made = set(re.findall(r"CREATE OR REPLACE VIEW `p\.d_finance\.(\w+)`", script("p", "d", "US", FINANCE)))
    curated = {Layer.CURATED, Layer.WRITE_LOG, Layer.CLOSED, Layer.VIEW}
    assert made == {table.name for table in TABLES if table.layer in curated}
    assert {table.layer for table in READABLE} == curated


def test_no_view_of_theirs_reads_another_view() -> None:
    views = {table.name for table in TABLES if table.layer is Layer.VIEW}
    read = set(re.findall(r"`p\.d`\.(\w+)", script("p", "d", "US", FINANCE)))
    assert read
    assert not read & views


def test_the_right_to_read_ends_the_script_and_names_their_dataset_alone() -> None:
    granted = re.findall(r"GRANT .*", script("p", "d", "US", FINANCE))
    assert granted == [
        'GRANT `roles/bigquery.dataViewer` ON SCHEMA `p.d_finance` TO "group:finance@example.com";'
    ]


@pytest.mark.parametrize("member", ["finance@example.com", 'group:a" ; drop', "group:"])
def test_what_is_no_member_is_refused_before_a_statement_is_printed(
    member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGQUERY_PROJECT", "my-project")
    with pytest.raises(SystemExit, match="is no member"):
        main(member)


def test_the_views_answer_what_the_tables_hold(month_run_on_bigquery: MonthRun) -> None:
    engine = month_run_on_bigquery.engine
    project, dataset, _ = engine.qualified("t").split(".")
    with engine.session() as session:
        for statement in (
            script(project, dataset, "US", FINANCE, DAYS.first).removesuffix(";\n").split(";\n\n")
        ):
            # the emulator has no rights to grant
            if not statement.startswith("GRANT"):
                session.execute(statement)
        for table in READABLE:
            columns = names(table.column_names)
            where = f"where {within(table.partition, DAYS)}" if table.partition else ""
            theirs, ours = (
                sorted(
                    map(
                        repr,
                        session.fetch(f"select {columns} from `{name}`.{table.name} {where}").to_pylist(),
                    )
                )
                for name in (f"{dataset}_finance", dataset)
            )
            assert theirs == ours, table.name
