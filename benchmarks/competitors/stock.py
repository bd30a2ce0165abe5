"""The same tables with Dagster's stock DuckDB IO manager, as its users write them: one asset per table, with DataFrames.

The facts run the product's SQL, translated in advance, on a connection of their own, and return a DataFrame. It does
less than the product: no audit, no restatements, no checks.
"""

import json
import os
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import httpx
import pandas as pd
from dagster_duckdb_pandas import DuckDBPandasIOManager

from ai_usage_assets.days import Days
from benchmarks.competitors import stock_rows as rows
from benchmarks.competitors.floor import GROUPS, IDENTITY
from benchmarks.competitors.parameters import SCHEMA, start_date

warnings.simplefilter("ignore", dg.BetaWarning)

DATABASE = Path(os.environ["AI_USAGE_DUCKDB_PATH"])
FOLDER = Path(os.environ["AI_USAGE_IDENTITY_DIR"])
DAILY = dg.DailyPartitionsDefinition(start_date(), timezone="UTC")
RANGE = dg.BackfillPolicy.single_run()
STATEMENTS = json.loads((DATABASE.parent / "statements.json").read_text(encoding="utf-8"))
DEPS = {
    "fct_usage_daily": ["raw_anthropic_usage", "raw_claude_code", "raw_cursor_usage", "raw_cursor_events"],
    "fct_cost_daily": ["raw_anthropic_cost", "raw_anthropic_usage", "raw_cursor_usage", "raw_cursor_events"],
}


def days_of(context: dg.AssetExecutionContext) -> Days:
    keys = context.partition_key_range
    return Days(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def client() -> httpx.Client:
    return httpx.Client(timeout=600, trust_env=False)


def anthropic(path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    url = f"{os.environ['ANTHROPIC_ADMIN_BASE_URL']}/v1/organizations/{path}"
    headers = {"x-api-key": os.environ["ANTHROPIC_ADMIN_API_KEY"], "anthropic-version": "2023-06-01"}
    with client() as http:
        while True:
            response = http.get(url, params=query, headers=headers).raise_for_status().json()
            yield from response["data"]
            if response.get("next_page"):
                query = {**query, "page": response["next_page"]}
            elif response["has_more"]:
                query = {**query, "after_id": response["last_id"]}
            else:
                return


def report(path: str, days: Days, groups: list[str]) -> Iterator[dict[str, Any]]:
    for window in days.chunks(31):
        query = {
            "starting_at": f"{window.starting_at:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{window.ending_at:%Y-%m-%dT%H:%M:%SZ}",
            "bucket_width": "1d",
            "group_by[]": groups,
            "limit": len(window),
        }
        yield from anthropic(path, query)


def cursor(path: str, key: str, days: Days) -> Iterator[dict[str, Any]]:
    url, auth = (
        f"{os.environ['CURSOR_ADMIN_BASE_URL']}/teams/{path}",
        (os.environ["CURSOR_ADMIN_API_KEY"], ""),
    )
    with client() as http:
        for window in days.chunks(30):
            start, page, more = int(window.starting_at.timestamp() * 1000), 0, True
            while more:
                page += 1
                last = round((window.ending_at - timedelta(milliseconds=1)).timestamp() * 1000)
                query = {"startDate": start, "endDate": last, "pageSize": 1000, "page": page}
                response = http.post(url, json=query, auth=auth).raise_for_status().json()
                yield from response[key]
                more = response["pagination"]["hasNextPage"]


def daily(**more: Any) -> Any:
    return dg.asset(
        partitions_def=DAILY, backfill_policy=RANGE, metadata={"partition_expr": "ingest_date"}, **more
    )


@daily()
def raw_anthropic_usage(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return rows.usage(report("usage_report/messages", days_of(context), GROUPS))


@daily()
def raw_anthropic_cost(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return rows.cost(report("cost_report", days_of(context), ["workspace_id", "description"]))


CODE = {"partition_expr": "ingest_date"}


@dg.multi_asset(
    outs={
        "raw_claude_code_usage": dg.AssetOut(metadata=CODE),
        "raw_claude_code_models": dg.AssetOut(metadata=CODE),
    },
    partitions_def=DAILY,
    backfill_policy=RANGE,
)
def raw_claude_code(context: dg.AssetExecutionContext) -> tuple[pd.DataFrame, pd.DataFrame]:
    records = [
        record
        for day in days_of(context)
        for record in anthropic("usage_report/claude_code", {"starting_at": str(day), "limit": 1000})
    ]
    return rows.code_usage(records), rows.code_models(records)


@daily()
def raw_cursor_usage(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return rows.daily(cursor("daily-usage-data", "data", days_of(context)))


@daily()
def raw_cursor_events(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return rows.events(cursor("filtered-usage-events", "usageEvents", days_of(context)))


@dg.asset(backfill_policy=RANGE)
def raw_anthropic_users() -> pd.DataFrame:
    same = {name: name for name in ("email", "name", "role", "added_at")}
    return rows.listed(anthropic("users", {"limit": 1000}), user_id="id", **same)


@dg.asset(backfill_policy=RANGE)
def raw_anthropic_api_keys() -> pd.DataFrame:
    same = {n: n for n in ("name", "status", "workspace_id", "partial_key_hint", "created_at", "expires_at")}
    by = {f"{who}_{what}": f"{who}.{what}" for who in ("created_by", "principal") for what in ("id", "type")}
    made = rows.listed(anthropic("api_keys", {"limit": 1000}), api_key_id="id", **same, **by)
    return made.assign(workspace_id=made["workspace_id"].fillna("default"))


@dg.asset(backfill_policy=RANGE)
def raw_anthropic_workspaces() -> pd.DataFrame:
    same = {name: name for name in ("name", "created_at", "archived_at")}
    query = {"limit": 1000, "include_archived": "true", "include_default": "true"}
    return rows.listed(anthropic("workspaces", query), workspace_id="id", **same)


@dg.asset(backfill_policy=RANGE)
def raw_cursor_members() -> pd.DataFrame:
    url, auth = (
        f"{os.environ['CURSOR_ADMIN_BASE_URL']}/teams/members",
        (os.environ["CURSOR_ADMIN_API_KEY"], ""),
    )
    with client() as http:
        members = http.get(url, auth=auth).raise_for_status().json()["teamMembers"]
    names = {"member_id": "id", "email": "email", "name": "name", "role": "role", "is_removed": "isRemoved"}
    return rows.listed(members, **names)


EMPTY_TYPES = {
    "valid_from": "datetime64[us]",
    "valid_to": "datetime64[us]",
    "seats": "Int64",
    "alias": "string",
}
"""Types of columns that may be all NULL, which DuckDB would read as integers."""


def identity(name: str, query: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, backfill_policy=RANGE)
    def read() -> pd.DataFrame:
        made = duckdb.sql(f"select *, now() as fetched_at from ({query.format(FOLDER)})").df()
        return made.astype({name: type_ for name, type_ in EMPTY_TYPES.items() if name in made})

    return read


def complete_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Views with what the product's SQL reads and this program does not load: some tables, and columns of others.

    The tables stay as they are, because the stock IO manager inserts by position.
    """
    for schema in ("declared", "complete"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("set search_path = 'declared'")
    for create in STATEMENTS["create"].values():
        connection.execute(create)
    columns = (
        "select table_name, column_name, data_type from information_schema.columns where table_schema = '{}'"
    )
    missing = connection.execute(
        f"select table_name, string_agg('cast(null as ' || data_type || ') as ' || column_name, ', ') "
        f"from ({columns.format('declared')}) anti join ({columns.format(SCHEMA)}) using (table_name, column_name) "
        f"where table_name in (select table_name from ({columns.format(SCHEMA)})) group by 1"
    )
    for table, nulls in missing.fetchall():
        connection.execute(
            f"create or replace view complete.{table} as select *, {nulls} from {SCHEMA}.{table}"
        )


def computed(name: str, **more: Any) -> Any:
    @dg.asset(name=name, backfill_policy=RANGE, **more)
    def rows_of(context: dg.AssetExecutionContext) -> pd.DataFrame:
        sql = STATEMENTS["select"][name]
        if context.assets_def.partitions_def:
            days = days_of(context)
            for placeholder, value in ((STATEMENTS["first"], days.first), (STATEMENTS["end"], days.end)):
                sql = sql.replace(placeholder, f"CAST('{value}' AS DATE)")
        with duckdb.connect(str(DATABASE)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            complete_tables(connection)
            connection.execute(f"set search_path = '{SCHEMA}'")
            # a dimension reads its own earlier rows
            connection.execute(STATEMENTS["create"][name])
            connection.execute(f"set search_path = 'complete,{SCHEMA},declared'")
            return connection.execute(sql).df()

    return rows_of


snapshots = [raw_anthropic_users, raw_anthropic_api_keys, raw_anthropic_workspaces, raw_cursor_members]
raw = [raw_anthropic_usage, raw_anthropic_cost, raw_claude_code, raw_cursor_usage, raw_cursor_events]
identities = [identity(name, query) for name, query in IDENTITY.items()]
dims = [computed(name, deps=[*snapshots, *raw, *identities]) for name in ("dim_users", "dim_api_keys")]
facts = [
    computed(name, deps=[*raw, *dims, *identities], partitions_def=DAILY, metadata={"partition_expr": day})
    for name, day in (("fct_usage_daily", "usage_date"), ("fct_cost_daily", "cost_date"))
]

defs = dg.Definitions(
    assets=[*snapshots, *raw, *identities, *dims, *facts],
    resources={"io_manager": DuckDBPandasIOManager(database=str(DATABASE), schema=SCHEMA)},
    executor=dg.in_process_executor,
)
