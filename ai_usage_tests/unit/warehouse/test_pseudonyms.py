"""Pseudonyms on a small warehouse: what each person is called after a first key, another key and no key."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import PseudonymKeyError
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms, change_key, refuse_without_key
from ai_usage_assets.warehouse.retention import clear_old
from ai_usage_tests.support.messages import exactly
from ai_usage_tests.support.rule_cases import Row, insert

FIRST, OTHER = b"k" * 32, b"o" * 32
ANN, BEN, CY = "ann@x.org", "ben@x.org", "cy@x.org"
DEE, WRITTEN_BEN = "dee@x.org", "Ben@X.org"
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
LISTED, AT_MIDNIGHT = datetime(2026, 11, 16, 3, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)
RAW, USERS, KEYS = "raw_cursor_usage", "dim_users", "dim_api_keys"
FACT, LIST, BUDGETS = "fct_cost_daily", "raw_anthropic_users", "identity_budgets"
ANOTHER_KEY = exactly(
    "AI_USAGE_PSEUDONYM_KEY is another key than the one that the pseudonyms of this warehouse are made with. Nothing was "
    "written. Set the former key again. To change it for good, run `ai-usage pseudonyms`, which gives every published row "
    "its new pseudonym."
)


def of(email: str, key: bytes = FIRST) -> str:
    return Pseudonyms(key).of(email)


class Warehouse:
    """Ann is spelled in two ways in the sources and was published before there was a key; Ben is only in a source."""

    def __init__(self, path: Path) -> None:
        self.engine = DuckDBEngine(path)
        self.tables: list[Table] = [
            BY_NAME[name] for name in (RAW, LIST, USERS, KEYS, FACT, BUDGETS, "seen_values")
        ]
        with self.engine.session(WriteContext("run", "made")) as session:
            ensure_tables(self.engine, session, self.tables)
        self.add(
            RAW,
            {"ingest_date": MONDAY, "email": " Ann@X.org", "user_id": "1"},
            {"ingest_date": TUESDAY, "email": ANN, "user_id": "1"},
            {"ingest_date": TUESDAY, "email": WRITTEN_BEN, "user_id": "2"},
            {"ingest_date": TUESDAY, "email": "unattributed", "user_id": "3"},
        )
        listed = {"name": "Cy Fox", "first_seen_at": LISTED}
        self.add(
            LIST,
            {"user_id": "left", "email": CY, "is_current": False, "last_seen_at": LISTED, **listed},
            {"user_id": "current", "email": BEN, "is_current": True, "last_seen_at": LISTED, **listed},
            {"user_id": "late", "email": BEN, "is_current": False, "last_seen_at": AT_MIDNIGHT, **listed},
        )
        self.add(
            USERS,
            {"user_id": "1", "email": ANN, "first_name": "Ann", "last_name": "Lee", "kind": "person"},
        )
        self.add(KEYS, {"api_key_id": "k1", "name": "ann's key", "user_email": ANN})
        self.add(
            FACT,
            *(
                {"cost_date": day, "user_email": who}
                for day, who in ((MONDAY, ANN), (MONDAY, "bot"), (TUESDAY, DEE))
            ),
        )
        self.add(BUDGETS, {"scope": "person", "name": ANN, "usd_per_month": 5})

    def add(self, table: str, *rows: Row) -> None:
        self.execute(insert(BY_NAME[table], list(rows)))

    def execute(self, sql: str) -> None:
        with self.engine.session(WriteContext("run", "changed")) as session:
            session.execute(sql)

    def refresh(self, key: bytes = FIRST, days: Days | None = None, inputs: tuple[str, ...] = (RAW,)) -> None:
        with self.engine.session(WriteContext("run", "refreshed")) as session:
            Pseudonyms(key).refresh(self.engine, session, [BY_NAME[name] for name in inputs], days)

    def fetch(self, sql: str) -> list[dict[str, Any]]:
        with self.engine.session() as session:
            return list(session.fetch(sql).to_pylist())

    def column(self, sql: str) -> list[Any]:
        return [next(iter(row.values())) for row in self.fetch(sql)]

    def stored(self) -> dict[str, str]:
        return {row["value"]: row["pseudonym"] for row in self.fetch("select * from pseudonyms")}

    def published(self) -> dict[str, list[Any]]:
        """What readers see of people."""
        return {
            USERS: self.fetch(f"select user_id, email, first_name, last_name from {USERS}"),
            KEYS: self.fetch(f"select name, user_email from {KEYS}"),
            FACT: sorted(self.column(f"select user_email from {FACT}")),
            BUDGETS: self.column(f"select name from {BUDGETS}"),
        }


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path / "w.duckdb")
    yield made
    made.engine.close()


def seen(name: str, *others: str) -> dict[str, list[Any]]:
    """What readers see once Ann is called this, and others in the fact so."""
    user_id = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return {
        USERS: [{"user_id": user_id, "email": name, "first_name": None, "last_name": None}],
        KEYS: [{"name": None, "user_email": name}],
        FACT: sorted(["bot", name, *others]),
        BUDGETS: [name],
    }


def test_a_pseudonym_is_a_keyed_digest_of_the_trimmed_lower_case_address() -> None:
    """A later release must make the same ones, because they are in the tables."""
    assert of(ANN) == of("\u00a0Ann@X.ORG\u200b ") == "p-ba86cedc9d4424ba"
    assert Pseudonyms(FIRST).key_check == "91121a7b676ef343"
    assert of(ANN, OTHER) != of(ANN) != of(BEN)
    assert "k" * 32 not in repr(Pseudonyms(FIRST))


def test_the_first_key_hides_what_was_published_before_and_a_day_only_adds_its_own(
    warehouse: Warehouse,
) -> None:
    # there is no table of pseudonyms yet
    refuse_without_key(warehouse.engine)
    Pseudonyms(FIRST).require(warehouse.engine)
    warehouse.refresh(days=Days.one(MONDAY))

    # the day's spelling, and who was published on whatever day; Ben is of another day, and was not published
    stored = {" Ann@X.org": of(ANN), ANN: of(ANN), DEE: of(DEE)}
    assert warehouse.stored() == stored
    assert warehouse.published() == seen(of(ANN), of(DEE))

    warehouse.refresh()
    assert warehouse.stored() == stored | {WRITTEN_BEN: of(BEN)}
    assert warehouse.column("select distinct key_check from pseudonyms") == [Pseudonyms(FIRST).key_check]
    assert warehouse.published() == seen(of(ANN), of(DEE))
    assert sorted(warehouse.column(f"select email from {RAW}")) == [
        " Ann@X.org",
        WRITTEN_BEN,
        ANN,
        "unattributed",
    ]


def test_another_key_and_no_key_are_refused_and_write_nothing(warehouse: Warehouse) -> None:
    warehouse.refresh()
    before = warehouse.stored(), warehouse.published()

    with pytest.raises(PseudonymKeyError, match=ANOTHER_KEY):
        warehouse.refresh(OTHER)
    with pytest.raises(PseudonymKeyError, match=ANOTHER_KEY):
        Pseudonyms(OTHER).require(warehouse.engine)
    Pseudonyms(FIRST).require(warehouse.engine)
    without = exactly(
        "AI_USAGE_PSEUDONYM_KEY is not set, and the people of this warehouse have pseudonyms. Nothing was written. Set the "
        "key for this process too. To go back to addresses, run `ai-usage pseudonyms` without the key."
    )
    with pytest.raises(PseudonymKeyError, match=without):
        refuse_without_key(warehouse.engine)
    assert (warehouse.stored(), warehouse.published()) == before

    # one that is made with another key is enough
    warehouse.add(
        "pseudonyms", {"value": CY, "pseudonym": of(CY, OTHER), "key_check": Pseudonyms(OTHER).key_check}
    )
    with pytest.raises(PseudonymKeyError, match=ANOTHER_KEY):
        warehouse.refresh()


def test_a_key_is_changed_in_every_published_table_and_on_cleared_days_of_a_source(
    warehouse: Warehouse,
) -> None:
    before = warehouse.published()
    assert change_key(warehouse.engine, None) == 0
    assert (warehouse.stored(), warehouse.published()) == ({}, before)
    warehouse.refresh()
    # an old day of the source has the pseudonym, and somebody was published meanwhile without one
    warehouse.add(RAW, {"ingest_date": date(2026, 9, 1), "email": of(ANN), "user_id": "1"})
    warehouse.add(FACT, *({"cost_date": MONDAY, "user_email": who} for who in (CY, of(BEN))))

    assert change_key(warehouse.engine, OTHER) == 4
    assert warehouse.published() == seen(*(of(each, OTHER) for each in (ANN, BEN, CY, DEE)))
    assert warehouse.stored() == {
        written: of(email, OTHER)
        for written, email in ((" Ann@X.org", ANN), (ANN, ANN), (WRITTEN_BEN, BEN), (CY, CY), (DEE, DEE))
    }
    assert set(warehouse.column("select key_check from pseudonyms")) == {Pseudonyms(OTHER).key_check}
    assert sorted(warehouse.column(f"select email from {RAW}")) == sorted(
        [" Ann@X.org", ANN, WRITTEN_BEN, "unattributed", of(ANN, OTHER)]
    )

    # without a key, people have their addresses as the project writes them
    assert change_key(warehouse.engine, None) == 4
    assert warehouse.stored() == {}
    assert warehouse.published() == seen(ANN, BEN, CY, DEE)
    assert warehouse.column(f"select email from {RAW} where ingest_date < date '{MONDAY}'") == [ANN]
    refuse_without_key(warehouse.engine)

    # a first key hides what is published, names too, without a run
    warehouse.execute(f"update {USERS} set first_name = 'Ann', last_name = 'Lee' where true")
    warehouse.execute(f"update {KEYS} set name = 'key of ann' where true")
    assert change_key(warehouse.engine, FIRST) == 4
    assert warehouse.stored() == {each: of(each) for each in (ANN, BEN, CY, DEE)}
    assert warehouse.published() == seen(*(of(each) for each in (ANN, BEN, CY, DEE)))


def test_a_statement_reads_pseudonyms_and_no_address_that_has_none(warehouse: Warehouse) -> None:
    warehouse.refresh(days=Days.one(MONDAY))
    reads = Select(
        "select u.email, c.name from raw_cursor_usage as u left join raw_anthropic_users as c on c.user_id = 'left' "
        f"where u.ingest_date >= date '{MONDAY}' and u.ingest_date < date '2026-11-18'",
        inputs=(BY_NAME[RAW], BY_NAME[LIST]),
    )
    made = Pseudonyms(FIRST).applied(BY_NAME[FACT], reads)

    # Ben has no pseudonym yet; a refresh before the statement would have made one
    assert sorted(map(str, (row["email"] for row in warehouse.fetch(made.sql)))) == sorted(
        [of(ANN), of(ANN), "unattributed", "unattributed"]
    )
    assert {row["name"] for row in warehouse.fetch(made.sql)} == {None}
    assert [table.name for table in made.inputs] == [RAW, LIST, "pseudonyms"]
    assert made.pseudonyms == Pseudonyms(FIRST)

    nobody = Select("select cost_usd from fct_cost_daily", inputs=(BY_NAME[FACT],))
    assert Pseudonyms(FIRST).applied(BY_NAME[USERS], nobody) is nobody


# old addresses


def test_old_days_and_entries_of_lists_lose_their_addresses_and_names_and_what_is_kept_stays(
    warehouse: Warehouse,
) -> None:
    warehouse.refresh(inputs=(RAW, LIST))
    assert warehouse.stored().keys() == {" Ann@X.org", ANN, WRITTEN_BEN, BEN, CY, DEE}
    job = WriteContext("run", "cleared")
    found = clear_old(warehouse.engine, Pseudonyms(FIRST), 1, date(2026, 11, 18), job)

    # Monday and the entry that was last listed on it; Tuesday is kept
    assert (found.first_kept, found.addresses, found.tables) == (TUESDAY, 2, 2)
    assert str(found) == "2 addresses before 2026-11-17 were replaced in 2 tables."
    assert sorted(warehouse.column(f"select email from {RAW}")) == sorted(
        [of(ANN), ANN, WRITTEN_BEN, "unattributed"]
    )
    # an entry that is current, or was listed on a kept day, stays
    assert warehouse.fetch(f"select user_id, email, name from {LIST} order by 1") == [
        {"user_id": "current", "email": BEN, "name": "Cy Fox"},
        {"user_id": "late", "email": BEN, "name": "Cy Fox"},
        {"user_id": "left", "email": of(CY), "name": None},
    ]
    # the pseudonyms of addresses that no source has any more are gone
    assert warehouse.stored() == {ANN: of(ANN), WRITTEN_BEN: of(BEN), BEN: of(BEN)}

    again = clear_old(warehouse.engine, Pseudonyms(FIRST), 1, date(2026, 11, 18), job)
    assert str(again) == "No address or name is older than 2026-11-17."
    # names without an address
    assert str(replace(again, tables=1)) == "0 addresses before 2026-11-17 were replaced in 1 tables."
    with pytest.raises(PseudonymKeyError, match=ANOTHER_KEY):
        clear_old(warehouse.engine, Pseudonyms(OTHER), 1, date(2026, 11, 18), job)
