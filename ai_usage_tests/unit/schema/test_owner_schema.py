"""The owner's five tables are declared exactly. Columns of the project come after the owner's, and are nullable."""

import re
from pathlib import Path

import pytest

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME

DDL = (Path(__file__).parent / "owner_schema.sql").read_text()
STATEMENT = re.compile(
    r"CREATE TABLE `ai_usage\.(?P<name>\w+)` \((?P<columns>.*?)\n\)"
    r"(?:\s*PARTITION BY (?P<partition>\w+))?(?:\s*CLUSTER BY (?P<cluster>[\w, ]+))?;",
    re.DOTALL,
)
COLUMN = re.compile(
    r"^(?P<name>\w+) (?P<type>\w+(?:\([\d,]+\))?)(?P<required> NOT NULL)?(?: DEFAULT (?P<default>.+))?$"
)

OWNED = [match.groupdict() for match in STATEMENT.finditer(DDL)]


def columns(owned: dict[str, str]) -> list[tuple[str, str, bool, str | None]]:
    lines = [line.strip().rstrip(",") for line in owned["columns"].strip().splitlines()]
    matches = [COLUMN.match(line) for line in lines]
    assert all(matches), lines
    return [(m["name"], m["type"], bool(m["required"]), m["default"]) for m in matches if m]


def declared(table: Table) -> list[tuple[str, str, bool, str | None]]:
    return [(c.name, str(c.type), c.is_required, c.default) for c in table.columns]


def test_the_owner_wrote_five_tables() -> None:
    assert {owned["name"] for owned in OWNED} == {
        "raw_anthropic_usage",
        "raw_cursor_usage",
        "dim_users",
        "fct_usage_daily",
        "fct_cost_daily",
    }


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: owned["name"])
def test_the_owners_columns_come_first_with_type_mode_and_default(owned: dict[str, str]) -> None:
    wanted = columns(owned)
    assert declared(BY_NAME[owned["name"]])[: len(wanted)] == wanted


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: owned["name"])
def test_the_projects_own_columns_are_nullable(owned: dict[str, str]) -> None:
    added = declared(BY_NAME[owned["name"]])[len(columns(owned)) :]
    assert [name for name, _, required, _ in added if required] == []


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: owned["name"])
def test_the_owners_partitioning_and_clustering_hold(owned: dict[str, str]) -> None:
    table = BY_NAME[owned["name"]]
    cluster = tuple(name.strip() for name in (owned["cluster"] or "").split(",") if name.strip())
    assert (table.partition, table.cluster) == (owned["partition"], cluster)
