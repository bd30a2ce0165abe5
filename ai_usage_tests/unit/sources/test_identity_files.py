"""The company's own files. A malformed file is refused by file, line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from ai_usage_assets.forgotten import Forgotten, add
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.owners import api_key_owners
from ai_usage_assets.sources.identity.people import aliases, people
from ai_usage_assets.sources.identity.seats import seat_tiers, seats

PEOPLE = "email,first_name,last_name,department,aliases\n"
DATED = PEOPLE.replace("aliases", "aliases,valid_from,valid_to")
OWNERS = "api_key_id,email,purpose,valid_from,valid_to\n"
SEATS = "platform,usd_per_seat_month,seats,valid_from,valid_to\n"
TIERED = "platform,tier,usd_per_seat_month,seats,billing_day,valid_from,valid_to\n"
PRICES = TIERED + "cursor,,40,,17,,\ncursor,premium,120,,17,,\n"
TIERS = "platform,email,tier,valid_from,valid_to\n"
BLANKS = ("\u200b", "\ufeff", "\u2060", "\u00ad", "\u200c\u200d", "\u00a0", "\u3000", "\u200e", "\t \u3164")


def write_file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    (folder / name).write_text(text, encoding=encoding)
    return folder


def test_no_files_mean_no_people_no_owners_and_no_seats(tmp_path: Path) -> None:
    assert people(tmp_path) == aliases(tmp_path) == []
    assert (api_key_owners(tmp_path), seats(tmp_path), seat_tiers(tmp_path)) == ([], [], [])


def test_people_and_their_aliases_are_trimmed_and_lower_cased(tmp_path: Path) -> None:
    folder = write_file(
        tmp_path,
        "people.csv",
        PEOPLE + " Ann@Example.com ,Ann,Özil van der Berg,R&D, A.B@x.org ; ann@old.example\n",
    )
    named, others = people(folder), aliases(folder)
    assert named == [
        {
            "email": "ann@example.com",
            "first_name": "Ann",
            "last_name": "Özil van der Berg",
            "department": "R&D",
            **dict.fromkeys(("team", "cost_center", "valid_from", "valid_to")),
        }
    ]
    assert others == [
        {"alias": "a.b@x.org", "email": "ann@example.com"},
        {"alias": "ann@old.example", "email": "ann@example.com"},
    ]


def test_a_file_saved_by_a_spreadsheet_is_read_with_its_byte_order_mark_and_empty_lines(
    tmp_path: Path,
) -> None:
    folder = write_file(tmp_path, "people.csv", PEOPLE + "ann@example.com,,,,\n,,,,\n", encoding="utf-8-sig")
    assert people(folder)[0]["department"] is None


def test_columns_may_have_any_order(tmp_path: Path) -> None:
    folder = write_file(
        tmp_path, "people.csv", "department,aliases,email,last_name,first_name\nOps,,ann@example.com,B,A\n"
    )
    assert people(folder)[0]["first_name"] == "A"


def test_owners_have_inclusive_periods_with_open_ends(tmp_path: Path) -> None:
    folder = write_file(
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
        # a value of a person's may be in the place of a name
        (
            PEOPLE.replace("aliases", "aliases,Ann Smith"),
            "line 1, column 6 of the header",
            "unknown column",
        ),
        (
            PEOPLE.replace("aliases", "aliases,"),
            "line 1, column 6 of the header",
            "unknown column; known are email,",
        ),
        (PEOPLE.replace("aliases", "aliases,b@x.org"), "line 1, column 6 of the header", "unknown column"),
        (
            PEOPLE.replace("aliases", f"aliases,{'x' * 41}"),
            "line 1, column 6 of the header",
            "unknown column",
        ),
        # there is no header, and the line is a person's
        ("Ann,Lee,a@x.org,aliases,\n", "line 1, column 1 of the header", "unknown column"),
        ("sep=,\n" + PEOPLE, "line 1: the line only names the separator; delete it.", "delete it"),
        ("sep=;\n" + PEOPLE.replace(",", ";"), "line 1, column email", "separated by semicolons"),
        (PEOPLE.replace("first_name", "email"), "line 1, column email", "twice"),
        (PEOPLE + "ann@example.com,A\n", "line 2, column first_name", "2 values for 5 columns"),
        (PEOPLE + "ann,A,B,C,\n", "line 2, column email", "not an e-mail"),
        (PEOPLE + "a@x.org,,,,\nA@x.org,,,,\n", "line 3, column email", "line 2 already has this e-mail"),
        (
            PEOPLE + "a@x.org,,,,b@x.org\nb@x.org,,,,\n",
            "line 2, column aliases",
            "line 3 already has this e-mail",
        ),
        (PEOPLE + "a@x.org,,,,not an alias\n", "line 2, column aliases", "not an e-mail"),
        # two rows of one person valid on one day
        (
            DATED + "a@x.org,,,Ops,,2026-01-01,2026-03-10\na@x.org,,,Sales,,2026-03-10,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
        (DATED + "a@x.org,,,,,,\na@x.org,,,,,2026-01-01,\n", "line 3, column valid_from", "of line 2"),
        (DATED + "a@x.org,,,,,2026-02-01,2026-01-31\n", "line 2, column valid_to", "before valid_from"),
        (DATED + "a@x.org,,,,b@x.org;b@x.org,,\n", "line 2, column aliases", "line 2 already has"),
        (
            DATED + "a@x.org,,,,b@x.org,,2026-01-31\nc@x.org,,,,,,\na@x.org,,,,c@x.org,2026-02-01,\n",
            "line 4, column aliases",
            "line 3 already has this e-mail",
        ),
        (
            DATED + "a@x.org,,,,b@x.org,,2026-01-31\nc@x.org,,,,b@x.org,2026-02-01,\n",
            "line 3, column aliases",
            "line 2 already has this e-mail",
        ),
    ],
)
def test_a_malformed_people_file_is_refused_by_line_and_column(
    tmp_path: Path, text: str, where: str, why: str
) -> None:
    folder = write_file(tmp_path, "people.csv", text)
    with pytest.raises(IdentityFileError, match=why) as refused:
        people(folder)
    assert f"people.csv, {where}" in str(refused.value)


def test_a_person_who_moves_has_a_row_for_each_period_and_aliases_on_any_of_them(tmp_path: Path) -> None:
    folder = write_file(
        tmp_path,
        "people.csv",
        "email,first_name,last_name,department,team,cost_center,aliases,valid_from,valid_to\n"
        "Ann@x.org,Ann,Lee,Ops,Night,CC-1,a@x.org,,2026-03-10\n"
        "ann@x.org,Ann,Lee,Sales,,CC-2,a@x.org;ann@y.org,2026-03-11,\n",
    )
    before, after = people(folder)
    assert (before["department"], before["team"], before["cost_center"]) == ("Ops", "Night", "CC-1")
    assert (before["valid_from"], before["valid_to"]) == (None, date(2026, 3, 10))
    assert (after["department"], after["team"], after["valid_from"]) == ("Sales", None, date(2026, 3, 11))
    assert aliases(folder) == [
        {"alias": "a@x.org", "email": "ann@x.org"},
        {"alias": "ann@y.org", "email": "ann@x.org"},
    ]


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
    folder = write_file(tmp_path, "api_key_owners.csv", OWNERS + lines)
    with pytest.raises(IdentityFileError, match=why) as refused:
        api_key_owners(folder)
    assert f"api_key_owners.csv, {where}" in str(refused.value)


def test_seats_have_an_exact_price_and_only_cursors_may_have_no_number(tmp_path: Path) -> None:
    lines = "cursor,40.00,,,2026-01-31\ncursor,32.123456789,25,2026-02-01,\nclaude_code,0,10,2026-02-01,\n"
    counted, invoiced, other = seats(write_file(tmp_path, "seats.csv", SEATS + lines))
    assert counted == {
        "platform": "cursor",
        # a file of before there were tiers and billing days
        "tier": "standard",
        "usd_per_seat_month": Decimal("40.00"),
        "seats": None,
        "billing_day": 1,
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
        (SEATS + "copilot,10,5,,\n", "line 2, column platform", "not one of cursor, claude_code, anthropic"),
        (SEATS + "Cursor,10,5,,\n", "line 2, column platform", "not one of cursor, claude_code, anthropic"),
        (SEATS + ",10,5,,\n", "line 2, column platform", "not one of"),
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
    folder = write_file(tmp_path, "seats.csv", text)
    with pytest.raises(IdentityFileError, match=why) as refused:
        seats(folder)
    assert f"seats.csv, {where}" in str(refused.value)


def test_seats_have_tiers_of_their_own_price_number_and_billing_day(tmp_path: Path) -> None:
    lines = "cursor,,40,,,2026-01-01,\ncursor, Premium ,120,3,17,2026-01-01,\ncursor,free,0,2,28,,\n"
    found = seats(write_file(tmp_path, "seats.csv", TIERED + lines))
    assert [(row["tier"], row["usd_per_seat_month"], row["seats"], row["billing_day"]) for row in found] == [
        ("standard", 40, None, 1),
        ("premium", 120, 3, 17),
        ("free", 0, 2, 28),
    ]


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        (
            "cursor,premium,1,,,,2026-02-01\ncursor,Premium,2,,,2026-02-01,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
        # no tier is the standard one
        ("cursor,,1,,,,\ncursor,standard,2,,,2026-02-01,\n", "line 3, column valid_from", "overlaps"),
        ("cursor,,40,,0,,\n", "line 2, column billing_day", "not a day of the month from 1 to 28"),
        ("cursor,,40,,29,,\n", "line 2, column billing_day", "not a day of the month from 1 to 28"),
        ("cursor,,40,,-1,,\n", "line 2, column billing_day", "not a day of the month from 1 to 28"),
        ("cursor,,40,,17.0,,\n", "line 2, column billing_day", "not a day of the month from 1 to 28"),
        ("cursor,,40,,2026-01-17,,\n", "line 2, column billing_day", "not a day of the month from 1 to 28"),
        ("cursor,free,1,,,,\n", "line 2, column usd_per_seat_month", "costs nothing"),
        ("cursor,a@x.org,1,,,,\n", "line 2, column tier", "not the name of a tier"),
        ("claude_code,premium,1,,,,\n", "line 2, column seats", "value is needed"),
    ],
)
def test_a_malformed_tier_of_seats_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    folder = write_file(tmp_path, "seats.csv", TIERED + lines)
    with pytest.raises(IdentityFileError, match=why) as refused:
        seats(folder)
    assert f"seats.csv, {where}" in str(refused.value)


def test_tiers_may_have_the_same_days_on_another_platform_and_follow_each_other(tmp_path: Path) -> None:
    write_file(tmp_path, "seats.csv", PRICES + "claude_code,max,100,5,,,\n")
    lines = (
        "cursor, A@x.org ,Premium,,2026-01-31\ncursor,a@x.org,free,2026-02-01,\n"
        "claude_code,a@x.org,max,,\ncursor,b@x.org,standard,,\n"
    )
    found = seat_tiers(write_file(tmp_path, "seat_tiers.csv", TIERS + lines))
    assert found[0] == {
        "platform": "cursor",
        "email": "a@x.org",
        "tier": "premium",
        "valid_from": None,
        "valid_to": date(2026, 1, 31),
    }
    assert [(row["platform"], row["email"], row["tier"]) for row in found[1:]] == [
        ("cursor", "a@x.org", "free"),
        ("claude_code", "a@x.org", "max"),
        ("cursor", "b@x.org", "standard"),
    ]


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        (
            "cursor,a@x.org,premium,,2026-02-01\ncursor,A@x.org,free,2026-02-01,\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
        # old@x.org is a@x.org's alias
        (
            "cursor,a@x.org,premium,2026-01-01,\ncursor,old@x.org,free,,2026-01-01\n",
            "line 3, column valid_from",
            "overlaps the one of line 2",
        ),
        ("cursor,a@x.org,gold,,\n", "line 2, column tier", "seats.csv has no price for this tier of cursor"),
        ("anthropic,a@x.org,premium,,\n", "line 2, column tier", "no price for this tier of anthropic"),
        ("cursor,a@x.org,,,\n", "line 2, column tier", "value is needed"),
        ("copilot,a@x.org,premium,,\n", "line 2, column platform", "not one of cursor"),
        ("cursor,nobody,premium,,\n", "line 2, column email", "not an e-mail"),
        ("cursor,a@x.org,premium,2026-02-01,2026-01-01\n", "line 2, column valid_to", "before valid_from"),
        ("cursor,a@x.org,premium,1 May,\n", "line 2, column valid_from", "not a date"),
    ],
)
def test_a_malformed_file_of_tiers_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    write_file(tmp_path, "seats.csv", PRICES)
    write_file(tmp_path, "people.csv", PEOPLE + "a@x.org,,,,old@x.org\n")
    folder = write_file(tmp_path, "seat_tiers.csv", TIERS + lines)
    with pytest.raises(IdentityFileError, match=why) as refused:
        seat_tiers(folder)
    assert f"seat_tiers.csv, {where}" in str(refused.value)


def test_an_owner_may_declare_that_a_service_uses_a_key(tmp_path: Path) -> None:
    header = OWNERS.replace("valid_to", "valid_to,actor_type")
    lines = "k1,a@x.org,,,,service\nk2,a@x.org,,,,\nk3,a@x.org,,,, person \n"
    found = api_key_owners(write_file(tmp_path, "api_key_owners.csv", header + lines))
    assert [row["actor_type"] for row in found] == ["service", None, "person"]
    found = api_key_owners(write_file(tmp_path, "api_key_owners.csv", OWNERS + "k1,a@x.org,,,\n"))
    assert [row["actor_type"] for row in found] == [None]

    with pytest.raises(
        IdentityFileError, match="line 2, column actor_type: this is not one of person, service"
    ):
        api_key_owners(write_file(tmp_path, "api_key_owners.csv", header + "k1,a@x.org,,,,bot\n"))


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_blanks_that_cannot_be_seen_are_trimmed_like_spaces(tmp_path: Path, blank: str) -> None:
    line = ",".join(f"{blank}{value}{blank}" for value in ("Ann@x.org", "Ann", "", "R&D", "b@x.org;c@x.org"))
    header = PEOPLE.replace("email", f"{blank}email{blank}")
    folder = write_file(tmp_path, "people.csv", header + line.replace(";", f"{blank};{blank}"))
    named, others = people(folder), aliases(folder)
    known = {"email": "ann@x.org", "first_name": "Ann", "department": "R&D"}
    assert named == [dict.fromkeys(named[0]) | known]
    assert [row["alias"] for row in others] == ["b@x.org", "c@x.org"]

    price = ",".join(f"{blank}{value}{blank}" for value in ("cursor", "40.00", "3", "2026-01-01", ""))
    (seat,) = seats(write_file(tmp_path, "seats.csv", SEATS + price))
    assert (seat["usd_per_seat_month"], seat["seats"], seat["valid_from"]) == (40, 3, date(2026, 1, 1))

    # a line of nothing but blanks is an empty line
    folder = write_file(tmp_path, "people.csv", PEOPLE + blank + ",,,," + blank)
    assert people(folder) == aliases(folder) == []


def test_a_joiner_inside_a_name_is_part_of_it(tmp_path: Path) -> None:
    (person,) = people(write_file(tmp_path, "people.csv", PEOPLE + "a@x.org,नेत्र\u200dी,,,\n"))
    assert person["first_name"] == "नेत्र\u200dी"


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("\u200b", r"U\+200B"),
        ("\ufeff", r"U\+FEFF"),
        ("\u00ad", r"U\+00AD"),
        ("\u00a0", r"U\+00A0"),
        ("\u202e", r"U\+202E"),
        ("\u3164", r"U\+3164"),
        ("\x07", r"U\+0007"),
        ("\U000e0061", r"U\+E0061"),
    ],
)
def test_an_invisible_character_inside_an_e_mail_is_named_and_not_printed(
    tmp_path: Path, inside: str, named: str
) -> None:
    folder = write_file(tmp_path, "people.csv", PEOPLE + f"ann{inside}@x.org,,,,\n")
    with pytest.raises(
        IdentityFileError,
        match=f"column email: this is not an e-mail: the invisible character {named} is inside it",
    ) as refused:
        people(folder)
    assert inside not in str(refused.value)


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_a_file_with_another_separator_is_refused_with_its_name(
    tmp_path: Path, separator: str, name: str, mark: str
) -> None:
    text = mark + (SEATS + "cursor,40.00,,,\n").replace(",", separator)
    with pytest.raises(
        IdentityFileError,
        match=rf"line 1, column platform: the file is separated by {name}; save it with commas",
    ):
        seats(write_file(tmp_path, "seats.csv", text))


@pytest.mark.parametrize(("forgotten", "named"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_forgotten_person_is_known_in_both_forms_of_unicode(
    tmp_path: Path, forgotten: Literal["NFC", "NFD"], named: Literal["NFC", "NFD"]
) -> None:
    address = "müller@x.org"
    add(tmp_path, [normalize(forgotten, address)], date(2026, 11, 19))
    add(tmp_path, [normalize(named, address)], date(2026, 11, 20))
    assert Forgotten.read(tmp_path).token(normalize(named, address.upper())) == "forgotten-1"
    assert len(Forgotten.read(tmp_path).digests) == 1
    folder = write_file(tmp_path, "people.csv", PEOPLE + f"a@x.org,,,,{normalize(named, address)}\n")
    with pytest.raises(
        IdentityFileError, match="line 2, column aliases: this person was forgotten on 2026-11-19"
    ):
        people(folder)


def test_a_line_with_another_separator_than_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IdentityFileError, match="line 2, column email: the file is separated by semicolons"):
        people(write_file(tmp_path, "people.csv", PEOPLE + "ann@x.org;Ann;;;\n"))


@pytest.mark.parametrize("before", ["", PEOPLE, PEOPLE + "a@x.org,,,,\r\n\r\n"])
def test_a_file_that_is_not_text_is_refused_by_its_line(tmp_path: Path, before: str) -> None:
    (tmp_path / "people.csv").write_bytes(before.encode("utf-8-sig") + b"\xff\xfe\x00binary")
    line = before.count("\n") + 1
    with pytest.raises(
        IdentityFileError, match=rf"people\.csv, line {line}: the file is not UTF-8 text; save"
    ):
        people(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        'b@x.org,"Bob"by,,,\n',
        'b@x.org,"Bob,,,\nc@x.org,,,,\n',
        'b@x.org,"Bob,,,\nc@x.org,"Cy",,,\n',
        f"b@x.org,{'x' * 131_073},,,\n",
    ],
)
def test_a_line_that_is_no_csv_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    # the first person's name has a line break, and a line is empty
    folder = write_file(tmp_path, "people.csv", PEOPLE + 'a@x.org,"An\nn",,,\n\n' + line)
    with pytest.raises(IdentityFileError) as refused:
        people(folder)
    assert refused.value.message == (
        f"{folder / 'people.csv'}, line 5: a quotation mark is not closed or is not at the ends of a value, or a value is "
        "longer than 131,072 characters. None of its rows was written."
    )


def test_a_value_of_a_line_with_line_breaks_is_refused_by_its_first_line(tmp_path: Path) -> None:
    folder = write_file(tmp_path, "people.csv", PEOPLE + 'a@x.org,"An\nn",,,b\n')
    with pytest.raises(IdentityFileError, match="line 2, column aliases: this is not an e-mail"):
        people(folder)


def test_a_folder_with_the_name_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(IdentityFileError, match="cannot be read"):
        people(tmp_path)
