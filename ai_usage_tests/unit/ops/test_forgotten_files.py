"""Forgetting in files: an address in any spelling goes, and another person's longer one stays."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

import pytest

from ai_usage_assets.ops.forgotten_files import forget_in_identity, forget_in_records, naming

HEADER = "email,first_name,last_name,department,aliases\n"
MULLER, MILE = "müller@x.de", "mile@x.com"
SPELLINGS = {
    "capitals": "MÜLLER@X.DE",
    "title": "Müller@x.de",
    "decomposed": normalize("NFD", MULLER),
    "json": json.dumps(MULLER)[1:-1],
    "json of capitals": json.dumps("MÜLLER@x.de")[1:-1],
    "url": f"?of={quote('Müller@x.de', safe='')}",
    "after a no-break space of json": f"\\u00a0{MULLER}",
}
OTHERS = {
    "letter": f"é{MILE}",
    "decomposed letter": normalize("NFD", f"é{MILE}"),
    "json": json.dumps(f"é{MILE}")[1:-1],
    "url": quote(f"é{MILE}", safe=""),
}


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    return folder


def _log(folder: Path, value: str) -> None:
    (folder / "step.err").write_text(f"of <{value}>", encoding="utf-8")
    with closing(sqlite3.connect(folder / "runs.db")) as runs:
        runs.execute("create table event_logs (id integer, event text)")
        runs.execute("insert into event_logs values (1, ?)", [f"of <{value}>"])
        runs.commit()


def _logged(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "runs.db")) as runs:
        events = {event for (event,) in runs.execute("select event from event_logs")}
    return events | {(folder / "step.err").read_text(encoding="utf-8")}


@pytest.mark.parametrize("value", SPELLINGS.values(), ids=SPELLINGS)
def test_an_address_goes_in_every_spelling(records: Path, value: str) -> None:
    _log(records, value)
    paths = sorted(records.iterdir())
    assert naming(paths, [MULLER]) == paths
    assert forget_in_records(records, [MULLER]) == paths
    [event] = _logged(records)
    assert "forgotten>" in event
    assert "ller" not in event.lower()
    assert naming(paths, [MULLER]) == []


def test_the_dotted_capital_of_turkish_is_found(records: Path) -> None:
    _log(records, "ALİ@X.COM.TR")
    forget_in_records(records, ["ALİ@X.COM.TR".lower()])
    assert _logged(records) == {"of <forgotten>"}


@pytest.mark.parametrize("value", OTHERS.values(), ids=OTHERS)
def test_a_longer_address_of_another_person_stays(records: Path, value: str) -> None:
    _log(records, value)
    assert naming(records.iterdir(), [MILE]) == []
    assert forget_in_records(records, [MILE]) == []
    assert _logged(records) == {f"of <{value}>"}


def test_a_value_that_two_pages_of_a_database_share_is_found(records: Path) -> None:
    path = records / "runs.db"
    for after in range(4060, 4110, len(MILE) // 2):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as runs:
            runs.execute("create table event_logs (event text)")
            runs.execute("insert into event_logs values (?)", ["-" * 9000 + f"<{MILE}>" + "-" * after])
            runs.commit()
        if MILE.encode() not in path.read_bytes():
            break
    assert MILE.encode() not in path.read_bytes()
    assert naming([path], [MILE]) == [path]
    assert forget_in_records(records, [MILE]) == [path]
    assert naming([path], [MILE]) == []


@pytest.mark.parametrize("value", ["MÜLLER@x.de", normalize("NFD", MULLER)], ids=["capitals", "decomposed"])
def test_a_line_of_an_identity_file_goes_in_every_spelling(tmp_path: Path, value: str) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"{HEADER}{value},Mi,Le,Eng,\nann@x.de,A,B,Eng,\n", encoding="utf-8")
    assert forget_in_identity(tmp_path, {MULLER}) == [people]
    assert people.read_text(encoding="utf-8") == f"{HEADER}ann@x.de,A,B,Eng,\n"


def test_the_line_of_another_person_in_an_identity_file_stays(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"{HEADER}{MILE},Mi,Le,Eng,\né{MILE},Em,Ile,Eng,\n", encoding="utf-8")
    forget_in_identity(tmp_path, {MILE})
    assert people.read_text(encoding="utf-8") == f"{HEADER}é{MILE},Em,Ile,Eng,\n"
