"""Every raw column of Anthropic: one answer in which each field has a different value, and its complete row.

The answers are served by a real server and read by the real client. A second answer says nothing but what it has to.
"""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.sources.anthropic import claude_code, rows, workspaces
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.anthropic.endpoints import ENDPOINTS
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_assets.spool import in_memory
from ai_usage_assets.warehouse.casts import as_declared
from ai_usage_tests.support.messages import exactly
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer

DAY = date(2026, 11, 20)
START, END = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
ASKED_AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
Row = dict[str, Any]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield scripted
    scripted.shutdown()
    scripted.server_close()


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[AnthropicAdmin]:
    with AnthropicAdmin("sk-ant-pinned", base_url=server.url) as client:
        yield client


def landed(client: AnthropicAdmin, table: str) -> list[Row]:
    """The rows that a run loads, of a list or of a day."""
    lists = {
        "raw_anthropic_users": lambda: rows.user_rows(client.users(), ASKED_AT),
        "raw_anthropic_api_keys": lambda: rows.api_key_rows(client.api_keys(), ASKED_AT),
        "raw_anthropic_workspaces": lambda: workspaces.fetch(client, ASKED_AT, print),
    }
    if table in lists:
        return list(lists[table]().to_pylist())
    (endpoint,) = (each for each in ENDPOINTS if table in [filled.name for filled in each.tables])
    found = endpoint.fetch(client, Days.one(DAY), ASKED_AT)
    by_name = dict(zip([t.name for t in endpoint.tables], found, strict=True))
    return list(in_memory(by_name[table]).to_pylist())


def listed(*data: Any) -> Row:
    return {"data": list(data), "has_more": False, "last_id": None}


def report(*results: Any) -> Row:
    bucket = {
        "starting_at": "2026-11-20T00:00:00Z",
        "ending_at": "2026-11-21T00:00:00Z",
        "results": list(results),
    }
    return {"data": [bucket], "has_more": False, "next_page": None}


def records(*data: Any) -> Row:
    return {"data": list(data), "has_more": False, "next_page": None}


SEEN = {"fetched_at": ASKED_AT, "first_seen_at": ASKED_AT, "last_seen_at": ASKED_AT, "is_current": True}
OF_DAY = {"ingest_date": DAY, "fetched_at": ASKED_AT}
BUCKET = {**OF_DAY, "starting_at": START, "ending_at": END}

USER = {
    "id": "user_01",
    "type": "user",
    "email": "Ana@Example.com",
    "name": "Ana María",
    "role": "developer",
    "added_at": "2026-01-02T03:04:05.678901Z",
}
USER_ROW = {
    "user_id": "user_01",
    "email": "Ana@Example.com",
    "name": "Ana María",
    "role": "developer",
    "added_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    **SEEN,
}
KEY = {
    "id": "apikey_01",
    "type": "api_key",
    "name": "ci",
    "status": "inactive",
    "workspace_id": "wrkspc_01",
    "created_by": {"id": "user_creator", "type": "user"},
    "principal": {"id": "svac_principal", "type": "service_account"},
    "partial_key_hint": "sk-ant-...aB",
    "created_at": "2026-02-03T04:05:06Z",
    "expires_at": "2027-03-04T05:06:07+02:00",
}
KEY_ROW = {
    "api_key_id": "apikey_01",
    "name": "ci",
    "status": "inactive",
    "workspace_id": "wrkspc_01",
    "created_by_id": "user_creator",
    "created_by_type": "user",
    "principal_id": "svac_principal",
    "principal_type": "service_account",
    "partial_key_hint": "sk-ant-...aB",
    "created_at": datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
    "expires_at": datetime(2027, 3, 4, 3, 6, 7, tzinfo=UTC),
    **SEEN,
}
WORKSPACE = {
    "id": "wrkspc_01",
    "type": "workspace",
    "name": "Research",
    "created_at": "2026-03-04T05:06:07Z",
    "archived_at": "2026-04-05T06:07:08Z",
    "display_color": "#6C5BB9",
    "tags": {"team": "Größe", "cost_center": "cc-7"},
}
WORKSPACE_ROW = {
    "workspace_id": "wrkspc_01",
    "name": "Research",
    "created_at": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    "archived_at": datetime(2026, 4, 5, 6, 7, 8, tzinfo=UTC),
    "tags": '{"cost_center": "cc-7", "team": "Größe"}',
    "is_default": False,
    **SEEN,
}
DEFAULT_WORKSPACE = {
    "id": "wrkspc_default",
    "name": "Default",
    "created_at": "2024-01-01T00:00:00Z",
    "tags": {},
}
TOKENS = {
    "uncached_input_tokens": 101,
    "cache_creation": {"ephemeral_5m_input_tokens": 202, "ephemeral_1h_input_tokens": 3003},
    "cache_read_input_tokens": 404,
    "output_tokens": 505,
    "server_tool_use": {"web_search_requests": 6},
}
TOKEN_COLUMNS = {
    "uncached_input_tokens": 101,
    "output_tokens": 505,
    "cache_read_input_tokens": 404,
    "cache_creation_tokens": 3205,
    "cache_creation_5m_tokens": 202,
    "cache_creation_1h_tokens": 3003,
    "web_search_requests": 6,
}
USAGE = {
    **TOKENS,
    "api_key_id": "apikey_02",
    "workspace_id": "wrkspc_02",
    "model": "claude-sonnet-5-5",
    "service_tier": "batch",
    "context_window": "200k-1M",
    "inference_geo": None,
    "account_id": None,
    "service_account_id": None,
}
USAGE_ROW = {
    **BUCKET,
    **TOKEN_COLUMNS,
    "api_key_id": "apikey_02",
    "workspace_id": "wrkspc_02",
    "model": "claude-sonnet-5-5",
    "service_tier": "batch",
    "context_window": "200k-1M",
}
ACCOUNT = {
    **TOKENS,
    "api_key_id": None,
    "context_window": None,
    "account_id": "user_03",
    "service_account_id": "svac_03",
    "workspace_id": "wrkspc_03",
    "model": "claude-opus-5-5",
    "service_tier": "standard",
}
ACCOUNT_ROW = {
    **BUCKET,
    **TOKEN_COLUMNS,
    "account_id": "user_03",
    "service_account_id": "svac_03",
    "workspace_id": "wrkspc_03",
    "model": "claude-opus-5-5",
    "service_tier": "standard",
}
COST = {
    "amount": "123.78912",
    "currency": "USD",
    "cost_type": "tokens",
    "token_type": "output_tokens",
    "model": "claude-haiku-5-5",
    "service_tier": "standard",
    "context_window": "0-200k",
    "inference_geo": "us",
    "description": "Claude Haiku 5.5 Usage - Output Tokens",
    "workspace_id": "wrkspc_04",
}
COST_ROW = {
    **BUCKET,
    "amount_usd": Decimal("1.237891200"),
    **{name: value for name, value in COST.items() if name != "amount"},
}
ACTOR = {"type": "user_actor", "email_address": "Dev@Example.com", "api_key_name": "of nobody"}
CODE = {
    "date": "2026-11-20T00:00:00Z",
    "actor": ACTOR,
    "organization_id": "2f1c",
    "customer_type": "subscription",
    "subscription_type": "team",
    "terminal_type": "vscode",
    "is_remote": True,
    "core_metrics": {
        "num_sessions": 11,
        "lines_of_code": {"added": 222, "removed": 33},
        "commits_by_claude_code": 44,
        "pull_requests_by_claude_code": 5,
    },
    "tool_actions": {
        "edit_tool": {"accepted": 61, "rejected": 7},
        "write_tool": {"accepted": 800, "rejected": 90},
    },
    "model_breakdown": [
        {
            "model": "claude-fable-5-1",
            "tokens": {"input": 1001, "output": 2002, "cache_read": 3003, "cache_creation": 4004},
            "estimated_cost": {"amount": 105.5, "currency": "USD"},
        }
    ],
}
ACTOR_COLUMNS = {
    **OF_DAY,
    "actor_type": "user_actor",
    "actor_email": "Dev@Example.com",
    "api_key_name": "of nobody",
    "customer_type": "subscription",
    "subscription_type": "team",
    "terminal_type": "vscode",
    "is_remote": True,
}
CODE_ROW = {
    **ACTOR_COLUMNS,
    "sessions": 11,
    "lines_added": 222,
    "lines_removed": 33,
    "commits": 44,
    "pull_requests": 5,
    "tool_accepts": 861,
    "tool_rejects": 97,
}
MODEL_ROW = {
    **ACTOR_COLUMNS,
    "model": "claude-fable-5-1",
    "input_tokens": 1001,
    "output_tokens": 2002,
    "cache_read_tokens": 3003,
    "cache_creation_tokens": 4004,
    "estimated_cost_usd": Decimal("1.055000000"),
}

ANALYTICS_ACTOR = {
    "type": "user_actor",
    "user_id": "user_05",
    "email_address": "Actor@Example.com",
    "name": "An Actor",
    "deleted": True,
}
ANALYTICS_GROUP = {
    "actor": ANALYTICS_ACTOR,
    "actor_type": None,
    "api_key_id": "apikey_05",
    "workspace_id": "wrkspc_05",
    "model": "claude-opus-5-5",
    "cost_type": "tokens",
    "token_type": "output_tokens",
    "product": "of no column",
}
ANALYTICS_BUCKET = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z"}
ANALYTICS_COST = {
    **ANALYTICS_BUCKET,
    "group": ANALYTICS_GROUP,
    "cost": {"amount": "205.125", "list_amount": "305.25", "currency": "USD", "requests": 17},
}
ANALYTICS_USAGE = {
    **ANALYTICS_BUCKET,
    "group": ANALYTICS_GROUP,
    "usage": {**TOKENS, "requests": 18, "total_tokens": 4215},
}
ANALYTICS_COLUMNS = {
    **BUCKET,
    "actor_type": "user_actor",
    "actor_id": "user_05",
    "actor_email": "Actor@Example.com",
    "actor_is_deleted": True,
    "api_key_id": "apikey_05",
    "workspace_id": "wrkspc_05",
    "model": "claude-opus-5-5",
    "data_refreshed_at": datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC),
}
ANALYTICS_COST_ROW = {
    **ANALYTICS_COLUMNS,
    "token_type": "output_tokens",
    "cost_type": "tokens",
    "amount_usd": Decimal("2.051250000"),
    "list_amount_usd": Decimal("3.052500000"),
    "currency": "USD",
    "requests": 17,
}
ANALYTICS_USAGE_ROW = {**ANALYTICS_COLUMNS, **TOKEN_COLUMNS, "requests": 18}


def refreshed(*data: Any) -> Row:
    return {**records(*data), "data_refreshed_at": "2026-11-21T02:02:03+01:00"}


FULL: dict[str, tuple[Row, Row]] = {
    "raw_anthropic_users": (listed(USER), USER_ROW),
    "raw_anthropic_api_keys": (listed(KEY), KEY_ROW),
    "raw_anthropic_workspaces": (listed(WORKSPACE, DEFAULT_WORKSPACE), WORKSPACE_ROW),
    "raw_anthropic_usage": (report(USAGE), USAGE_ROW),
    "raw_anthropic_account_usage": (report(ACCOUNT), ACCOUNT_ROW),
    "raw_anthropic_cost": (report(COST), COST_ROW),
    "raw_claude_code_usage": (records(CODE), CODE_ROW),
    "raw_claude_code_models": (records(CODE), MODEL_ROW),
    "raw_anthropic_analytics_cost": (refreshed(ANALYTICS_COST), ANALYTICS_COST_ROW),
    "raw_anthropic_analytics_usage": (refreshed(ANALYTICS_USAGE), ANALYTICS_USAGE_ROW),
}
"""For each table, an answer with all fields, and its first row."""


def without(row: Row, **known: Any) -> Row:
    """The row of an answer that has only these values."""
    kept = {*OF_DAY, *BUCKET, *SEEN}
    return {name: value if name in kept else None for name, value in row.items()} | known


CODE_METRICS = {"num_sessions": 1, "lines_of_code": {"added": 2, "removed": 3}}
USED = {"tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_creation": 4}}
BARE_CODE: Row = {
    "date": "2026-11-20",
    "actor": {"type": "api_actor"},
    "customer_type": "api",
    "core_metrics": CODE_METRICS,
    "model_breakdown": [USED],
}
BARE_TOKENS = {**TOKENS, "workspace_id": None}
SPARSE: dict[str, tuple[Any, Row]] = {
    "raw_anthropic_users": ({"id": "user_01"}, without(USER_ROW, user_id="user_01")),
    "raw_anthropic_api_keys": (
        {"id": "apikey_01", "workspace_id": None},
        without(KEY_ROW, api_key_id="apikey_01", workspace_id="default"),
    ),
    "raw_anthropic_workspaces": (
        {"id": "wrkspc_01"},
        # the list with the default workspace and the one without are one and the same
        without(WORKSPACE_ROW, workspace_id="wrkspc_01", is_default=False),
    ),
    "raw_anthropic_usage": (
        {**BARE_TOKENS, "api_key_id": None},
        without(USAGE_ROW, **TOKEN_COLUMNS, api_key_id="no_api_key", workspace_id="default", model="unknown"),
    ),
    "raw_anthropic_account_usage": (
        {**BARE_TOKENS, "account_id": "user_03", "service_account_id": None},
        without(ACCOUNT_ROW, **TOKEN_COLUMNS, account_id="user_03", workspace_id="default", model="unknown"),
    ),
    "raw_anthropic_cost": (
        {"amount": "-0.5", "currency": "USD", "workspace_id": None},
        without(COST_ROW, amount_usd=Decimal("-0.005"), currency="USD", workspace_id="default"),
    ),
    "raw_claude_code_usage": (
        BARE_CODE,
        without(
            CODE_ROW, actor_type="api_actor", customer_type="api", sessions=1, lines_added=2, lines_removed=3
        ),
    ),
    "raw_claude_code_models": (
        BARE_CODE,
        without(MODEL_ROW, actor_type="api_actor", customer_type="api", model="unknown")
        | {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_creation_tokens": 4},
    ),
    "raw_anthropic_analytics_cost": (
        {**ANALYTICS_BUCKET, "group": {}, "cost": {"amount": "-0.5", "currency": "USD"}},
        without(ANALYTICS_COST_ROW, workspace_id="default", amount_usd=Decimal("-0.005"), currency="USD"),
    ),
    "raw_anthropic_analytics_usage": (
        {**ANALYTICS_BUCKET, "group": {}, "usage": TOKENS},
        without(ANALYTICS_USAGE_ROW, **TOKEN_COLUMNS, workspace_id="default"),
    ),
}
"""For each table, a record without its optional fields, and its row."""


def wrapped(table: str, record: Row) -> Row:
    if "starting_at" in FULL[table][1] and "data_refreshed_at" not in FULL[table][1]:
        return report(record)
    return listed(record) if "is_current" in FULL[table][1] else records(record)


def with_nulls(full: Any, sparse: Any) -> Any:
    """The record without optional fields, with a null for each of them."""
    if not isinstance(full, dict) or not isinstance(sparse, dict):
        return sparse
    return {name: with_nulls(value, sparse[name]) if name in sparse else None for name, value in full.items()}


RECORDS = {
    "raw_anthropic_users": USER,
    "raw_anthropic_api_keys": KEY,
    "raw_anthropic_workspaces": WORKSPACE,
    "raw_anthropic_usage": USAGE,
    "raw_anthropic_account_usage": ACCOUNT,
    "raw_anthropic_cost": COST,
    "raw_claude_code_usage": CODE,
    "raw_claude_code_models": CODE,
    "raw_anthropic_analytics_cost": ANALYTICS_COST,
    "raw_anthropic_analytics_usage": ANALYTICS_USAGE,
}


@pytest.mark.parametrize("address", ["", " ", "\u200b\ufeff"])
def test_an_address_of_blanks_is_none(server: ScriptedServer, client: AnthropicAdmin, address: str) -> None:
    code = CODE | {"actor": ACTOR | {"email_address": address}}
    server.respond_with(listed(USER | {"email": address}), records(code))

    assert landed(client, "raw_anthropic_users") == [USER_ROW | {"email": None}]
    assert landed(client, "raw_claude_code_usage") == [CODE_ROW | {"actor_email": None}]


def test_every_table_of_anthropic_is_pinned() -> None:
    assert (
        set(FULL) == set(SPARSE) == {name for name, table in BY_NAME.items() if table.vendor == "anthropic"}
    )
    assert all(set(row) == set(BY_NAME[name].column_names) for name, (_, row) in FULL.items())


@pytest.mark.parametrize("table", FULL)
def test_every_field_is_loaded_into_its_own_column(
    server: ScriptedServer, client: AnthropicAdmin, table: str
) -> None:
    said, row = FULL[table]
    server.respond_with(said)

    assert landed(client, table)[0] == row


@pytest.mark.parametrize("table", SPARSE)
def test_what_is_absent_is_null_or_has_its_documented_meaning(
    server: ScriptedServer, client: AnthropicAdmin, table: str
) -> None:
    record, row = SPARSE[table]
    server.respond_with(wrapped(table, record))

    assert landed(client, table) == [row]


@pytest.mark.parametrize("table", SPARSE)
def test_what_is_null_is_as_if_it_were_absent(
    server: ScriptedServer, client: AnthropicAdmin, table: str
) -> None:
    record, row = SPARSE[table]
    server.respond_with(wrapped(table, with_nulls(RECORDS[table], record)))

    assert landed(client, table) == [row]


@pytest.mark.parametrize("table", SPARSE)
def test_an_odd_record_does_not_hold_back_the_others(
    server: ScriptedServer, client: AnthropicAdmin, table: str
) -> None:
    said, row = FULL[table]
    other = wrapped(table, SPARSE[table][0])
    if "results" in said["data"][0]:
        said = report(*said["data"][0]["results"], *other["data"][0]["results"])
    else:
        said = {**said, "data": [*said["data"], *other["data"]]}
    server.respond_with(said)

    rows = landed(client, table)
    assert rows[0] == row
    assert len(rows) > 1


REFUSED = [
    ("raw_anthropic_users", ("id",)),
    ("raw_anthropic_api_keys", ("id",)),
    ("raw_anthropic_api_keys", ("workspace_id",)),
    ("raw_anthropic_usage", ("workspace_id",)),
    ("raw_anthropic_usage", ("api_key_id",)),
    ("raw_anthropic_usage", ("output_tokens",)),
    ("raw_anthropic_usage", ("cache_creation", "ephemeral_1h_input_tokens")),
    ("raw_anthropic_account_usage", ("account_id",)),
    ("raw_anthropic_account_usage", ("service_account_id",)),
    ("raw_anthropic_account_usage", ("workspace_id",)),
    ("raw_anthropic_cost", ("amount",)),
    ("raw_anthropic_cost", ("currency",)),
    ("raw_anthropic_cost", ("workspace_id",)),
    ("raw_claude_code_usage", ("date",)),
    ("raw_claude_code_usage", ("customer_type",)),
    ("raw_claude_code_usage", ("actor", "type")),
    ("raw_claude_code_usage", ("core_metrics", "num_sessions")),
    ("raw_claude_code_usage", ("model_breakdown",)),
    ("raw_anthropic_analytics_cost", ("group",)),
    ("raw_anthropic_analytics_cost", ("cost", "amount")),
    ("raw_anthropic_analytics_cost", ("cost", "currency")),
    ("raw_anthropic_analytics_usage", ("usage", "output_tokens")),
    ("raw_anthropic_analytics_usage", ("starting_at",)),
]


@pytest.mark.parametrize(("table", "path"), REFUSED)
def test_what_would_change_its_meaning_by_being_absent_is_refused_by_name(
    server: ScriptedServer, client: AnthropicAdmin, table: str, path: tuple[str, ...]
) -> None:
    record = cut(RECORDS[table], path)
    server.respond_with(wrapped(table, record))

    place = rf"data\[0\]\.(results\[0\]\.)?{re.escape('.'.join(path))}"
    with pytest.raises(InvalidAnswerError, match=rf" cannot be decoded: {place} is missing \("):
        landed(client, table)


def cut(record: Any, path: tuple[str, ...]) -> Row:
    first, *rest = path
    return {
        name: cut(value, tuple(rest)) if name == first else value
        for name, value in record.items()
        if rest or name != first
    }


NUMBERS_AS_TEXT = [
    ("raw_anthropic_usage", {**USAGE, "output_tokens": "505"}, "output_tokens: Expected int"),
    ("raw_anthropic_cost", {**COST, "amount": 123.78912}, "amount: Expected a decimal in a string"),
    (
        "raw_anthropic_analytics_cost",
        {**ANALYTICS_COST, "cost": {"amount": 2.05, "currency": "USD"}},
        "amount: Expected a decimal in a string",
    ),
    (
        "raw_anthropic_analytics_cost",
        {**ANALYTICS_COST, "cost": {"amount": "2.05", "currency": "EUR"}},
        "bills 2026-11-20 in another currency, EUR",
    ),
    (
        "raw_claude_code_models",
        {**CODE, "model_breakdown": [{**USED, "estimated_cost": {"amount": "105", "currency": "USD"}}]},
        "estimated_cost: amount is not a finite number",
    ),
]


@pytest.mark.parametrize(("table", "record", "place"), NUMBERS_AS_TEXT, ids=lambda of: str(of)[:25])
def test_a_number_as_text_and_an_amount_as_a_number_are_refused_by_name(
    server: ScriptedServer, client: AnthropicAdmin, table: str, record: Row, place: str
) -> None:
    server.respond_with(wrapped(table, record))

    with pytest.raises(InvalidAnswerError, match=place):
        landed(client, table)


# the workspaces' two lists


def test_an_older_api_gets_a_second_request_without_the_default_workspace(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    server.respond_with(Answer({"type": "error"}, status=400), listed(WORKSPACE))

    said: list[str] = []
    assert workspaces.fetch(client, ASKED_AT, said.append).to_pylist() == [WORKSPACE_ROW]
    assert ["include_default" in request.query for request in server.requests] == [True, False]
    (warned,) = said
    assert warned == (
        "Anthropic rejects the parameter include_default, because this API is older than it. The workspaces are listed "
        "without the default one, so a workspace id that is not listed is read as `default`."
    )


@pytest.mark.parametrize("name", ["Default", " default workspace "])
def test_the_default_workspace_is_known_by_its_name_from_one_request(
    server: ScriptedServer, client: AnthropicAdmin, name: str
) -> None:
    server.respond_with(listed(WORKSPACE, DEFAULT_WORKSPACE | {"name": name}))

    rows = landed(client, "raw_anthropic_workspaces")
    assert {row["workspace_id"]: row["is_default"] for row in rows} == {
        "wrkspc_01": False,
        "wrkspc_default": True,
    }
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["Allgemein", None])
def test_a_default_workspace_with_another_name_is_missing_from_the_list_without_it(
    server: ScriptedServer, client: AnthropicAdmin, name: str | None
) -> None:
    server.respond_with(listed(WORKSPACE, DEFAULT_WORKSPACE | {"name": name}), listed(WORKSPACE))

    rows = landed(client, "raw_anthropic_workspaces")
    assert {row["workspace_id"]: row["is_default"] for row in rows} == {
        "wrkspc_01": False,
        "wrkspc_default": True,
    }
    assert ["include_default" in request.query for request in server.requests] == [True, False]


def test_of_two_workspaces_called_default_the_listed_one_is_not_it(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    other = WORKSPACE | {"name": "default"}
    server.respond_with(listed(other, DEFAULT_WORKSPACE), listed(other))

    rows = landed(client, "raw_anthropic_workspaces")
    assert {row["workspace_id"]: row["is_default"] for row in rows} == {
        "wrkspc_01": False,
        "wrkspc_default": True,
    }


def test_which_of_two_is_the_default_stays_unknown(server: ScriptedServer, client: AnthropicAdmin) -> None:
    new = {**WORKSPACE, "id": "wrkspc_new"}
    server.respond_with(listed(WORKSPACE, new, DEFAULT_WORKSPACE | {"name": None}), listed(WORKSPACE))

    rows = landed(client, "raw_anthropic_workspaces")
    assert {row["workspace_id"]: row["is_default"] for row in rows} == {
        "wrkspc_01": False,
        "wrkspc_new": None,
        "wrkspc_default": None,
    }


# the four kinds of actor


OWN_IDS = {
    "user_id": "user_1",
    "service_account_id": "svac_1",
    "api_key_id": "apikey_1",
    "subject": "user:x",
    "provider": {"type": "aws", "account_id": "481"},
}


@pytest.mark.parametrize(
    ("actor", "kind", "id"),
    [
        (None, None, None),
        ({"type": "user_actor", "user_id": "user_1", "name": "x"}, "user_actor", "user_1"),
        ({"type": "api_actor", "api_key_id": "apikey_1"}, "api_actor", "apikey_1"),
        (
            {"type": "service_account_actor", "service_account_id": "svac_1"},
            "service_account_actor",
            "svac_1",
        ),
        (
            {"type": "federated_actor", "provider": {"type": "gcp"}, "subject": "user:x"},
            "federated_actor",
            "user:x",
        ),
        (
            {"type": "federated_actor", "provider": {"type": "aws", "account_id": "481"}, "subject": None},
            "federated_actor",
            "481",
        ),
        (
            {"type": "federated_actor", "provider": {"type": "azure", "subscription_id": "a-1"}},
            "federated_actor",
            "a-1",
        ),
        (
            {"type": "federated_actor", "provider": {"type": "gcp", "project_number": 77}},
            "federated_actor",
            "77",
        ),
        (
            {"type": "federated_actor", "provider": {"type": "oidc", "issuer": "https://id.example.com"}},
            "federated_actor",
            "https://id.example.com",
        ),
        ({"type": "federated_actor", "provider": {"type": "oidc", "issuer": None}}, "federated_actor", None),
        ({"type": "actor_of_tomorrow", "id": "x"}, "actor_of_tomorrow", None),
        # of several ids the person's goes first, then the service account's, then the key's
        ({"type": "user_actor", **OWN_IDS}, "user_actor", "user_1"),
        ({"type": "api_actor", **OWN_IDS, "user_id": None}, "api_actor", "svac_1"),
        (
            {"type": "api_actor", **OWN_IDS, "user_id": None, "service_account_id": None},
            "api_actor",
            "apikey_1",
        ),
    ],
)
def test_each_kind_of_actor_has_its_id(
    server: ScriptedServer, client: AnthropicAdmin, actor: Row | None, kind: str | None, id: str | None
) -> None:
    cost = {**ANALYTICS_COST, "group": {**ANALYTICS_GROUP, "actor": actor}}
    server.respond_with(refreshed(cost))

    unnamed = {"actor_email": None, "actor_is_deleted": None}
    (row,) = landed(client, "raw_anthropic_analytics_cost")
    assert row == ANALYTICS_COST_ROW | unnamed | {"actor_type": kind, "actor_id": id}


def test_identities_that_the_vendor_cannot_name_are_one_row_with_their_sum(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    nobody = {**ANALYTICS_GROUP, "actor": None}
    costs = (
        {**ANALYTICS_COST, "group": nobody},
        {**ANALYTICS_COST, "group": nobody, "cost": {"amount": "1", "currency": "USD"}},
    )
    server.respond_with(
        refreshed(*costs),
        refreshed({**ANALYTICS_USAGE, "group": nobody}, {**ANALYTICS_USAGE, "group": nobody}),
    )

    (cost,) = landed(client, "raw_anthropic_analytics_cost")
    assert (cost["amount_usd"], cost["list_amount_usd"], cost["requests"]) == (
        Decimal("2.06125"),
        Decimal("3.0525"),
        17,
    )
    (usage,) = landed(client, "raw_anthropic_analytics_usage")
    assert (usage["output_tokens"], usage["requests"]) == (1010, 36)


def test_of_rows_with_one_key_the_first_known_attributes_are_kept(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    """An old row may not have them; and `deleted` is known if it is false."""
    actor = {"type": "user_actor", "user_id": "user_05"}
    bare, told, later = (
        {**ANALYTICS_COST, "group": {**ANALYTICS_GROUP, "actor": actor | more}}
        for more in (
            {},
            {"email_address": "a@x.org", "deleted": False},
            {"email_address": "b@x.org", "deleted": True},
        )
    )
    server.respond_with(
        {**records(bare), "has_more": True, "next_page": "2"},
        {**refreshed(told), "has_more": True, "next_page": "3"},
        {**records(later), "data_refreshed_at": "2026-11-21T03:02:03+01:00"},
    )

    assert landed(client, "raw_anthropic_analytics_cost") == [
        ANALYTICS_COST_ROW
        | {"actor_email": "a@x.org", "actor_is_deleted": False}
        | {
            "amount_usd": Decimal("6.15375"),
            "list_amount_usd": Decimal("9.1575"),
            "requests": 51,
        }
    ]


def test_lines_with_one_key_are_summed_exactly_and_rounded_once_half_to_even(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    """A sum has more digits than each of its lines; and vendors send more decimals than NUMERIC has."""
    most = ("12345678901234567890123456.78", "0.0000001")
    halves = (("0.00000005", "of a nano-dollar"), ("0.00000015", "of three nano-dollars"))
    server.respond_with(
        report(
            *({**COST, "amount": amount} for amount in most),
            *({**COST, "amount": amount, "description": said} for amount, said in halves),
        )
    )

    assert [row["amount_usd"] for row in landed(client, "raw_anthropic_cost")] == [
        Decimal("123456789012345678901234.567800001"),
        0,
        Decimal("0.000000002"),
    ]


# usage without a key


def test_usage_of_a_person_or_a_service_account_is_kept_and_usage_of_neither_is_left_out(
    server: ScriptedServer, client: AnthropicAdmin
) -> None:
    accounts = (("user_03", None), (None, "svac_03"), (None, None), ("", ""))
    server.respond_with(
        report(
            *({**ACCOUNT, "account_id": user, "service_account_id": service} for user, service in accounts)
        )
    )

    assert landed(client, "raw_anthropic_account_usage") == [
        ACCOUNT_ROW | {"service_account_id": None},
        ACCOUNT_ROW | {"account_id": None},
    ]


# when a day is final


def test_a_day_of_claude_code_is_final_an_hour_after_its_end() -> None:
    two = Days(DAY, date(2026, 11, 21))
    final_at = datetime(2026, 11, 22, 1, tzinfo=UTC)

    claude_code.refuse_unfinished(two, final_at)
    refusal = exactly(
        "Claude Code's 2026-11-21 is not final before 2026-11-22 01:00 UTC, an hour after it ends. Nothing was requested "
        "or written. Run the day again from then on."
    )
    with pytest.raises(claude_code.DayNotFinalError, match=refusal):
        claude_code.refuse_unfinished(two, final_at - timedelta(microseconds=1))


# no cast that could lose or invent a value


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("raw_anthropic_usage", "output_tokens", pa.array([505.5])),
        ("raw_anthropic_usage", "output_tokens", pa.array([505.0])),
        ("raw_anthropic_usage", "output_tokens", pa.array(["505"])),
        ("raw_anthropic_usage", "output_tokens", pa.array([True])),
        ("raw_anthropic_cost", "amount_usd", pa.array([1.5])),
        ("raw_anthropic_cost", "starting_at", pa.array([datetime(2026, 11, 20)])),  # noqa: DTZ001 - it has no zone
    ],
)
def test_a_column_of_another_type_is_refused_and_not_cast(table: str, column: str, values: pa.Array) -> None:
    declared = BY_NAME[table]
    columns = {name: pa.array([FULL[table][1][name]]) for name in declared.column_names}

    with pytest.raises(InvalidRowsError, match=f"column {column} holds values that are not"):
        as_declared(declared, pa.table(columns | {column: values}))
