"""Runs inside `.venv-emulator`: makes the server read the contents of a dataset from DuckLake's own tables.

The server's own queries count the rows of every table several times per call. With the sixty tables of a test run, that
took most of the time.
"""

from collections.abc import Callable
from typing import Any

import duckdb
from local_bigquery.engine import database

OBJECTS = """
    with known as (
        select table_name as name, 'TABLE' as kind, coalesce(record_count, 0) as size, schema_id, end_snapshot
        from {lake}.ducklake_table left join {lake}.ducklake_table_stats using (table_id)
        union all
        select view_name, 'VIEW', 0, schema_id, end_snapshot from {lake}.ducklake_view
    )
    select name, kind, size from known join {lake}.ducklake_schema as s using (schema_id)
    where s.schema_name = $1 and name = coalesce($2, name) and s.end_snapshot is null and known.end_snapshot is null
    order by 1
"""
COLUMNS = """(
    select {project} as database_name, s.schema_name, t.table_name, c.column_name, c.nulls_allowed as is_nullable
    from {lake}.ducklake_column as c
    join {lake}.ducklake_table as t using (table_id)
    join {lake}.ducklake_schema as s using (schema_id)
    where c.end_snapshot is null and t.end_snapshot is null and s.end_snapshot is null
)"""
RESULTS = "emulator"
"""The database with the results of queries; it is not a DuckLake."""
ask: Callable[..., list[tuple[Any, ...]]] = database.fetch


def objects(project_id: str, dataset_id: str, table_id: str | None = None) -> list[tuple[Any, ...]]:
    """Name, kind and row count of a table or view, or of all tables and views of a dataset."""
    if project_id != RESULTS:
        return ask(OBJECTS.format(lake=lake(project_id)), [dataset_id, table_id])
    try:
        table = database.quote(project_id, dataset_id, table_id)
        return ask(f"select $1, 'TABLE', count(*) from {table}", [table_id])
    except duckdb.CatalogException:
        return []


def fetch(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    if params and "duckdb_columns()" in sql:
        if params[0] == RESULTS:
            # results of queries have no required and no hidden columns
            return []
        project = "'" + params[0].replace("'", "''") + "'"
        sql = sql.replace("duckdb_columns()", COLUMNS.format(lake=lake(params[0]), project=project))
    return ask(sql, params)


def lake(project_id: str) -> str:
    return str(database.quote(f"__ducklake_metadata_{project_id}"))


def use() -> None:
    database.objects, database.fetch = objects, fetch
