"""The export of Cursor's dashboard: what a line becomes, and which texts stand for no amount."""

from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ai_usage_assets.sources.cursor.dashboard_csv import events
from ai_usage_assets.sources.cursor.records import TokenUsage, UsageEvent
from ai_usage_assets.sources.http.decode import EpochMillis
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_tests.support.messages import refused_cell

HEADER = "Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost"
TOKENS = "40,10,300,20,370"


def file(
    folder: Path, *, at: str = "2026-11-03T09:30:00.125Z", tokens: str = TOKENS, cost: str = "0.25"
) -> Path:
    """A file with one call."""
    path = folder / "events.csv"
    path.write_text(f"{HEADER}\n{at},ann@example.com,On-Demand,gpt-5,No,{tokens},{cost}\n", encoding="utf-8")
    return path


EVENT = UsageEvent(
    timestamp=EpochMillis(2026, 11, 3, 9, 30, 0, 125_000, tzinfo=UTC),
    user_email="ann@example.com",
    kind="On-Demand",
    model="gpt-5",
    max_mode=False,
    token_usage=TokenUsage(input_tokens=10, output_tokens=20, cache_write_tokens=40, cache_read_tokens=300),
    charged_cents=Decimal(25),
)
"""The call of the file."""


@pytest.mark.parametrize(
    ("tokens", "cache_write"),
    [
        # the first column has cache writes alone
        (TOKENS, 40),
        ("0,10,300,20,330", 0),
        # the first column has all input that is not from the cache
        ("50,10,300,20,370", 40),
        # without cache writes both columns have the same
        ("10,10,300,20,330", 0),
    ],
)
def test_the_first_column_of_input_is_read_by_what_adds_up(
    tmp_path: Path, tokens: str, cache_write: int
) -> None:
    used = TokenUsage(
        input_tokens=10, output_tokens=20, cache_write_tokens=cache_write, cache_read_tokens=300
    )
    assert events(file(tmp_path, tokens=tokens)) == [replace(EVENT, token_usage=used)]


@pytest.mark.parametrize("tokens", ["40,10,300,20,371", "9,10,300,20,329"])
def test_tokens_that_do_not_add_up_are_refused(tmp_path: Path, tokens: str) -> None:
    path = file(tmp_path, tokens=tokens)
    why = "the tokens of this line do not add up to it"
    with pytest.raises(IdentityFileError, match=refused_cell(path, "line 2, column Total Tokens", why)):
        events(path)


@pytest.mark.parametrize(
    ("fraction", "microsecond"), [("", 0), (".1", 100_000), (".125", 125_000), (".125999", 125_000)]
)
def test_a_time_is_cut_to_the_milliseconds_that_the_api_sends(
    tmp_path: Path, fraction: str, microsecond: int
) -> None:
    at = EpochMillis(2026, 11, 3, 9, 30, 0, microsecond, tzinfo=UTC)
    assert events(file(tmp_path, at=f"2026-11-03T09:30:00{fraction}Z")) == [replace(EVENT, timestamp=at)]


@pytest.mark.parametrize("cost", ["", "-", "Included", "Free", "NaN", "free", "nan", "included"])
def test_a_text_for_no_amount_is_null(tmp_path: Path, cost: str) -> None:
    assert events(file(tmp_path, cost=cost)) == [replace(EVENT, charged_cents=None)]


@pytest.mark.parametrize("cost", ["-0.25", "None", "n/a", "Free trial", "inf", "0.25 USD", "1e3"])
def test_another_text_in_place_of_an_amount_is_refused(tmp_path: Path, cost: str) -> None:
    path = file(tmp_path, cost=cost)
    why = "this is neither an amount of US dollars like 0.12, nor Included, Free or -"
    with pytest.raises(IdentityFileError, match=refused_cell(path, "line 2, column Cost", why)):
        events(path)
