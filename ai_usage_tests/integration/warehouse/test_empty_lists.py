"""An empty list is refused if the table has current entries, on both engines. A person can override this."""

from datetime import timedelta
from typing import Any

import pytest

from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.errors import EmptyListError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import ARTISTS, NOON, rows


def listed(engine: Engine, *artists: tuple[str, bool], later: int = 0, **more: Any) -> None:
    at = NOON + timedelta(days=later)
    seen = {"first_seen_at": at, "last_seen_at": at}
    given = [{"artist_id": id_, "name": id_, "is_current": current} | seen for id_, current in artists]
    replace(engine, ARTISTS, rows(*given, table=ARTISTS), None, WriteContext("run", f"step-{later}"), **more)


def current(engine: Engine) -> dict[str, bool]:
    with engine.session() as session:
        found = session.fetch("select artist_id, is_current from artists").to_pylist()
    return {row["artist_id"]: row["is_current"] for row in found}


@pytest.mark.parametrize("answer", [[], [("a", False), ("b", False)]], ids=["no entry", "no current entry"])
def test_list_without_current_entry_is_refused_and_changes_nothing(
    engine: Engine, answer: list[tuple[str, bool]]
) -> None:
    listed(engine, ("a", True), ("b", True), ("c", False))
    before = current(engine)

    with pytest.raises(EmptyListError) as refused:
        listed(engine, *answer, later=1)

    assert str(refused.value) == (
        f"the vendor's list for {engine.qualified('artists')} has no current entry, and 2 entries of the table are current. "
        "Nothing was written, and no entry became inactive. Check that the vendor's key belongs to the same organization or "
        "team as before, and run it again. If the list is meant to be empty, run it with the tag "
        "ai_usage/replace_with_nothing = true, or with AI_USAGE_REPLACE_WITH_NOTHING=true on the command line."
    )
    assert current(engine) == before


def test_empty_list_is_accepted_if_the_table_has_no_current_entry(engine: Engine) -> None:
    listed(engine)
    listed(engine, ("a", False), later=1)
    listed(engine, later=2)
    assert current(engine) == {"a": False}


def test_list_with_one_current_entry_is_accepted(engine: Engine) -> None:
    listed(engine, ("a", True), ("b", True))
    listed(engine, ("b", True), later=1)
    assert current(engine) == {"a": False, "b": True}


def test_override_accepts_an_empty_list(engine: Engine) -> None:
    listed(engine, ("a", True))
    listed(engine, later=1, replace_with_nothing=True)
    assert current(engine) == {"a": False}
