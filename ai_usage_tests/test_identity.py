"""The company's own files: read strictly, refused by file, line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.identity import IdentityRefused, api_key_owners, people, seats

PEOPLE = "email,first_name,last_name,department,aliases\n"
OWNERS = "api_key_id,email,purpose,valid_from,valid_to\n"
SEATS = "platform,usd_per_seat_month,seats,valid_from,valid_to\n"


def given(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    (folder / name).write_text(text, encoding=encoding)
    return folder


def test_no_files_mean_no_people_no_owners_and_no_seats(tmp_path: Path) -> None:
    assert (people(tmp_path), api_key_owners(tmp_path), seats(tmp_path)) == (([], []), [], [])


def test_people_and_their_aliases_are_trimmed_and_lower_cased(tmp_path: Path) -> None:
    folder = given(
        tmp_path,
        "people.csv",
        PEOPLE + " Ann@Example.com ,Ann,Özil van der Berg,R&D, A.B@x.org ; ann@old.example\n",
    )
    named, aliases = people(folder)
    assert named == [
        {
            "email": "ann@example.com",
            "first_name": "Ann",
            "last_name": "Özil van der Berg",
            "department": "R&D",
        }
    ]
    assert aliases == [
        {"alias": "a.b@x.org", "email": "ann@example.com"},
        {"alias": "ann@old.example", "email": "ann@example.com"},
    ]


def test_a_file_saved_by_a_spreadsheet_is_read_with_its_byte_order_mark_and_empty_lines(
    tmp_path: Path,
) -> None:
    folder = given(tmp_path, "people.csv", PEOPLE + "ann@example.com,,,,\n,,,,\n", encoding="utf-8-sig")
    assert people(folder)[0][0]["department"] is None


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    folder = given(
        tmp_path, "people.csv", "department,aliases,email,last_name,first_name\nOps,,ann@example.com,B,A\n"
    )
    assert people(folder)[0][0]["first_name"] == "A"


def test_owners_have_inclusive_periods_with_open_ends(tmp_path: Path) -> None:
    folder = given(
        tmp_path,
        "api_key_owners.csv",
        OWNERS + "k1,ann@example.com,CI,,2026-01-31\nk1,bob@example.com,,2026-02-01,\n",
    )
    first, second = api_key_owners(folder)
    assert (first["valid_from"], first["valid_to"]) == (None, date(2026, 1, 31))
    assert (second["valid_from"], second["valid_to"], second["purpose"]) == (date(2026, 2, 1), None, None)


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("email,first_name,last_name,department\n", "line 1, column aliases", "missing"),
        (PEOPLE.replace("aliases", "aliases,salary"), "line 1, column salary", "unknown column"),
        (PEOPLE.replace("first_name", "email"), "line 1, column email", "twice"),
        (PEOPLE + "ann@example.com,A\n", "line 2, column first_name", "2 values for 5 columns"),
        (PEOPLE + "ann,A,B,C,\n", "line 2, column email", "not an e-mail"),
        (PEOPLE + "a@x.org,,,,\nA@x.org,,,,\n", "line 3, column email", "already stands in line 2"),
        (PEOPLE + "a@x.org,,,,b@x.org\nb@x.org,,,,\n", "line 2, column aliases", "already stands in line 3"),
        (PEOPLE + "a@x.org,,,,not an alias\n", "line 2, column aliases", "not an e-mail"),
    ],
)
def test_a_malformed_people_file_is_refused_by_line_and_column(
    tmp_path: Path, text: str, where: str, why: str
) -> None:
    folder = given(tmp_path, "people.csv", text)
    with pytest.raises(IdentityRefused, match=why) as refused:
        people(folder)
    assert f"people.csv, {where}" in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        (",ann@example.com,,,\n", "line 2, column api_key_id", "value is needed"),
        ("k,ann@example.com,,01.02.2026,\n", "line 2, column valid_from", "not a date"),
        ("k,ann@example.com,,2026-02-01,2026-01-01\n", "line 2, column valid_to", "before valid_from"),
        (
            "k,a@x.org,,,2026-02-01\nk,b@x.org,,2026-02-01,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
    ],
)
def test_a_malformed_owners_file_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    folder = given(tmp_path, "api_key_owners.csv", OWNERS + lines)
    with pytest.raises(IdentityRefused, match=why) as refused:
        api_key_owners(folder)
    assert f"api_key_owners.csv, {where}" in str(refused.value)


def test_seats_have_an_exact_price_and_a_number_that_only_cursor_can_do_without(tmp_path: Path) -> None:
    lines = "cursor,40.00,,,2026-01-31\ncursor,32.123456789,25,2026-02-01,\nclaude_code,0,10,2026-02-01,\n"
    counted, invoiced, other = seats(given(tmp_path, "seats.csv", SEATS + lines))
    assert counted == {
        "platform": "cursor",
        "usd_per_seat_month": Decimal("40.00"),
        "seats": None,
        "valid_from": None,
        "valid_to": date(2026, 1, 31),
    }
    assert (invoiced["usd_per_seat_month"], invoiced["seats"]) == (Decimal("32.123456789"), 25)
    assert (other["platform"], other["usd_per_seat_month"], other["seats"]) == ("claude_code", 0, 10)


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        (SEATS.replace("seats", "seats,discount"), "line 1, column discount", "unknown column"),
        (SEATS.replace(",seats", ""), "line 1, column seats", "missing"),
        (SEATS + "copilot,10,5,,\n", "line 2, column platform", "none of cursor, claude_code, anthropic"),
        (SEATS + "Cursor,10,5,,\n", "line 2, column platform", "none of cursor, claude_code, anthropic"),
        (SEATS + ",10,5,,\n", "line 2, column platform", "none of"),
        (SEATS + "cursor,,5,,\n", "line 2, column usd_per_seat_month", "not an amount"),
        (SEATS + "cursor,-1,5,,\n", "line 2, column usd_per_seat_month", "not an amount"),
        (SEATS + "cursor,$40,5,,\n", "line 2, column usd_per_seat_month", "not an amount"),
        (SEATS + 'cursor,"40,00",5,,\n', "line 2, column usd_per_seat_month", "not an amount"),
        (SEATS + "cursor,4e1,5,,\n", "line 2, column usd_per_seat_month", "not an amount"),
        (SEATS + "cursor,0.0123456789,5,,\n", "line 2, column usd_per_seat_month", "at most 9 decimals"),
        (SEATS + "cursor,40,2.5,,\n", "line 2, column seats", "not a whole number"),
        (SEATS + "cursor,40,-2,,\n", "line 2, column seats", "not a whole number"),
        (SEATS + "anthropic,40,,,\n", "line 2, column seats", "value is needed"),
        (SEATS + "cursor,40,,2026-02-01,2026-01-01\n", "line 2, column valid_to", "before valid_from"),
        (
            SEATS + "cursor,40,,,2026-02-01\ncursor,44,,2026-02-01,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
    ],
)
def test_a_malformed_seats_file_is_refused_by_line_and_column(
    tmp_path: Path, text: str, where: str, why: str
) -> None:
    folder = given(tmp_path, "seats.csv", text)
    with pytest.raises(IdentityRefused, match=why) as refused:
        seats(folder)
    assert f"seats.csv, {where}" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(IdentityRefused, match="not UTF-8"):
        people(tmp_path)


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(IdentityRefused, match="cannot be read"):
        people(tmp_path)
