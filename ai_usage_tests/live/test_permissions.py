"""Permissions: those of docs/bigquery.md are enough for a writer, and each one that is missing is named."""

import time
from collections.abc import Iterator
from dataclasses import replace as changed
from typing import Any
from uuid import uuid4

import pytest

from ai_usage_assets.schema.ddl import create_view
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.bigquery_page import EXISTING_DATASET, documented_role, kind, listed, permissions
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.live.project import LIVE_SERVICE_ACCOUNT
from ai_usage_tests.support.live.roles import Role, role_for
from ai_usage_tests.support.live.target import Target
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, SONGS, play, rows

MAX_CACHED_SECONDS = 120
"""How long BigQuery may use a permission that IAM has taken away."""


@pytest.fixture(scope="module")
def role(target: Target) -> Iterator[Role]:
    with role_for(target, LIVE_SERVICE_ACCOUNT) as found:
        yield found


def writer(target: Target, role: Role) -> BigQueryEngine:
    options: dict[str, Any] = {"emulator_host": role.emulator_host, "impersonate": role.account}
    return target.another(**options)


def use(engine: BigQueryEngine, name: str) -> None:
    """Everything that a writer does: create, change, load, compute, replace, read, update, delete, drop, create a view."""
    context = WriteContext("live", name)
    table = changed(PLAYS, name=f"plays_{name}")
    replace(engine, table, rows(play(MONDAY, "a")), ONE(MONDAY), context.part("load"))
    select = f"select distinct song, cast(null as string) as artist from {table.name} where day >= date '2000-01-01'"
    replace(engine, SONGS, Select(select, (table,)), None, context.part("compute"))
    with engine.session(context.part("change")) as session:
        ensure_tables(engine, session, [changed(table, description="Songs that somebody played.")])
        session.stage(f"staged_{name}", rows(play(MONDAY, "a")))
        session.discard(f"staged_{name}")
        view = changed(SONGS, name=f"songs_{name}", layer=Layer.VIEW)
        session.create_view(
            view, create_view(view, f"select song, artist from `{engine.dataset}`.{SONGS.name}")
        )
        session.execute(f"update `{SONGS.name}` set artist = 'b' where artist is null")
        session.execute(f"delete from `{SONGS.name}` where artist = 'b'")


def test_the_documented_role_is_enough(target: Target, role: Role) -> None:
    role.allow(documented_role())
    with recording() as calls:
        use(writer(target, role), "role")
    # everything that the page lists was sent, so the role is enough for all of it
    missing_calls = listed("calls") - {call.endpoint for call in calls}
    assert {
        name for name in missing_calls if permissions("calls").get(name, set()) - EXISTING_DATASET
    } == set()
    assert listed("statements") == {kind(call.sql) for call in calls if call.sql}


@pytest.mark.parametrize("permission", sorted(documented_role()))
def test_a_missing_permission_is_named(
    target: Target, role: Role, permission: str, record_property: Any
) -> None:
    role.allow(documented_role() - {permission})
    with pytest.raises(WarehouseUnavailableError, match=rf"{permission}\b") as refused:
        use_until_refused(target, role)
    record_property("figure", f"{permission}: {refused.value}")


def use_until_refused(target: Target, role: Role) -> None:
    """Use the warehouse again and again, as long as BigQuery may still use the permissions of before."""
    until = time.monotonic() + (0 if target.is_emulator else MAX_CACHED_SECONDS)
    while True:
        use(writer(target, role), uuid4().hex[:8])
        if time.monotonic() > until:
            break
