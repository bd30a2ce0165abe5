"""The reader's dataset: the curated tables as views, for people who are to see those alone.

`python -m ai_usage_assets.reader group:finance@example.com` prints the statements; `docs/bigquery.md` says who runs them.
"""

import re
import sys
from dataclasses import replace
from datetime import date

from ai_usage_assets.curated.select import FIRST_DAY, select
from ai_usage_assets.schema.ddl import create_view, names, string
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.sql import in_dataset

READABLE = (*layer(Layer.CURATED), *layer(Layer.WRITE_LOG), *layer(Layer.CLOSED), *layer(Layer.VIEW))
MEMBER = re.compile(r"(user|group|serviceAccount|domain):[^\s\"\\]+")


def script(project: str, dataset: str, location: str, member: str, start_date: date = FIRST_DAY) -> str:
    """The dataset beside ours, a view for each curated table, and the right to read them.

    A view of ours is written out again: a view over a view would want the inner one authorised too.
    """
    beside = f"{project}.{dataset}_finance"
    statements = [f"CREATE SCHEMA IF NOT EXISTS `{beside}` OPTIONS (location = {string(location)})"]
    for table in READABLE:
        named = replace(table, name=f"{beside}.{table.name}")
        statements.append(create_view(named, _answer(table, f"{project}.{dataset}", start_date)))
    statements.append(f'GRANT `roles/bigquery.dataViewer` ON SCHEMA `{beside}` TO "{member}"')
    return ";\n\n".join(statements) + ";\n"


def _answer(table: Table, dataset: str, start_date: date) -> str:
    if table.layer is Layer.VIEW:
        view = select(table, start_date)
        return in_dataset(view.sql, view.inputs, dataset)
    return f"SELECT {names(table.column_names)} FROM `{dataset}`.{table.name}"


def main(member: str) -> str:
    settings = Settings.from_env()
    if not settings.bigquery_project:
        raise SystemExit("BIGQUERY_PROJECT is not set: name the project whose tables are to be read.")
    if not MEMBER.fullmatch(member):
        raise SystemExit(f"{member!r} is no member: write it like group:finance@example.com.")
    return script(
        settings.bigquery_project,
        settings.bigquery_dataset,
        settings.bigquery_location,
        member,
        settings.start_date,
    )


def run() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m ai_usage_assets.reader group:finance@example.com")
    print(main(sys.argv[1]), end="")


if __name__ == "__main__":
    run()
