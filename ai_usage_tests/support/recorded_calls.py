"""The recorded calls to BigQuery: of a month, loaded twice, and of every case that does not happen in it."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.cli import budget_rows, cursor_import, focus_rows, owners, spend_rows
from ai_usage_assets.cli import close as close_command
from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.defs.closing import asset, proposal, readiness
from ai_usage_assets.defs.io_manager import WarehouseIOManager
from ai_usage_assets.digest import read as digest
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.findings import State
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.schema.tables.curated import DIM_API_KEYS, DIM_USERS, FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_MEMBERS
from ai_usage_assets.schema.tables.identity import IDENTITY_ALIASES, IDENTITY_INVOICES
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.warehouse import forget, preflight
from ai_usage_assets.warehouse.bigquery import uploads
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import PseudonymKeyError
from ai_usage_assets.warehouse.mentions import forget_in_notes, mentions
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms, change_key, refuse_without_key
from ai_usage_assets.warehouse.retention import clear_old
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.emulator.recording import PACKAGE, Call, recording
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.month_run import MonthRun

DAY = date(2026, 3, 2)
SENDING_METHODS = {
    "execute",
    "fetch",
    "read",
    "stage",
    "publish",
    "update_definition",
    "discard",
    "staged_columns",
    "schema_drift",
    "create_table",
    "create_view",
}
WITHOUT_BIGQUERY = {
    "warehouse/duckdb/catalog.py",
    "warehouse/duckdb/engine.py",
    "warehouse/duckdb/compact.py",
    "ops/forgotten_files.py",
    "demo/invoice_report.py",
    "demo/report.py",
    "ops/event_log.py",
}
"""The demo's warehouse is a DuckDB file, and Dagster's own records are in SQLite."""


@pytest.fixture(scope="session")
def recorded_calls(month_run_on_bigquery: MonthRun, emulator: str) -> list[Call]:
    with recording() as unusual:
        _unusual(emulated(emulator))
        _closed(emulated(emulator))
        engine = emulated(emulator)
        _pseudonymous(engine)
        _forgotten(engine)
        second = emulated(emulator)
        _pseudonymous(second)
        _cleared(second)
        _read(month_run_on_bigquery.engine)
    return [*month_run_on_bigquery.calls, *month_run_on_bigquery.second_run.calls, *unusual]


def _unusual(engine: Engine) -> None:
    """The cases that do not happen in a month: a restatement, a refusal with offending rows, an emptied day, many rows, a
    lost response, a day that keeps its rows, a known e-mail, a new load log, a table of an older version, and a read.
    """
    job = WriteContext(
        "run", "unusual", labels={"asset": "fct_cost_daily", "run": "run", "partition": str(DAY)}
    )
    for usd in ("1.5", "1.75"):
        replace(engine, FCT_COST_DAILY, cost(usd), Days.one(DAY), job.part(usd))
    replace(engine, FCT_COST_DAILY, cost(), Days.one(DAY), job.part("empty"))
    with patch.object(uploads, "MULTIPART_BYTES", 0):
        replace(engine, FCT_COST_DAILY, cost("1"), Days.one(DAY), job.part("large"))
    for _ in range(2):
        # the second job has the id of the first, as if its response had been lost
        with engine.session(job.part("found again")) as session:
            session.execute(f"select 1 from {FCT_COST_DAILY.name} where cost_date = date '{DAY}'")
    for emails in (["ann@example.com"], [None], []):
        replace(engine, RAW_CURSOR_EVENTS, events(*emails), Days.one(DAY), job.part(f"kept {emails}"))
    with engine.session(job.part("first log")) as session:
        session.execute(f"drop table {LOAD_LOG.name}")
        ensure_tables(engine, session, [LOAD_LOG])
    with pytest.raises(InvalidRowsError):
        replace(engine, FCT_COST_DAILY, cost("1", "1", allocation="guessed"), Days.one(DAY), job.part("bad"))
    with engine.session(job.part("older")) as session:
        ensure_tables(engine, session, [DIM_USERS])
    engine_of_its_own = engine._client  # type: ignore[attr-defined]
    older = engine_of_its_own.get_table(engine.qualified(DIM_USERS.name))
    engine_of_its_own.delete_table(older)
    older.schema = older.schema[:-1]
    engine_of_its_own.create_table(older)
    with engine.session(job.part("newer")) as session:
        ensure_tables(engine, session, [DIM_USERS])
    context = dg.build_input_context(
        asset_key=dg.AssetKey(DIM_USERS.name), dagster_type=dg.PythonObjectDagsterType(pd.DataFrame)
    )
    WarehouseIOManager(engine).load_input(context)


def _pseudonymous(engine: Engine) -> None:
    """A day of events with pseudonyms: what was published before is given some, and the key is changed."""
    job = WriteContext(
        "run", "pseudonyms", labels={"asset": "fct_usage_daily", "run": "run", "partition": str(DAY)}
    )
    days = Days.one(DAY)
    replace(engine, RAW_CURSOR_EVENTS, events("Ann@example.com"), days, job.part("raw"))
    replace(engine, FCT_USAGE_DAILY, select(FCT_USAGE_DAILY), days, job.part("before"))
    with engine.session(job.part("names")) as session:
        ensure_tables(engine, session, [DIM_USERS, DIM_API_KEYS])
    used = f"select user_email from fct_usage_daily where usage_date = date '{DAY}'"
    for key in (b"k", b"o"):
        made = Pseudonyms(key)
        if key == b"o":
            assert change_key(engine, key) == 1
        hidden = made.applied(FCT_USAGE_DAILY, select(FCT_USAGE_DAILY))
        replace(engine, FCT_USAGE_DAILY, hidden, days, job.part(str(key)))
        with engine.session() as session:
            assert session.fetch(used).to_pylist() == [{"user_email": made.of("ann@example.com")}]


def _cleared(engine: Engine) -> None:
    """The addresses of the day of events, and of a member who left before it, are too old."""
    made, job = (
        Pseudonyms(b"o"),
        WriteContext("run", "retention", labels={"asset": "pseudonyms", "run": "run"}),
    )
    with engine.session(job.part("sources")) as session:
        ensure_tables(engine, session, [RAW_CURSOR_MEMBERS, RAW_LIST_CHANGES, SEEN_VALUES])
        session.execute(
            f"insert into {RAW_CURSOR_MEMBERS.name} (member_id, email, name, fetched_at, first_seen_at, last_seen_at, "
            "is_current) select 'm', 'Bob@example.com', 'Bob', seen_at, seen_at, seen_at, false "
            f"from (select timestamp '{DAY} 00:00:00+00' as seen_at)"
        )
    for addresses in (2, 0):
        cleared = clear_old(engine, made, 62, DAY + timedelta(days=63), job.part(str(addresses)))
        assert (cleared.addresses, cleared.tables) == (addresses, addresses)
    with engine.session() as session:
        events = f"select email, null as name from raw_cursor_events where ingest_date = date '{DAY}'"
        for sql, email in (
            (events, "ann@example.com"),
            (f"select email, name from {RAW_CURSOR_MEMBERS.name}", "bob@example.com"),
        ):
            assert session.fetch(sql).to_pylist() == [{"email": made.of(email), "name": None}]
        assert session.fetch("select value from pseudonyms").num_rows == 0


def _forgotten(engine: Engine) -> None:
    """The person of the day of events is forgotten."""
    emails = {"ann@example.com"}
    with engine.session() as session:
        ensure_tables(engine, session, [IDENTITY_ALIASES])
        assert forget.aliases_of(session, "ann@example.com") == emails
        values = forget.spellings(session, emails)
        pseudonyms = forget.pseudonyms_of(session, values)
        assert list(pseudonyms) == [Pseudonyms(b"o").of("ann@example.com")]
        assert values == ["Ann@example.com", "ann@example.com"]
        assert forget.names_of(session, values) == set()
        assert not forget.has_pseudonyms(session)
    with pytest.raises(PseudonymKeyError):
        refuse_without_key(engine)
    with pytest.raises(PseudonymKeyError):
        Pseudonyms(b"another").require(engine)
    note = {
        "platform": "cursor",
        "invoice_id": "i",
        "line": 1,
        "issued_on": DAY,
        "period_start": DAY,
        "period_end": DAY,
        "kind": "other",
        "amount_usd": Decimal(1),
        "note": "Seat of Ann@example.com",
        "fetched_at": datetime(2026, 3, 2, tzinfo=UTC),
    }
    rows = pa.Table.from_pylist([note], schema=arrow_schema(IDENTITY_INVOICES))
    labels = {"asset": "identity_invoices", "run": "run"}
    replace(engine, IDENTITY_INVOICES, rows, None, WriteContext("run", "notes", labels=labels))
    forget.forget(engine, dict.fromkeys([*values, *pseudonyms], "forgotten-1"))
    forget_in_notes(engine, emails)
    with engine.session() as session:
        assert list(mentions(session, emails)) == []
        [row] = session.fetch(
            f"select user_email, requests from fct_usage_daily where usage_date = date '{DAY}'"
        ).to_pylist()
        assert row == {"user_email": "unattributed", "requests": 1}


def _closed(engine: Engine) -> None:
    """A month is closed in an empty warehouse in which its days are loaded, and the next close is proposed."""
    month = Days(date(2026, 3, 1), date(2026, 3, 31))
    labels = {"asset": CLOSED_MONTHS.name, "run": "run", "partition": str(month)}
    job = WriteContext("run", "closed", labels=labels)
    close = asset.MonthClose(fetched=[], clock=lambda: datetime(2026, 4, 5, tzinfo=UTC))
    with engine.session(job.part("loads")) as session:
        ensure_tables(engine, session, [LOAD_LOG, CLOSED_MONTHS])
        for fact in readiness.FACTS:
            session.execute(
                f"insert into {LOAD_LOG.name} (table_name, day, loaded_at, `rows`, state) "
                f"select '{fact.name}', day, current_timestamp(), 0, 'empty' "
                f"from unnest(generate_date_array(date '{month.first}', date '{month.last}')) as day"
            )
    assert close.obstacles(engine, month, job.part("obstacles")) == []
    with engine.session(job.part("revision")) as session:
        assert asset.newest_revision(session, month) == 0
        ensure_tables(engine, session, select(CLOSED_MONTHS).inputs)
        assert asset.count_of_rows(session, month) == 0
    replace(engine, CLOSED_MONTHS, select(CLOSED_MONTHS), month, job.part("written"))
    with engine.session(job.part("proposal")) as session:
        for sql in (proposal.CLOSED, proposal.changes_sql()):
            assert session.fetch(sql).num_rows == 0
    replace(engine, CLOSED_MONTHS, closed(month), month, job.part("a row"))
    assert "revision 1: 1.50 USD" in close_command.closed(engine, month)


def _read(engine: Engine) -> None:
    """What the command and the digest read of a month that is loaded."""
    job = WriteContext("run", "read", labels={"asset": "digest", "run": "run"})
    week = Days(date(2026, 11, 2), date(2026, 11, 8))
    now = datetime(2026, 11, 9, 15, tzinfo=UTC)
    assert spend_rows.read(engine, "platform", week, has_names=True).total_usd
    with TemporaryDirectory() as folder:
        assert spend_rows.hiding(engine, "department", week, Path(folder))
        assert cursor_import.write(engine, events(), Days.one(week.first)).of_api
        assert cursor_import.due(engine, week) == []
        assert focus_rows.read(engine, week, "1.3", Path(folder), has_names=False).billed_usd
        with pytest.raises(budget_rows.ProposalError, match="No month of"):
            budget_rows.propose(engine, Path(folder), now.date(), has_names=False)
    assert budget_rows.read(engine, now.date(), has_names=False).company
    assert budget_rows.late(engine, ["cursor"], now.date(), now.date()) is None
    assert owners.read(engine, now.date()).keys
    assert digest.week_figures(engine, job, week, week.first, now).total_usd
    assert [each.state for each in preflight.findings(engine, "the dataset")] == [State.OK, State.OK]


def closed(month: Days) -> pa.Table:
    row = {
        **dict.fromkeys(("month", "cost_month"), month.first),
        "platform": "cursor",
        "cost_type": "overage",
        "user_email": "ann@example.com",
        "department": "Data",
        "team": "T1",
        "cost_center": "C1",
        "cost_usd": Decimal("1.5"),
        "tokens": 0,
        "revision": 1,
        "is_current": True,
        "closed_at": datetime(2026, 4, 5, tzinfo=UTC),
    }
    return pa.Table.from_pylist([row], schema=arrow_schema(CLOSED_MONTHS))


def cost(*amounts: str, allocation: str = "key") -> pa.Table:
    given = {"cost_date": DAY, "platform": "cursor", "processed_at": datetime(2026, 3, 3, tzinfo=UTC)}
    rows = [given | {"cost_usd": Decimal(usd), "allocation": allocation} for usd in amounts]
    return pa.Table.from_pylist(rows, schema=arrow_schema(FCT_COST_DAILY))


def events(*emails: str | None) -> pa.Table:
    given = {"ingest_date": DAY, "fetched_at": datetime(2026, 3, 3, tzinfo=UTC), "occurrence": 1}
    rows = [given | {"event_at": datetime(2026, 3, 2, 9, tzinfo=UTC), "email": email} for email in emails]
    return pa.Table.from_pylist(rows, schema=arrow_schema(RAW_CURSOR_EVENTS))


def senders() -> Iterator[tuple[str, range]]:
    """Each place of the package that hands something to a session: file and lines."""
    for path in sorted(Path(PACKAGE).rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if name in WITHOUT_BIGQUERY:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in SENDING_METHODS
                and ast.unparse(node.func.value) in {"session", "connection"}
            ):
                yield name, range(node.lineno, (node.end_lineno or node.lineno) + 1)
