"""GoogleSQL has the same meaning on DuckDB, also where sqlglot or DuckDB differ."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ai_usage_assets.warehouse.translations import to_duckdb


def answer(sql: str) -> Any:
    found = duckdb.execute(to_duckdb(sql)).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize("space", [" ", "\\t", "\\n", "\\r", "\u00a0", "\u2003", "\u3000"])
def test_trim_removes_every_kind_of_white_space(space: str) -> None:
    assert answer(f"select trim('{space}a{space}b{space}')") == answer(f"select 'a{space}b'")


def test_trim_of_given_characters_removes_only_those() -> None:
    assert answer("select trim('x a x', 'x')") == " a "


def test_apostrophe_in_a_comment_changes_no_literal() -> None:
    assert answer("-- the vendor's\nselect length('\u3000\u00a0')") == 2
    assert answer("select -- the vendor's\n '\u3000' = '\\u3000'")


def test_numeric_without_parameters_has_nine_decimals() -> None:
    assert answer("select cast('0.123456789' as numeric)") == Decimal("0.123456789")


def test_byte_length_counts_utf8() -> None:
    assert answer("select byte_length('é')") == 2


def test_truncated_or_shifted_date_stays_a_date() -> None:
    earlier = answer("select date_sub(date_trunc(date '2026-03-05', month), interval 1 month)")
    assert (type(earlier), earlier) == (date, date(2026, 2, 1))


def test_sunday_is_the_first_day_of_the_week() -> None:
    sunday, saturday = "date '2026-11-22'", "date_add(date '2026-11-22', interval 6 day)"
    assert answer(f"select extract(dayofweek from {sunday})") == 1
    assert answer(f"select 10 * extract(DAYOFWEEK from {saturday})") == 70


def test_stand_in_date_in_a_statement_keeps_its_value() -> None:
    assert answer("select DATE '2026-10-01' = DATE '0001-01-01'") is False
    assert answer("select cast('0001-01-01' as date) = DATE '0001-01-01'") is True
    assert answer("select concat('0001-01-01', cast(DATE '2026-10-01' as string))") == "0001-01-012026-10-01"
