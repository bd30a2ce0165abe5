"""An engine with every table, which is made once for all tests, and rows that are gone after their test."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.engines import ENGINES, made_once
from ai_usage_tests.support.rule_cases import insert

Rows: TypeAlias = list[dict[str, Any]]
Land: TypeAlias = Callable[..., None]
"""Takes rows by the name of their table."""


@pytest.fixture(scope="session", params=ENGINES)
def every_table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with made_once(request, tmp_path_factory.mktemp("every_table")) as engine:
        with engine.session() as session:
            ensure_tables(engine, session, TABLES)
        yield engine


@pytest.fixture
def land(every_table: Engine) -> Iterator[Land]:
    landed: set[str] = set()

    def rows(**given: Rows) -> None:
        landed.update(given)
        with every_table.session() as session:
            for name, some in given.items():
                session.execute(insert(BY_NAME[name], some))

    yield rows
    with every_table.session() as session:
        for name in landed:
            session.execute(f"delete from `{name}` where true")
