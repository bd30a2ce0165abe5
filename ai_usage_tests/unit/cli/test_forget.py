"""`ai-usage forget` on a few rows: whose address goes, what is said of it, and what an interruption leaves."""

import hmac
import re
import sqlite3
from contextlib import ExitStack, closing
from hashlib import md5
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from ai_usage_assets.cli import exit_codes
from ai_usage_assets.cli import forget as forget_command
from ai_usage_assets.cli.main import run
from ai_usage_assets.ops import forgotten_files
from ai_usage_assets.report.files import NUMBERS_FILE
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse import forget
from ai_usage_assets.warehouse.duckdb import compact
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusyError
from ai_usage_assets.warehouse.mentions import mentions
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
from ai_usage_tests.support.harness import NOW

pytestmark = pytest.mark.slow

ANNA, OLD, KEY = "anna@forget.example", "anna.old@forget.example", "k" * 32


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_translations: Path) -> DuckDBEngine:
    """A few rows of Anna, her other address, and Hanna, whose addresses and names are longer. Anna has a pseudonym."""
    made, day = Pseudonyms(KEY.encode()), "date '2026-11-02'"
    anna = made.of(ANNA)
    engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
    rows = {
        "raw_cursor_events": f"(ingest_date, event_at, email) values ({day}, timestamp '2026-11-02 00:00:00+00', '{OLD}'), "
        f"({day}, timestamp '2026-11-02 00:00:00+00', 'h{ANNA}')",
        "raw_cursor_members": f"(member_id, email, name) values ('1', '{ANNA}', 'Anna Lee'), "
        f"('2', 'h{ANNA}', 'Hanna Lee'), ('3', '{ANNA}.au', 'Anna Leeds')",
        "fct_cursor_requests_daily": "(usage_date, user_email, model, kind, requests, request_units) values "
        f"({day}, '{anna}', 'm', 'k', 1, 2.5), ({day}, 'unattributed', 'm', 'k', 1, 1.25)",
        "dim_users": f"(user_id, email, kind) values ('1', '{anna}', 'person')",
        "pseudonyms": f"values ('{ANNA}', '{anna}', '{made.key_check}')",
        "identity_people": f"(email, first_name) values ('{ANNA}', 'Anna')",
        "identity_aliases": f"(alias, email) values ('{OLD}', '{ANNA}')",
        "identity_invoices": f"(platform, invoice_id, line, note) values ('cursor', 'i', 1, 'Seat of {ANNA.title()}.')",
    }
    with engine.session(WriteContext("run", "small")) as session:
        for table in (table for table in TABLES if table.name in rows):
            session.execute(_without_requirements(engine.create_table(table)))
    engine.close()
    for name, values in rows.items():
        _directly(engine, f"insert into {name} {values}")
    for folder in ("identity", "reports", "dagster"):
        (tmp_path / folder).mkdir()
    (tmp_path / "identity" / "people.csv").write_text(
        f"email,first_name,last_name,department,aliases\n{ANNA},Anna,Lee,Data,{OLD}\nh{ANNA},Hanna,Lee,Data,\n"
    )
    (tmp_path / "identity" / "invoices.csv").write_text(
        f"platform,invoice_id,amount_usd,note\ncursor,i,5.00,{ANNA}\ncursor,j,6.00,Seat of {ANNA}; h{ANNA}\n"
    )
    secret = b"s" * 32
    (tmp_path / "reports" / NUMBERS_FILE).write_bytes(secret)
    whose = hmac.new(secret, anna.encode(), "sha256").hexdigest()[:8]
    for page in ("2026-10-names", f"2026-10-{whose}", "2026-10"):
        (tmp_path / "reports" / f"{page}.html").write_text("Hanna Lee")
    with closing(sqlite3.connect(tmp_path / "dagster" / "runs.db")) as runs:
        runs.execute("create table event_logs (event text)")
        runs.execute("insert into event_logs values (?)", [f"h{ANNA} and \\n{ANNA}."])
        runs.commit()
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "AI_USAGE_DUCKDB_PATH": tmp_path / "ai_usage.duckdb",
        "AI_USAGE_IDENTITY_DIR": tmp_path / "identity",
        "AI_USAGE_REPORT_DIR": tmp_path / "reports",
        "DAGSTER_HOME": tmp_path / "dagster",
        "AI_USAGE_PSEUDONYM_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, str(value))
    return engine


NOWHERE = (
    "Searched N files, and every table and every byte of the DuckDB file: the address is in none of them.\n"
)


def without_count(out: str) -> str:
    """What the command said, whatever number of files it searched."""
    return re.sub(r"Searched [\d,]+ files", "Searched N files", out)


def _without_requirements(statement: str) -> str:
    return statement.replace(" NOT NULL", "").replace(" not null", "")


def _directly(engine: DuckDBEngine, sql: str) -> None:
    """Run a statement whose text is kept nowhere."""
    with duckdb.connect(str(engine._file.path)) as connection:
        connection.execute("use ai_usage.ai_usage")
        connection.execute(sql)


def _rows(engine: DuckDBEngine, sql: str) -> list[tuple[object, ...]]:
    with engine.session() as session:
        return [tuple(row.values()) for row in session.fetch(sql).to_pylist()]


def _files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


@pytest.mark.parametrize("answer", ["n\n", "\n", ""], ids=["no", "no answer", "no terminal"])
def test_who_does_not_say_yes_changes_nothing(
    small: DuckDBEngine, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _files()
    monkeypatch.setattr("sys.stdin", StringIO(answer))
    assert run(["forget", ANNA], lambda: NOW) == exit_codes.INTERRUPTED
    assert "This cannot be undone. Forget this person? [y/N]: " in capsys.readouterr().out
    assert _files() == before


def test_who_says_yes_is_asked_once(
    small: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    assert run(["forget", ANNA], lambda: NOW) == 0, capfd.readouterr()
    assert capfd.readouterr().out.count("Forget this person?") == 1
    assert _rows(small, f"select email from raw_cursor_members where email = '{ANNA}'") == []


def test_whoever_has_a_longer_address_stays_and_pseudonyms_go(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect("dagster/open.db")) as logged:
        # as after a crash: what was written is in the write-ahead log alone
        logged.execute("pragma journal_mode = wal")
        logged.execute("create table event_logs (event text)")
        logged.execute("insert into event_logs values (?)", [ANNA])
        logged.commit()
        assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0, capfd.readouterr()
        assert logged.execute("select event from event_logs").fetchall() == [("forgotten",)]
    out, err = capfd.readouterr()
    assert without_count(out) == (
        "7 tables had the person; 2 identity files, 2 pages and 3 files of Dagster's records were changed or deleted.\n"
        f"{NOWHERE}"
    )
    assert err == (
        f"warning: {Path('identity').absolute()}/invoices.csv, line 1, column issued_on: the column is missing. None of its "
        "rows was written. Fix the file.\n"
    )
    identity = Path("identity")
    assert (identity / "people.csv").read_text().splitlines()[1:] == [f"h{ANNA},Hanna,Lee,Data,"]
    assert (identity / "invoices.csv").read_text().splitlines()[1:] == [
        "cursor,i,5.00,forgotten",
        f"cursor,j,6.00,Seat of forgotten; h{ANNA}",
    ]
    assert sorted(path.name for path in Path("reports").glob("*.html")) == ["2026-10.html"]
    with closing(sqlite3.connect("dagster/runs.db")) as runs:
        assert runs.execute("select event from event_logs").fetchall() == [
            (f"h{ANNA} and \\nforgotten.",),
        ]
    assert _rows(
        small, "select user_email, requests, cast(request_units as string) from fct_cursor_requests_daily"
    ) == [("unattributed", 2, "3.750000000")]
    assert _rows(small, "select email, name from raw_cursor_members order by member_id") == [
        ("forgotten-1-2", None),
        (f"h{ANNA}", "Hanna Lee"),
        (f"{ANNA}.au", "Anna Leeds"),
    ]
    assert _rows(small, "select note from identity_invoices") == [("Seat of forgotten.",)]
    for table in ("dim_users", "pseudonyms", "identity_people"):
        assert _rows(small, f"select * from {table}") == []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "AI_USAGE_PSEUDONYM_KEY is not set, and the people of this warehouse have pseudonyms."),
        ("x" * 32, "AI_USAGE_PSEUDONYM_KEY is another key than the one"),
    ],
    ids=["none", "another"],
)
def test_pseudonyms_of_cleared_days_need_their_key(
    small: DuckDBEngine,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    message: str,
) -> None:
    made = Pseudonyms(KEY.encode())
    hanna = f"h{ANNA}"
    # Anna's address was cleared everywhere, and nobody can look up her pseudonym any more
    _directly(small, f"update raw_cursor_events set email = '{made.of(OLD)}' where email = '{OLD}'")
    _directly(small, f"update pseudonyms set value = '{hanna}', pseudonym = '{made.of(hanna)}'")
    monkeypatch.setenv("AI_USAGE_PSEUDONYM_KEY", key)
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 1
    assert message in " ".join(capfd.readouterr().err.split())
    assert not Path("identity/forgotten.csv").exists()
    monkeypatch.setenv("AI_USAGE_PSEUDONYM_KEY", KEY)
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0, capfd.readouterr()
    assert _rows(small, "select email from raw_cursor_events order by email") == [("forgotten-1",), (hanna,)]


def test_pseudonyms_of_a_key_that_is_gone_are_warned_of(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _directly(small, f"update raw_cursor_events set email = 'p-{'0' * 16}' where email = '{OLD}'")
    _directly(small, "delete from pseudonyms")
    monkeypatch.delenv("AI_USAGE_PSEUDONYM_KEY")
    _directly(small, "delete from fct_cursor_requests_daily")
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0, capfd.readouterr()
    said = " ".join(capfd.readouterr().err.split())
    assert "without AI_USAGE_PSEUDONYM_KEY nothing tells whether one is this person's" in said


@pytest.mark.parametrize(
    "broken", ["raw_cursor_events", "fct_cursor_requests_daily", "the file", "people.csv"]
)
def test_an_interrupted_command_is_run_again_by_any_address(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str], broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise WarehouseBusyError("busy", "wait")

    has_person, write = forget._has_person, forgotten_files._write
    with ExitStack() as stack:
        if broken == "the file":
            stack.enter_context(patch.object(compact, "compact", fail))
        elif broken == "people.csv":
            stack.enter_context(
                patch.object(
                    forgotten_files,
                    "_write",
                    lambda path, content: fail() if path.name == broken else write(path, content),
                )
            )
        else:
            stack.enter_context(
                patch.object(
                    forget,
                    "_has_person",
                    lambda session, table, staged: (
                        fail() if table.name == broken else has_person(session, table, staged)
                    ),
                )
            )
        assert run(["forget", ANNA, "--yes"], lambda: NOW) == 1
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0, capfd.readouterr()
    anna = Pseudonyms(KEY.encode()).of(ANNA)
    with small.session() as session:
        assert {each.value for each in mentions(session, [ANNA, OLD, anna])} == {f"h{ANNA}", f"{ANNA}.au"}
    assert OLD not in Path("identity/people.csv").read_text()
    assert [path.name for path in Path("reports").glob("*.html")] == ["2026-10.html"]


def test_an_address_of_two_people_is_refused(small: DuckDBEngine, capfd: pytest.CaptureFixture[str]) -> None:
    people = Path("identity/people.csv")
    before = people.read_text() + f"bob@forget.example,Bob,Lee,Data,{OLD}\n"
    people.write_text(before)
    assert run(["forget", OLD, "--yes"], lambda: NOW) == 1
    assert "gives the address to 2 people. Nobody was forgotten." in " ".join(capfd.readouterr().err.split())
    assert people.read_text() == before
    assert _rows(small, "select count(*) as n from identity_aliases") == [(1,)]


def test_a_text_of_a_vendor_is_named_with_what_to_do(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    _directly(small, f"update raw_cursor_members set name = '{ANNA}-laptop' where member_id = '2'")
    _directly(small, f"update raw_cursor_events set model = '{ANNA}-model' where email = 'h{ANNA}'")
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 1
    assert capfd.readouterr().err.splitlines()[-1] == (
        f"error: The address or its pseudonym is still in {Path('ai_usage.duckdb').absolute()}, raw_cursor_events.model, "
        "raw_cursor_members.name. What raw_cursor_events.model and raw_cursor_members.name has is text of the vendor, such as the name of a key: change it in the vendor's console, load that table again, and run this again."
    )


def test_an_address_that_nobody_has_is_told(small: DuckDBEngine, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["forget", "ana@forget.example", "--yes"], lambda: NOW) == 0
    out, err = capfd.readouterr()
    assert without_count(out) == (
        "0 tables had the person; 0 identity files, 1 page and 0 files of Dagster's records were changed or deleted.\n"
        f"{NOWHERE}"
    )
    assert err.splitlines()[0] == (
        "warning: Nobody with this address was found: check the spelling, unless the person was forgotten before. "
        "forgotten.csv has a digest of it, so that it is not stored if a vendor sends it."
    )
    # spaces and invisible characters around it are none of the address
    assert run(["forget", f"\u00a0{ANNA}\u200b", "--yes"], lambda: NOW) == 0
    said = capfd.readouterr()
    assert "Nobody" not in said.err
    assert Path("identity/people.csv").read_text().splitlines()[1:] == [f"h{ANNA},Hanna,Lee,Data,"]


def test_an_address_with_an_invisible_character_is_refused(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["forget", ANNA.replace("@", "\u200b@"), "--yes"], lambda: NOW) == 2
    assert "Error: EMAIL has a character that cannot be seen (U+200B)." in " ".join(
        capfd.readouterr().err.split()
    )
    assert not Path("identity/forgotten.csv").exists()


def test_the_hash_by_which_checks_name_the_person_goes(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    names = [ANNA, OLD, Pseudonyms(KEY.encode()).of(ANNA), f"h{ANNA}"]
    *theirs, other = (f"person {md5(each.encode()).hexdigest()}" for each in names)
    with closing(sqlite3.connect("dagster/checks.db")) as checks:
        checks.execute("create table evaluations (event text)")
        checks.executemany("insert into evaluations values (?)", [[each] for each in [*theirs, other]])
        checks.commit()
    log = Path("dagster/step.err")
    log.write_text("\n".join([*theirs, other]))
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0, capfd.readouterr()
    expected = ["person forgotten"] * 3 + [other]
    assert log.read_text().splitlines() == expected
    with closing(sqlite3.connect("dagster/checks.db")) as checks:
        assert [event for (event,) in checks.execute("select event from evaluations")] == expected


def test_a_file_that_needs_a_line_which_is_gone_is_told(
    small: DuckDBEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    identity = Path("identity")
    header = "email,first_name,last_name,department,aliases,team\n"
    (identity / "people.csv").write_text(
        f"{header}{ANNA},Anna,Lee,Data,{OLD},Ops\nh{ANNA},Hanna,Lee,Data,,Dev\n"
    )
    (identity / "budgets.csv").write_text(
        "scope,name,usd_per_month,valid_from,valid_to\nteam,Dev,10,,\nteam,Ops,10,,\n"
    )
    assert run(["forget", ANNA, "--yes"], lambda: NOW) == 0
    said = " ".join(capfd.readouterr().err.split())
    assert "budgets.csv, line 3, column name: no row of people.csv has this team" in said
    assert ANNA not in said


def test_on_bigquery_it_says_how_long_former_rows_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_translations: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    settings = Settings.from_env({"BIGQUERY_PROJECT": "a-project"})

    forget_command._prove(settings, {ANNA}, has_warehouse=False)

    out = capfd.readouterr().out
    assert without_count(out) == (
        "Searched N files, and every table: the address is in none of them.\n"
        "BigQuery keeps the former rows for its time travel window (7 days by default) and 7 days of fail-safe.\n"
    )
