"""GoogleSQL says the same on DuckDB: what sqlglot or DuckDB would get wrong, one by one."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ai_usage_assets.warehouse.dialect import _to_duckdb, to_duckdb


def answer(sql: str) -> Any:
    found = duckdb.execute(to_duckdb(sql)).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize("space", [" ", "\\t", "\\n", "\\r", "\u00a0", "\u2003", "\u3000"])
def test_trim_takes_off_every_kind_of_white_space(space: str) -> None:
    assert answer(f"select trim('{space}a{space}b{space}')") == answer(f"select 'a{space}b'")


def test_trim_of_given_characters_takes_off_those_alone() -> None:
    assert answer("select trim('x a x', 'x')") == " a "


def test_an_apostrophe_in_a_comment_changes_no_text() -> None:
    assert answer("-- nobody's\nselect length('\u3000\u00a0')") == 2
    assert answer("select -- nobody's\n '\u3000' = '\\u3000'")


def test_a_bare_numeric_keeps_nine_decimals() -> None:
    assert answer("select cast('0.123456789' as numeric)") == Decimal("0.123456789")


def test_bytes_of_text_are_counted_in_utf8() -> None:
    assert answer("select byte_length('é')") == 2


def test_a_date_truncated_or_moved_stays_a_date() -> None:
    earlier = answer("select date_sub(date_trunc(date '2026-03-05', month), interval 1 month)")
    assert (type(earlier), earlier) == (date, date(2026, 2, 1))


def test_other_days_and_writers_cost_no_second_translation() -> None:
    def statement(day: str, writer: str) -> str:
        return f"select * from `staged_t_{writer}` where d >= DATE '{day}' and d < DATE '2027-01-01'"

    first = to_duckdb(statement("2026-10-01", "0123456789ab"))
    translated = _to_duckdb.cache_info().misses
    second = to_duckdb(statement("2026-11-01", "ba9876543210"))
    assert _to_duckdb.cache_info().misses == translated
    assert second == first.replace("2026-10-01", "2026-11-01").replace("0123456789ab", "ba9876543210")


def test_a_day_that_stands_in_for_another_while_translating_is_still_itself() -> None:
    assert answer("select DATE '2026-10-01' = DATE '0001-01-01'") is False
    assert answer("select cast('0001-01-01' as date) = DATE '0001-01-01'") is True
    assert answer("select concat('0001-01-01', cast(DATE '2026-10-01' as string))") == "0001-01-012026-10-01"
