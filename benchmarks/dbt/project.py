"""The files of the dbt project, generated from our declarations: profiles, staging and curated models, tests.

Our GoogleSQL is translated once, here. Each table that a statement reads becomes a `ref()`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_assets.warehouse.translations import selected_columns, to_duckdb
from benchmarks.competitors.floor import IDENTITY
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.dbt import checks
from benchmarks.dbt.staging import STAGING

NAME = "ai_usage_peer"
THREADS = 4
"""Faster than one or two on two cores."""
COMPUTED = {Layer.CURATED, Layer.VIEW}
NAMED = re.compile(
    rf'\b(from|join)(\s+)"?({"|".join(table.name for table in TABLES)})"?(?!\w)', re.IGNORECASE
)


def folder(parameters: Parameters) -> Path:
    return parameters.home / "dbt"


def write(where: Path, parameters: Parameters) -> None:
    """Write the whole project for these days, and parse it once, as a project in daily use was.

    Raises:
        RuntimeError: dbt does not accept the project.
    """
    write_empty(where, parameters)
    days, identity = parameters.days, parameters.home / "identity"
    for table in TABLES:
        _write(where / "models" / f"{table.name}.sql", model(table, days, identity))
    for name, sql in checks.tests(days).items():
        _write(where / "tests" / f"{name}.sql", with_refs(sql))
    parsed = subprocess.run(command("parse", where), cwd=where, capture_output=True, text=True, check=False)
    if parsed.returncode:
        raise RuntimeError(f"dbt does not accept the project: {parsed.stdout[-1500:]}")


def write_empty(where: Path, parameters: Parameters) -> None:
    """Write a project without models."""
    target = {
        "type": "duckdb",
        "path": str(parameters.database),
        "schema": SCHEMA,
        "threads": THREADS,
        "settings": {"TimeZone": "UTC"},
    }
    flags = {"send_anonymous_usage_stats": False, "use_colors": False}
    # JSON is YAML
    _write(where / "profiles.yml", json.dumps({NAME: {"target": "peer", "outputs": {"peer": target}}}))
    _write(where / "dbt_project.yml", json.dumps({"name": NAME, "profile": NAME, "flags": flags}))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def command(verb: str, where: Path) -> list[str]:
    """The command that a user enters in the folder of a project."""
    program = Path(sys.executable).with_name("dbt")
    return [str(program), verb, "--project-dir", str(where), "--profiles-dir", str(where)]


def model(table: Table, days: Days, identity: Path) -> str:
    kind = "view" if table.layer is Layer.VIEW else "table"
    return f"{{{{ config(materialized='{kind}') }}}}\n{_model_sql(table, days, identity)}"


def _model_sql(table: Table, days: Days, identity: Path) -> str:
    if table.layer in COMPUTED:
        return _computed(table, days)
    if table.name in STAGING:
        loaded = STAGING[table.name].sql
    elif table.name in IDENTITY:
        loaded = f"select *, now() as fetched_at from ({IDENTITY[table.name].format(identity)})"
    else:
        return to_duckdb(_empty(table))
    # by name: a file or a vendor may lack columns
    return to_duckdb(f"select {_casts(table)} from loaded").replace(
        "FROM loaded", f"FROM ({to_duckdb(_empty(table))} UNION ALL BY NAME {loaded})"
    )


def _computed(table: Table, days: Days) -> str:
    """The statement of a curated table, with the declared types and defaults, or of a view as it is."""
    statement = select(table)
    sql = for_window(statement.sql, days)
    if table.layer is Layer.VIEW:
        return with_refs(to_duckdb(sql))
    typed = to_duckdb(f"select {_casts(table, selected_columns(sql))} from (\n{sql}\n) as statement")
    if table not in statement.inputs:
        return with_refs(typed)
    # a dimension reads its own earlier rows, and the first run finds none
    return f"with {table.name} as ({to_duckdb(_empty(table))}) {with_refs(typed, table.name)}"


def _casts(table: Table, selected: Collection[str] | None = None) -> str:
    """Every declared column with its type. A column that is not selected has its default."""
    return ", ".join(
        f"cast({f'`{c.name}`' if selected is None or c.name in selected else c.default} as {c.type}) as `{c.name}`"
        for c in table.columns
    )


def _empty(table: Table) -> str:
    return f"select {', '.join(f'cast(null as {c.type}) as `{c.name}`' for c in table.columns)} from (select 1) where false"


def with_refs(sql: str, itself: str = "") -> str:
    """A translated statement that names its tables as dbt does."""
    return NAMED.sub(
        lambda found: found[0] if found[3] == itself else f"{found[1]}{found[2]}{{{{ ref('{found[3]}') }}}}",
        sql,
    )
