"""Forgetting a person on a small warehouse: what each table has afterwards, row by row."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine, DuckDBSession
from ai_usage_assets.warehouse.engine import Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.forget import (
    aliases_of,
    forget,
    has_pseudonyms,
    names_of,
    pseudonyms_of,
    spellings,
)
from ai_usage_assets.warehouse.mentions import forget_in_notes, mentions
from ai_usage_tests.support.rule_cases import Row, insert

ANN, WRITTEN, OLD, BEN = "ann@x.org", " Ann@X.org", "old.ann@x.org", "ben@x.org"
LONGER = f"jo{ANN}"
PSEUDONYM, OF_BEN = "p-0123456789abcdef", "p-fedcba9876543210"
TOKENS = {ANN: "forgotten-1", WRITTEN: "forgotten-1", OLD: "forgotten-1-2", PSEUDONYM: "forgotten-1"}
MONDAY, LATER = date(2026, 3, 2), date(2026, 11, 16)
USAGE = {"platform": "cursor", "api_key_id": "k", "model": "m", "actor_type": "person"}
GIVEN: dict[str, list[Row]] = {
    "raw_cursor_usage": [
        {"ingest_date": MONDAY, "user_id": "1", "email": WRITTEN, "total_accepts": 3},
        {"ingest_date": LATER, "user_id": "2", "email": OLD, "total_accepts": 5},
        {"ingest_date": LATER, "user_id": "3", "email": LONGER, "total_accepts": 7},
    ],
    "raw_anthropic_users": [
        {"user_id": "1", "email": ANN, "name": "Ann Lee"},
        {"user_id": "2", "email": BEN, "name": "Ben Fox"},
        {"user_id": "3", "email": OLD, "name": None},
    ],
    "dim_users": [
        {"user_id": "1", "email": ANN, "first_name": "Ann", "last_name": "Lee", "kind": "person"},
        {"user_id": "2", "email": BEN, "first_name": "Ben", "last_name": "Fox", "kind": "person"},
        {"user_id": "3", "email": OLD, "first_name": "Ann", "last_name": None, "kind": "person"},
    ],
    "dim_api_keys": [
        {"api_key_id": "k1", "name": "one", "user_email": ANN, "created_by_email": BEN},
        {"api_key_id": "k2", "name": "two", "user_email": BEN, "created_by_email": OLD},
    ],
    "fct_usage_daily": [
        {**USAGE, "usage_date": MONDAY, "user_email": ANN, "accepts": 1, "rejects": 3, "input_tokens": 5},
        {
            **USAGE,
            "usage_date": MONDAY,
            "user_email": "unattributed",
            "actor_type": "unknown",
            "accepts": 9,
            "rejects": 2,
            "input_tokens": 10,
        },
        {**USAGE, "usage_date": MONDAY, "user_email": BEN, "accepts": 2, "rejects": 2, "input_tokens": 20},
        {**USAGE, "usage_date": LATER, "user_email": PSEUDONYM, "actor_type": "service", "input_tokens": 40},
    ],
    "fct_activity_daily": [
        {"usage_date": MONDAY, "user_email": who, "platform": "cursor", "is_active": active}
        for who, active in ((ANN, True), ("unattributed", False), (BEN, False))
    ],
    "closed_months": [
        {
            "month": date(2026, 3, 1),
            "cost_month": date(2026, 3, 1),
            "platform": "cursor",
            "cost_type": "usage",
            "revision": 1,
            "fx_rate": Decimal("0.92"),
            "user_email": who,
            "cost_usd": usd,
            "tokens": 10 * usd,
        }
        for who, usd in (("unattributed", 3), (ANN, 4), (BEN, 5))
    ],
    "fct_restatements": [{"user_email": who, "day": MONDAY} for who in (PSEUDONYM, OF_BEN)],
    "pseudonyms": [
        {"value": ANN, "pseudonym": PSEUDONYM, "key_check": "c"},
        {"value": BEN, "pseudonym": OF_BEN, "key_check": "c"},
    ],
    "identity_people": [{"email": ANN, "first_name": "Ann"}, {"email": BEN, "first_name": "Ben"}],
    "identity_aliases": [{"alias": OLD, "email": ANN}, {"alias": "b@x.org", "email": BEN}],
    "identity_invoices": [
        {"platform": "cursor", "invoice_id": "i", "line": 1, "note": f"Seat of {ANN.upper()}; {LONGER}"},
        {"platform": "cursor", "invoice_id": "i", "line": 2, "note": "Seats"},
    ],
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    with engine.session(WriteContext("run", "made")) as session:
        ensure_tables(engine, session, [BY_NAME[name] for name in GIVEN])
        for name, rows in GIVEN.items():
            session.execute(insert(BY_NAME[name], rows))
    yield engine
    engine.close()


def fetch(session: Session, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = session.fetch(f"select {', '.join(columns)} from {table}").to_pylist()
    return sorted((tuple(row.values()) for row in found), key=str)


def test_rows_of_the_person_are_deleted_renamed_or_given_to_unattributed_and_others_stay(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged, stage = [], DuckDBSession.stage

    def staging(session: DuckDBSession, name: str, source: Any) -> None:
        staged.append(name)
        stage(session, name, source)

    monkeypatch.setattr(DuckDBSession, "stage", staging)
    assert forget(engine, TOKENS) == 11
    # BigQuery's refusals know by this name that a statement has written no row of a table
    assert staged
    assert all(name.startswith("staged_") for name in staged)

    with engine.session() as session:
        assert fetch(session, "raw_cursor_usage", "user_id", "email", "total_accepts") == [
            ("1", "forgotten-1", 3),
            ("2", "forgotten-1-2", 5),
            ("3", LONGER, 7),
        ]
        assert fetch(session, "raw_anthropic_users", "user_id", "email", "name") == [
            ("1", "forgotten-1", None),
            ("2", BEN, "Ben Fox"),
            ("3", "forgotten-1-2", None),
        ]
        assert fetch(session, "dim_users", "user_id", "email", "first_name") == [("2", BEN, "Ben")]
        assert fetch(session, "dim_api_keys", "api_key_id", "name", "user_email", "created_by_email") == [
            ("k1", "one", "unattributed", BEN),
            ("k2", "two", BEN, "unattributed"),
        ]
        figures = ("accepts", "rejects", "cast(acceptance_rate as string)", "input_tokens", "actor_type")
        assert fetch(session, "fct_usage_daily", "cast(usage_date as string)", "user_email", *figures) == [
            ("2026-03-02", BEN, 2, 2, "0.5000", 20, "person"),
            ("2026-03-02", "unattributed", 10, 5, "0.6667", 15, "unknown"),
            ("2026-11-16", "unattributed", None, None, None, 40, "service"),
        ]
        assert fetch(session, "fct_activity_daily", "user_email", "is_active") == [
            (BEN, False),
            ("unattributed", True),
        ]
        assert fetch(
            session, "closed_months", "user_email", "cost_usd", "tokens", "fx_rate", "is_current"
        ) == [
            (BEN, 5, 50, Decimal("0.92"), True),
            ("unattributed", 7, 70, Decimal("0.92"), True),
        ]
        assert fetch(session, "fct_restatements", "user_email") == [(OF_BEN,)]
        assert fetch(session, "pseudonyms", "value") == [(BEN,)]
        assert fetch(session, "identity_people", "email", "first_name") == [(BEN, "Ben")]
        assert fetch(session, "identity_aliases", "alias", "email") == [
            ("b@x.org", BEN),
            ("forgotten-1", "unattributed"),
            ("forgotten-1-2", "unattributed"),
        ]
    # again, as after an interruption
    assert forget(engine, TOKENS) == 0


def test_what_the_tables_know_of_a_person_is_found_by_whole_addresses(engine: DuckDBEngine) -> None:
    with engine.session() as session:
        assert spellings(session, [ANN]) == [WRITTEN, ANN]
        assert spellings(session, [ANN, OLD]) == [WRITTEN, ANN, OLD]
        assert spellings(session, ["nobody@x.org"]) == []
        assert aliases_of(session, OLD) == aliases_of(session, ANN) == {ANN, OLD}
        assert aliases_of(session, "nobody@x.org") == {"nobody@x.org"}
        assert names_of(session, [ANN, OLD]) == {"Ann Lee"}
        assert pseudonyms_of(session, [ANN, OLD]) == {PSEUDONYM: ANN}
        assert not has_pseudonyms(session)
        session.execute(f"update raw_cursor_usage set email = '{PSEUDONYM}0' where user_id = '2'")
        assert not has_pseudonyms(session)
        session.execute(f"update raw_cursor_usage set email = '{PSEUDONYM}' where user_id = '2'")
        assert has_pseudonyms(session)


def test_a_warehouse_without_tables_knows_nobody(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "empty.duckdb")
    with engine.session() as session:
        assert spellings(session, [ANN]) == []
        assert aliases_of(session, ANN) == {ANN}
        assert names_of(session, [ANN]) == set()
        assert pseudonyms_of(session, [ANN]) == {}
        assert not has_pseudonyms(session)
        assert list(mentions(session, [ANN])) == []
    assert forget(engine, TOKENS) == 0
    engine.close()


def test_mentions_are_values_that_have_the_text_in_them_and_notes_lose_whole_addresses(
    engine: DuckDBEngine,
) -> None:
    note = f"Seat of {ANN.upper()}; {LONGER}"
    with engine.session() as session:
        tables = [BY_NAME[name] for name in ("agg_user_summary", "raw_claude_code_usage", "raw_cursor_usage")]
        found = mentions(session, [ANN], [*tables, BY_NAME["identity_invoices"]])
        assert sorted((each.place, each.value) for each in found) == [
            ("identity_invoices.note", note),
            ("raw_cursor_usage.email", WRITTEN),
            ("raw_cursor_usage.email", LONGER),
            ("raw_cursor_usage.email", OLD),
        ]
    forget_in_notes(engine, [ANN])
    with engine.session() as session:
        assert fetch(session, "identity_invoices", "line", "note") == [
            (1, f"Seat of forgotten; {LONGER}"),
            (2, "Seats"),
        ]
        # it changes nothing else
        assert ("1", ANN, "Ann Lee") in fetch(session, "raw_anthropic_users", "user_id", "email", "name")
