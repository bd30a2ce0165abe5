"""Changes of a vendor's list are recorded with the day of the list that showed them."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_API_KEYS as KEYS
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.warehouse import list_changes
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import updated_snapshot
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.engines import without_emulator

D19, D20, D21 = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21)


def listing(*keys: dict[str, Any], day: date, hour: int = 2) -> pa.Table:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    times = {"fetched_at": at, "first_seen_at": at, "last_seen_at": at, "is_current": True}
    return pa.Table.from_pylist([times | key for key in keys], schema=arrow_schema(KEYS))


def write(engine: Engine, *keys: dict[str, Any], day: date, hour: int = 2) -> None:
    replace(engine, KEYS, listing(*keys, day=day, hour=hour), None, WriteContext(f"{day}-{hour}", "keys"))


def changes(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.session() as session:
        ensure_tables(engine, session, [RAW_LIST_CHANGES])
        rows = session.fetch(
            "select table_name, entry_id, attribute, old_value, new_value, valid_from from raw_list_changes "
            "order by valid_from, entry_id, attribute"
        ).to_pylist()
    assert {row["table_name"] for row in rows} <= {KEYS.name}
    return [tuple(row.values())[1:] for row in rows]


def key(id_: str = "k1", principal: str | None = "ana", **more: Any) -> dict[str, Any]:
    return {"api_key_id": id_, "principal_id": principal, "status": "active", **more}


@without_emulator()
def test_changed_principal_is_recorded_with_the_day_of_the_list(engine: Engine) -> None:
    write(engine, key(), key("k2"), day=D19)
    assert changes(engine) == []

    write(engine, key(principal="bo"), key("k2"), day=D20)
    assert changes(engine) == [("k1", "principal_id", "ana", "bo", D20)]

    write(engine, key(principal="bo"), key("k2", name="renamed"), day=D21)
    assert changes(engine) == [("k1", "principal_id", "ana", "bo", D20)]


def test_every_tracked_attribute_is_recorded_even_if_null(engine: Engine) -> None:
    write(engine, key(principal=None), day=D19)
    write(engine, key(principal_type="user", created_by_id="x", workspace_id="w", status="archived"), day=D20)
    write(engine, key(principal=None, created_by_id="x", workspace_id="w", status="archived"), day=D21)

    assert changes(engine) == [
        ("k1", "created_by_id", None, "x", D20),
        ("k1", "principal_id", None, "ana", D20),
        ("k1", "principal_type", None, "user", D20),
        ("k1", "status", "active", "archived", D20),
        ("k1", "workspace_id", None, "w", D20),
        ("k1", "principal_id", "ana", None, D21),
        ("k1", "principal_type", "user", None, D21),
    ]


def test_entry_that_leaves_and_returns_changes_twice(engine: Engine) -> None:
    write(engine, key(), key("k2"), day=D19)
    write(engine, key("k2"), day=D20)
    write(engine, key("k2"), day=D20, hour=5)
    write(engine, key(), key("k2"), day=D21)

    assert changes(engine) == [
        ("k1", "is_current", "true", "false", D20),
        ("k1", "is_current", "false", "true", D21),
    ]


def test_two_lists_of_one_day_keep_the_old_value_from_before(engine: Engine) -> None:
    write(engine, key(), day=D19)
    write(engine, key(principal="bo"), day=D20)
    write(engine, key(principal="cy"), day=D20, hour=9)
    assert changes(engine) == [("k1", "principal_id", "ana", "cy", D20)]

    write(engine, key(), day=D20, hour=12)
    assert changes(engine) == [("k1", "principal_id", "ana", "ana", D20)]


def recorded_and_not_published(engine: Engine, *keys: dict[str, Any], day: date) -> None:
    """The state after a process is killed between the two statements, on an engine without transactions."""
    with engine.session(WriteContext("killed", "keys")) as session:
        session.stage("listed", listing(*keys, day=day))
        session.stage("staged_keys", updated_snapshot(KEYS, "listed"))
        session.execute(list_changes.record_changes(KEYS, "staged_keys", "listed"))


@pytest.mark.parametrize("again", [D20, D21])
@without_emulator()
def test_unpublished_change_is_recorded_once(engine: Engine, again: date) -> None:
    write(engine, key(), day=D19)
    recorded_and_not_published(engine, key(principal="bo"), day=D20)

    write(engine, key(principal="bo"), day=again, hour=7)

    assert changes(engine) == [("k1", "principal_id", "ana", "bo", D20)]


@pytest.mark.parametrize("after", ["ana", "cy", None])
@without_emulator()
def test_unpublished_value_holds_until_the_next_list(engine: Engine, after: str | None) -> None:
    write(engine, key(), day=D19)
    recorded_and_not_published(engine, key(principal="bo"), day=D20)

    write(engine, key(principal=after), day=D21)

    assert changes(engine) == [
        ("k1", "principal_id", "ana", "bo", D20),
        ("k1", "principal_id", "bo", after, D21),
    ]


@pytest.mark.parametrize("after", ["ana", "cy"])
@without_emulator()
def test_another_list_of_the_day_replaces_an_unpublished_one(engine: Engine, after: str) -> None:
    write(engine, key(), day=D19)
    recorded_and_not_published(engine, key(principal="bo"), day=D20)

    write(engine, key(principal=after), day=D20, hour=7)

    assert changes(engine) == [("k1", "principal_id", "ana", after, D20)]


def test_unpublished_departure_is_recorded_once(engine: Engine) -> None:
    write(engine, key(), key("k2"), day=D19)
    recorded_and_not_published(engine, key("k2"), day=D20)

    write(engine, key("k2"), day=D21)

    assert changes(engine) == [("k1", "is_current", "true", "false", D20)]


def test_override_with_empty_list_ends_all_entries_today(engine: Engine) -> None:
    write(engine, key(), day=D19)
    first = datetime.now(UTC).date()
    replace(engine, KEYS, listing(day=D20), None, WriteContext("forced", "keys"), replace_with_nothing=True)
    last = datetime.now(UTC).date()

    [(entry, attribute, old, new, valid_from)] = changes(engine)
    assert (entry, attribute, old, new) == ("k1", "is_current", "true", "false")
    assert first <= valid_from <= last
