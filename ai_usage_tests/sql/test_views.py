"""What the YAML cases of the views do not show: their comments in the warehouse."""

from pathlib import Path

import pytest

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import View, WriteContext
from ai_usage_assets.warehouse.write import create_view


@pytest.mark.parametrize("view", layer(Layer.VIEW), ids=lambda view: view.name)
def test_a_view_and_its_columns_have_comments(view: Table, tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "comments.duckdb")
    statement = select(view)
    assert isinstance(statement, View)

    create_view(engine, view, statement, WriteContext("run", "comments"))

    with engine.session() as session:
        of_view = session.fetch(
            f"select comment from duckdb_views() where view_name = '{view.name}'"
        ).to_pylist()
        of_columns = session.fetch(
            f"select column_name, comment from duckdb_columns() where table_name = '{view.name}'"
        ).to_pylist()
    assert [row["comment"] for row in of_view] == [view.full_description]
    assert {row["column_name"]: row["comment"] for row in of_columns} == {
        column.name: column.description for column in view.columns
    }
